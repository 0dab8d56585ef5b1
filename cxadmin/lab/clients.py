"""Which kind of client sent a request, recognised from its traffic."""

import functools
import re

# What user agents hold, the telling before the general.
AGENTS = (
    ("okta", "Okta"),
    ("onelogin", "OneLogin"),
    ("jumpcloud", "JumpCloud"),
    ("pingone", "PingOne"),
    ("ping identity", "PingOne"),
    ("authentik", "authentik"),
    ("goauthentik.io", "authentik"),
    ("scimgateway", "scimgateway"),
    ("scimvalidator", "Microsoft SCIM Validator"),
    ("azure", "Entra ID"),
    ("microsoft", "Entra ID"),
    ("canaille", "Canaille"),
    ("scim2", "scim2-client"),
    ("postman", "Postman"),
    ("insomnia", "Insomnia"),
    ("bruno", "Bruno"),
    ("cxadmin", "cxadmin"),
    ("curl/", "curl"),
    ("python-requests", "Python requests"),
    ("python-httpx", "Python httpx"),
    ("python-urllib", "Python urllib"),
    ("aiohttp", "Python aiohttp"),
    ("go-http-client", "Go"),
    ("okhttp", "Java OkHttp"),
    ("java", "Java"),
    ("axios", "Node axios"),
    ("node", "Node"),
    ("undici", "Node"),
    ("mozilla/", "Browser"),
)
# Habits (docs/connect-*.md): Entra's flag and its capitalised operations, Okta's callback.
ENTRA_BODY = re.compile(r'"op"\s*:\s*"(?:Add|Replace|Remove)"|ResourceManagement/ADSCIM')
OKTA_CALLBACK = re.compile(r"okta(?:preview|-emea)?\.com(?:/|%2F)admin(?:/|%2F)app", re.IGNORECASE)
UNKNOWN = ""


@functools.lru_cache(maxsize=512)
def by_agent(user_agent: str) -> str:
    """The kind a user agent names; empty if it names none we know."""
    lower = user_agent.lower()
    return next((kind for sign, kind in AGENTS if sign in lower), UNKNOWN)


def kind(user_agent: str, query: str, body: str) -> str:
    """The kind of client; empty if nothing tells. Habits count where the user agent tells nothing or a library only."""
    if "aadOptscim" in query or (body and ENTRA_BODY.search(body)):
        return "Entra ID"
    if "redirect_uri" in query + body and OKTA_CALLBACK.search(query + body):
        return "Okta"
    return by_agent(user_agent)
