"""Asks NicePy for its token and business unit; prints them as JSON. The original's hosts are mapped to the address given."""

import json
import sys
from urllib.parse import urlsplit

import requests

EMULATOR = sys.argv[1]
send = requests.Session.send


def mapped(session, request, **options):
    if urlsplit(request.url).hostname.endswith("niceincontact.com"):
        request.url = EMULATOR + request.url.split("niceincontact.com", 1)[1]
    return send(session, request, **options)


requests.Session.send = mapped

from NicePy import Connection  # noqa: E402 - it reads its configuration when imported

token = Connection.Token()
print(json.dumps({"token": token, "tenant_id": Connection.GetTenantId(), "api": Connection.ApiURL()}))
