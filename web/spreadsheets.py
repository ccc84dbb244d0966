"""Tables as CSV files for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask.typing import ResponseReturnValue

# With this a spreadsheet would take the cell for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, lines: Iterable[Sequence[str]]) -> ResponseReturnValue:
    """An answer with a CSV file of this name; no cell is taken for a formula."""
    written = io.StringIO()
    table = csv.writer(written)
    for line in lines:
        table.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in line])
    # Spreadsheets take a file for UTF-8 only if it begins with this mark.
    content = written.getvalue().encode("utf-8-sig")
    disposition = f'attachment; filename="{name}"'
    return content, 200, {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": disposition}
