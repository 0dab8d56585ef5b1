"""Login authenticators: password policy, multi-factor authentication, external identity providers (R-LA, screens §9)."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts import audit, certificates, edits, queries, rules
from accounts.actors import Actor
from accounts.errors import Invalid, Problem, Refused
from accounts.ids import fold
from accounts.models import BusinessUnit, LoginAuthenticator
from accounts.rules import Text

Status = LoginAuthenticator.Status
Type = LoginAuthenticator.Type

ENTITY = "LoginAuthenticator"
TEXTS: Mapping[str, Text] = {
    "name": Text(gettext_lazy("Name"), 50, required=True, more=rules.single_line),
    "description": Text(gettext_lazy("Description"), 200),
    "endpoint_url": Text(gettext_lazy("Endpoint URL"), 2000, required=True, more=rules.url),
    "issuer": Text(pgettext_lazy("OpenID Connect", "Issuer"), 2000, required=True, more=rules.url),
    "client_id": Text(gettext_lazy("Client ID"), 255, required=True, more=rules.single_line),
    "client_secret": Text(gettext_lazy("Client Secret"), 255, required=True, more=rules.single_line),
}
NUMBERS: Mapping[str, tuple[Any, int, int]] = {
    "min_length": (gettext_lazy("Minimum length"), 6, 64),
    "expires_days": (gettext_lazy("Password expires after (days)"), 0, 365),
    "remembered": (gettext_lazy("Remembered passwords"), 0, 24),
    "allowed_attempts": (gettext_lazy("Allowed failed attempts"), 3, 10),
}
CERTIFICATE_LABEL = gettext_lazy("Certificate")
SWITCHES = ("require_lower", "require_upper", "require_digit", "require_special")
PASSWORD_POLICY = ("min_length", *SWITCHES, "expires_days", "remembered", "allowed_attempts")
"""What takes the permission Password Policy.Edit to change."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    Type.SYSTEM: (*PASSWORD_POLICY, "mfa_required", "mfa_type"),
    Type.SAML2: ("endpoint_url", "certificate"),
    Type.OIDC: ("issuer", "client_id", "client_secret"),
}
"""What an authenticator of each type has beside name and description."""


def problems(
    values: Mapping[str, Any], *, business_unit_id: uuid.UUID, authenticator: LoginAuthenticator | None = None
) -> list[Problem]:
    """What is wrong with these values, all of it (screens §9).

    Args:
        values: by field name; `certificate` is the content of a file. Of a new authenticator all required ones, else only
            what changes.
        authenticator: the one being changed.
    """
    kind = authenticator.type if authenticator else values.get("type", Type.SYSTEM)
    if kind not in FIELDS or values.get("type", kind) != kind:
        return [Problem("type", "R-LA-4", _("The type of an authenticator is chosen once, when it is created."))]
    given = values if authenticator else dict.fromkeys(_required(kind), "") | dict(values)
    found = rules.check(TEXTS, given)
    for field in NUMBERS.keys() & given.keys():
        label, low, high = NUMBERS[field]
        found += rules.number_in(field, label, given[field], low, high)
    if "mfa_type" in given and given["mfa_type"] not in LoginAuthenticator.MfaType.values:
        found.append(Problem("mfa_type", "V-CHOICE", _("Choose one of the values offered.")))
    if "certificate" in given:
        found += _problems_of_certificate(given["certificate"] or b"")
    if "name" in given and not any(problem.field == "name" for problem in found):
        found += _problems_of_name(given["name"], business_unit_id, authenticator)
    return found


def _required(kind: str) -> list[str]:
    """What a new authenticator of this type cannot be without."""
    return ["name", *(field for field in FIELDS[kind] if field == "certificate" or field in TEXTS)]


def _problems_of_certificate(data: bytes) -> Iterable[Problem]:
    if not data:
        yield rules.required("certificate", CERTIFICATE_LABEL)
    elif certificates.read(data) is None:
        yield Problem("certificate", "V-CERT", _("Upload a valid certificate."))


def _problems_of_name(
    name: str, business_unit_id: uuid.UUID, authenticator: LoginAuthenticator | None
) -> Iterable[Problem]:
    same = queries.authenticators(business_unit_id).filter(name_key=fold(name))
    if same.exclude(pk__in=[authenticator.pk] if authenticator else []).exists():
        yield rules.in_use("name", TEXTS["name"].label)


