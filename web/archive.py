"""A backup's file: a gzipped tar with a manifest in it, which gives the SHA-256 of every other file."""

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from engine.keys import mac
from web.texts import text

MANIFEST = "manifest.json"
FORMAT = 1
PIECE = 1 << 20
NAME = re.compile(r"[a-z]+(\.[a-z]+)?|(keys|authority)/[a-z]+\.(key|pem)")

DAMAGED = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, TypeError, RecursionError)


class Unsound(Exception):
    """A backup can't be made, read or trusted; the text says what does not hold, in the reader's language."""


@dataclass(frozen=True)
class Manifest:
    """What a file of backups says of itself; `files` gives name to SHA-256, `schema` the Alembic revision.

    `kind` is backup or keys, `database` sqlite or postgresql. The seal is an HMAC of all the rest with the
    key of the record, so that a backup can't be changed together with its hashes.
    """

    kind: str
    made_at: str
    version: str
    schema: str
    database: str
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT
    seal: str = ""


def write(path: Path, files: Mapping[str, Path], said: Manifest, key: bytes) -> Manifest:
    """Write files under their names into a new archive, readable by its owner only, with what is said of it.

    Raises Unsound where the archive is there already; a file that was not finished is never left under its
    name.
    """
    if path.exists():
        raise Unsound(text("{file} is there already.", file=path))
    hashes = {name: _sha256(source) for name, source in files.items()}
    manifest = _sealed(replace(said, files=hashes), key)
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            _write_tar(target, files, manifest)
            target.flush()
            os.fsync(target.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def read(path: Path, kind: str, into: Path) -> Manifest:
    """Unpack an archive into a folder; Unsound names the first thing in it that does not hold."""
    try:
        # Read to its end, or its checksum is not looked at.
        with gzip.open(path) as stream:
            hashes = _unpack(stream, into)
            while stream.read(PIECE):
                pass
        manifest = Manifest(**json.loads((into / MANIFEST).read_text(encoding="utf-8")))
        listed = dict(manifest.files)
    except DAMAGED as damaged:
        raise Unsound(text("{file} is damaged: it can't be read.", file=path)) from damaged
    if (manifest.kind, manifest.format) != (kind, FORMAT):
        raise Unsound(text("{file} is no archive of this kind.", file=path))
    for name in sorted({*listed, *hashes} - {MANIFEST}):
        if name not in hashes:
            raise Unsound(text("{name} is missing in {file}.", name=name, file=path))
        if listed.get(name) != hashes[name]:
            raise Unsound(text("{name} in {file} is not what was backed up.", name=name, file=path))
    return manifest


def require_seal(manifest: Manifest, key: bytes) -> None:
    """Unsound unless the manifest was sealed with this key of the record."""
    if manifest.seal != _sealed(manifest, key).seal:
        raise Unsound(text("The backup was changed, or it was made with other keys than these."))


def _sealed(manifest: Manifest, key: bytes) -> Manifest:
    unsealed = asdict(replace(manifest, seal=""))
    return replace(manifest, seal=mac(key, json.dumps(unsealed, sort_keys=True)))


def _write_tar(target: IO[bytes], files: Mapping[str, Path], manifest: Manifest) -> None:
    described = json.dumps(asdict(manifest), indent=2).encode()
    with tarfile.open(fileobj=target, mode="w:gz", compresslevel=6) as archive:
        _add(archive, MANIFEST, len(described), io.BytesIO(described))
        for name, source in files.items():
            with source.open("rb") as content:
                _add(archive, name, source.stat().st_size, content)


def _add(archive: tarfile.TarFile, name: str, size: int, content: Any) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    archive.addfile(entry, content)


def _unpack(stream: gzip.GzipFile, into: Path) -> dict[str, str]:
    """Write out each file, whatever the archive says of paths and kinds; gives name to SHA-256."""
    hashes: dict[str, str] = {}
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for entry in archive:
            # A file with holes in it would unpack from a few bytes to whatever size it says.
            content = None if entry.issparse() else archive.extractfile(entry)
            if content is None or not NAME.fullmatch(entry.name) or entry.name in hashes:
                raise ValueError(entry.name)
            target = into / entry.name
            target.parent.mkdir(mode=0o700, exist_ok=True)
            hashes[entry.name] = _copy(content, target)
    return hashes


def _copy(content: IO[bytes], target: Path) -> str:
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := content.read(PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
