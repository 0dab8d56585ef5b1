"""Applications: registering, approving and editing them, and what ends them (R-APP)."""

import itertools
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts import audit, crypto, edits, emails, queries, registration_files, rules
from accounts.actions import notifications, oauth_sessions
from accounts.actors import Actor, system
from accounts.errors import Invalid, Problem, Refused
from accounts.models import Application, BusinessUnit
from accounts.rules import Check, Label, Text
from cxadmin import clock

ENTITY = "Application"
APPROVE = "admin.applications.edit"
MOST_TOLD = 100
"""How many of those who may approve a registration are told of it."""
Status, Type = Application.Status, Application.Type

TEXTS: Mapping[str, Text] = {
    "requester_email": Text(pgettext_lazy("form", "Email address"), 254, required=True, more=rules.mail_address),
    "requester_name": Text(pgettext_lazy("form", "Name"), 100, required=True, more=rules.single_line),
    "name": Text(pgettext_lazy("form", "Application name"), 100, required=True, more=rules.single_line),
    "description": Text(pgettext_lazy("form", "Description"), 500, required=True),
}
MOST_LINES = 10
LONGEST_ADDRESS = 2_000
# The lists people fill in, one entry a line: label, the rule of an entry and how long one may be.
LISTS: Mapping[str, tuple[Label, Check, int]] = {
    "contacts": (pgettext_lazy("form", "Technical contacts"), rules.mail_address, 254),
    "redirects": (pgettext_lazy("form", "Redirect URL"), rules.redirect_url, LONGEST_ADDRESS),
    "origins": (pgettext_lazy("form", "Origin"), rules.origin, LONGEST_ADDRESS),
    "logouts": (pgettext_lazy("form", "Logout URL"), rules.redirect_url, LONGEST_ADDRESS),
}
CHOICES: Mapping[str, tuple[Label, Sequence[str]]] = {
    "tenancy": (pgettext_lazy("form", "Tenancy"), Application.Tenancy.values),
    "auth_method": (pgettext_lazy("form", "Authentication method"), Application.AuthMethod.values),
    "type": (pgettext_lazy("form", "Application type"), Type.values),
}
SCOPES_LABEL = pgettext_lazy("form", "Scopes")
REQUIRED = frozenset({*TEXTS, *CHOICES, "contacts", "scopes", "redirects"})

# Lists of addresses are text columns, one address a line.
COLUMNS = {"redirects": "redirect_uris", "origins": "allowed_origins", "logouts": "post_logout_redirect_uris"}
EDITABLE = ("name", "description", "contacts", "redirects", "origins", "logouts", "scopes")


def problems(
    values: Mapping[str, Any], *, business_unit_id: uuid.UUID | None, application: Application | None = None
) -> list[Problem]:
    """What is wrong with these values, all of it; what is missing among them is not looked at.

    Args:
        values: by field name; `contacts`, `scopes`, `redirects`, `origins` and `logouts` are lists.
        business_unit_id: where the name must be free; None while the business unit is not known yet.
        application: the one that is edited; None for a new one.
    """
    found = rules.check(TEXTS, values)
    for field, (label, options) in CHOICES.items():
        if field in values and values[field] not in options:
            found.append(rules.required(field, label))
    type_of = application.type if application is not None else values.get("type")
    for field in LISTS.keys() & values.keys():
        needed = field == "contacts" or (field == "redirects" and type_of != Type.BACKEND)
        found += _problems_of_list(field, values[field], is_required=needed)
    if "scopes" in values and (not values["scopes"] or not set(values["scopes"]) <= set(Application.SCOPES)):
        found.append(rules.required("scopes", SCOPES_LABEL))
    wrong = {problem.field for problem in found}
    if business_unit_id is not None and "name" in values and "name" not in wrong:
        own = application.pk if application is not None else None
        if queries.name_taken(queries.applications(business_unit_id), values["name"], by_other_than=own):
            found.append(rules.in_use("name", TEXTS["name"].label))
    return found


def _problems_of_list(field: str, entries: Sequence[str], *, is_required: bool) -> Iterable[Problem]:
    label, rule, limit = LISTS[field]
    if not entries:
        if is_required:
            yield rules.required(field, label)
        return
    if len(entries) > MOST_LINES:
        message = ngettext("%(label)s takes at most %(n)d entry.", "%(label)s takes at most %(n)d entries.", MOST_LINES)
        yield Problem(field, "V-COUNT", message % {"label": label, "n": MOST_LINES})
        return
    single = Text(label, limit, more=rule)
    seen: set[str] = set()
    for entry in entries:
        for problem in single.problems(field, entry):
            # Of several entries the message has to say which one it means.
            several = len(entries) > 1
            shown = f"{entry[:80]}: {problem.message}" if several else problem.message
            if shown not in seen:
                seen.add(shown)
                yield Problem(field, problem.code, shown)


