"""QR codes (ISO/IEC 18004) as pictures for papers and pages; the only module that knows segno."""

import segno

BORDER = 4


def picture(text: str) -> str:
    """A QR code as an SVG in a data: address; a quarter of it may be damaged and it still reads."""
    return str(segno.make(text, error="q", micro=False).svg_data_uri(border=BORDER, scale=8))
