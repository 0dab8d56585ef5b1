"""Where a tenant of this instance is reached, and with which credentials a simulated provider gets in."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from accounts.ids import as_uuid
from accounts.models import Application, BusinessUnit
from cxadmin.lab import running, seeds, tenants
from cxadmin.lab.simulator.okta import USER_AGENT
from cxadmin.lab.simulator.plan import BadPlan
from cxadmin.lab.simulator.sign_in import Authorization, OAuth, OAuthSettings, basic, bearer
from cxadmin.lab.simulator.wire import NotLoopback, loopback

CREDENTIALS = ("oauth", "token", "key")
DEFAULTS = {"okta": "oauth", "entra": "token"}
SECRETS = ("token", "basic", "client_id", "client_secret", "redirect_uri", "username", "password")
NEEDED = {
    "oauth": ("client_id", "client_secret", "redirect_uri", "username", "password"),
    "token": ("token",),
    "key": ("basic",),
}
PATHS = {"oauth": "/scim/v2", "token": "/oauth/scim/v2", "key": "/basic-auth/scim/v2"}


@dataclass(frozen=True, slots=True)
class Target:
    """A SCIM service and how to get in."""

    scim_url: str
    authorization: Authorization


def server_url() -> str:
    """This instance as it is reached on this machine, whatever address it prints."""
    url = running.public_url()
    try:
        return loopback(url).geturl()
    except NotLoopback:
        host = "127.0.0.1" if settings.HOST in settings.EVERY_INTERFACE else settings.HOST
        return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"


def credential_of(provider: str, asked: str | None, given: Mapping[str, str]) -> str:
    """With which kind of credential: the one asked for, else the one whose secrets are given, else the provider's usual.

    Raises:
        BadPlan: there is no such kind.
    """
    if asked:
        if asked not in CREDENTIALS:
            raise BadPlan("credential", f"credential can be {', '.join(CREDENTIALS)}, not {asked[:60]!r}.")
        return asked
    for kind, name in (("token", "token"), ("key", "basic"), ("oauth", "client_id")):
        if given.get(name):
            return kind
    return DEFAULTS[provider]


def of_tenant(unit: BusinessUnit, provider: str, asked: str | None, given: Mapping[str, str]) -> Target:
    """A tenant of this instance; secrets that are not given are those it was made with, while they work.

    Raises:
        BadPlan: a secret is neither given nor known.
    """
    kind = credential_of(provider, asked, given)
    values = {**_known(unit, kind), **{name: value for name, value in given.items() if value}}
    if kind == "oauth" and "redirect_uri" not in values:
        values["redirect_uri"] = _redirect(unit, values.get("client_id", ""))
    missing = [name for name in NEEDED[kind] if not values.get(name)]
    if missing:
        raise BadPlan(
            missing[0],
            f"Of the secrets of {unit.tenant_name} only hashes are kept, and those it was made with do not open it. "
            f"Give: {', '.join(missing)}.",
        )
    return target(f"{server_url()}{PATHS[kind]}", kind, values)


def target(scim_url: str, kind: str, values: Mapping[str, str]) -> Target:
    """A SCIM service with complete credentials.

    Raises:
        BadPlan: something is missing or the access key is no `ID:secret`.
        NotLoopback: an address is not of this machine.
    """
    parts = loopback(scim_url)
    missing = [name for name in NEEDED[kind] if not values.get(name)]
    if missing:
        raise BadPlan(missing[0], f"Give a credential for this address: {', '.join(missing)} is missing.")
    if kind == "token":
        return Target(scim_url, bearer(values["token"]))
    if kind == "key":
        access_key_id, colon, secret = values["basic"].partition(":")
        if not colon or not access_key_id or not secret:
            raise BadPlan("basic", "An access key is given as ID:secret.")
        return Target(scim_url, basic(access_key_id, secret))
    origin = f"{parts.scheme}://{parts.netloc}"
    asked = OAuthSettings(
        values.get("authorize_url") or f"{origin}/auth/authorize?scope=openid",
        values.get("token_url") or f"{origin}/auth/token",
        *(values[name] for name in NEEDED["oauth"]),
    )
    for url in (asked.authorize_url, asked.token_url):
        loopback(url)
    return Target(scim_url, OAuth(asked, USER_AGENT))


def _known(unit: BusinessUnit, kind: str) -> dict[str, str]:
    """The secrets that a seeded or disposable tenant was made with, as far as they still work."""
    seed = tenants.seed_for(unit)
    if seed is None:
        return {}
    if kind == "oauth":
        found = seeds.present_secrets(seed)
        if not found.client_secret or not found.connector_password:
            return {}
        return {
            "client_id": str(seed.client_id),
            "client_secret": found.client_secret,
            "username": seed.username("okta"),
            "password": found.connector_password,
        }
    found = seeds.present_keys(seed)
    if kind == "key" and found.access_key_id and found.access_key_secret:
        return {"basic": f"{found.access_key_id}:{found.access_key_secret}"}
    return {"token": found.scim_token} if kind == "token" and found.scim_token else {}


def _redirect(unit: BusinessUnit, client_id: str) -> str:
    """The first redirect URL of an application of the tenant."""
    pk = as_uuid(client_id)
    application = Application.objects.filter(pk=pk, business_unit=unit).first() if pk else None
    return application.redirects[0] if application and application.redirects else ""
