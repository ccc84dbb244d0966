"""What is published of consultations: without names, reviewed by another person, taken off again."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import errors, mediation
from engine.mediation import publication_page, publications
from engine.mediation.cases import case_registered
from engine.mediation.consultation_opinions import opinion_told
from engine.mediation.publication_page import CasePublications, PublishedText
from engine.mediation.publications import NUMBERS, Draft, Review, Withdrawn
from engine.models.base import new_id
from engine.policy import Actor
from engine.services import Services

from ..conftest import TENANT, House, add_person, recorded
from .conftest import TODAY, add_case, dispute, person
from .test_consultations import ENGINEER, HOUSING, PLANNING, TAX, Table

OWNER, PHONE, HOME, CODE = "郑秀芳", "136-0000-2201", "龙溪花园3栋502", "91500117MA0000001X"
TYPED = f"{OWNER}住{HOME}，电话{PHONE}。恒川置业的何立恒说缺两项材料，{ENGINEER}也这样看。"
SHOWN = "申请人1住（略），电话（略）。被申请人1的被申请人1的代表人说缺两项材料，一位专家也这样看。"


class Board(Table):
    """A case whose opinion was told, and what is published of it."""

    def told(self) -> "Board":
        owner = person(OWNER, phone=PHONE, address=HOME)
        company = person("恒川置业", representative="何立恒", id_number=CODE)
        parties = {"applicants": [owner], "respondents": [company]}
        self.take(case_registered, self.house.reception, **dispute() | parties)
        self.party_ids = [one["id"] for one in self.fact()["parties"]]
        self.consent().appoint()
        self.choose().ask().sheet().answer().write().meet(PLANNING, TAX, HOUSING).draft()
        self.take(opinion_told, told_parties=self.party_ids, told_on=TODAY)
        return self

    def prepare(self, text: str = TYPED, title: str = "办证难", key: str = "") -> "Board":
        draft = Draft(self.case_id, title, text)
        publications.prepare(self.house.engine, self.house.chief_mediator, draft, key or new_id())
        return self

    def review(self, actor: Actor | None = None, note: str = "", *, publishes: bool = True) -> "Board":
        found = Review(self.case_id, self.page().rows[0].id, publishes, note)
        publications.review(self.house.engine, actor or self.house.seal_keeper, found, new_id())
        return self

    def withdraw(self, reason: str = "当事人认出了自己") -> "Board":
        asked = Withdrawn(self.case_id, self.page().rows[0].id, reason)
        publications.withdraw(self.house.engine, self.house.chief_mediator, asked, new_id())
        return self

    def page(self, actor: Actor | None = None) -> CasePublications:
        seeing = actor or self.house.chief_mediator
        return publication_page.show_publications(self.house.engine, seeing, self.case_id)

    def public(self) -> list[PublishedText]:
        return publication_page.list_published(self.house.engine, TENANT)

    def states(self) -> list[str]:
        return [row.state for row in self.page().rows]


@pytest.fixture
def board(house: House) -> Board:
    return Board(house, add_case(house))


def test_parties_representatives_phones_addresses_and_experts_are_taken_out(board: Board) -> None:
    board.told().prepare(title=f"{OWNER}的房产证")
    (row,) = board.page().rows
    assert row.title == "申请人1的房产证"
    assert row.text == SHOWN
    assert row.state == "prepared"


def test_the_draft_is_the_opinion_without_names_and_nothing_else(board: Board) -> None:
    board.told()
    draft = board.page().draft
    assert draft is not None
    assert draft.text == "缺两项材料。\n《民法典》。\n补材料。"
    assert board.page(board.house.seal_keeper).draft is None


def test_nothing_is_published_before_another_person_has_reviewed_it(board: Board) -> None:
    board.told().prepare()
    assert board.public() == []
    with pytest.raises(errors.ReviewsOwnText):
        board.review(board.house.chief_mediator)
    assert board.public() == []
    board.review()
    (text,) = board.public()
    assert (text.title, text.text) == ("办证难", SHOWN)
    assert [row.reviewed_by for row in board.page().rows] == [board.house.seal_keeper.name]


def test_a_second_chief_mediator_may_review_what_the_first_prepared(board: Board) -> None:
    second = add_person(board.house.engine, TENANT, board.house.body_id, "chief_mediator", "second_chief")
    board.told().prepare().review(second)
    assert board.states() == ["published"]


def test_a_text_that_was_sent_back_says_why_and_is_written_anew(board: Board) -> None:
    board.told().prepare()
    with pytest.raises(errors.ReasonMissing):
        board.review(publishes=False)
    board.review(note="从楼号能认出来", publishes=False)
    assert [(row.state, row.note) for row in board.page().rows] == [("returned", "从楼号能认出来")]
    with pytest.raises(errors.PublicationClosed):
        board.review()
    board.prepare("换一种说法。").review()
    assert board.states() == ["published", "returned"]
    assert [one.text for one in board.public()] == ["换一种说法。"]


def test_what_is_published_is_withdrawn_at_once_with_a_reason(board: Board) -> None:
    board.told().prepare().review()
    with pytest.raises(errors.ReasonMissing):
        board.withdraw(" ")
    board.withdraw()
    assert board.public() == []
    assert board.states() == ["withdrawn"]
    with pytest.raises(errors.PublicationClosed):
        board.withdraw()


def test_each_step_is_recorded_once(board: Board) -> None:
    board.told()
    key = new_id()
    board.prepare(key=key).prepare(key=key)
    assert len(board.page().rows) == 1
    board.review().withdraw()
    steps = ["publication.prepared", "publication.published", "publication.withdrawn"]
    assert recorded(board.house, board.case_id)[-3:] == steps


def test_before_the_opinion_was_told_nothing_is_prepared(board: Board) -> None:
    board.concluded()
    assert board.page().draft is None
    with pytest.raises(errors.LawForbids, match="has not been told"):
        board.prepare()


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [({"title": " "}, "title"), ({"title": "标" * 101}, "title"), ({"text": ""}, "text"),
     ({"text": "文" * 10_001}, "text")],
)  # fmt: skip
def test_a_text_without_a_title_or_too_long_is_refused(
    board: Board, changed: dict[str, str], wrong: str
) -> None:
    board.told()
    with pytest.raises(errors.InvalidAnswers) as refused:
        board.prepare(**changed)
    assert list(refused.value.errors) == [wrong]


def test_mediators_and_parties_neither_prepare_nor_review(board: Board) -> None:
    board.told().prepare()
    house, row = board.house, board.page().rows[0]
    for actor in (house.mediator, house.reception, board.party(0)):
        with pytest.raises(errors.Forbidden):
            publications.prepare(house.engine, actor, Draft(board.case_id, "题", "文"), new_id())
        with pytest.raises(errors.Forbidden):
            publications.review(house.engine, actor, Review(board.case_id, row.id, True), new_id())
        with pytest.raises(errors.Forbidden):
            publications.withdraw(house.engine, actor, Withdrawn(board.case_id, row.id, "不好"), new_id())
    with pytest.raises(errors.NotFound):
        board.page(board.party(0))
    assert not board.page(house.mediator).rows[0].may_review


def test_a_text_is_reviewed_in_its_own_case_only(board: Board) -> None:
    board.told().prepare()
    other = Review(add_case(board.house), board.page().rows[0].id, True)
    with pytest.raises(errors.NotFound):
        publications.review(board.house.engine, board.house.seal_keeper, other, new_id())


def test_who_may_review_learns_what_waits_and_the_author_does_not(board: Board) -> None:
    board.told().prepare()
    house = board.house
    waiting = publication_page.list_waiting(house.engine, house.seal_keeper)
    assert [(one.case_id, one.title) for one in waiting] == [(board.case_id, "办证难")]
    for actor in (house.chief_mediator, house.mediator):
        assert publication_page.list_waiting(house.engine, actor) == []
    board.review()
    assert publication_page.list_waiting(house.engine, house.seal_keeper) == []


def test_a_name_that_became_known_after_the_text_was_prepared_keeps_it_from_being_published(
    board: Board,
) -> None:
    board.told().prepare("新邻居白若水也来听了。")
    with board.command() as session:
        party = publications.case_of(session, board.case_id).parties[0]
        party.agent = "白若水"
    with pytest.raises(errors.NamesLeft):
        board.review()
    assert board.public() == []
    board.review(note="有姓名", publishes=False)


@given(st.sampled_from(["13600002201", "136-0000-2201", "136 0000 2201", "11010519491231002X", CODE,
                        "11010519491231002x", "023-42710000", "02342710000"]),
       st.text("甲乙，。 ", max_size=5))  # fmt: skip
def test_numbers_that_look_like_somebody_s_are_left_out(number: str, around: str) -> None:
    assert NUMBERS.sub("（略）", f"{around}{number}{around}") == f"{around}（略）{around}"


@pytest.mark.parametrize("harmless", ["2026年11月27日", "3200.00元", "第1179条", "120户", "2026-11-27"])
def test_days_amounts_and_articles_stay(harmless: str) -> None:
    assert NUMBERS.sub("（略）", harmless) == harmless


def test_a_text_is_published_and_withdrawn_on_both_databases(
    url: str, make_house: Callable[..., House]
) -> None:
    house = make_house(url, Services(effects=mediation.EFFECTS, facts=mediation.facts.FACTS))
    board = Board(house, add_case(house)).told().prepare().review()
    assert [one.text for one in board.public()] == [SHOWN]
    assert board.withdraw().public() == []
