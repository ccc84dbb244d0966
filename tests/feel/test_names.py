"""Names with spaces, symbols, keywords and Chinese, found by what is in scope; and static checks of names."""

import pytest

from engine import feel


@pytest.mark.parametrize(
    ("text", "context", "value"),
    [
        ("争议金额 > 1000", {"争议金额": 2000}, True),
        ("pre-tax income - tax", {"pre-tax income": 10, "tax": 3}, 7),
        ("a-b", {"a": 5, "b": 3}, 2),
        ("a-b", {"a": 5, "b": 3, "a-b": 100}, 100),
        ("date and place of birth", {"date and place of birth": "x"}, "x"),
        ("number of people*2", {"number of people": 4}, 8),
        ("Rule 2 limit", {"Rule 2 limit": 4}, 4),
        ('{full  name: "李梅"}.full name', {}, "李梅"),
        ("{a+b: 1, c: a+b + 1}.c", {}, 2),
        ("for each one in [1, 2] return each one * 2", {}, [2, 4]),
        ("(function(first name) first name)(first name: 1)", {}, 1),
        ("count + count([1, 2])", {"count": 1}, 3),
        ("[{score: 5}, {score: 1}][score > limit].score", {"limit": 2}, [5]),
        ("[1, 5][item > limit]", {"limit": 2}, [5]),
        ("date", {"date": 1}, 1),
        ("// why\n1 /* because */ + 1", {}, 2),
    ],
)
def test_a_name_is_found_in_its_scope(text, context, value):
    assert feel.evaluate(text, context) == value


def test_a_check_lists_the_names_that_nothing_brings():
    expression = feel.parse("case.amount > limt and count(case.parties[side = 1]) > 1 and today2()")
    unknown = expression.unknown_names({"case", "limit"})
    assert [(note.params["name"], note.column) for note in unknown] == [("limt", 15), ("today2", 62)]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("1 +", 4, "The expression ends where {expected} is expected."),
        ("a b c +) 1", 8, "Found {found} where {expected} is expected."),
        ('"abc', 1, "The string has no end."),
        ("1 # 2", 3, "Found {found} where {expected} is expected."),
        ("1e9999", 1, "The number {number} is too large."),
        ("{a 1}", 6, None),
        ("[1..2", 6, None),
        ("f(a: 1, 2)", 9, None),
    ],
)
def test_a_wrong_expression_is_refused_where_it_is_wrong(text, column, message):
    with pytest.raises(feel.FeelError) as refused:
        feel.parse(text)
    assert refused.value.line == 1
    if message:
        assert (refused.value.column, refused.value.message) == (column, message)


def test_a_mention_tells_what_a_path_asks_of_the_name():
    expression = feel.parse("case.parties[side = case.source].name = other and case.amount > limit")
    told = {(mention.name, mention.member) for mention in expression.mentions if not mention.may_be_member}
    assert told == {("case", "parties"), ("case", "amount"), ("other", None), ("limit", None)}
    inside = {(mention.name, mention.member) for mention in expression.mentions if mention.may_be_member}
    assert inside == {("side", None), ("case", "source")}


class Counting(dict):
    """Notes which members are asked for, and is no plain dict, as a fact is none."""

    def __init__(self, values):
        super().__init__(values)
        self.asked = set()

    def __getitem__(self, name):
        self.asked.add(name)
        return super().__getitem__(name)


@pytest.mark.parametrize(
    ("text", "value", "asked"),
    [
        ("case.amount", 5, {"amount"}),
        ("case.people[age > case.limit].name", ["a"], {"people", "limit"}),
        ("[1, 9][item > case.amount]", [9], {"amount"}),
        ("for one in case.people return case.amount", [5, 5], {"people", "amount"}),
    ],
)
def test_a_path_reads_only_the_members_that_it_names_in_a_filter_too(text, value, asked):
    case = Counting({"amount": 5, "limit": 17, "people": [{"name": "a", "age": 18}, {"name": "b", "age": 2}]})
    assert feel.evaluate(text, {"case": case}) == value
    assert case.asked == asked


def test_a_member_of_the_filtered_item_goes_before_the_name_of_the_context():
    context = {"rows": [{"case": {"amount": 1}}, {"case": {"amount": 7}}, {}], "case": {"amount": 7}}
    found = feel.evaluate("rows[case.amount = 7]", context)
    assert found == [{"case": {"amount": 7}}, {}]


class Converted(list):
    """Notes how often it is gone through, which is what making it a FEEL value takes."""

    def __init__(self, items):
        super().__init__(items)
        self.times = 0

    def __iter__(self):
        self.times += 1
        return super().__iter__()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("count(rows[item = case.people[1]])", 1),
        ("count(rows[list contains(case.people, item)])", 3),
        ("count(for row in rows return case.people[1])", 50),
        ("count(case.people[item < 3][list contains(case.people, item)])", 2),
    ],
)
def test_what_a_path_leads_to_is_made_a_value_once_however_often_it_is_asked_for(text, value):
    people = Converted([1, 2, 3])
    assert feel.evaluate(text, {"rows": list(range(1, 51)), "case": Counting({"people": people})}) == value
    assert people.times == 1


def test_a_path_that_was_asked_for_in_one_evaluation_is_asked_for_anew_in_the_next():
    expression = feel.parse("count([1, 2][list contains(case.people, item)])")
    assert expression.evaluate({"case": {"people": [1]}}) == 1
    assert expression.evaluate({"case": {"people": [1, 2]}}) == 2
