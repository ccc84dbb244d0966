"""The secrets of an installation, kept in files outside the database."""

import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

LENGTH = 32


@dataclass(frozen=True, repr=False)
class Keys:
    """`record` seals the record, `links` makes the parties' codes, `cookies` signs the web's cookies."""

    record: bytes
    links: bytes
    cookies: bytes


def create(directory: Path) -> Keys:
    """Write new keys into the directory unless they are there already, readable by the owner only."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in Keys.__dataclass_fields__:
        path = directory / f"{name}.key"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_bytes(secrets.token_bytes(LENGTH))
    return load(directory)


def load(directory: Path) -> Keys:
    """Read the keys; raises FileNotFoundError where `create` has not run."""
    return Keys(**{name: (directory / f"{name}.key").read_bytes() for name in Keys.__dataclass_fields__})


def mac(key: bytes, text: str) -> str:
    """HMAC-SHA-256 of a text, as 64 hexadecimal digits."""
    return hmac.digest(key, text.encode(), "sha256").hex()