def register(values: Mapping[str, Any], *, unit: BusinessUnit, actor: Actor) -> Application:
    """Take in a registration: Enabled at once, or Submitted where somebody has to approve it (screens §14.2).

    Args:
        values: every field of the form but the business unit, which is `unit`.

    Raises:
        Invalid: names every field that is wrong.
    """
    return register_and_show(values, unit=unit, actor=actor)[0]


def register_and_show(values: Mapping[str, Any], *, unit: BusinessUnit, actor: Actor) -> tuple[Application, str]:
    """As `register`, for a program: answers the secret as well, this once; empty while nobody has approved (R-APP-10)."""
    complete = dict.fromkeys(REQUIRED, "") | {field: [] for field in ("contacts", "scopes", *COLUMNS)} | dict(values)
    if complete["type"] == Type.BACKEND:
        complete["redirects"] = []
    found = problems(complete, business_unit_id=unit.pk)
    if found:
        raise Invalid(found)
    application = Application(
        **{field: complete[field] for field in (*TEXTS, *CHOICES, "contacts", "scopes")},
        **{column: "\n".join(complete[field]) for field, column in COLUMNS.items()},
        is_fedramp=bool(complete.get("is_fedramp")),
        tracking_number=_tracking_number(),
    )
    application.business_unit_id = unit.pk
    granted = _Grant(application) if settings.APP_REGISTRATION_MODE == "instant" else None
    if granted is not None:
        application.status, application.secret_hash = Status.ENABLED, granted.secret_hash
    initial: dict[str, Any] = {field: complete[field] for field in EDITABLE}
    initial |= {"type": application.type, "tenancy": application.tenancy, "authMethod": application.auth_method}
    initial |= {"isFedramp": application.is_fedramp, "status": str(application.status)}
    initial |= {"trackingNumber": application.tracking_number}
    initial |= {"requester": f"{application.requester_name} <{application.requester_email}>"}
    try:
        with transaction.atomic():
            remove_due(unit.pk)
            edits.create(application, ENTITY, actor, initial)
            if granted is not None:
                granted.mail()
            else:
                approvers = queries.active_holders_of(unit.pk, APPROVE)[:MOST_TOLD]
                kind = notifications.Kind.REGISTRATION
                notifications.tell(approvers, kind, about=application.name, about_id=application.pk)
    except IntegrityError as error:
        raise edits.name_in_use(error, TEXTS["name"].label, (Application, "application_name")) from error
    return application, granted.secret if granted is not None else ""


