"""The services that make papers: notices and receipts, and the agreement's text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import errors
from engine.documents import sign
from engine.documents.glyphs import glyphs_of
from engine.documents.render import Rendered
from engine.documents.templates import fill
from engine.mediation import law
from engine.mediation.answers import Problems
from engine.mediation.contexts import context_of
from engine.mediation.documents import PDF, TITLES, NewFile, put_document, put_file, put_scans
from engine.mediation.lookup import case_of, drafted_agreement, parties_of
from engine.mediation.marks import party_field
from engine.mediation.office import Office
from engine.models.processes import ProcessInstance
from engine.services import Call, Effect, Result, ServiceTask, Step

STYLE = "print.css"
READERS = {"receipt": ("applicant",), "rights_notice": ("applicant", "respondent")}
EVERYBODY = ("applicant", "respondent")
SYSTEM = "system"
UNPRINTABLE = "“{character}” can't be printed. Please write it in another way."


@dataclass(frozen=True)
class Paper:
    """What a template needs to be printed: HTML, style, and the fields for marks."""

    html: str
    css: str
    fields: tuple[str, ...] = ()


def printable(office: Office, effect: Effect) -> Effect:
    """The effect, but a text with a character that no paper can show is refused at its path (InvalidAnswers).

    A person who types such a name can still write it in another way; a job that prints it later can't.
    """

    def checked(step: Step) -> None:
        glyphs, problems = glyphs_of(office.renderer.fonts_dir), Problems()
        for path, text in _texts(step.answers):
            if character := glyphs.missing(text):
                problems.add(path, UNPRINTABLE, character=character)
        problems.refuse()
        effect(step)

    return checked


def issue_document(office: Office) -> ServiceTask:
    """Print the document that the node's property `document` names, and give it to those whom it concerns."""
    return ServiceTask(partial(_print_notice, office), _issue, variables=frozenset())


def render_agreement(office: Office) -> ServiceTask:
    """Print the agreement with an empty field for every mark; what can't be printed goes back to draft."""
    work, none = partial(_print_agreement, office), frozenset[str]()
    return ServiceTask(work, _keep_text, "rendering_failed", _note_refusal, variables=none)


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, f"{path}.{name}".removeprefix("."))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}.{index}".removeprefix("."))


def _print_notice(office: Office, call: Call) -> bytes:
    kind = call.properties["document"]
    with call.engine.sessions.query(call.tenant_id) as session:
        case = case_of(session, call.root_id)
        if kind == "receipt" and case.source != "application":
            raise law.forbids(
                "limitation", call.engine.now(), "only a party's own application gets a receipt"
            )
        paper = _paper(session, call, kind)
    return _certified(office, call, office.renderer.render(paper.html, paper.css), paper.fields)


def _issue(result: Result) -> Mapping[str, Any]:
    kind = result.properties["document"]
    sha256 = put_file(result.session, NewFile(TITLES[kind], PDF, result.value), SYSTEM, result.at)
    sides = READERS.get(kind, EVERYBODY)
    readers = [party.id for party in parties_of(result.session, result.root.id) if party.side in sides]
    put_document(result.session, (result.root.id, kind), sha256, readers, result.at)
    return {}


def _print_agreement(office: Office, call: Call) -> bytes:
    with call.engine.sessions.query(call.tenant_id) as session:
        paper = _paper(session, call, "agreement")
        text = drafted_agreement(session, call.root_id)
        marks = [party_field(text, party_id) for party_id in text.party_ids]
    rendered = office.renderer.render(paper.html, paper.css)
    return _certified(office, call, rendered, (*marks, "mediator", "seal"))


def _certified(office: Office, call: Call, rendered: Rendered, fields: tuple[str, ...]) -> bytes:
    if set(fields) - set(rendered.boxes):
        raise errors.RenderingFailed(reason="the template has no place for one of the marks")
    at = call.engine.now()
    boxes = {name: rendered.boxes[name] for name in fields}
    return sign.prepare(rendered.pdf, boxes, office.authority.preparer(at=at), at)


def _keep_text(result: Result) -> Mapping[str, Any]:
    agreement = drafted_agreement(result.session, result.root.id)
    sha256 = put_file(result.session, NewFile(TITLES["agreement"], PDF, result.value), SYSTEM, result.at)
    agreement.text_sha256 = agreement.file_sha256 = sha256
    agreement.rendering_error = None
    put_document(result.session, (result.root.id, "agreement"), sha256, [], result.at)
    put_scans(result.session, result.root.id, [], result.at)
    return {}


def _note_refusal(result: Result) -> None:
    drafted_agreement(result.session, result.root.id).rendering_error = _said(result.value)


def _said(refused: errors.Refusal) -> str:
    # Data that people read carries both languages, Chinese first (design: forms' own texts).
    if isinstance(refused, errors.MissingGlyph):
        chinese = "字库里没有“{character}”字（{field}），请换一种写法。".format_map(refused.params)
    else:
        chinese = "协议书排版失败，内容可能过长，请精简后重试。"
    return f"{chinese} / {refused}"


def _paper(session: Session, call: Call, kind: str) -> Paper:
    root = session.scalars(select(ProcessInstance).where(ProcessInstance.id == call.root_id)).one()
    definitions = call.engine.definitions
    template = definitions.template(session, root.release_id, f"{kind}.html")
    css = definitions.style(session, root.release_id, STYLE)
    return Paper(fill(template, context_of(session, root, kind)), css)
