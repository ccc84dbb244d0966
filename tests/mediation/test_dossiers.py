"""The dossier of a case that is over: what is in it, who reads it, and that no case ends without one."""

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from engine import errors
from engine.documents import authority, verify
from engine.documents.render import Renderer
from engine.mediation import documents, dossiers, evidence, lookup, props
from engine.mediation.office import Office
from engine.mediation.play import Player, Stage
from engine.models.processes import ProcessInstance
from engine.policy import Actor
from engine.services import Call
from web import rehearsal, settings

from ..conftest import MORNING, TENANT
from .conftest import Desk

pytestmark = pytest.mark.slow

SHOWN, HIDDEN = "伤情/照片", "不给对方看的"
CASES = Path(__file__).parents[1] / "cases"


class Over:
    """A scripted case that was played to its end."""

    def __init__(self, stage: Stage, player: Player) -> None:
        self.stage, self.case_id, self._player = stage, player.case_id, player

    def person(self, name: str) -> Actor:
        return self._player._actor(name)

    def listed(self, name: str) -> list[documents.DocumentRow]:
        return documents.list_documents(self.stage.engine, self.person(name), self.case_id)

    def read(self, row: documents.DocumentRow, name: str = "chief") -> bytes:
        return documents.read_document(self.stage.engine, self.person(name), row.id).content

    @property
    def dossier(self) -> bytes:
        (row,) = [row for row in self.listed("chief") if row.kind == dossiers.KIND]
        return self.read(row)


def played(script: dict[str, Any], folder: Path) -> Iterator[Over]:
    chosen = settings.read({"WOSHOU_DATA": str(folder)})
    with rehearsal.stage_for(chosen, script) as stage:
        player = Player(stage, script, "dossier")
        for _ in player.play():
            pass
        yield Over(stage, player)


