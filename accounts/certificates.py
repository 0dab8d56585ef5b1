"""X.509 certificates of identity providers, as files hold them."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from cxadmin import clock

LARGEST = 16 * 1024
"""Bytes a file may have."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What people recognise a certificate by, and its text (PEM), which is what we keep."""

    pem: str
    subject: str
    fingerprint: str
    valid_until: datetime

    @property
    def is_expired(self) -> bool:
        return self.valid_until < clock.now()


def read(data: bytes) -> Certificate | None:
    """The first certificate in a PEM or DER file; None where there is none, or the file is larger than one can be."""
    if len(data) > LARGEST:
        return None
    try:
        is_pem = b"-----BEGIN CERTIFICATE-----" in data
        found = x509.load_pem_x509_certificate(data) if is_pem else x509.load_der_x509_certificate(data)
        return Certificate(
            pem=found.public_bytes(Encoding.PEM).decode(),
            subject=found.subject.rfc4514_string(),
            fingerprint=found.fingerprint(SHA256()).hex(":").upper(),
            valid_until=found.not_valid_after_utc,
        )
    except (ValueError, x509.InvalidVersion):
        return None


def fingerprint(pem: str) -> str:
    """The SHA-256 fingerprint of a kept certificate, for the audit trail; empty where none is kept."""
    found = read(pem.encode())
    return found.fingerprint if found else ""
