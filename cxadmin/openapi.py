"""The OpenAPI document of everything that programs are served: `python -m cxadmin.openapi` writes docs/openapi.json.

It joins what the doors say of themselves: the REST API (through drf-spectacular), OAuth and SCIM. The pages of `/api/docs/`
show the file as it was written; a test compares it with the code.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

FILE = Path("docs/openapi.json")
SCIM_TAG = "SCIM 2.0"
# Which credential opens which of SCIM's three addresses (scim/auth.py).
SCIM_ADDRESSES = {
    "": "with an access token",
    "/oauth": "with a SCIM token",
    "/basic-auth": "with an access key",
}
SCIM_SECURITY = ("oauth2", "accessToken", "scimToken", "accessKey")
INTRODUCTION = """\
Everything that programs are served: the REST API of the User Hub, the classic API, OAuth 2.0 and SCIM 2.0. What is not said
here is in docs/rest.md and docs/scim.md.

**Try it out** asks this instance. *Use the demo credentials* at the top of the page fills in credentials of the tenant `demo`."""


def document() -> dict[str, Any]:
    """The whole document. Needs Django's settings, and no database."""
    from accounts.api.described import document as rest
    from accounts.oauth import described as oauth
    from cxadmin import __version__

    paths, components = rest.paths_and_components()
    scim_paths, scim_schemas = _scim()
    tags = [*dict.fromkeys(rest.TAGS.values())]
    return {
        "openapi": "3.1.0",
        "info": {"title": "cxadmin", "version": __version__, "description": INTRODUCTION},
        "tags": [{"name": name} for name in (oauth.TAG, oauth.AFTER, *tags, SCIM_TAG)],
        "paths": {**oauth.paths(), **paths, **scim_paths},
        "components": {
            "schemas": components["schemas"] | scim_schemas,
            "securitySchemes": components["securitySchemes"] | _security(),
        },
    }


def _security() -> dict[str, Any]:
    flow = {
        "authorizationUrl": "/auth/authorize",
        "tokenUrl": "/auth/token",
        "refreshUrl": "/auth/token",
        "scopes": {"openid": "Who signs in."},
    }
    return {
        "oauth2": {
            "type": "oauth2",
            "description": "The sign-in of a registered application.",
            "flows": {"authorizationCode": flow},
        },
        "scimToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "A SCIM token; only for addresses under `/oauth/scim/v2`.",
        },
        "accessKey": {
            "type": "http",
            "scheme": "basic",
            "description": "Access Key ID and Secret Access Key; only for addresses under `/basic-auth/scim/v2`.",
        },
    }


def _scim() -> tuple[dict[str, Any], dict[str, Any]]:
    """The SCIM document's paths and schemas under names of their own."""
    from scim import openapi

    found = _renamed(openapi.document())
    servers = [{"url": family or "/", "description": how} for family, how in SCIM_ADDRESSES.items()]
    security = [{scheme: ["openid"] if scheme == "oauth2" else []} for scheme in SCIM_SECURITY]
    paths = {}
    for path, calls in found["paths"].items():
        paths[f"/scim/v2{path}"] = {"servers": servers} | {
            method: call if method == "parameters" else {"tags": [SCIM_TAG], "security": security} | call
            for method, call in calls.items()
        }
    return paths, {f"Scim{name}": schema for name, schema in found["components"]["schemas"].items()}


def _renamed(value: Any) -> Any:
    """With references to the schemas of SCIM under their new names."""
    if isinstance(value, Mapping):
        return {
            # An attribute is called $ref, too; its description is an object.
            name: member.replace("/schemas/", "/schemas/Scim")
            if name == "$ref" and isinstance(member, str)
            else _renamed(member)
            for name, member in value.items()
        }
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def file_content() -> str:
    """The content of docs/openapi.json."""
    return orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")
    django.setup()
    FILE.write_text(file_content(), encoding="utf-8")
