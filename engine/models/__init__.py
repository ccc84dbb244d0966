"""All tables; importing this package gives `Row.metadata` the whole schema."""

from engine.models import agreements, cases, clocks, documents, messages, people, processes, records
from engine.models.base import Row

__all__ = [
    "Row",
    "agreements",
    "cases",
    "clocks",
    "documents",
    "messages",
    "people",
    "processes",
    "records",
]
