"""The laws of the consents: only standing consents of everybody let a use through; the last row counts."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.mediation import broadcast_items as items
from engine.mediation import law
from engine.mediation.broadcast_items import ELEMENTS, ITEMS, NEEDS, PLACES, STAGES, Use, latest, obstacles
from engine.models.broadcasts import BroadcastConsent

DAY = dt.date(2026, 3, 2)
DAYS = st.integers(-3, 3).map(lambda days: DAY + dt.timedelta(days=days))
PARTIES = ("p1", "p2", "p3")
CHANNELS = ("重庆卫视", "四川卫视")
ROW = st.fixed_dictionaries(
    {
        "party_id": st.sampled_from(PARTIES),
        "item": st.sampled_from(ITEMS),
        "decision": st.sampled_from(["given", "given", "given", "refused", "withdrawn"]),
        "channel": st.sampled_from(CHANNELS),
        "until": st.none() | DAYS,
        "sublicence": st.booleans(),
        "face": st.sampled_from(["shown", "pixelated"]),
        "voice": st.sampled_from(["own", "changed"]),
        "name_shown": st.sampled_from(["real", "alias"]),
    }
)
USES = st.builds(
    Use,
    st.sampled_from(list(NEEDS)),
    DAYS,
    st.sampled_from(CHANNELS),
    st.dictionaries(st.sampled_from(PARTIES), st.lists(st.sampled_from(list(ELEMENTS)), max_size=3)),
)


def row(seq: int, **values: Any) -> BroadcastConsent:
    return BroadcastConsent(**{"seq": seq, "channel": "", "until": None, "sublicence": False} | values)


def all_given(**changed: Any) -> list[BroadcastConsent]:
    values = {
        "decision": "given", "channel": CHANNELS[0], "until": DAY, "sublicence": True, "face": "shown",
        "voice": "own", "name_shown": "real",
    } | changed  # fmt: skip
    pairs = [(party, item) for party in PARTIES for item in ITEMS]
    return [row(seq, party_id=party, item=item, **values) for seq, (party, item) in enumerate(pairs, 1)]


def stands(rows: list[dict[str, Any]], party: str, item: str, day: dt.date) -> dict[str, Any] | None:
    """The oracle: look backwards for the last word of this party on this item."""
    for one in reversed(rows):
        if (one["party_id"], one["item"]) == (party, item):
            ended = one["until"] is not None and day > one["until"]
            return one if one["decision"] == "given" and not ended else None
    return None


@given(st.lists(ROW, max_size=60), USES, st.sampled_from(STAGES))
def test_no_order_of_decisions_lets_a_use_through_that_somebody_did_not_allow(
    rows: list[dict[str, Any]], use: Use, stage: str
) -> None:
    # Half of the time everybody has agreed to everything first, so that uses do get through.
    before = [] if len(rows) % 2 else [vars_of(one) for one in all_given(until=None)]
    told = before + rows
    made = [row(seq, **one) for seq, one in enumerate(told, 1)]
    if obstacles(latest(made), PARTIES, use, stage):
        return
    assert stage in PLACES[use.kind]
    for party in PARTIES:
        for item in NEEDS[use.kind]:
            consent = stands(told, party, item, use.day)
            assert consent is not None
            if use.kind in {"broadcast", "web"} and item in {"channel", "web"}:
                assert consent["channel"] == use.channel
            if use.kind == "sublicence" and item == "archive":
                assert consent["sublicence"]
                assert consent["channel"] == use.channel
        for element in use.shows.get(party, ()):
            consent = stands(told, party, ELEMENTS[element].item, use.day)
            assert consent is not None
            if element in {"face", "voice", "real_name"}:
                column = {"face": "face", "voice": "voice", "real_name": "name_shown"}[element]
                assert consent[column] in {"shown", "own", "real"}


def vars_of(one: BroadcastConsent) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ROW_NAMES}


ROW_NAMES = (
    "party_id", "item", "decision", "channel", "until", "sublicence", "face", "voice", "name_shown",
)  # fmt: skip


@given(st.lists(ROW, max_size=20), ROW, st.randoms())
def test_the_last_row_decides_whatever_the_order_in_which_they_are_read(
    rows: list[dict[str, Any]], last: dict[str, Any], random: Any
) -> None:
    made = [row(seq, **one) for seq, one in enumerate([*rows, last], 1)]
    random.shuffle(made)
    assert latest(made)[last["party_id"], last["item"]].seq == len(rows) + 1


@given(USES)
def test_with_every_consent_nothing_speaks_against_a_use_at_its_place(use: Use) -> None:
    made = latest(all_given(until=None, channel=use.channel))
    assert obstacles(made, PARTIES, use, PLACES[use.kind][0]) == []


@pytest.mark.parametrize("kind", list(NEEDS))
def test_one_missing_consent_of_one_party_is_enough_to_stop_a_use(kind: str) -> None:
    for party in PARTIES:
        for item in NEEDS[kind]:
            rows = [one for one in all_given() if (one.party_id, one.item) != (party, item)]
            found = obstacles(latest(rows), PARTIES, Use(kind, DAY, CHANNELS[0]), PLACES[kind][0])
            assert [(one.why, one.party_id, one.item) for one in found] == [("missing", party, item)]


def test_a_term_includes_its_last_day_and_no_other() -> None:
    use = Use("broadcast", DAY, CHANNELS[0])
    assert obstacles(latest(all_given()), PARTIES, use, "previewed") == []
    late = Use("broadcast", DAY + dt.timedelta(days=1), CHANNELS[0])
    assert {one.why for one in obstacles(latest(all_given()), PARTIES, late, "previewed")} == {"ended"}


def test_another_channel_than_the_named_one_is_refused_but_blanks_do_not_matter() -> None:
    found = latest(all_given())
    assert obstacles(found, PARTIES, Use("broadcast", DAY, " 重庆 卫视"), "aired") == []
    against = obstacles(found, PARTIES, Use("broadcast", DAY, CHANNELS[1]), "aired")
    assert {one.why for one in against} == {"other_channel"}


def test_a_pixelated_face_may_not_be_shown_plainly_but_the_other_way_round() -> None:
    found = latest(all_given(face="pixelated"))
    plain = Use("edit", DAY, shows={"p1": ["face"]})
    assert [one.why for one in obstacles(found, PARTIES, plain, "cooling_off")] == ["limited"]
    hidden = Use("edit", DAY, shows={"p1": ["pixelated_face"]})
    assert obstacles(found, PARTIES, hidden, "cooling_off") == []
    assert obstacles(latest(all_given()), PARTIES, hidden, "cooling_off") == []


def test_nothing_of_a_stranger_is_shown() -> None:
    use = Use("edit", DAY, shows={"nobody": ["face"]})
    assert [one.party_id for one in obstacles(latest(all_given()), PARTIES, use, "cooling_off")] == ["nobody"]


def test_every_item_means_something_at_every_stage_and_by_an_article_that_is_known() -> None:
    assert len(ITEMS) == 9
    assert set(items.MEANING) == set(items.ARTICLES) == set(ITEMS)
    for item in ITEMS:
        assert len(items.MEANING[item]) == len(STAGES)
        for stage in STAGES:
            assert law.rule(items.consequence(item, stage).article, DAY)
        assert law.rule(items.ARTICLES[item], DAY)


@pytest.mark.parametrize(
    ("item", "codes"),
    [
        ("take_part", "cameras_off quarantine quarantine take_down take_down take_down noted"),
        ("recording", "cameras_off quarantine quarantine take_down take_down take_down noted"),
        ("appearance", "leave_out leave_out leave_out take_down take_down take_down noted"),
        ("channel", "not_aired not_aired not_aired take_down take_down take_down noted"),
        ("archive", "not_aired not_aired not_aired take_down take_down take_down noted"),
    ],
)
def test_what_a_withdrawal_means_stands_in_one_table(item: str, codes: str) -> None:
    assert [items.consequence(item, stage).code for stage in STAGES] == codes.split()
