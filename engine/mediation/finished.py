"""The documents of a case that are what they say: a text that binds, facts that all have signed."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.mediation.documents import FACT_SCAN
from engine.mediation.fact_sheets import SIGN
from engine.mediation.visibility import ITEM_OF
from engine.models.cases import Case
from engine.models.documents import Document
from engine.models.fact_sheets import FactSheet


def finished_documents(session: Session, case: Case, items: Sequence[str]) -> Sequence[Document]:
    """The documents of these items, oldest first, without drafts and sheets that somebody did not sign."""
    found = select(Document).where(Document.case_id == case.id).order_by(Document.made_at, Document.id)
    binds = case.agreement is not None and case.agreement.effective_at is not None
    sheets = signed_sheets(session, case.id)
    signed = {sheet.document_id for sheet in sheets}
    return [
        one
        for one in session.scalars(found)
        if ITEM_OF[one.kind] in items
        and (binds or ITEM_OF[one.kind] != "agreement")
        and (one.kind != "fact_sheet" or one.id in signed)
        and (one.kind != FACT_SCAN or any(sheet.paper for sheet in sheets))
    ]


def signed_sheets(session: Session, case_id: str) -> list[FactSheet]:
    """The sheets of undisputed facts that each of their parties has signed, oldest first."""
    found = select(FactSheet).where(FactSheet.case_id == case_id)
    sheets = session.scalars(found.order_by(FactSheet.made_at, FactSheet.id))
    return [one for one in sheets if _is_signed(one)]


def _is_signed(sheet: FactSheet) -> bool:
    signed = {answer.party_id for answer in sheet.answers if answer.decision == SIGN}
    return bool(sheet.party_ids) and signed >= set(sheet.party_ids)
