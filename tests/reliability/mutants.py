"""`python -m tests.reliability.mutants --count N [--seed S]`: damaged diagrams are refused or run, within
2 s and 256 MB each, and nothing but a refusal is ever raised. `--show I` writes one mutant out."""

import argparse
import copy
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lxml import etree

from engine import bpmn, errors, feel
from engine.bpmn.xml import bpmn as named
from tests.reliability import blocks
from tests.reliability.trial import Trial

ROOT = Path(__file__).resolve().parents[2]
SECONDS, MEGABYTES = 2.0, 256
HUNG_SECONDS = 30
LARGEST = 5_000_000
STEPS = 12
SAMPLES = 6
CHUNK = 50
HOSTILE = (
    "", " ", "=", "==", "=1 /", "=(" * 300, "=" + "[" * 2000, "=for x in 1..999999999 return x",
    '="' + "a" * 50_000, "=" + "not(" * 400 + "true" + ")" * 400, "9" * 400, "-1", "1e400", "NaN",
    "PT99999999999H", "P1Y2M3DT4H5M6S", "R-1/PT0S", "R999999999999/PT1S", "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59Z", "typename", "../../etc/passwd", "__class__", "{0.__class__}", "%s%n",
    "\U0001f600", "\u202e\u0301" * 50, "握手" * 500, "<![CDATA[", "]]>", "&#0;", "true", "false", "begun",
    "definitions",
)  # fmt: skip
NUMBERS = ("0", "-1", "1", "2147483648", "9" * 40, "0.5", "1e9")


@dataclass(frozen=True)
class Judgement:
    """What became of one mutant: `fate` is refused, ran or the way it failed."""

    number: int
    fate: str
    seconds: float
    detail: str = ""

    @property
    def failed(self) -> bool:
        """Whether the mutant did what none may do."""
        return self.fate not in {"refused", "ran"} or self.seconds > SECONDS


WAITED_FOR = {"boundary_event", "intermediate_catch_event", "start_event"}


@cache
def sources() -> tuple[bytes, ...]:
    """The shipped diagrams, those of the tests, and some random ones, always the same."""
    folders = (ROOT / "processes", ROOT / "tests" / "bpmn" / "diagrams")
    drawn = [path.read_bytes() for folder in folders for path in sorted(folder.glob("*.bpmn"))]
    return (*drawn, *blocks.samples(SAMPLES))


def mutant(seed: int, number: int) -> bytes:
    """The mutant of this number; the same seed always gives the same bytes."""
    chance = random.Random(f"{seed}:{number}")
    source = chance.choice(sources())
    if chance.random() < 0.2:
        return _of_bytes(chance, source)
    root = etree.fromstring(source)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        chance.choice(STRUCTURAL)(chance, root)
    made = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return _of_bytes(chance, made) if chance.random() < 0.1 else made


def _of_bytes(chance: random.Random, source: bytes) -> bytes:
    at = chance.randrange(len(source))
    end = min(len(source), at + chance.randrange(1, 400))
    match chance.randrange(6):
        case 0:
            return source[:at] + bytes([chance.randrange(256)]) + source[at + 1 :]
        case 1:
            return source[:at] + source[end:]
        case 2:
            return source[:end] + source[at:]
        case 3:
            return source[:at] + chance.choice(HOSTILE).encode() + source[at:]
        case 4:
            return source[:at]
        case _:
            return source.replace(b' id="', b' id="a" id="', chance.randrange(1, 3))


def _any(chance: random.Random, root: etree._Element) -> etree._Element:
    return chance.choice(list(root.iter(etree.Element)))


def _attribute(chance: random.Random, root: etree._Element) -> tuple[etree._Element, str]:
    having = [element for element in root.iter(etree.Element) if element.attrib]
    element = chance.choice(having)
    return element, chance.choice(sorted(map(str, element.attrib)))


def _drop_attribute(chance: random.Random, root: etree._Element) -> None:
    element, name = _attribute(chance, root)
    del element.attrib[name]


def _swap_attributes(chance: random.Random, root: etree._Element) -> None:
    (one, name), (two, other) = _attribute(chance, root), _attribute(chance, root)
    one.attrib[name], two.attrib[other] = two.attrib[other], one.attrib[name]


def _copy_value(chance: random.Random, root: etree._Element) -> None:
    (one, name), (two, other) = _attribute(chance, root), _attribute(chance, root)
    one.set(name, two.get(other, ""))


def _hostile_attribute(chance: random.Random, root: etree._Element) -> None:
    element, name = _attribute(chance, root)
    element.set(name, chance.choice(HOSTILE + NUMBERS))


def _foreign_attribute(chance: random.Random, root: etree._Element) -> None:
    _, name = _attribute(chance, root)
    _any(chance, root).set(name, chance.choice(HOSTILE))


def _hostile_text(chance: random.Random, root: etree._Element) -> None:
    having = [element for element in root.iter(etree.Element) if (element.text or "").strip()]
    (chance.choice(having) if having else root).text = chance.choice(HOSTILE + NUMBERS)


def _drop_element(chance: random.Random, root: etree._Element) -> None:
    element = _any(chance, root)
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _move_element(chance: random.Random, root: etree._Element) -> None:
    element, target = _any(chance, root), _any(chance, root)
    if element is not root and element not in (target, *target.iterancestors()):
        target.insert(chance.randrange(len(target) + 1), element)


def _copy_element(chance: random.Random, root: etree._Element) -> None:
    element = _any(chance, root)
    if element is not root:
        _any(chance, root).insert(0, copy.deepcopy(element))


