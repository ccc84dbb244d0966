"""The committee's own certificate authority: it issues a certificate in each signer's name.

For now the committee holds all keys, and each certificate says so. The parties' agreement to that method
makes the signatures reliable ones: Electronic Signature Law Art. 13, last paragraph.
"""

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# Said in every certificate; X.520 allows 64 characters.
KEYS_HELD = "签名密钥由调解委员会代为保管 Keys held by the committee"
_CERTIFICATE = "authority.pem"
_KEY = "authority.key"
# RFC 5280 4.1.2.5: no end that is known; a dossier outlives every shorter term.
_NEVER = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
_LONGEST_NAME = 64
_WHOLE_NAME = x509.ObjectIdentifier("2.5.4.41")


@dataclass(frozen=True)
class Signer:
    """Who signs: the name, the certificate (DER), and a function that signs bytes with ECDSA and SHA-256.

    The key may lie elsewhere (a token, a signing service): only `sign_bytes` knows.
    """

    name: str
    role: str
    certificate: bytes
    sign_bytes: Callable[[bytes], bytes]


@dataclass(frozen=True)
class Authority:
    """The committee's authority, loaded from its directory."""

    committee: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """What a verifier needs, and all it needs."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, name: str, role: str, *, at: dt.datetime) -> Signer:
        """A new P-256 key and a certificate in this person's name, valid from `at` (aware); kept nowhere."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _certificate(_subject(name, role, self.committee), self.certificate.subject, key.public_key(), at)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_documents=True), critical=True)
            .add_extension(_issued_by(self.key), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        der = certificate.public_bytes(serialization.Encoding.DER)
        return Signer(name, role, der, lambda data: key.sign(data, ec.ECDSA(hashes.SHA256())))

    def seal(self, *, at: dt.datetime) -> Signer:
        """The committee's electronic seal (People's Mediation Law Art. 29)."""
        return self.issue(self.committee, "seal", at=at)

    def preparer(self, *, at: dt.datetime) -> Signer:
        """The key that certifies the unsigned document: no mark, never the seal."""
        return self.issue("文书制作 Document preparation", "preparer", at=at)


def create(directory: Path, committee: str, *, at: dt.datetime) -> Authority:
    """Make the authority of `committee`, valid from `at`, in `directory` (made if absent, read by its owner).

    Raises FileExistsError: an authority is never made twice.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [_part(NameOID.COUNTRY_NAME, "CN"), _part(NameOID.ORGANIZATION_NAME, committee)] + _names(committee)
    )
    certificate = (
        _certificate(name, name, key.public_key(), at)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_documents=False), critical=True)
        .add_extension(_issued_by(key), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_new(directory / _KEY, _private_bytes(key))
    _write_new(directory / _CERTIFICATE, certificate.public_bytes(serialization.Encoding.PEM))
    return load(directory)


def load(directory: Path) -> Authority:
    """The authority that `create` made in this directory; raises FileNotFoundError, ValueError."""
    certificate = x509.load_pem_x509_certificate((directory / _CERTIFICATE).read_bytes())
    key = serialization.load_pem_private_key((directory / _KEY).read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{directory / _KEY} is not an elliptic curve key")
    organisation = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0]
    return Authority(str(organisation.value), certificate, key)


def _certificate(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, at: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at.astimezone(dt.UTC).replace(microsecond=0))
        .not_valid_after(_NEVER)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _subject(name: str, role: str, committee: str) -> x509.Name:
    return x509.Name(
        [
            _part(NameOID.COUNTRY_NAME, "CN"),
            _part(NameOID.ORGANIZATION_NAME, committee),
            _part(NameOID.ORGANIZATIONAL_UNIT_NAME, KEYS_HELD),
            _part(NameOID.TITLE, role),
            *_names(name),
        ]
    )


def _part(oid: x509.ObjectIdentifier, text: str) -> x509.NameAttribute[str]:
    return x509.NameAttribute(oid, text[:_LONGEST_NAME])


def _names(name: str) -> list[x509.NameAttribute[str]]:
    # The library counts bytes where X.520 counts characters: a long name stands whole beside the common name.
    short = name.encode()[:_LONGEST_NAME].decode(errors="ignore")
    whole = [] if short == name else [x509.NameAttribute(_WHOLE_NAME, name)]
    return [_part(NameOID.COMMON_NAME, short), *whole]


def _issued_by(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _usage(*, signs_documents: bool) -> x509.KeyUsage:
    # No extended usage: with documentSigning alone, poppler finds an unknown issue.
    return x509.KeyUsage(
        digital_signature=signs_documents,
        content_commitment=signs_documents,
        key_cert_sign=not signs_documents,
        crl_sign=not signs_documents,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_new(path: Path, data: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
