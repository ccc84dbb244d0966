"""The packet for a court, put together and saved at once."""

from io import BytesIO

from flask import Blueprint, request, send_file
from flask.typing import ResponseReturnValue

from engine.mediation.court_packets import make_packet
from web.access import actor, engine, staff_only

pages = Blueprint("court_packets", __name__)


@pages.post("/cases/<case_id>/court-packet")
@staff_only
def make(case_id: str) -> ResponseReturnValue:
    """What a court may get of the case, as one ZIP file; who made it is in the record."""
    demand, key = request.form.get("demand", "")[:500], request.form.get("key", "")
    packet = make_packet(engine(), actor(), case_id, demand, key)
    written = BytesIO(packet.content)
    return send_file(written, "application/zip", as_attachment=True, download_name="court-packet.zip")
