"""The fonts that documents are printed with: one plain file a weight, taken from Debian's collection."""

import sys
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

SOURCES = Path("/usr/share/fonts/opentype/noto")
PACKAGE = "fonts-noto-cjk"
FAMILY = "Noto Sans CJK SC"
REGULAR = "NotoSansCJKsc-Regular.otf"
BOLD = "NotoSansCJKsc-Bold.otf"
_COLLECTIONS = {REGULAR: "NotoSansCJK-Regular.ttc", BOLD: "NotoSansCJK-Bold.ttc"}
# Face 0 of the collection is Japanese; the same code points look different there.
_SIMPLIFIED_CHINESE = 2


class FontsAbsent(Exception):
    """The fonts are not installed; the message names the Debian package that has them."""


def write_fonts(destination: Path, sources: Path = SOURCES) -> list[Path]:
    """Write the simplified Chinese faces as .otf files into `destination`; what is there stays as it is.

    Returns the files that were written: none the second time. Raises FontsAbsent.
    """
    missing = {name: ttc for name, ttc in _COLLECTIONS.items() if not (destination / name).exists()}
    for collection in missing.values():
        if not (sources / collection).exists():
            raise FontsAbsent(f"{sources / collection} is absent: install the package {PACKAGE}")
    destination.mkdir(parents=True, exist_ok=True)
    return [_extract(sources / collection, destination / name) for name, collection in missing.items()]


def _extract(collection: Path, target: Path) -> Path:
    # Under another name until it is whole, so that an interrupted set-up is done again.
    unfinished = target.with_suffix(".part")
    with TTFont(collection, fontNumber=_SIMPLIFIED_CHINESE, lazy=True) as font:
        font.save(unfinished, reorderTables=None)
    return unfinished.rename(target)


def main(arguments: list[str]) -> int:
    """`python -m engine.documents.fonts DEST`: 0 when the fonts are there, 1 when their package is absent."""
    if len(arguments) != 1:
        print("usage: python -m engine.documents.fonts DEST", file=sys.stderr)
        return 2
    try:
        for path in write_fonts(Path(arguments[0])):
            print(f"wrote {path}")
    except FontsAbsent as absent:
        print(absent, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
