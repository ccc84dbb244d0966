"""What the bare libraries take: one durable transaction, and one document printed, signed and checked."""

import datetime as dt
import io
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import weasyprint
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from sqlalchemy import text
from weasyprint.text.fonts import FontConfiguration

from engine.sessions import Sessions

Transaction = Callable[..., float]
CASES = 8
STATE = "x" * 20_000
TABLES = """
CREATE TABLE bare_state (tenant_id TEXT, id INTEGER, version INTEGER, state TEXT);
CREATE TABLE bare_key (tenant_id TEXT, id INTEGER, PRIMARY KEY (tenant_id, id));
CREATE TABLE bare_history (tenant_id TEXT, id INTEGER, what TEXT, PRIMARY KEY (tenant_id, id));
CREATE TABLE bare_outbox (tenant_id TEXT, id INTEGER, what TEXT, PRIMARY KEY (tenant_id, id))
"""
FIRST = "INSERT INTO bare_state (tenant_id, id, version, state) VALUES ('t', :id, 0, '')"
STEP = (
    "INSERT INTO bare_key (tenant_id, id) VALUES (:tenant_id, :id)",
    "SELECT version, state FROM bare_state WHERE tenant_id = :tenant_id AND id = :case",
    "UPDATE bare_state SET state = :state, version = version + 1 WHERE tenant_id = :tenant_id AND id = :case",
    "INSERT INTO bare_history (tenant_id, id, what) VALUES (:tenant_id, :id, 'done')",
    "INSERT INTO bare_outbox (tenant_id, id, what) VALUES (:tenant_id, :id, 'job')",
)


@contextmanager
def transactions(url: str) -> Iterator[Transaction]:
    """A call that commits five statements with 20 kB of state on one database, and gives its seconds.

    The call may name one of eight cases, from 0, so that clients do not wait for the same row.
    """
    sessions, numbers = Sessions(url), itertools.count()
    statements = [text(statement) for statement in STEP]

    def one(case: int = 0) -> float:
        given = {"tenant_id": "t", "id": next(numbers), "state": STATE, "case": case}
        begun = time.perf_counter()
        with sessions.command("t") as session:
            for statement in statements:
                session.connection().execute(statement, given)
        return time.perf_counter() - begun

    try:
        with sessions.command("t") as session:
            for statement in TABLES.strip().split(";\n"):
                session.execute(text(statement))
            session.execute(text(FIRST), [{"id": case} for case in range(CASES)])
        yield one
    finally:
        sessions.dispose()


def print_and_sign(html: str, css: str, names: list[str]) -> Callable[[], None]:
    """A call that prints with WeasyPrint, signs for each name with pyHanko, and validates all signatures."""
    fonts = FontConfiguration()
    style = weasyprint.CSS(string=css, font_config=fonts)
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("root", root_key, ("root", root_key), is_authority=True)
    context = ValidationContext(trust_roots=[_asn1(root)], allow_fetching=False)

    def work() -> None:
        layout = weasyprint.HTML(string=html).render(font_config=fonts, stylesheets=[style])
        pdf = layout.write_pdf(pdf_variant="pdf/a-3b", pdf_tags=True)
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        for number, name in enumerate(names):
            append_signature_field(
                writer, SigFieldSpec(name, on_page=0, box=(50, 50 + 60 * number, 200, 100))
            )
        out = io.BytesIO()
        writer.write(out)
        for name in names:
            out = _signed(out.getvalue(), name, (root, root_key))
        for signature in PdfFileReader(io.BytesIO(out.getvalue())).embedded_signatures:
            assert validate_pdf_signature(signature, context).valid

    return work


def _signed(
    pdf: bytes, name: str, authority: tuple[x509.Certificate, ec.EllipticCurvePrivateKey]
) -> io.BytesIO:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(name, key, ("root", authority[1]), is_authority=False)
    raw = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = signers.SimpleSigner(
        signing_cert=_asn1(certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(raw),
        cert_registry=SimpleCertificateStore(),
    )
    out = io.BytesIO()
    metadata = signers.PdfSignatureMetadata(field_name=name, subfilter=SigSeedSubFilter.PADES)
    signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer, output=out)
    return out


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[str, ec.EllipticCurvePrivateKey],
    *,
    is_authority: bool,
) -> x509.Certificate:
    called = lambda text: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])  # noqa: E731
    now = dt.datetime.now(dt.UTC)
    usage = x509.KeyUsage(
        digital_signature=not is_authority, content_commitment=not is_authority, key_cert_sign=is_authority,
        crl_sign=is_authority, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called(issuer[0]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(issuer[1], hashes.SHA256())
    )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
