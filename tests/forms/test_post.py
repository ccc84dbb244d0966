"""What a browser posts: rows, buttons, and names that nobody should send."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

import forms
from tests.forms.site import Site, sample

ROW = {"kind": "pay", "action": "一", "amount": "x", "instalments": [{"amount": "1"}, {"amount": "2"}]}


def parse(name: str, posted: dict[str, Any], index: int = 0) -> dict[str, Any]:
    return sample(name).parse(MultiDict(posted), index)


def test_names_with_numbers_become_rows_in_rows():
    posted = {
        "obligations-count": "2",
        "obligations-0-action": "一",
        "obligations-0-instalments-count": "1",
        "obligations-0-instalments-0-amount": "十",
        "obligations-1-action": "二",
    }
    assert parse("obligations", posted)["obligations"] == [
        {"action": "一", "instalments": [{"amount": "十"}]},
        {"action": "二", "instalments": []},
    ]


@pytest.mark.parametrize("count", ["-1", "x", "", "99999999999", "²"])
def test_a_forged_count_makes_no_rows(count: str):
    assert parse("obligations", {"obligations-count": count}) == {"obligations": []}


def test_a_count_beyond_the_limit_stops_there():
    assert len(parse("obligations", {"obligations-count": "999"})["obligations"]) == 4


def test_names_of_other_pages_and_of_nothing_are_not_answers():
    assert "agree" not in parse("every_kind", {"agree": "true", "go": "next", "csrf_token": "t", "zzz": "1"})


def test_fixed_and_computed_values_are_never_taken_from_the_post():
    assert "double" not in parse("every_kind", {"double": "5"}, 1)
    rows = parse("consents", {"consents-count": "1", "consents-0-party_id": "p2", "consents-0-told": "true"})
    assert rows == {"consents": [{"told": True}]}


@pytest.mark.parametrize(
    ("command", "lengths"),
    [
        ("add:obligations", [2, 0]), ("remove:obligations:0", []), ("add:obligations-0-instalments", [3]),
        ("remove:obligations-0-instalments:0", [1]), ("remove:obligations:7", [2]),
        ("remove:obligations:x", [2]),
        ("add:obligations-7-instalments", [2]), ("add:nothing", [2]), ("drop:obligations", [2]), ("add", [2]),
        ("redraw", [2]), ("", [2]), ("add:obligations-0-kind", [2]), ("add::", [2]),
    ],
)  # fmt: skip
def test_a_button_changes_only_the_rows_it_names(command: str, lengths: list[int]):
    changed = sample("obligations").change_rows(0, {"obligations": [ROW]}, command)
    assert [len(row.get("instalments", [])) for row in changed["obligations"]] == lengths


def test_rows_stop_at_their_limit_and_fixed_rows_stay():
    full = {"obligations": [{}] * 4}
    assert sample("obligations").change_rows(0, full, "add:obligations") == full
    fixed = {"consents": [{}, {}]}
    assert sample("consents").change_rows(0, fixed, "remove:consents:0") == fixed


def test_rows_are_added_and_removed_without_script_and_all_else_stays(site: Site):
    client = site.app.test_client()
    data = {"obligations-count": "1", "obligations-0-kind": "pay", "obligations-0-action": "一",
            "obligations-0-amount": "不知道", "obligations-0-instalments-count": "0"}  # fmt: skip
    client.post("/obligations/1", data=data | {"go": "add:obligations-0-instalments"})
    (row,) = site.drafts["obligations"]["obligations"]
    assert row == {"kind": "pay", "action": "一", "amount": "不知道", "instalments": [{}]}
    client.post("/obligations/1", data=data | {"go": "add:obligations"})
    assert site.drafts["obligations"]["obligations"][0]["amount"] == "不知道"
    assert len(site.drafts["obligations"]["obligations"]) == 2
    assert "obligations-1-action" in client.get("/obligations/1").text
    client.post("/obligations/1", data=data | {"obligations-count": "2", "go": "remove:obligations:0"})
    assert site.drafts["obligations"] == {"obligations": [{"instalments": []}]}


def test_going_back_keeps_what_was_typed_right_or_wrong(site: Site):
    client = site.app.test_client()
    client.post("/every_kind/1", data={"name": "王", "kind": "natural", "go": "next"})
    went = client.post("/every_kind/2", data={"held_on": "昨天", "go": "back"})
    assert went.headers["Location"] == "/every_kind/1"
    assert 'value="王"' in client.get("/every_kind/1").text
    assert 'value="昨天"' in client.get("/every_kind/2").text


def test_a_long_fixed_list_is_filled_from_its_first_row_where_it_is_empty():
    first = {"told": True, "answer": "yes"}
    rows = [first, {"told": False}, {"told": True, "answer": "no"}, {"answer": ""}]
    changed = sample("consents").change_rows(0, {"consents": rows}, "fill:consents")
    assert changed["consents"] == [first, first, first | {"answer": "no"}, first]


def test_a_list_whose_rows_may_change_is_not_filled():
    rows = [{"action": "一"}, {"action": ""}]
    assert sample("obligations").change_rows(0, {"obligations": rows}, "fill:obligations") == {
        "obligations": rows
    }


def test_only_a_long_list_offers_to_be_filled():
    people = [{"value": f"p{n}", "label": f"王{n}"} for n in range(10)]
    for count in (9, 10):
        starts = [{"party_id": one["value"]} for one in people[:count]]
        context = {"people": people, "consents": starts}
        drawn = sample("consents").draw(0, {}, context, forms.Drawing({}, "zh", context))
        (rows,) = [part for part in drawn if part.kind == "rows"]
        assert rows.may_fill is (count == 10)
