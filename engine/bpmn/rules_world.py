"""The rules that look at ways: of tokens through a diagram, of names and values through a whole release."""

from .rules import Rule

WORLD_RULES = {
    "join-missing": Rule(
        "warning",
        "Branches that run at the same time meet here without a join; what follows can be done twice.",
        "Join the branches of a parallel gateway with a parallel gateway.",
    ),
    "called-start": Rule(
        "error",
        "The process {id} begins only with events, so that it can't be called.",
        "Give that process a start event without an event as well.",
    ),
    "play-limit": Rule(
        "warning",
        "There are more than {limit} ways to go through this; joins that wait forever may have been missed.",
        "Draw parts of it as processes of their own.",
    ),
    "name-unknown": Rule(
        "warning",
        "Nothing sets “{name}” before it is read here ({attribute}); it will always be empty.",
        "Check the spelling; an earlier form's answer, an output or a fact must have this name.",
    ),
    "feel-function": Rule(
        "error",
        "There is no function “{name}” ({attribute}).",
        "Check the spelling, or use a function that the handbook lists.",
    ),
    "feel-key": Rule(
        "error",
        "The function “{name}” knows no “{key}” ({attribute}).",
        "Check the spelling; the page of rules and time limits lists the keys.",
    ),
    "gateway-gap": Rule(
        "error",
        "If {name} is {values}, no way leads on from here, and the case stops.",
        "Add a flow with this condition, or make one of the flows the default.",
    ),
    "condition-never": Rule(
        "warning",
        "This condition can never hold: {name} can only be {values}.",
        "Compare with one of these values, or delete the flow.",
    ),
    "condition-false": Rule(
        "warning",
        "This condition never holds: {text}",
        "Mend the condition, or delete the flow.",
    ),
    "law-unproved": Rule(
        "warning",
        "There are too many ways through these diagrams to prove that {law_ref} is kept on each.",
        "Split the diagram into processes that call each other, with fewer choices in each.",
    ),
}
