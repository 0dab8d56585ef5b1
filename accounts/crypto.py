"""Secrets: how they are made, compared and kept."""

import base64
import functools
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet
from django.conf import settings


@functools.cache
def _key(purpose: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), purpose.encode(), hashlib.sha256)


def keyed_hash(secret: str) -> str:
    """What is kept of an access key secret, a client secret, a SCIM token or a mailed link: 64 hex digits.

    A fast keyed hash is right here and a password hash would be wrong: these secrets are 256 random bits, so nobody
    can guess them from a stolen table however fast the hash is, and one is checked on every request (R-KEY-2, R-TOK-2).
    """
    return hmac.digest(_key("secret"), secret.encode(), hashlib.sha256).hex()


def matches(secret: str, hashed: str) -> bool:
    """Whether `secret` is the one behind `hashed`, compared in constant time."""
    return hmac.compare_digest(keyed_hash(secret), hashed)


def encrypt(text: str) -> str:
    """Seal a secret that has to be read again (an MFA seed, a client secret of an identity provider)."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(sealed: str) -> str:
    """Open what `encrypt` sealed.

    Raises:
        cryptography.fernet.InvalidToken: the instance's SECRET_KEY is another one than when it was sealed.
    """
    return _fernet().decrypt(sealed.encode()).decode()


@functools.cache
def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key("encryption")))


def new_access_key_part() -> str:
    """32 random bytes in padded Base32: 56 characters that end in `====` (R-KEY-1)."""
    return base64.b32encode(secrets.token_bytes(32)).decode()


def new_scim_token() -> str:
    """`cxs_` and 43 URL-safe characters (R-TOK-5)."""
    return f"cxs_{secrets.token_urlsafe(32)}"


def new_client_secret() -> str:
    """The secret of an application: 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def new_link_token() -> str:
    """The secret part of a mailed link."""
    return secrets.token_urlsafe(32)


def new_mfa_secret() -> str:
    """An MFA seed as the screen offers it: 32 Base32 characters (screens §5.2)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()
