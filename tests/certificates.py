"""Certificates as an identity provider's files hold them, and of servers that a private authority vouches for."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.core.files.uploadedfile import SimpleUploadedFile

KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(name: str = "idp.example.com", *, form: Encoding = Encoding.PEM, days: int = 365) -> bytes:
    """A certificate that its own key signed; with negative days it expired that long ago."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    until = datetime.now(UTC) + timedelta(days=days)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(KEY.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(until - timedelta(days=400)).not_valid_after(until)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(form)


def private_key() -> bytes:
    """What people upload by mistake."""
    return KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def issued(hosts: Iterable[str]) -> tuple[bytes, bytes]:
    """The certificate of a new authority, and the key and certificate of a server with these names that it vouches for."""
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Private authority")])
    now = datetime.now(UTC)

    def builder(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(authority).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number())
        return made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))

    of_authority = builder(authority, authority_key).add_extension(x509.BasicConstraints(True, 0), critical=True)
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    server = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emulator")])
    of_server = builder(server, server_key).add_extension(names, critical=False)
    signed, vouched = (made.sign(authority_key, hashes.SHA256()) for made in (of_authority, of_server))
    key = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return signed.public_bytes(Encoding.PEM), key + vouched.public_bytes(Encoding.PEM)


def fingerprint(data: bytes) -> str:
    """The SHA-256 fingerprint as browsers and `openssl x509 -fingerprint -sha256` print it."""
    return x509.load_pem_x509_certificate(data).fingerprint(hashes.SHA256()).hex(":").upper()


def upload(data: bytes, name: str = "idp.pem") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)
