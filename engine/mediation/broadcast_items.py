"""The nine consents of a broadcast as data: their words, what each use needs, what a withdrawal means.

Nothing here reads the database. `Rows` are the rows of one case in the order in which they were made.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.models.broadcasts import BroadcastConsent

Rows = Iterable[BroadcastConsent]
Latest = Mapping[tuple[str, str], BroadcastConsent]
CHILD = 14
STAGES = ("planned", "recorded", "cooling_off", "edit_locked", "previewed", "aired", "taken_down")
# What the parties are shown before they decide; a consent keeps the hash of these words (PIPL Art. 17).
TEXTS: Mapping[str, str] = {
    "take_part": "这件事用电视调解的方式来调。不同意的，照样在调解室里调，不会因此受影响。",
    "recording": "调解时录像、录音。录下的内容由调解委员会和节目组保管，不作别的用途。",
    "appearance": "节目里出现您的样子和声音。可以选择打上马赛克，也可以选择把声音变掉。",
    "name": "节目里怎样称呼您。可以用真名，也可以只用化名。",
    "evidence": "节目里展示您提供的材料，例如合同、照片、聊天记录。",
    "channel": "在写明的电视频道播出，写明播到哪一天为止。换一个频道要重新问您。",
    "web": "在写明的网站或者手机应用上重播，写明播到哪一天为止。",
    "archive": "节目存档，写明存到哪一天为止；要不要转授权给别的单位播，由您另外决定。",
    "surroundings": "拍到您的家里、单位里，或者您身边的人。",
}
ITEMS = tuple(TEXTS)
LETTERS = dict(zip(ITEMS, "abcdefghi", strict=True))
WITH_CHANNEL, WITH_TERM = frozenset(("channel", "web")), frozenset(("channel", "web", "archive"))
# The article under which each item needs a consent of its own.
ARTICLES: Mapping[str, str] = {
    "take_part": "tv_consent",
    "recording": "tv_consent",
    "appearance": "tv_image",
    "name": "tv_publication",
    "evidence": "tv_publication",
    "channel": "tv_publication",
    "web": "tv_publication",
    "archive": "tv_sharing",
    "surroundings": "tv_sensitive",
}
ALWAYS = ("take_part", "recording")
NEEDS: Mapping[str, tuple[str, ...]] = {
    "record": ALWAYS,
    "edit": ALWAYS,
    "preview": ALWAYS,
    "broadcast": (*ALWAYS, "channel"),
    "web": (*ALWAYS, "web"),
    "archive": (*ALWAYS, "archive"),
    "sublicence": (*ALWAYS, "archive"),
}
USES = tuple(NEEDS)
# At which stages each use has its place.
PLACES: Mapping[str, tuple[str, ...]] = {
    "record": ("planned", "recorded"),
    "edit": ("recorded", "cooling_off"),
    "preview": ("edit_locked", "previewed"),
    "broadcast": ("previewed", "aired"),
    "web": ("previewed", "aired"),
    "archive": ("previewed", "aired"),
    "sublicence": ("previewed", "aired"),
}


@dataclass(frozen=True)
class Element:
    """Something of a party that footage can show: its item, and the answers to it that allow this."""

    item: str
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


ELEMENTS: Mapping[str, Element] = {
    "face": Element("appearance", {"face": ("shown",)}),
    "pixelated_face": Element("appearance", {"face": ("shown", "pixelated")}),
    "voice": Element("appearance", {"voice": ("own",)}),
    "changed_voice": Element("appearance", {"voice": ("own", "changed")}),
    "real_name": Element("name", {"name_shown": ("real",)}),
    "alias": Element("name", {"name_shown": ("real", "alias")}),
    "evidence": Element("evidence"),
    "surroundings": Element("surroundings"),
}


@dataclass(frozen=True)
class Consequence:
    """What a withdrawal means at a stage: a code, and the key of the article in law.py."""

    code: str
    article: str


_CAMERAS_OFF = Consequence("cameras_off", "tv_voluntary")
_QUARANTINE = Consequence("quarantine", "tv_withdrawal")
_LEAVE_OUT = Consequence("leave_out", "tv_withdrawal")
_NOT_AIRED = Consequence("not_aired", "tv_withdrawal")
_TAKE_DOWN = Consequence("take_down", "tv_deletion")
_NOTED = Consequence("noted", "tv_withdrawal")
_WHOLE = (_CAMERAS_OFF, _QUARANTINE, _QUARANTINE, _TAKE_DOWN, _TAKE_DOWN, _TAKE_DOWN, _NOTED)
_PART = (_LEAVE_OUT, _LEAVE_OUT, _LEAVE_OUT, _TAKE_DOWN, _TAKE_DOWN, _TAKE_DOWN, _NOTED)
_OUTLET = (_NOT_AIRED, _NOT_AIRED, _NOT_AIRED, _TAKE_DOWN, _TAKE_DOWN, _TAKE_DOWN, _NOTED)
MEANING: Mapping[str, tuple[Consequence, ...]] = {
    "take_part": _WHOLE,
    "recording": _WHOLE,
    "appearance": _PART,
    "name": _PART,
    "evidence": _PART,
    "channel": _OUTLET,
    "web": _OUTLET,
    "archive": _OUTLET,
    "surroundings": _PART,
}
"""Item → what its withdrawal means at each stage, in the order of STAGES.

