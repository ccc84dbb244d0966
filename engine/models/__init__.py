"""All tables; importing this package gives `Row.metadata` the whole schema."""

from engine.models import (
    agreements,
    broadcasts,
    cases,
    clocks,
    committees,
    consultations,
    documents,
    evidence,
    fact_sheets,
    groups,
    happenings,
    law,
    messages,
    online,
    people,
    processes,
    records,
)
from engine.models.base import Row

__all__ = [
    "Row",
    "agreements",
    "broadcasts",
    "cases",
    "clocks",
    "committees",
    "consultations",
    "documents",
    "evidence",
    "fact_sheets",
    "groups",
    "happenings",
    "law",
    "messages",
    "online",
    "people",
    "processes",
    "records",
]
