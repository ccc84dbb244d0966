"""How a process that serves looks for garbage: seldom, but it does."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from web import collector


class Ring:
    """Something that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def _settled() -> Iterator[None]:
    before = gc.get_threshold()
    collector.settle()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("_settled")
def test_what_was_there_is_spared_and_what_is_new_and_lost_goes_after_a_while() -> None:
    assert gc.get_freeze_count() > 10_000
    lost = weakref.ref(Ring())
    few: list[object] = [[] for _ in range(collector.YOUNG // 2)]
    assert lost() is not None
    many: list[object] = [[] for _ in range(collector.YOUNG)]
    assert lost() is None
    assert len(few) + len(many) > collector.YOUNG
