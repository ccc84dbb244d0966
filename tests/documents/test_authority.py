import datetime as dt
import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.documents import authority as authorities

from .conftest import AT, COMMITTEE


def test_a_certificate_is_in_the_signer_s_name_and_says_who_holds_the_key(authority):
    signer = authority.issue("张三", "party", at=AT)
    certificate = x509.load_der_x509_certificate(signer.certificate)

    assert _named(certificate, NameOID.COMMON_NAME) == "张三"
    assert _named(certificate, NameOID.TITLE) == "party"
    assert _named(certificate, NameOID.ORGANIZATION_NAME) == COMMITTEE
    assert "代为保管" in _named(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)
    assert certificate.not_valid_before_utc == AT
    assert certificate.not_valid_after_utc > AT + dt.timedelta(days=365 * 100)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment
    assert usage.digital_signature
    assert not usage.key_cert_sign


def test_what_a_signer_signs_its_certificate_verifies(authority):
    signer = authority.seal(at=AT)
    key = x509.load_der_x509_certificate(signer.certificate).public_key()

    key.verify(signer.sign_bytes(b"text"), b"text", ec.ECDSA(hashes.SHA256()))


def test_each_signer_gets_a_key_of_its_own(authority):
    first, second = (authority.issue("张三", "party", at=AT) for _ in range(2))

    assert first.certificate != second.certificate


def test_an_authority_is_made_once_and_its_key_is_for_its_owner_only(tmp_path):
    made = authorities.create(tmp_path / "ca", COMMITTEE, at=AT)

    assert authorities.load(tmp_path / "ca").certificate_pem == made.certificate_pem
    assert stat.S_IMODE((tmp_path / "ca" / "authority.key").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        authorities.create(tmp_path / "ca", COMMITTEE, at=AT)


def test_a_very_long_name_stands_whole_beside_the_common_name(authority):
    certificate = x509.load_der_x509_certificate(authority.issue("某" * 90, "party", at=AT).certificate)

    assert _named(certificate, NameOID.COMMON_NAME) == "某" * 21
    assert _named(certificate, x509.ObjectIdentifier("2.5.4.41")) == "某" * 90


def test_a_committee_with_a_long_name_gets_its_authority(tmp_path):
    name = "某某自治区某某市某某区清溪街道南津社区人民调解委员会"
    made = authorities.create(tmp_path, name, at=AT)

    assert made.committee == name
    assert made.seal(at=AT).name == name


def _named(certificate, oid):
    return certificate.subject.get_attributes_for_oid(oid)[0].value
