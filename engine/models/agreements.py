"""Agreements, what each side owes by them, and the marks that make them binding."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import IdRow, JsonText
from engine.models.cases import ExactDecimal


class Agreement(IdRow):
    """A case's agreement; `text_sha256` is the rendered text, `file_sha256` the file with the marks so far.

    `party_ids` are those for whom it was drafted; the households of a group stand in `annexes` instead, and
    join until the end of `join_until`. `effective_at` is computed from the marks, never typed
    (People's Mediation Law Art. 29); on paper it is the beginning of the latest mark's day. An `oral` one is
    a register, effective since the day on which it was reached (Art. 30).
    """

    __tablename__ = "agreements"
    __table_args__ = (
        UniqueConstraint("tenant_id", "case_id"),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    oral: Mapped[bool] = mapped_column(default=False)
    party_ids: Mapped[list[str]] = mapped_column(JsonText)
    subjects: Mapped[list[str]] = mapped_column(JsonText)
    facts: Mapped[str]
    disputed: Mapped[str]
    responsibility: Mapped[str]
    content: Mapped[str]
    drafted_at: Mapped[dt.datetime]
    drafted_by: Mapped[str] = mapped_column(String(36))
    rendering_error: Mapped[str | None]
    text_sha256: Mapped[str | None] = mapped_column(String(64))
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    legality: Mapped[str | None] = mapped_column(String(16))
    legality_reason: Mapped[str] = mapped_column(default="")
    checked_by: Mapped[str | None] = mapped_column(String(36))
    scans: Mapped[list[str]] = mapped_column(JsonText, default=list)
    effective_at: Mapped[dt.datetime | None]
    join_until: Mapped[dt.date | None]
    obligations: Mapped[list["Obligation"]] = relationship(
        order_by="Obligation.position", cascade="all, delete-orphan"
    )
    marks: Mapped[list["Mark"]] = relationship(order_by="Mark.id", cascade="all, delete-orphan")
    annexes: Mapped[list["Annex"]] = relationship(order_by="Annex.position", cascade="all, delete-orphan")


class Annex(IdRow):
    """What the agreement of a group says for one household: amount in yuan, note; and whether it joins.

    `answer` is joins or abstains, None until it has said so; it binds the household only with its own mark.
    `document_id` is the household's own copy, which that mark is made on.
    """

    __tablename__ = "annexes"
    __table_args__ = (
        UniqueConstraint("tenant_id", "agreement_id", "party_id"),
        ForeignKeyConstraint(["tenant_id", "agreement_id"], ["agreements.tenant_id", "agreements.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        Index(None, "tenant_id", "agreement_id", "position"),
    )
    agreement_id: Mapped[str] = mapped_column(String(36))
    party_id: Mapped[str] = mapped_column(String(36))
    position: Mapped[int]
    amount: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    note: Mapped[str] = mapped_column(default="")
    answer: Mapped[str | None] = mapped_column(String(16))
    answered_at: Mapped[dt.datetime | None]
    document_id: Mapped[str | None] = mapped_column(String(36))


class Obligation(IdRow):
    """Who does what for whom by when; amounts in yuan."""

    __tablename__ = "obligations"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "agreement_id"], ["agreements.tenant_id", "agreements.id"]),
        ForeignKeyConstraint(["tenant_id", "debtor_id"], ["parties.tenant_id", "parties.id"]),
        ForeignKeyConstraint(["tenant_id", "creditor_id"], ["parties.tenant_id", "parties.id"]),
        Index(None, "tenant_id", "agreement_id", "position"),
    )
    agreement_id: Mapped[str] = mapped_column(String(36))
    position: Mapped[int]
    debtor_id: Mapped[str] = mapped_column(String(36))
    creditor_id: Mapped[str | None] = mapped_column(String(36))
    action: Mapped[str]
    amount: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    manner: Mapped[str]
    place: Mapped[str]
    due_on: Mapped[dt.date]
    instalments: Mapped[list["Instalment"]] = relationship(
        order_by="Instalment.position", cascade="all, delete-orphan", lazy="selectin"
    )


class Instalment(IdRow):
    """A part of an obligation's amount, in yuan, with its own day."""

    __tablename__ = "instalments"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "obligation_id"], ["obligations.tenant_id", "obligations.id"]),
        Index(None, "tenant_id", "obligation_id", "position"),
    )
    obligation_id: Mapped[str] = mapped_column(String(36))
    position: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(ExactDecimal)
    due_on: Mapped[dt.date]


class Mark(IdRow):
    """A signature, fingerprint or seal under an agreement; `signer_kind` is party, mediator or seal.

    Electronic marks have the moment `made_at`; marks on paper the day `made_on`, which counts once
    `confirmed_by`, another person than `entered_by`, has compared it with the sheet.
    """

    __tablename__ = "marks"
    __table_args__ = (
        UniqueConstraint("tenant_id", "agreement_id", "signer_kind", "signer_id"),
        ForeignKeyConstraint(["tenant_id", "agreement_id"], ["agreements.tenant_id", "agreements.id"]),
    )
    agreement_id: Mapped[str] = mapped_column(String(36))
    signer_kind: Mapped[str] = mapped_column(String(16))
    signer_id: Mapped[str] = mapped_column(String(36))
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    medium: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[dt.datetime | None]
    made_on: Mapped[dt.date | None]
    entered_by: Mapped[str] = mapped_column(String(36))
    confirmed_by: Mapped[str | None] = mapped_column(String(36))
