"""What the identity provider on the pictures sends: a cycle that creates and changes people, with the mistakes people make."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from tests.browser.walkthrough import PATCH_OP, bearer, user

OKTA, ENTRA = "Okta SCIM Client 1.0.0", "Microsoft-AzureAD-SCIM"
PEOPLE = (
    ("Nadia", "Rahman"),
    ("Owen", "Clarke"),
    ("Pilar", "Navarro"),
    ("Ren", "Fujita"),
    ("Sanna", "Lindqvist"),
    ("Teo", "Marchetti"),
    ("Wanda", "Nowak"),
    ("Zora", "Kovac"),
    ("Emil", "Haas"),
    ("Lena", "Brandt"),
)


def send(url: str, token: str) -> None:
    """Play the provider against a server."""
    for method, path, body, agent, credential in requests(url, token):
        data = None if body is None else json.dumps(body).encode()
        headers = {
            "Authorization": bearer(credential),
            "Content-Type": "application/scim+json",
            "Host": "localhost:8000",
            "User-Agent": agent,
        }
        try:
            with urlopen(Request(url + path, data, headers, method=method), timeout=20) as answer:  # noqa: S310
                answer.read()
        except HTTPError as error:
            error.close()


def requests(url: str, token: str) -> Iterator[tuple[str, str, Any, str, str]]:
    """Method, path, body, user agent and credential of each request."""
    base = "/oauth/scim/v2/Users"

    def search(text: str) -> str:
        return f"{base}?filter={quote(text)}"

    def find(name: str) -> str:
        return search(f'userName eq "{name}"')

    yield "GET", "/oauth/scim/v2/ServiceProviderConfig", None, OKTA, token
    for place, (given, family) in enumerate(PEOPLE):
        name = f"{given}.{family}@demo.example".lower()
        yield "GET", find(name), None, OKTA, token
        yield (
            "POST",
            base,
            user(name, given, family, displayName=f"{given} {family}", externalId=f"00u{place}"),
            OKTA,
            token,
        )
        yield "GET", find(name), None, OKTA, token
        if place % 3 == 1:
            yield "POST", base, user(name, given, family), OKTA, token
        if place % 4 == 2:
            yield "GET", search(f"userName eq {name}"), None, ENTRA, token
    yield "GET", f"{base}?startIndex=1&count=100", None, ENTRA, "cxs_of-another-instance"
    yield "GET", search('password sw "x"'), None, ENTRA, token
    found = json.loads(_read(url + find("nadia.rahman@demo.example"), token))["Resources"][0]["id"]
    operations = [
        {"op": "Replace", "path": "displayName", "value": "Nadia Rahman-Weber"},
        {"op": "Replace", "path": "name.familyName", "value": "Rahman-Weber"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+1 555 0142"},
    ]
    yield "PATCH", f"{base}/{found}", {"schemas": [PATCH_OP], "Operations": operations}, ENTRA, token


def _read(url: str, token: str) -> bytes:
    headers = {"Authorization": bearer(token), "User-Agent": ENTRA, "Host": "localhost:8000"}
    with urlopen(Request(url, headers=headers), timeout=20) as answer:  # noqa: S310
        return answer.read()
