"""The agreement that is printed, signed and checked to be timed is one that the shipped template takes."""

import pytest

from tests.bench import papers


# WeasyPrint, here in this very process, leaves its colour profile open.
@pytest.mark.filterwarnings("ignore:.*sRGB2014:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.slow
def test_the_agreement_is_made_signed_and_found_valid_by_both_ways_in_each_round() -> None:
    ours, theirs = papers.agreement(rounds=1)
    assert len(ours) == len(theirs) == 1
    assert min(ours + theirs) > 0