def _rename_element(chance: random.Random, root: etree._Element) -> None:
    _any(chance, root).tag = _any(chance, root).tag


def _redirect_flow(chance: random.Random, root: etree._Element) -> None:
    flows = list(root.iter(named("sequenceFlow")))
    nodes = [element.get("id", "") for element in root.iter(etree.Element) if element.get("id")]
    if flows and nodes:
        chance.choice(flows).set(chance.choice(("sourceRef", "targetRef")), chance.choice(nodes))


def _nest_deeply(chance: random.Random, root: etree._Element) -> None:
    inner = _any(chance, root)
    for _ in range(chance.choice((3, 30, 60, 2000))):
        inner = etree.SubElement(inner, named("subProcess"), id=f"deep_{chance.randrange(10**9)}")


def _multiply(chance: random.Random, root: etree._Element) -> None:
    element = _any(chance, root)
    parent = element.getparent()
    if parent is not None and len(element) < 20:
        for _ in range(min(chance.choice((2, 50, 3000)), LARGEST // len(etree.tostring(element)))):
            parent.append(copy.deepcopy(element))


STRUCTURAL: Sequence[Callable[[random.Random, etree._Element], None]] = (
    _drop_attribute, _swap_attributes, _copy_value, _hostile_attribute, _foreign_attribute, _hostile_text,
    _drop_element, _move_element, _copy_element, _rename_element, _redirect_flow, _redirect_flow,
    _nest_deeply, _multiply,
)  # fmt: skip


def judge(seed: int, number: int, place: Trial | None = None) -> Judgement:
    """Lint, load and move one mutant, by the clock; then deploy it in a place and start it there."""
    source, chance = mutant(seed, number), random.Random(number)
    begun = time.process_time()
    seconds, fate, detail = 0.0, "refused", ""
    try:
        with limited():
            definition = _loaded(source)
            if definition is not None:
                fate = "ran"
                with suppress(errors.Refusal):
                    _run(definition, chance)
            seconds = time.process_time() - begun
            if definition is not None and place is not None:
                with suppress(errors.Refusal):
                    place.go(source, definition.process_id, chance)
    except Exception as raised:
        fate, detail = type(raised).__name__, traceback.format_exc(limit=-6)
    return Judgement(number, fate, seconds, detail)


def _loaded(source: bytes) -> bpmn.Definition | None:
    """The definition; None if lint and load both refuse."""
    refused = any(found.severity == "error" for found in bpmn.lint(source))
    try:
        definition = bpmn.load(source)
    except errors.DiagramRefused:
        assert refused, "load refuses what lint accepts"
        return None
    assert not refused, "load accepts what lint refuses"
    return definition


def _run(definition: bpmn.Definition, chance: random.Random) -> None:
    def evaluate(text: str) -> object:
        try:
            value = feel.parse(text).evaluate({})
        except feel.FeelError:
            value = None
        return value if isinstance(value, bool) else chance.random() < 0.5

    stepper = bpmn.Stepper.start(definition)
    stepper.run(evaluate)
    for _ in range(STEPS):
        stepper = bpmn.Stepper.restore(definition, stepper.dump())
        if not stepper.waits:
            return
        wait = chance.choice(stepper.waits)
        if wait.stage == "open":
            stepper.multiply(wait.id, chance.randrange(4), evaluate)
        elif wait.node.kind in WAITED_FOR:
            stepper.trigger(wait.id, evaluate)
        else:
            stepper.complete(wait.id, evaluate)


@contextmanager
def limited() -> Iterator[None]:
    """Give this process 256 MB beyond what it has now, and a deadline far off, for the block."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + MEGABYTES * 2**20, hard))
    signal.signal(signal.SIGALRM, _hung)
    signal.alarm(HUNG_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _hung(*_: object) -> None:
    raise TimeoutError


def judge_some(folder: Path, seed: int, numbers: range) -> list[Judgement]:
    """Judge so many in this process."""
    return [judge(seed, number, _place(folder)) for number in numbers]


@cache
def _place(folder: Path) -> Trial:
    own = folder / str(os.getpid())
    own.mkdir()
    return Trial(own, sources())


def campaign(count: int, seed: int, processes: int = 2) -> Iterator[Judgement]:
    """Judge so many mutants in child processes; one that dies ends the run."""
    chunks = [range(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK)]
    sources()
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(processes) as pool:
        parts = [pool.submit(judge_some, Path(folder), seed, numbers) for numbers in chunks]
        for done in as_completed(parts):
            yield from done.result()


def main(arguments: list[str]) -> int:
    """Run and print; 1 if a mutant did what none may do."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.mutants")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--show", type=int)
    asked = parser.parse_args(arguments)
    if asked.show is not None:
        sys.stdout.buffer.write(mutant(asked.seed, asked.show))
        return 0
    print(f"{asked.count} mutants of {len(sources())} diagrams, seed {asked.seed}", flush=True)
    judged = list(campaign(asked.count, asked.seed))
    fates = Counter(one.fate for one in judged)
    print(", ".join(f"{fate} {count}" for fate, count in fates.most_common()))
    slowest = max(judged, key=lambda one: one.seconds)
    print(
        f"slowest {slowest.seconds:.2f} s, mutant {slowest.number} (aim <= {SECONDS:.0f} s, {MEGABYTES} MB)"
    )
    wrong = [one for one in judged if one.failed]
    for one in wrong[:20]:
        print(f"mutant {one.number}: {one.fate} after {one.seconds:.2f} s\n{one.detail}")
    print(f"failed {len(wrong)} (aim 0)")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
