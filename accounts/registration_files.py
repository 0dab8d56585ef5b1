"""The encrypted file in which an application's client ID and secret travel (screens §14.2, docs/registration-file.md).

It is one HTML page that needs no server: it asks for the password and decrypts itself in the browser. The envelope inside
is JSON, so that scripts can open it as well.
"""

import base64
import hashlib
import json
import re
import secrets
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from accounts import addresses
from accounts.models import Application

FORMAT = "cxadmin-registration/1"
ROUNDS = 600_000
SCRIPT = "js/registration_file.js"
STYLES = ("css/tokens.css", "css/registration_file.css")
UNSAFE_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')

# Without the letters and digits that look alike: people may have to type it.
PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105  # an alphabet


def new_password() -> str:
    """Five groups of four letters and digits: 99 random bits that survive being read out."""
    return "-".join("".join(secrets.choice(PASSWORD_LETTERS) for _ in range(4)) for _ in range(5))


def document(application: Application, secret: str) -> dict[str, Any]:
    """What the file tells, as it stands in the encrypted JSON."""
    authorization, token = addresses.endpoints(is_fedramp=application.is_fedramp)
    found: dict[str, Any] = {
        "application": application.name,
        "client_id": application.client_id,
        "client_secret": secret,
        "authentication_method": application.auth_method,
        "application_type": application.type,
        "scopes": application.scopes,
        "redirect_urls": application.redirects,
        "token_endpoint": token.emulator,
        "original_token_endpoint": token.original,
    }
    if application.type != Application.Type.BACKEND:
        found["authorization_endpoint"] = authorization.emulator
        found["original_authorization_endpoint"] = authorization.original
    return found


def seal(content: dict[str, Any], password: str) -> dict[str, Any]:
    """Encrypt with a key derived from the password: the envelope of docs/registration-file.md."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS, 32)
    sealed = AESGCM(key).encrypt(nonce, orjson.dumps(content), None)
    return {
        "format": FORMAT,
        "encryption": "AES-256-GCM",
        "key_derivation": "PBKDF2-HMAC-SHA256",
        "iterations": ROUNDS,
        "salt": _base64(salt),
        "nonce": _base64(nonce),
        "ciphertext": _base64(sealed),
    }


def page(application: Application, secret: str, password: str) -> str:
    """The file itself. Its content security policy names its own script and style by hash and allows nothing else."""
    script = _source(SCRIPT)
    style = "\n".join(map(_source, STYLES))
    context = {
        "name": application.name,
        "is_backend": application.type == Application.Type.BACKEND,
        # Base64 and fixed words only, so nothing in it can end the script element.
        "envelope": mark_safe(json.dumps(seal(document(application, secret), password), indent=2)),  # noqa: S308
        "script": mark_safe(script),  # noqa: S308  # our own source
        "style": mark_safe(style),  # noqa: S308
        "script_hash": _hash(script),
        "style_hash": _hash(style),
    }
    return render_to_string("accounts/registration_file.html", context)


def file_name(application: Application) -> str:
    """`{name}-registration.html`, without what file systems refuse."""
    return f"{UNSAFE_IN_FILE_NAMES.sub('-', application.name).strip('. ')}-registration.html"


def _source(path: str) -> str:
    found = finders.find(path)
    if found is None:
        raise FileNotFoundError(path)
    with open(found, encoding="utf-8") as file:  # noqa: PTH123  # the finder answers text
        return file.read()


def _hash(text: str) -> str:
    return f"'sha256-{_base64(hashlib.sha256(text.encode()).digest())}'"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
