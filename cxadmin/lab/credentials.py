"""The table of credentials and addresses that `cxadmin up` prints and `cxadmin credentials` answers: a stable surface
for scripts (docs/stability.md)."""

from typing import Any

from django.conf import settings

from accounts.models import Application, BusinessUnit
from cxadmin.lab.access import control_key
from cxadmin.lab.seeds import Secrets, Seed


def document(unit: BusinessUnit, seed: Seed, secrets: Secrets, base: str) -> dict[str, Any]:
    """Everything needed to point a client at a seeded tenant.

    Args:
        secrets: the ones that work; what is None there is null here.
        base: the address of the instance, without a slash at the end.

    Returns:
        JSON-ready values: `tenant`, `business_unit`, `tenant_id`, `base_url`, and the sections `console`, `scim_token`,
        `access_key`, `oauth_client` and `lab`.
    """
    has_robot = not seed.is_bare
    application = Application.objects.filter(pk=seed.client_id).first()
    return {
        "tenant": unit.tenant_name,
        "business_unit": unit.number,
        "tenant_id": str(unit.pk),
        "base_url": base,
        "console": {"url": f"{base}/login/", "username": seed.username("admin"), "password": secrets.admin_password},
        "scim_token": {
            "base_url": f"{base}/oauth/scim/v2",
            "token": secrets.scim_token,
            "employee": seed.username("scim") if has_robot else None,
        },
        "access_key": {
            "id": secrets.access_key_id,
            "secret": secrets.access_key_secret,
            "basic_base_url": f"{base}/basic-auth/scim/v2",
        },
        "oauth_client": {
            "client_id": str(application.pk) if application else None,
            "client_secret": secrets.client_secret if application else None,
            "redirect_uris": application.redirects if application else [],
            "username": seed.username("okta") if has_robot else None,
            "password": secrets.connector_password,
            "authorize_url": f"{base}/auth/authorize?scope=openid",
            "token_url": f"{base}/auth/token",
            "scim_base_url": f"{base}/scim/v2",
        },
        "lab": {
            "url": f"{base}/lab/" if settings.LAB else None,
            "control_url": f"{base}/_lab/" if settings.LAB else None,
            "control_key": control_key() if settings.LAB else None,
        },
    }


def table(doc: dict[str, Any]) -> str:
    """The same for people: one aligned line per value; what does not exist or was changed is left out."""
    console, token, key, client, lab = (
        doc[name] for name in ("console", "scim_token", "access_key", "oauth_client", "lab")
    )
    rows = [
        ("Console", console["url"]),
        ("  signed in as", _pair(console["username"], console["password"])),
        ("SCIM token for", token["base_url"] if token["token"] else None),
        ("  bearer token", token["token"]),
        ("Access key for", key["basic_base_url"] if key["id"] else None),
        ("  access key ID", key["id"]),
        ("  secret", key["secret"]),
        ("OAuth SCIM base", client["scim_base_url"] if client["client_id"] else None),
        ("  authorize", client["authorize_url"] if client["client_id"] else None),
        ("  token", client["token_url"] if client["client_id"] else None),
        ("  client ID", client["client_id"]),
        ("  client secret", client["client_secret"]),
        *(("  redirect", redirect) for redirect in client["redirect_uris"]),
        ("  sign in as", _pair(client["username"], client["password"]) if client["client_id"] else None),
        ("Lab", lab["url"]),
        ("  control API", lab["control_url"]),
        ("  control key", lab["control_key"]),
    ]
    head = f"Tenant {doc['tenant']}, business unit {doc['business_unit']}, tenant ID {doc['tenant_id']}"
    return "\n".join([head, *(f"  {label:<18}{value}" for label, value in rows if value)])


def _pair(username: str | None, password: str | None) -> str | None:
    return f"{username} / {password or '(password was changed)'}" if username else None
