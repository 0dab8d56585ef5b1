"""The addresses a client is configured with: of this emulator, and of the original beside them (spec §7)."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import BusinessUnit

Label = str | Promise

AUTHORIZATION, TOKEN = "/auth/authorize?scope=openid", "/auth/token"


@dataclass(frozen=True, slots=True)
class Address:
    """One base URL, under its name."""

    label: Label
    emulator: str
    original: str


def issuer(*, is_fedramp: bool) -> str:
    """The original's global identity provider, or the one for FedRAMP."""
    return f"https://cxone{'-gov' if is_fedramp else ''}.niceincontact.com"


def endpoints(*, is_fedramp: bool) -> tuple[Address, Address]:
    """The authorization and the token endpoint, as an identity provider's form asks for them (R-APP-11)."""
    original = issuer(is_fedramp=is_fedramp)
    return (
        Address(gettext_lazy("Authorization endpoint"), settings.PUBLIC_URL + AUTHORIZATION, original + AUTHORIZATION),
        Address(gettext_lazy("Token endpoint"), settings.PUBLIC_URL + TOKEN, original + TOKEN),
    )


def entity_id(unit: BusinessUnit) -> str:
    """What a SAML identity provider knows this tenant by (screens §9)."""
    return f"{settings.PUBLIC_URL}/{unit.pk}"


def assertion_url(unit: BusinessUnit) -> str:
    """Where a SAML identity provider sends people who signed in there (screens §9)."""
    return f"{settings.PUBLIC_URL}/auth/authorize?tenantId={unit.pk}"


def base_urls(unit: BusinessUnit) -> list[Address]:
    """Every base URL of a tenant."""
    here = settings.PUBLIC_URL
    portal = f"https://{unit.area}.nice-incontact.com"
    return [
        Address(pgettext_lazy("address", "Portal"), here, portal),
        Address(pgettext_lazy("address", "API"), here, f"https://api-{unit.area}.niceincontact.com"),
        *endpoints(is_fedramp=unit.is_fedramp),
        Address(gettext_lazy("SCIM with access token"), f"{here}/scim/v2", f"{portal}/scim/v2"),
        Address(gettext_lazy("SCIM with SCIM token"), f"{here}/oauth/scim/v2", f"{portal}/oauth/scim/v2"),
        Address(gettext_lazy("SCIM with access key"), f"{here}/basic-auth/scim/v2", f"{portal}/basic-auth/scim/v2"),
    ]
