"""The instance's signing keys, and the signed texts (JWT, RFC 7519; RS256) that access, refresh and id tokens are."""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from jwcrypto import jwk, jws
from jwcrypto.common import JWException

from accounts.ids import new_id
from accounts.models import SigningKey
from cxadmin import clock

FIRST_KID = "default"
ALGORITHM = "RS256"
KEY_BITS = 2048
LONGEST_TOKEN = 8_192

# Verified on every request, so opened once. A key that is not here yet was made by another process: see `verify`.
_opened: dict[str, jwk.JWK] = {}

Claims = dict[str, Any]


def ensure_key() -> SigningKey:
    """The key that signs; the first one is made when there is none."""
    key = SigningKey.objects.filter(retired_at__isnull=True).order_by("-created_at").first()
    if key is not None:
        return key
    key, _ = SigningKey.objects.get_or_create(kid=FIRST_KID, defaults=_new_pair())
    return key


def rotate() -> SigningKey:
    """Let a new key sign. The old one is served until the last token it signed has expired, then removed."""
    with transaction.atomic():
        now = clock.machine()
        SigningKey.objects.filter(retired_at__isnull=True).update(retired_at=now)
        SigningKey.objects.exclude(pk__in=_served().values("pk")).delete()
        return SigningKey.objects.create(kid=new_id().hex, **_new_pair())


def public_keys() -> list[dict[str, str]]:
    """The public halves of the keys whose tokens may still be in use, the signing one first, as JSON Web Keys (RFC 7517)."""
    ensure_key()
    return [_public(key) for key in _served().order_by(F("retired_at").desc(nulls_first=True))]


def sign(claims: Mapping[str, Any], *, with_kid: bool = False) -> str:
    """A signed text. The original names the key in id tokens only, so `with_kid` is off by default."""
    key = ensure_key()
    header = {"alg": ALGORITHM, "typ": "JWT"} | ({"kid": key.kid} if with_kid else {})
    token = jws.JWS(json.dumps(claims, separators=(",", ":")))
    token.add_signature(_open(key), protected=json.dumps(header, separators=(",", ":")))
    signed: str = token.serialize(compact=True)
    return signed


def verify(token: str) -> Claims | None:
    """The claims of a text that this instance signed; None for anything else. Says nothing about its expiry."""
    if token.count(".") != 2 or len(token) > LONGEST_TOKEN:
        return None
    found = _verified(token)
    if found is None and (unknown := _served().exclude(kid__in=list(_opened))):
        for key in unknown:
            _open(key)
        found = _verified(token)
    return found


def has_expired(claims: Claims) -> bool:
    """Whether the time of a verified text is over."""
    expires = claims.get("exp")
    return not isinstance(expires, int) or expires <= clock.now().timestamp()


def _verified(token: str) -> Claims | None:
    for key in list(_opened.values()):
        read = jws.JWS()
        read.allowed_algs = [ALGORITHM]
        try:
            read.deserialize(token, key)
            claims = json.loads(read.payload)
        except (JWException, ValueError):
            continue
        return claims if isinstance(claims, dict) else None
    return None


def _served() -> QuerySet[SigningKey]:
    longest = max(settings.ACCESS_TOKEN_TTL, settings.REFRESH_TOKEN_TTL)
    return SigningKey.objects.filter(Q(retired_at__isnull=True) | Q(retired_at__gt=clock.machine() - longest))


def _open(key: SigningKey) -> jwk.JWK:
    if key.kid not in _opened:
        _opened[key.kid] = jwk.JWK.from_pem(key.private_key.encode())
    return _opened[key.kid]


def _public(key: SigningKey) -> dict[str, str]:
    numbers = _open(key).export_public(as_dict=True)
    return {"kty": "RSA", "alg": ALGORITHM, "use": "sig", "kid": key.kid, "n": numbers["n"], "e": numbers["e"]}


def _new_pair() -> dict[str, Any]:
    pair = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = pair.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {"private_key": pem.decode(), "created_at": clock.machine()}