def script_of(name: str) -> dict[str, Any]:
    return dict(json.loads((CASES / f"{name}.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Over]:
    """The tricycle case, with a photograph for both sides and one for the mediator's eyes alone."""
    script = script_of("tricycle_accident")
    at = next(at for at, step in enumerate(script["steps"]) if step.get("task") == "hold_separate_talk")
    brought = {"party": "罗小琴", "kind": "photo"}
    items = [
        brought | {"name": SHOWN, "disclosure": "may_show"},
        brought | {"name": HIDDEN, "disclosure": "private"},
    ]
    when = script["steps"][at]["at"]
    script["steps"][at:at] = [{"at": when, "as": "mediator", "evidence": item} for item in items]
    yield from played(script, tmp_path_factory.mktemp("settled"))


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Over]:
    yield from played(script_of("refused"), tmp_path_factory.mktemp("failed"))


def enclosed(pdf: bytes) -> dict[str, bytes]:
    """What a PDF encloses, by the name of its file."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return {spec.filename: spec.get_file().read_bytes() for spec in opened.attachments.values()}


def text(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        read = "".join(page.get_textpage().get_text_range() for page in document)
    return "".join(read.split())


def test_every_paper_is_enclosed_byte_for_byte_in_the_order_of_a_file(settled: Over) -> None:
    found = enclosed(settled.dossier)
    assert list(found) == [
        "001 调解申请受理回执.pdf",
        "002 当事人权利义务告知书.pdf",
        "003 证据材料清单.pdf",
        "004 证据1：伤情_照片.png",
        "005 人民调解协议书.pdf",
    ]
    own = {row.kind: settled.read(row) for row in settled.listed("chief")}
    kinds = ("receipt", "rights_notice", evidence.KIND, None, "agreement")
    for content, kind in zip(found.values(), kinds, strict=True):
        assert content == (own[kind] if kind else props.photograph(SHOWN))


def test_the_list_names_each_paper_with_its_place_and_hash(settled: Over) -> None:
    said = text(settled.dossier)
    for number, (name, content) in enumerate(enclosed(settled.dossier).items(), 1):
        title = name.partition(" ")[2].rpartition(".")[0].replace("_", "/")
        assert f"{number}{title}附件{number}{hashlib.sha256(content).hexdigest()[:16]}" in said


def test_cover_registration_and_records_tell_of_the_case(settled: Over) -> None:
    said = text(settled.dossier)
    for told in (
        "卷名罗小琴与陈大勇道路交通事故纠纷", "自2026年10月13日至2026年10月13日",
        "调解协议于2026年10月13日生效",
        "人民调解员陈国安", "案件来源当事人申请", "受理登记表3", "调解记录4", "第1次调解", "调解结果达成一致",
    ):  # fmt: skip
        assert told in said, told


def test_nothing_confidential_is_in_it(settled: Over) -> None:
    said, talks = text(settled.dossier), script_of("tricycle_accident")["steps"]
    statements = [
        one["text"]
        for step in talks
        if step.get("task") == "hold_separate_talk"
        for one in step["answers"]["statements"]
    ]
    assert statements
    for secret in (*statements, HIDDEN, "023-"):
        assert "".join(secret.split()) not in said
    assert props.photograph(HIDDEN) not in enclosed(settled.dossier).values()


def test_the_signatures_of_what_is_enclosed_still_hold_and_its_own_stands(settled: Over) -> None:
    agreement = verify.verify(enclosed(settled.dossier)["005 人民调解协议书.pdf"], [])
    assert [one.intact for one in agreement.signatures] == [True] * 5
    assert [one.intact for one in verify.verify(settled.dossier, []).signatures] == [True]


def test_only_the_mediator_of_the_case_and_the_heads_find_it(settled: Over) -> None:
    (row,) = [row for row in settled.listed("chief") if row.kind == dossiers.KIND]
    assert row.title == "人民调解卷宗"
    assert settled.read(row, "mediator") == settled.read(row, "seal") == settled.dossier
    for other in ("reception", "罗小琴", "陈大勇"):
        assert dossiers.KIND not in {one.kind for one in settled.listed(other)}
        with pytest.raises(errors.NotFound):
            settled.read(row, other)


def test_a_case_that_failed_has_a_dossier_with_its_notice_and_without_records(failed: Over) -> None:
    assert list(enclosed(failed.dossier)) == ["001 调解申请受理回执.pdf", "002 终止调解及其他途径告知书.pdf"]
    said = text(failed.dossier)
    assert "调解结果当事人明确拒绝调解" in said
    assert "人民调解员—" in said
    assert "调解记录" not in said


@pytest.fixture
def office(renderer: Renderer, issuer: authority.Authority) -> Office:
    return Office(renderer, issuer)


def test_what_a_case_must_have_papers_of_follows_from_how_it_went(desk: Desk) -> None:
    def lacking(*kinds: str) -> list[str]:
        with desk.query() as session:
            return dossiers.missing(lookup.case_of(session, desk.case_id), kinds)

    desk.register()
    assert lacking() == ["routes_notice"]
    desk.consent()
    assert lacking() == ["routes_notice"]
    desk.appoint()
    assert lacking() == ["rights_notice", "routes_notice"]
    desk.draft()
    assert lacking("rights_notice", "agreement") == ["routes_notice"]
    for oral, paper in ((False, "agreement"), (True, "oral_register")):
        with desk.command() as session:
            agreement = lookup.drafted_agreement(session, desk.case_id)
            agreement.effective_at, agreement.oral = MORNING, oral
        assert lacking("rights_notice") == [paper]
        assert lacking("rights_notice", paper) == []


def test_a_paper_that_lacks_is_named_with_the_article(desk: Desk, office: Office) -> None:
    desk.register()
    call = Call(desk.house.engine, TENANT, desk.case_id, "", {"document": dossiers.KIND})
    with pytest.raises(errors.LawForbids, match=r"Art\. 27.*lacks the notice of other ways"):
        dossiers.compile_dossier(office).work(call)


def test_no_registered_case_ends_without_it_but_one_whose_release_knows_none(desk: Desk) -> None:
    def require() -> None:
        with desk.query() as session:
            root = session.get_one(ProcessInstance, (TENANT, desk.case_id))
            dossiers.require_compiled(session, root, MORNING)

    desk.register()
    require()
    desk.with_template(dossiers.TEMPLATE)
    with pytest.raises(errors.LawForbids, match=r"Art\. 27.*not in a dossier"):
        require()
    with desk.command() as session:
        new = documents.NewFile("dossier", documents.PDF, b"%PDF-dossier")
        sha256 = documents.put_file(session, new, "system", MORNING)
        documents.put_document(session, (desk.case_id, dossiers.KIND), sha256, [], MORNING)
    require()


def test_what_does_not_fit_is_left_out_and_the_next_that_fits_is_not() -> None:
    sizes = (dossiers.MOST - 5, 6, 5, 1)
    listed = [dossiers.Paper(str(size), f"{size:064d}", documents.PDF, size) for size in sizes]
    fitting = dossiers._fitting(listed)
    assert [one.size for one in fitting] == [dossiers.MOST - 5, 5]
    assert list(fitting.values()) == [1, 2]
    places = [dossiers._row(number, one, fitting)["place"] for number, one in enumerate(listed, 1)]
    assert places == ["附件1", "另存", "附件2", "另存"]


def test_every_kind_of_paper_has_its_place_in_the_file_but_what_comes_after_it() -> None:
    assert set(documents.TITLES) - set(dossiers.ORDER) == {dossiers.KIND, "payment_order"}
    assert set(dossiers.LACKING) <= set(dossiers.ORDER)
