"""The documents of a case: read, saved, and looked at page by page."""

from io import BytesIO

from flask import Blueprint, request, send_file
from flask.typing import ResponseReturnValue

from engine.mediation import documents
from web import previews
from web.access import actor, engine, signed_in

pages = Blueprint("documents", __name__, url_prefix="/documents")


@pages.get("/<document_id>")
@signed_in
def show(document_id: str) -> ResponseReturnValue:
    """The file itself, under its title; `?save` has the browser save it."""
    return sent(documents.read_document(engine(), actor(), document_id))


@pages.get("/<document_id>/pages/<int:number>.png")
@signed_in
def page(document_id: str, number: int) -> ResponseReturnValue:
    """One page as a picture, for tablets that can't show a PDF inside a page."""
    file = documents.read_document(engine(), actor(), document_id)
    return send_file(BytesIO(previews.page_picture(file.content, number)), "image/png")


def sent(file: documents.FileView) -> ResponseReturnValue:
    """A file in the page if it is a PDF, else, or with `?save`, for the browser to save."""
    save = "save" in request.args or file.media_type != documents.PDF
    return send_file(BytesIO(file.content), file.media_type, as_attachment=save, download_name=file.name)