At each of them the item stands no longer from that moment, whatever else follows; what was done before
stays lawful (PIPL Art. 15). After the edit lock a request to take down is opened too (PIPL Art. 47).
"""


@dataclass(frozen=True)
class Use:
    """A use of footage: its kind, the channel or site or licensee, the day, what it shows of each party."""

    kind: str
    day: dt.date
    channel: str = ""
    shows: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Obstacle:
    """Why a use is not allowed; `why` is missing, refused, withdrawn, ended, other_channel, limited or stage.

    `party_id`, `item` and `element` are empty where they do not apply.
    """

    why: str
    article: str
    party_id: str = ""
    item: str = ""
    element: str = ""


def latest(rows: Rows) -> Latest:
    """(party id, item) → the row that counts: the last one made."""
    return {(row.party_id, row.item): row for row in sorted(rows, key=lambda row: row.seq)}


def absence(row: BroadcastConsent | None, day: dt.date) -> str:
    """Why there is no standing consent on a day, empty where there is one; its last day is included."""
    if row is None:
        return "missing"
    if row.decision != "given":
        return row.decision
    return "ended" if row.until is not None and row.until < day else ""


def obstacles(found: Latest, party_ids: Sequence[str], use: Use, stage: str) -> list[Obstacle]:
    """Everything that speaks against a use, empty where nothing does; every party's consent is needed."""
    against = [] if stage in PLACES[use.kind] else [Obstacle("stage", "tv_consent")]
    for party_id in party_ids:
        for item in NEEDS[use.kind]:
            row = found.get((party_id, item))
            if why := absence(row, use.day) or _elsewhere(row, use):
                against.append(Obstacle(why, _article(why, item), party_id, item))
        against += _shown(found, party_id, use)
    known = set(party_ids)
    return against + [Obstacle("missing", "tv_consent", one) for one in use.shows if one not in known]


def prohibited(row: BroadcastConsent | None, item: str, day: dt.date) -> list[str]:
    """The elements of an item that must not be shown of a party on a day."""
    of_item = {name: element for name, element in ELEMENTS.items() if element.item == item}
    if row is None or absence(row, day):
        return list(of_item)
    return [name for name, element in of_item.items() if not _fits(row, element)]


def consequence(item: str, stage: str) -> Consequence:
    """What the withdrawal of an item means at a stage."""
    return MEANING[item][STAGES.index(stage)]


def text_hash(item: str) -> str:
    """SHA-256 of the words of an item as they are shown now."""
    return hashlib.sha256(TEXTS[item].encode()).hexdigest()


def same_channel(one: str, other: str) -> bool:
    """Whether two names are of one channel: blanks and capitals do not matter."""
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


def _shown(found: Latest, party_id: str, use: Use) -> Iterable[Obstacle]:
    for name in use.shows.get(party_id, ()):
        element = ELEMENTS[name]
        row = found.get((party_id, element.item))
        why = absence(row, use.day) or ("" if row and _fits(row, element) else "limited")
        if why:
            yield Obstacle(why, _article(why, element.item), party_id, element.item, name)


def _elsewhere(row: BroadcastConsent | None, use: Use) -> str:
    if row is None:
        return "missing"
    if use.kind == "sublicence" and row.item == "archive":
        return "" if row.sublicence and same_channel(row.channel, use.channel) else "other_channel"
    if row.item in WITH_CHANNEL and not same_channel(row.channel, use.channel):
        return "other_channel"
    return ""


def _fits(row: BroadcastConsent, element: Element) -> bool:
    return all(getattr(row, name) in values for name, values in element.allowed.items())


def _article(why: str, item: str) -> str:
    return "tv_withdrawal" if why == "withdrawn" else ARTICLES[item]
