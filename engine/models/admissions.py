"""Who from outside was admitted to a little of a case: experts, a TV crew, the grid member."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import TenantRow


class Admission(TenantRow):
    """An account that sees of one case what annex A4 gives its `role`: expert, tv_crew or grid_member.

    `invitee_id` is whom of the consultation an expert's account belongs to; none is seen from `ended_at` on.
    """

    __tablename__ = "admissions"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "invitee_id"], ["consultation_invitees.tenant_id", "consultation_invitees.id"]
        ),
        Index(None, "tenant_id", "account_id"),
    )
    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    invitee_id: Mapped[str | None] = mapped_column(String(36))
    admitted_at: Mapped[dt.datetime]
    admitted_by: Mapped[str] = mapped_column(String(36))
    ended_at: Mapped[dt.datetime | None]
