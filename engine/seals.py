"""Encrypts what only some may read, AES-256-GCM (NIST SP 800-38D), each value bound to its place."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine import errors
from engine.keys import LENGTH, Keys
from engine.models.base import dump_json

NONCE = 12
Place = tuple[str, ...]
"""Where a value belongs: tenant, case or table, row, column."""


def seal(key: bytes, plain: bytes, place: Place) -> bytes:
    """The value as nonce and ciphertext; it opens with this key in this place only."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, dump_json(place).encode())


def unseal(key: bytes, sealed: bytes, place: Place) -> bytes:
    """The value again; SealBroken where it was changed, comes from another place or has another key."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], dump_json(place).encode())
    except (InvalidTag, ValueError) as failed:
        raise errors.SealBroken from failed


def derived(keys: Keys, purpose: str) -> bytes:
    """The key for a purpose."""
    # Derived, not a file of its own: the copy of the keys made after `init` still opens everything.
    return HKDF(SHA256(), LENGTH, salt=None, info=purpose.encode()).derive(keys.links)
