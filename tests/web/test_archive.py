"""The file of a backup: whatever byte of it is lost or changed, it is not taken for the one that was made."""

import gzip
import io
import json
import random
import stat
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from web import archive
from web.archive import Manifest, Unsound

KEY = b"k" * 32
CONTENTS = {"woshou.db": random.Random(1).randbytes(20_000), "anchors": b'{"count": 1}\n' * 300}


@pytest.fixture
def said() -> Manifest:
    return Manifest("backup", "2026-03-02T01:00:00+00:00", "0.1.0", "0005", "sqlite")


@pytest.fixture
def made(tmp_path: Path, said: Manifest) -> Path:
    sources = {}
    for name, content in CONTENTS.items():
        sources[name] = tmp_path / f"source-{name}"
        sources[name].write_bytes(content)
    archive.write(tmp_path / "one.backup", sources, said, KEY)
    return tmp_path / "one.backup"


def unpacked(path: Path, number: int = 0) -> tuple[Manifest, dict[str, bytes]]:
    folder = path.parent / f"unpacked-{number}"
    folder.mkdir()
    manifest = archive.read(path, "backup", folder)
    return manifest, {name: (folder / name).read_bytes() for name in manifest.files}


def test_what_is_written_is_read_again(made: Path, said: Manifest) -> None:
    manifest, contents = unpacked(made)
    assert contents == CONTENTS
    assert manifest.made_at == said.made_at
    archive.require_seal(manifest, KEY)
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert not list(made.parent.glob(".*"))


def test_an_archive_is_never_written_over(made: Path, said: Manifest) -> None:
    before = made.read_bytes()
    with pytest.raises(Unsound, match=r"one\.backup"):
        archive.write(made, {}, said, KEY)
    assert made.read_bytes() == before


def test_one_that_can_not_be_finished_leaves_nothing(tmp_path: Path, said: Manifest) -> None:
    source = tmp_path / "source"
    source.mkdir()
    with pytest.raises(OSError, match="source"):
        archive.write(tmp_path / "two.backup", {"anchors": source}, said, KEY)
    assert not (tmp_path / "two.backup").exists()


def test_no_changed_byte_and_no_cut_goes_unnoticed(made: Path) -> None:
    whole, chance = made.read_bytes(), random.Random(7)
    places = [*range(10), *range(len(whole) - 8, len(whole)), *chance.sample(range(len(whole)), 150)]
    for number, place in enumerate(places, 1):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        made.write_bytes(damaged)
        try:
            _, contents = unpacked(made, number)
        except Unsound:
            continue
        # The first bytes of a gzip file tell when and on what system it was made: nothing of the content.
        assert place < 10
        assert contents == CONTENTS
    for number, length in enumerate(chance.sample(range(len(whole)), 60), 1000):
        made.write_bytes(whole[:length])
        with pytest.raises(Unsound, match=r"one\.backup"):
            unpacked(made, number)


def rewritten(path: Path, files: Mapping[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as target:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            target.addfile(entry, io.BytesIO(content))


def contents_of(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as source:
        return {name: source.extractfile(name).read() for name in source.getnames()}  # type: ignore[union-attr]


@pytest.mark.parametrize("name", [*CONTENTS, "manifest.json"])
def test_a_missing_file_is_named(made: Path, name: str) -> None:
    found = contents_of(made)
    del found[name]
    rewritten(made, found)
    with pytest.raises(Unsound, match=name if name in CONTENTS else r"one\.backup"):
        unpacked(made)


@pytest.mark.parametrize("name", ["anchors", "stranger"])
def test_a_changed_or_added_file_is_named(made: Path, name: str) -> None:
    rewritten(made, contents_of(made) | {name: b"other"})
    with pytest.raises(Unsound, match=name):
        unpacked(made)


def test_a_file_that_was_changed_together_with_its_hash_breaks_the_seal(made: Path) -> None:
    found = contents_of(made)
    manifest = json.loads(found["manifest.json"])
    manifest["files"].pop("anchors")
    del found["anchors"]
    rewritten(made, found | {"manifest.json": json.dumps(manifest).encode()})
    read, _ = unpacked(made)
    with pytest.raises(Unsound):
        archive.require_seal(read, KEY)
    with pytest.raises(Unsound):
        archive.require_seal(unpacked(made, 2)[0], b"other")


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "keys/../../outside", "keys"])
def test_no_name_leads_out_of_the_folder(made: Path, name: str) -> None:
    rewritten(made, contents_of(made) | {name: b"x"})
    with pytest.raises(Unsound):
        unpacked(made)
    assert not list(made.parent.glob("**/outside"))


def test_a_link_is_not_followed(made: Path) -> None:
    with tarfile.open(made, "w:gz") as target:
        entry = tarfile.TarInfo("anchors")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        target.addfile(entry)
    with pytest.raises(Unsound):
        unpacked(made)


def test_a_file_of_holes_does_not_fill_the_disk(made: Path) -> None:
    entry = tarfile.TarInfo("anchors")
    entry.type = tarfile.GNUTYPE_SPARSE
    head = bytearray(entry.tobuf(tarfile.GNU_FORMAT))
    # One hole up to the end, and the size that the file would have.
    head[386:410], head[483:495] = b"%011o\0" % (1 << 26) + b"%011o\0" % 0, b"%011o\0" % (1 << 26)
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    made.write_bytes(gzip.compress(bytes(head) + bytes(1024)))
    with pytest.raises(Unsound, match=r"one\.backup"):
        unpacked(made)
    assert not (made.parent / "unpacked-0" / "anchors").exists()


@pytest.mark.parametrize("manifest", ['{"files": null}', '{"files": 1}', "[" * 200_000, "null", "{}", '"x"'])
def test_a_manifest_that_is_none_is_said_to_be_damaged(made: Path, manifest: str) -> None:
    whole = json.loads(contents_of(made)["manifest.json"])
    given = json.dumps(whole | json.loads(manifest)) if "files" in manifest else manifest
    rewritten(made, {"manifest.json": given.encode()})
    with pytest.raises(Unsound, match=r"one\.backup"):
        unpacked(made)


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00"])
def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "one.backup").write_bytes(content)
    with pytest.raises(Unsound, match=r"one\.backup"):
        unpacked(tmp_path / "one.backup")


def test_one_kind_is_not_taken_for_another(made: Path, tmp_path: Path) -> None:
    (tmp_path / "k").mkdir()
    with pytest.raises(Unsound):
        archive.read(made, "keys", tmp_path / "k")