def create(values: Mapping[str, Any], *, actor: Actor) -> LoginAuthenticator:
    """Add an authenticator, which is Active at once (screens §9).

    Args:
        values: as in `problems`; what is missing gets its documented default.

    Raises:
        Invalid: names every field that is wrong.
    """
    found = problems(values, business_unit_id=actor.business_unit_id)
    if found:
        raise Invalid(found)
    columns, shown = dict(values), {edits.camel(field): value for field, value in values.items()}
    if "certificate" in columns:
        columns["certificate"] = _pem(columns["certificate"])
        shown["certificate"] = certificates.fingerprint(columns["certificate"])
    if "client_secret" in columns:
        shown["clientSecret"] = audit.MASK
    authenticator = LoginAuthenticator(**columns)
    shown |= {"type": str(authenticator.type), "status": str(authenticator.status)}
    try:
        with transaction.atomic():
            edits.create(authenticator, ENTITY, actor, shown)
    except IntegrityError as error:
        raise edits.name_in_use(error, TEXTS["name"].label, (LoginAuthenticator, "authenticator_name")) from error
    return authenticator


def update(
    authenticator: LoginAuthenticator,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    activate: bool = False,
    expected_version: int | None = None,
) -> LoginAuthenticator:
    """Change an authenticator; it works at once, and nobody is signed out (R-LA-2).

    Args:
        values: as in `problems`; what already has its new value is left alone.
        activate: Save & Activate.

    Raises:
        Invalid: names every field that is wrong; the type cannot be changed (R-LA-4).
        ChangedMeanwhile: somebody else saved it.
    """
    edits.check_version(authenticator, expected_version)
    found = problems(values, business_unit_id=actor.business_unit_id, authenticator=authenticator)
    if found:
        raise Invalid(found)
    try:
        with transaction.atomic():
            edit = edits.Edit(authenticator, ENTITY, actor)
            for field, value in values.items():
                if field == "certificate":
                    _replace_certificate(authenticator, _pem(value), edit)
                else:
                    edit.set(field, value, masked=field == "client_secret")
            if activate:
                edit.set("status", Status.ACTIVE)
            edit.write()
    except IntegrityError as error:
        raise edits.name_in_use(error, TEXTS["name"].label, (LoginAuthenticator, "authenticator_name")) from error
    return authenticator


def _pem(data: bytes) -> str:
    found = certificates.read(data)
    return found.pem if found else ""


def _replace_certificate(authenticator: LoginAuthenticator, pem: str, edit: edits.Edit) -> None:
    if pem != authenticator.certificate:
        before = certificates.fingerprint(authenticator.certificate)
        edit.note("LoginAuthenticator.certificate", before, certificates.fingerprint(pem))
        edit.set_silently(certificate=pem)


def activate(authenticator: LoginAuthenticator, *, actor: Actor) -> None:
    """Let employees sign in with it again; twice is the same as once."""
    with transaction.atomic():
        edit = edits.Edit(authenticator, ENTITY, actor)
        edit.set("status", Status.ACTIVE)
        edit.write()


def deactivate(authenticator: LoginAuthenticator, *, actor: Actor) -> None:
    """Take it out of use; authenticators are never deleted.

    Raises:
        Refused: it is the default one, or employees who are not Inactive use it (R-LA-5).
    """
    if authenticator.is_default:
        raise Refused(
            _("The default authenticator cannot be deactivated. Make another one the default first."), "R-LA-5"
        )
    with transaction.atomic():
        edit = edits.Edit(authenticator, ENTITY, actor)
        edit.set("status", Status.INACTIVE)
        edit.write()
        users = queries.with_users(queries.authenticators(actor.business_unit_id)).get(pk=authenticator.pk).users
        if users:
            message = ngettext(
                "%(n)d employee uses this authenticator.", "%(n)d employees use this authenticator.", users
            )
            raise Refused(message % {"n": users}, "R-LA-5")


def set_default(authenticator: LoginAuthenticator, *, actor: Actor) -> None:
    """Make it the one that applies where nobody chose another: to employees without one whose password is set, and to those
    whom an identity provider creates (R-SCIM-6); twice is the same as once.

    Raises:
        Refused: it is not Active, or not of the type System, which alone has a password policy.
        ChangedMeanwhile: somebody else saved one of the two.
    """
    if authenticator.is_external or authenticator.status != Status.ACTIVE:
        raise Refused(_("Only an active authenticator of the type System can be the default."), "R-LA-1")
    with transaction.atomic():
        # The tenant always has exactly one default: of two who choose another at once, one waits for the other.
        BusinessUnit.objects.select_for_update().get(pk=actor.business_unit_id)
        before = queries.default_authenticator(actor.business_unit_id)
        if before.pk == authenticator.pk:
            return
        for record, is_default in ((before, False), (authenticator, True)):
            edit = edits.Edit(record, ENTITY, actor)
            edit.set("is_default", is_default)
            edit.write()
