"""What a step asks of the database, counted: on the plain line of tasks and over the whole tricycle case."""

import pytest

from tests.bench import baseline, case, house, steps

MOST = 12
# Steps that write more rows of their own than the engine's: what each may ask for, and why.
MORE = {
    "register_dispute": (
        17,
        "number, the case's key, parties, the links and traces of both, the limits",
    ),
    "decide_acceptance": (15, "the process and the clock of the period, with its limit and the calendar"),
    "hold_joint_session": (13, "the path that ends, the agreement that begins, whether there is footage"),
    "serve_copies": (
        15,
        "what ends with the case, the process and the clock of the period; the dossier's job",
    ),
    "sign_agreement": (15, "the mark, the signed file, its document"),
    "sign_as_mediator": (16, "the mark, the signed file, its document, the date of effect"),
    "seal_agreement": (17, "the mark, the signed file, its document, the date of effect"),
}


@pytest.fixture(scope="module")
def seen() -> list[case.Seen]:
    return case.whole_case()


@pytest.mark.slow
def test_each_step_of_the_tricycle_case_is_one_commit(seen: list[case.Seen]) -> None:
    assert len(seen) > 15
    assert {name: found.commits for name, found in seen} == {name: 1 for name, _ in seen}


@pytest.mark.slow
def test_no_step_of_the_tricycle_case_asks_more_of_the_database_than_its_rows_need(
    seen: list[case.Seen],
) -> None:
    counts = {name: len(found.statements) for name, found in seen}
    over = {name: count for name, count in counts.items() if count > MORE.get(name, (MOST, ""))[0]}
    assert over == {}
    assert {name for name in MORE if counts.get(name, 0) <= MOST} == set(), "these need no exception"


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_plain_step_is_at_most_twelve_statements_and_one_commit(database: str) -> None:
    with house.at(database) as place, baseline.transactions(place.bare_url) as bare:
        step, plain, seen = steps.side_by_side(place, bare, walks=1)
    assert 0 < len(seen.statements) <= MOST * house.LENGTH
    assert seen.commits == house.LENGTH
    assert seen.seconds > 0
    assert step > 0
    assert plain > 0


@pytest.mark.slow
def test_what_grows_starts_and_is_deployed_is_measured() -> None:
    with house.at("sqlite") as place:
        late, early = steps.growth(place, late=60)
        assert late > 0
        assert early > 0
        assert min(steps.starts(place)) > 0
        assert min(steps.deploys(place, size=20)) > 0
