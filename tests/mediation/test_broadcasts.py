"""A case on television on both databases: each consent taken back at each stage, and what must not air."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from engine import audit, errors
from engine.mediation import broadcast_uses
from engine.mediation.broadcast_items import ITEMS, STAGES, Use, consequence, text_hash
from engine.mediation.broadcast_ledger import ConsentWithdrawal, consents_of, withdraw_consent
from engine.mediation.broadcast_page import BroadcastView, broadcast_view
from engine.mediation.lookup import case_of
from engine.models.base import new_id
from engine.models.broadcasts import BroadcastConsent, BroadcastUse
from engine.models.records import AuditRow
from engine.policy import Actor

from ..conftest import TENANT, House, recorded
from .conftest import TODAY
from .studio import CHANNEL, EVERYTHING, LAST_DAY, LICENSEE, SITE, Studio, studio_house

pytestmark = pytest.mark.slow


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    return studio_house(url, make_house)


@pytest.fixture
def studio(house: House) -> Studio:
    return Studio.opened(house).plan()


def view(studio: Studio, actor: Actor) -> BroadcastView:
    with studio.query() as session:
        found = broadcast_view(session, actor, case_of(session, studio.case_id), studio.house.clock())
        assert found is not None
        return found


def stage(studio: Studio) -> str:
    return str(studio.listed()["stage"])


def ask(studio: Studio, kind: str, channel: str = "", day: dt.date = TODAY) -> broadcast_uses.UseAnswer:
    use = Use(kind, day, channel)
    return broadcast_uses.ask_use(studio.house.engine, studio.house.mediator, studio.case_id, use, new_id())


@pytest.mark.parametrize("reached", STAGES)
def test_each_of_the_nine_taken_back_at_a_stage_stands_in_the_list_from_then_on(
    studio: Studio, reached: str
) -> None:
    studio.decide_all().reach(reached)
    assert stage(studio) == reached
    assert studio.entries() == []
    expected: list[tuple[str, str, str]] = []
    for item in ITEMS:
        studio.withdraw(1, item)
        expected.append((studio.party_ids[1], item, "withdrawn"))
        listed = studio.listed()
        assert studio.entries() == expected
        assert {one["from"] for one in listed["entries"]} == {TODAY.isoformat()}
        assert {one["law_ref"] for one in listed["entries"]} == {"《个人信息保护法》第十五条"}
        with studio.query() as session:
            last = consents_of(session, studio.case_id)[-1]
        assert (last.stage, last.consequence) == (reached, consequence(item, reached).code)
    assert listed["quarantined"] is (reached != "planned")
    asked_for = [] if reached in STAGES[:3] or reached == "taken_down" else list(ITEMS)
    assert len(listed["takedowns_open"]) == len(asked_for)


@pytest.mark.parametrize("item", ITEMS)
def test_one_consent_taken_back_stops_just_the_uses_that_need_it(studio: Studio, item: str) -> None:
    studio.decide_all().reach("aired").withdraw(0, item)
    uses = {"broadcast": CHANNEL, "web": SITE, "archive": "", "sublicence": LICENSEE}
    allowed = {kind for kind, channel in uses.items() if ask(studio, kind, channel).allowed}
    stopped: dict[str, set[str]] = {
        "take_part": set(uses), "recording": set(uses), "channel": {"broadcast"}, "web": {"web"},
        "archive": {"archive", "sublicence"},
    }  # fmt: skip
    assert allowed == set(uses) - stopped.get(item, set())
    with studio.query() as session:
        shown = session.scalars(select(BroadcastUse).order_by(BroadcastUse.seq)).all()[-4:]
    assert [one.allowed for one in shown] == [kind in allowed for kind in uses]


@pytest.mark.parametrize("item", ["appearance", "name", "evidence", "surroundings"])
def test_what_the_cut_shows_of_a_party_that_took_it_back_is_aired_no_more(studio: Studio, item: str) -> None:
    studio.decide_all().reach("previewed").withdraw(0, item)
    with pytest.raises(errors.LawForbids, match=r"Art\. 15"):
        studio.air()
    studio.take("cooling_off_begun", told=True, told_on=TODAY)
    with pytest.raises(errors.LawForbids, match=r"Art\. 15"):
        studio.take("edit_locked", cuts=studio.cuts(*EVERYTHING), reviewed=True)
    studio.take("edit_locked", cuts=studio.cuts(), reviewed=True).preview().air()
    assert stage(studio) == "aired"


def test_the_internet_taken_back_after_the_recording_leaves_television(studio: Studio) -> None:
    studio.decide_all().reach("recorded").withdraw(0, "web").take(
        "cooling_off_begun", told=True, told_on=TODAY
    )
    studio.take("edit_locked", cuts=studio.cuts("face"), reviewed=True).preview()
    with pytest.raises(errors.LawForbids, match=r"Art\. 15"):
        studio.air("web", SITE)
    studio.air()
    assert stage(studio) == "aired"


def test_a_withdrawal_keeps_what_was_there_and_its_record_bears_the_article(studio: Studio) -> None:
    studio.decide_all().withdraw(0, "web", reason="不想让同事看到")
    with studio.query() as session:
        rows = [row for row in consents_of(session, studio.case_id) if row.item == "web"]
        chain = select(AuditRow).where(AuditRow.chain_id == studio.case_id)
        record = session.scalars(chain.order_by(AuditRow.seq.desc()).limit(1)).one()
    mine = [row for row in rows if row.party_id == studio.party_ids[0]]
    assert [(row.decision, row.channel) for row in mine] == [("given", SITE), ("withdrawn", SITE)]
    assert mine[0].text_sha256 == text_hash("web")
    assert (record.action, record.law_ref) == ("consent.withdrawn", "《个人信息保护法》第十五条")
    assert audit.verify(studio.house.engine, TENANT, {}) == []


def test_a_withdrawal_that_is_sent_twice_is_made_once(studio: Studio) -> None:
    studio.decide_all()
    asked, key = ConsentWithdrawal(studio.case_id, studio.party_ids[0], "web"), new_id()
    for _ in range(2):
        withdraw_consent(studio.house.engine, studio.party(0), asked, key)
    with studio.query() as session:
        taken_back = BroadcastConsent.decision == "withdrawn"
        assert session.scalar(select(func.count()).where(taken_back)) == 1
    with pytest.raises(errors.NothingToWithdraw):
        studio.withdraw(0, "web")


def test_a_consent_may_be_given_again_and_the_last_word_counts(studio: Studio) -> None:
    studio.decide_all().withdraw(0, "take_part")
    with pytest.raises(errors.LawForbids, match=r"Art\. 15"):
        studio.reach("recorded")
    assert studio.decide(0).reach("recorded").entries() == []


def test_nobody_takes_back_for_another_party_but_staff_at_its_word(studio: Studio, house: House) -> None:
    studio.decide_all()
    with pytest.raises(errors.NotFound):
        studio.withdraw(0, "web", studio.party(1))
    with pytest.raises(errors.NotFound):
        studio.withdraw(0, "everything")
    with pytest.raises(errors.Forbidden):
        studio.withdraw(0, "web", house.seal_keeper)
    studio.withdraw(0, "web", house.reception)
    assert studio.entries() == [(studio.party_ids[0], "web", "withdrawn")]


def test_consents_are_taken_back_after_the_case_has_ended(studio: Studio, house: House) -> None:
    studio.decide_all().reach("aired")
    with studio.command() as session:
        case_of(session, studio.case_id).ended_at = house.clock()
    studio.withdraw(0, "channel")
    with pytest.raises(errors.LawForbids):
        studio.air()
    studio.take("footage_taken_down", scope="requests", done_on=TODAY, note="频道已确认")
    assert studio.listed()["takedowns_open"] == []


@pytest.mark.parametrize("item", ITEMS)
def test_a_refused_consent_keeps_the_case_going(studio: Studio, house: House, item: str) -> None:
    before = studio.fact()
    studio.decide(0).decide(1, **{item: "refused"})
    assert studio.fact() == before
    assert (studio.party_ids[1], item, "refused") in studio.entries()
    may_record = studio.other_fact("broadcast")["may_record"]
    assert may_record is (item not in ("take_part", "recording"))
    studio.draft()
    assert studio.fact()["end_code"] is None


def test_a_party_that_leaves_mediation_is_still_asked_for_its_footage(studio: Studio, house: House) -> None:
    studio.decide_all().reach("previewed").withdraw(1, "channel")
    with studio.command() as session:
        case_of(session, studio.case_id).parties[1].withdrawn_at = house.clock()
    assert [one.why for one in ask(studio, "broadcast", CHANNEL).obstacles] == ["withdrawn"]


def test_terms_end_and_the_list_says_from_when(studio: Studio) -> None:
    studio.decide_all(web_until=TODAY)
    tomorrow = TODAY + dt.timedelta(days=1)
    assert studio.entries(TODAY) == []
    assert studio.entries(tomorrow) == [(one, "web", "ended") for one in studio.party_ids]
    assert {one["from"] for one in studio.listed(tomorrow)["entries"]} == {tomorrow.isoformat()}


def test_the_list_says_what_of_a_party_is_only_shown_in_part_and_names_nobody(studio: Studio) -> None:
    studio.decide(0).decide(1, face="pixelated", voice="changed", name_shown="alias", alias="老王")
    listed = studio.listed()
    assert [(one["item"], one["why"], one["elements"]) for one in listed["entries"]] == [
        ("appearance", "limited", ["face", "voice"]),
        ("name", "limited", ["real_name"]),
    ]
    assert "申请人" not in str(listed)
    assert listed["format"] == "woshou-do-not-air-1"


def test_a_use_for_a_day_that_is_over_is_asked_for_as_today(studio: Studio, house: House) -> None:
    studio.decide_all(channel_until=TODAY).reach("previewed")
    house.clock.forward(days=1)
    assert [one.why for one in ask(studio, "broadcast", CHANNEL, TODAY).obstacles] == ["ended", "ended"]


def test_questions_and_answers_stand_in_the_case_s_record(studio: Studio) -> None:
    studio.decide_all().reach("recorded")
    assert ask(studio, "edit").allowed
    assert not ask(studio, "broadcast", CHANNEL).allowed
    assert recorded(studio.house, studio.case_id)[-2:] == ["footage.allowed", "footage.refused"]


def test_only_who_works_on_the_footage_asks_for_it(studio: Studio, house: House) -> None:
    for actor in (studio.party(0), house.reception):
        with pytest.raises(errors.Forbidden):
            broadcast_uses.ask_use(house.engine, actor, studio.case_id, Use("edit", TODAY), new_id())
    with pytest.raises(errors.Forbidden):
        broadcast_uses.read_do_not_air(house.engine, studio.party(0), studio.case_id)
    stranger = replace(house.mediator, id=new_id())
    with pytest.raises(errors.NotFound):
        broadcast_uses.read_do_not_air(house.engine, stranger, studio.case_id)


def test_for_a_child_only_a_guardian_decides(studio: Studio) -> None:
    with studio.command() as session:
        case_of(session, studio.case_id).parties[0].age = 13
    with pytest.raises(errors.LawForbids, match=r"Art\. 31"):
        studio.decide(0)
    with pytest.raises(errors.InvalidAnswers) as refused:
        studio.decide(0, given_by="guardian")
    assert set(refused.value.errors) == {"giver"}
    studio.decide(0, given_by="guardian", giver="陈大勇")
    with studio.query() as session:
        assert {(row.given_by, row.giver) for row in consents_of(session, studio.case_id)} == {
            ("guardian", "陈大勇")
        }


def test_a_consent_names_its_channel_its_term_and_the_scope_of_an_agent(studio: Studio) -> None:
    missing = {"channel_name": "", "channel_until": None, "web_until": TODAY - dt.timedelta(days=1)}
    with pytest.raises(errors.InvalidAnswers) as refused:
        studio.decide(0, **missing)
    assert set(refused.value.errors) == set(missing)
    with pytest.raises(errors.InvalidAnswers) as refused:
        studio.decide(0, given_by="agent", giver="王律师", text_read=False)
    assert set(refused.value.errors) == {"scope", "text_read"}


def test_a_party_decides_for_itself_alone(studio: Studio) -> None:
    with pytest.raises(errors.Forbidden):
        studio.decide(0, studio.party(1))
    studio.decide(0, studio.party(0))


def test_a_case_that_may_not_go_on_television_stays_where_it_is(house: House) -> None:
    studio = Studio.opened(house).plan(sexual_or_domestic="yes", trade_secret="yes")
    fact = studio.other_fact("broadcast")
    assert (fact["eligible"], fact["stage"], len(fact["reasons"])) == (False, "", 2)
    assert studio.fact()["status"] == "mediating"
    with pytest.raises(errors.LawForbids, match="Anti-Domestic"):
        studio.decide(0)
    assert studio.plan().other_fact("broadcast")["stage"] == "planned"


def test_what_the_tables_know_goes_before_the_answers(studio: Studio) -> None:
    with studio.command() as session:
        case_of(session, studio.case_id).parties[0].age = 9
    assert studio.plan().other_fact("broadcast")["eligible"] is False
    studio.plan(guardian_consents="yes").decide(1, take_part="refused")
    assert "不愿意" in studio.plan(guardian_consents="yes").other_fact("broadcast")["reasons"][0]


def test_the_rules_are_not_asked_again_once_something_was_recorded(studio: Studio) -> None:
    studio.decide_all().reach("recorded")
    with pytest.raises(errors.LawForbids, match=r"Art\. 14"):
        studio.plan()


@pytest.mark.parametrize(
    ("effect", "answers"),
    [
        ("cooling_off_begun", {"told": True, "told_on": TODAY}),
        ("edit_locked", {"cuts": [], "reviewed": True}),
        ("footage_previewed", {"previews": []}),
        ("footage_taken_down", {"scope": "requests", "done_on": TODAY}),
    ],
)
def test_no_step_is_taken_before_its_stage(studio: Studio, effect: str, answers: dict[str, object]) -> None:
    studio.decide_all()
    with pytest.raises(errors.LawForbids):
        studio.take(effect, **answers)
    with pytest.raises(errors.LawForbids):
        studio.air()
    assert stage(studio) == "planned"


def test_the_cut_is_reviewed_and_shows_everybody_once(studio: Studio) -> None:
    studio.decide_all().reach("cooling_off")
    with pytest.raises(errors.LawForbids, match="Mediation Law Art. 15"):
        studio.take("edit_locked", cuts=studio.cuts(), reviewed=False)
    with pytest.raises(errors.InvalidAnswers):
        studio.take("edit_locked", cuts=studio.cuts()[:1], reviewed=True)


def test_an_objection_after_the_preview_opens_the_cut_again(studio: Studio) -> None:
    studio.decide_all().reach("edit_locked").preview("agrees", "objects")
    assert stage(studio) == "cooling_off"


def test_what_was_aired_is_asked_to_be_taken_down_even_while_it_is_cut_anew(studio: Studio) -> None:
    studio.decide_all().reach("aired").take("cooling_off_begun", told=True, told_on=TODAY)
    means = {one.item: one.means for one in view(studio, studio.party(0)).parties[0].consents}
    assert means["channel"] == "take_down"
    studio.withdraw(0, "channel")
    assert len(studio.listed()["takedowns_open"]) == 1


def test_only_the_case_s_mediator_lets_the_cameras_run(studio: Studio, house: House) -> None:
    studio.decide_all()
    with pytest.raises(errors.Forbidden):
        studio.take("footage_recorded", house.chief_mediator, recorded_on=TODAY)
    with pytest.raises(errors.InvalidAnswers):
        studio.take("footage_recorded", recorded_on=TODAY + dt.timedelta(days=1))


def test_guests_need_everybody_and_a_judge_is_marked(studio: Studio, house: House) -> None:
    lawyer = {"name": "王律师", "role": "lawyer", "tie": "none", "agreed": studio.party_ids}
    judge = lawyer | {"name": "李法官", "role": "judge", "employer": "合川区人民法院"}
    with pytest.raises(errors.LawForbids, match=r"Art\. 20"):
        studio.take("guests_consented", guests=[lawyer, judge | {"agreed": studio.party_ids[:1]}])
    with pytest.raises(errors.InvalidAnswers) as refused:
        studio.take("guests_consented", guests=[lawyer | {"tie": "exists"}])
    assert set(refused.value.errors) == {"guests.0.disclosure"}
    studio.take("guests_consented", guests=[lawyer, judge])
    assert studio.other_fact("broadcast")["barred_judges"] == ["李法官"]
    assert [guest.may_not_try for guest in view(studio, house.mediator).guests] == [False, True]
    with pytest.raises(errors.Forbidden):
        studio.take("guests_consented", house.chief_mediator, guests=[])


def test_nobody_but_those_concerned_reads_why_a_party_took_something_back(
    studio: Studio, house: House
) -> None:
    studio.decide_all().withdraw(0, "web", reason="前夫会看到")
    assert [party.party_id for party in view(studio, studio.party(1)).parties] == studio.party_ids[1:]
    for actor, reads in (
        (studio.party(0), True), (house.mediator, True), (studio.party(1), False),
        (house.reception, False), (house.chief_mediator, False),
    ):  # fmt: skip
        said = {one.reason for party in view(studio, actor).parties for one in party.consents}
        assert ("前夫会看到" in said) is reads, actor.name
    assert view(studio, studio.party(1)).uses == []


def test_a_case_without_television_has_no_broadcast(house: House) -> None:
    studio = Studio.opened(house)
    assert studio.other_fact("broadcast") is None
    with pytest.raises(errors.LawForbids, match=r"Art\. 14"):
        studio.decide(0)
    with pytest.raises(errors.NothingToWithdraw):
        studio.withdraw(0, "web")
    assert studio.listed()["entries"][0]["why"] == "missing"


def test_a_licence_is_for_the_one_who_was_named_and_never_where_it_was_not_allowed(studio: Studio) -> None:
    studio.decide(0).decide(1, sublicence="no")
    studio.reach("previewed")
    assert [one.why for one in ask(studio, "sublicence", LICENSEE).obstacles] == ["other_channel"]
    studio.decide(1)
    assert ask(studio, "sublicence", LICENSEE, LAST_DAY).allowed
    assert not ask(studio, "sublicence", "某网站").allowed