class _Grant:
    """A new secret on its way to the contacts. Made before the transaction, because deriving a key from a password is
    slow on purpose and a writer must not make others wait for it."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.secret = crypto.new_client_secret()
        self.password = registration_files.new_password()
        self.file = registration_files.page(application, self.secret, self.password)

    @property
    def secret_hash(self) -> str:
        return crypto.keyed_hash(self.secret)

    def mail(self) -> None:
        emails.registration(self.application, self.file, self.password)


def _tracking_number() -> str:
    """`REG-` and twelve letters and digits that are not mistaken for others."""
    letters = registration_files.PASSWORD_LETTERS.upper()
    return "REG-" + "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def update(
    application: Application, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None
) -> Application:
    """Change what can be changed of an application; its type, tenancy and authentication method are fixed (R-APP-2).

    Args:
        values: fields of `EDITABLE`, as far as they change.
        expected_version: the version the form was filled in from.

    Raises:
        Invalid: names every field that is wrong.
        ChangedMeanwhile: somebody else saved the application.
    """
    edits.check_version(application, expected_version)
    changed = {field: values[field] for field in EDITABLE if field in values}
    if application.type == Type.BACKEND:
        changed.pop("redirects", None)
    found = problems(changed, business_unit_id=actor.business_unit_id, application=application)
    if found:
        raise Invalid(found)
    try:
        with transaction.atomic():
            remove_due(actor.business_unit_id)
            edit = edits.Edit(application, ENTITY, actor)
            for field, value in changed.items():
                if field in COLUMNS:
                    edit.set(COLUMNS[field], "\n".join(value), attribute=f"{ENTITY}.{field}")
                else:
                    edit.set(field, value)
            edit.write()
    except IntegrityError as error:
        raise edits.name_in_use(error, TEXTS["name"].label, (Application, "application_name")) from error
    return application


def free_name(application: Application) -> str:
    """A name for a copy: as it is called, with a number behind it."""
    stem = application.name[: TEXTS["name"].limit - 6]
    names = (f"{stem} ({number})" for number in itertools.count(2))
    present = queries.applications(application.business_unit_id)
    return next(name for name in names if not queries.name_taken(present, name))


# What ends it and what lets it go on


def approve(application: Application, *, actor: Actor) -> None:
    """Let a submitted application work, and mail its contacts what they need.

    Raises:
        Refused: it is not waiting for approval.
        ChangedMeanwhile: somebody else decided at the same time.
    """
    _require(application, Status.SUBMITTED)
    granted = _Grant(application)
    with transaction.atomic():
        _change_status(application, Status.ENABLED, actor, secret_hash=granted.secret_hash)
        granted.mail()


def reject(application: Application, *, actor: Actor) -> None:
    """Turn a submitted application down; the form has to be submitted again. Raises as `approve`."""
    _require(application, Status.SUBMITTED)
    _change_status(application, Status.REJECTED, actor)


def disable(application: Application, *, actor: Actor) -> None:
    """Stop an application and its tokens at once (R-APP-8); twice is the same as once.

    Raises:
        Refused: it is neither Enabled nor Disabled.
        ChangedMeanwhile: somebody else saved it.
    """
    _require(application, Status.ENABLED, Status.DISABLED)
    _change_status(application, Status.DISABLED, actor)


def enable(application: Application, *, actor: Actor) -> None:
    """Let a disabled application authenticate again; its people sign in anew. Raises as `disable`."""
    _require(application, Status.ENABLED, Status.DISABLED)
    _change_status(application, Status.ENABLED, actor)


def renew_secret(application: Application, *, actor: Actor) -> str:
    """Replace the secret: the old one stops at once, the new one is answered this once and mailed (R-APP-10).

    Who is signed in stays so: the connection goes on as soon as the new secret is entered at the other side.

    Raises:
        Refused: it is neither Enabled nor Disabled.
        ChangedMeanwhile: somebody else saved it.
    """
    _require(application, Status.ENABLED, Status.DISABLED)
    granted = _Grant(application)
    with transaction.atomic():
        edit = edits.Edit(application, ENTITY, actor)
        edit.set("secret_hash", granted.secret_hash, attribute="Application.secret", masked=True)
        edit.write()
        granted.mail()
    return granted.secret


def schedule_deletion(application: Application, *, actor: Actor) -> None:
    """Stop an application now and let it be gone after APP_DELETION_DELAY; twice is the same as once.

    Raises:
        Refused: it is waiting for approval or was rejected.
        ChangedMeanwhile: somebody else saved it.
    """
    _require(application, Status.ENABLED, Status.DISABLED, Status.SCHEDULED)
    if application.status != Status.SCHEDULED:
        before = application.status
        _change_status(
            application,
            Status.SCHEDULED,
            actor,
            scheduled_deletion_at=clock.now() + settings.APP_DELETION_DELAY,
            status_before_deletion=before,
        )


def cancel_deletion(application: Application, *, actor: Actor) -> None:
    """Give an application scheduled for deletion the status it had before.

    Raises:
        Refused: it is not scheduled for deletion.
        ChangedMeanwhile: somebody else saved it.
    """
    _require(application, Status.SCHEDULED)
    before = application.status_before_deletion
    _change_status(application, before, actor, scheduled_deletion_at=None, status_before_deletion="")


def _require(application: Application, *statuses: Application.Status) -> None:
    if application.status not in statuses:
        message = _("This cannot be done while the application is in the state %(status)s.")
        raise Refused(message % {"status": application.get_status_display()}, "R-APP-8")


def _change_status(application: Application, status: str, actor: Actor, **silently: Any) -> None:
    """Write the status; whatever it is afterwards unless Enabled, no session survives it (R-APP-8)."""
    with transaction.atomic():
        edit = edits.Edit(application, ENTITY, actor)
        edit.set("status", status)
        edit.set_silently(**silently)
        edit.write()
        notifications.settle(application.pk)
        if status != Status.ENABLED:
            oauth_sessions.end_of_application(application)


def remove_due(business_unit_id: uuid.UUID) -> None:
    """Delete the tenant's applications whose time has come. Nobody sees them any more (`queries.applications`); this
    makes their names free again."""
    actor = system(business_unit_id)
    for application in queries.applications_due(business_unit_id):
        audit.record(actor, ENTITY, application.pk, application.name, [(ENTITY, application.name, "deleted")])
        application.delete()
