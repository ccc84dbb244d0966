"""What may happen to a case at any time, and halts it: a clue of a crime, an appraisal, a party's death."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow


class Happening(IdRow):
    """Something that happened in a case; open while `closed_at` is None, then with its `outcome`.

    `kind` is a key of `engine.mediation.happenings.KINDS`. `sealed` is what was noted and `result` what came
    of it (JSON), both encrypted with the case's key. `mediator_id` is who mediated then. `pause_id` is the
    pause of the clocks that it began, None where they stood still already or did not stop.
    """

    __tablename__ = "happenings"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        ForeignKeyConstraint(["tenant_id", "mediator_id"], ["accounts.tenant_id", "accounts.id"]),
        ForeignKeyConstraint(["tenant_id", "pause_id"], ["pauses.tenant_id", "pauses.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(24))
    party_id: Mapped[str | None] = mapped_column(String(36))
    mediator_id: Mapped[str | None] = mapped_column(String(36))
    sealed: Mapped[bytes]
    result: Mapped[bytes | None]
    noted_at: Mapped[dt.datetime]
    noted_by: Mapped[str] = mapped_column(String(36))
    pause_id: Mapped[str | None] = mapped_column(String(36))
    closed_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(24))
