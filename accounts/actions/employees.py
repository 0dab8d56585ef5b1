"""Creating, changing, inviting, deactivating and reactivating employees (R-EMP, R-SCIM-8…12)."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts import audit, edits, emails, queries, rules, writes
from accounts.actions import links, locks, oauth_sessions
from accounts.actors import Actor, Channel
from accounts.errors import Forbidden, Invalid, Problem, Refused
from accounts.ids import new_number
from accounts.models import (
    Employee,
    EmployeeView,
    GroupMembership,
    LoginAuthenticator,
    MailedLink,
    Role,
    RolePermission,
    SecondaryRole,
    Team,
)
from accounts.rules import Text
from cxadmin import clock

Status = Employee.Status

ENTITY = "User"
MOST_SECONDARY_ROLES = 10
ASSIGN_ROLES = "admin.role_management.user_assignment"
SOURCES = {
    Channel.UI: Employee.Source.UI,
    Channel.IMPORT: Employee.Source.IMPORT,
    Channel.SCIM: Employee.Source.SCIM,
    Channel.REST: Employee.Source.REST,
    Channel.SYSTEM: Employee.Source.SEED,
}

TEXTS: Mapping[str, Text] = {
    "first_name": Text(gettext_lazy("First Name"), 100, required=True),
    "middle_name": Text(gettext_lazy("Middle Name"), 100),
    "last_name": Text(gettext_lazy("Last Name"), 100, required=True),
    "display_name": Text(gettext_lazy("Display Name"), 200),
    "email": Text(gettext_lazy("Email Address"), 254, required=True, more=rules.mail_address),
    "username": Text(gettext_lazy("Username"), 254, required=True, more=rules.mail_address),
    "mobile_number": Text(gettext_lazy("Mobile Number"), 30, more=rules.mobile_number),
    "time_zone": Text(gettext_lazy("Time Zone"), 64, required=True, more=rules.time_zone),
    "type": Text(gettext_lazy("Type"), 100),
    "external_id": Text("externalId", 255),
}
LINKS: Mapping[str, tuple[type[Model], str]] = {
    "secondary_roles": (SecondaryRole, "role"),
    "groups": (GroupMembership, "group"),
    "views": (EmployeeView, "view"),
}
"""What an employee has several of: the table that says so, and its column for the other side."""
MANY = tuple(LINKS)
ANY_USERNAME = {"username": Text(gettext_lazy("Username"), 254, required=True)}
REQUIRED = ("first_name", "last_name", "email", "username", "time_zone")
# What the identity provider decides about an employee it manages (R-SCIM-9).
IDENTITY = frozenset({"first_name", "last_name", "username", "email"})
AUDITED = frozenset(TEXTS) | {
    "hire_date",
    "rank",
    "primary_role",
    "secondary_roles",
    "team",
    "groups",
    "views",
    "attributes",
    "login_authenticator",
    "inactivity_override",
}
ATTRIBUTE_NAMES = {"username": "User.userName", "email": "User.emailAddress"}


def problems(
    values: Mapping[str, Any], *, employee: Employee | None = None, any_username: bool = False
) -> list[Problem]:
    """What is wrong with these values, all of it; everything but who else has the username.

    Args:
        values: by field name; of a new employee all required ones, else only what changes.
        employee: the employee being changed.
        any_username: the tenant takes user names that are no e-mail addresses.
    """
    given = dict.fromkeys(REQUIRED, "") | dict(values) if employee is None else values
    texts = {field: value if value is not None else "" for field, value in given.items()}
    found = rules.check({**TEXTS, **ANY_USERNAME} if any_username else TEXTS, texts)
    if given.get("rank") is not None:
        found += rules.number_in("rank", gettext_lazy("Rank"), given["rank"], 1, 999)
    if given.get("inactivity_override"):
        found += rules.number_in("inactivity_override", gettext_lazy("Days"), given["inactivity_override"], 7, 90)
    if given.get("mfa_secret"):
        found += rules.mfa_secret("mfa_secret", given["mfa_secret"])
    found += _problems_of_choices(given, employee)
    return found


def _problems_of_choices(given: Mapping[str, Any], employee: Employee | None) -> Iterable[Problem]:
    role: Role | None = given.get("primary_role", employee.primary_role if employee else None)
    if (employee is None or "primary_role" in given) and (role is None or role.status != Role.Status.ACTIVE):
        yield rules.inactive_choice("primary_role", pgettext("thing", "role"))
    team: Team | None = given.get("team")
    if (employee is None or "team" in given) and (team is None or team.status != Team.Status.ACTIVE):
        yield rules.inactive_choice("team", pgettext("thing", "team"))
    authenticator: LoginAuthenticator | None = given.get("login_authenticator")
    if authenticator is not None and authenticator.status != LoginAuthenticator.Status.ACTIVE:
        yield rules.inactive_choice("login_authenticator", pgettext("thing", "login authenticator"))
    secondary: list[Role] = given.get("secondary_roles", [])
    if len(secondary) > MOST_SECONDARY_ROLES:
        yield Problem("secondary_roles", "R-ROLE-9", _("Choose at most 10 secondary roles."))
    if any(chosen.status != Role.Status.ACTIVE for chosen in secondary):
        yield rules.inactive_choice("secondary_roles", pgettext("thing", "role"))
    if role is not None and any(chosen.pk == role.pk for chosen in secondary):
        yield Problem("secondary_roles", "R-ROLE-9", _("The primary role cannot also be a secondary role."))


def create(
    values: Mapping[str, Any], *, actor: Actor, invite: bool = False, active: bool = True, any_username: bool = False
) -> Employee:
    """Add an employee.

    Args:
        values: by field name; the required texts, `primary_role` and `team`, and whatever else is known.
            `secondary_roles`, `groups` and `views` are lists of records.
        invite: mail the activation link at once (Create & Invite).
        active: false stores an inactive employee, as a provider may send one.
        any_username: as in `problems`.

    Raises:
        Invalid: names every field that is wrong; a username in use is the problem V-UNIQ.
        Forbidden: a program gives a role with more rights than it has itself.
    """
    found = problems(values, any_username=any_username)
    if found:
        raise Invalid(found)
    if actor.channel == Channel.REST:
        _refuse_stronger_roles(values, actor)
    in_parts = (invite and active) or any(values.get(field) for field in MANY)
    while True:
        try:
            with transaction.atomic() if in_parts else writes.together():
                return _insert(values, actor, invite=invite, active=active)
        except IntegrityError as error:
            if edits.violates(error, Employee, "employee_username"):
                raise Invalid([rules.in_use("username", TEXTS["username"].label)]) from error
            if not edits.violates(error, Employee, "employee_agent_id"):
                raise
            values = {**values, "agent_id": new_number()}


def _insert(values: Mapping[str, Any], actor: Actor, *, invite: bool, active: bool) -> Employee:
    columns = {field: value for field, value in values.items() if field not in MANY}
    now = clock.now()
    own = {"source": SOURCES[actor.channel], "last_activity_at": now, "deactivated_at": None if active else now}
    employee = writes.fresh(Employee, columns | own)
    employee.status, employee.ever_activated = _first_status(employee, actor, active=active)
    employee.scim_managed = actor.channel == Channel.SCIM
    edits.create(employee, ENTITY, actor, _initial_values(employee, values))
    for field in MANY:
        if chosen := values.get(field):
            _link(employee, field, chosen)
    if invite and active:
        _invite(employee, actor)
    return employee


def _initial_values(employee: Employee, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the "created" event lists, by audit name."""
    shown = {
        ATTRIBUTE_NAMES.get(field, f"User.{edits.camel(field)}"): value
        for field, value in values.items()
        if field in AUDITED
    }
    shown["User.mfaSecret"] = audit.MASK if employee.mfa_secret else ""
    shown["User.status"] = str(employee.status)
    shown["User.scimManaged"] = employee.scim_managed or None
    return {name.removeprefix("User."): value for name, value in shown.items()}


def _first_status(employee: Employee, actor: Actor, *, active: bool) -> tuple[Status, bool]:
    """The status a new employee starts with, and whether it counts as activated (spec §4)."""
    if not active:
        return Status.DELETED, False
    authenticator = employee.login_authenticator
    if actor.channel == Channel.SCIM and authenticator is not None and authenticator.is_external:
        return Status.ACTIVE, True
    return Status(employee.status), employee.ever_activated


def update(
    employee: Employee,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    active: bool | None = None,
    expected_version: int | None = None,
    any_username: bool = False,
) -> Employee:
    """Change an employee; what already has its new value is left alone and not audited.

    Args:
        changes: by field name, as in `create`, and only what may change.
        active: deactivates or reactivates in the same transaction (the door has checked that it may).
        expected_version: the version the form was filled in from.
        any_username: as in `problems`.

    Raises:
        Invalid: names every field that is wrong.
        Refused: a rule forbids it (R-EMP-3, R-EMP-8, R-ROLE-12, R-SCIM-9).
        ChangedMeanwhile: somebody else saved the employee.
        Forbidden: a program gives a role with more rights than it has itself.
    """
    edits.check_version(employee, expected_version)
    if active is not None and active == employee.is_inactive:
        _refuse_managed_status(employee, actor)
    differing = _differing(employee, changes)
    found = problems(differing, employee=employee, any_username=any_username)
    if found:
        raise Invalid(found)
    _refuse_foreign_changes(employee, differing, actor)
    in_parts = (
        actor.channel == Channel.UI
        or not differing.keys().isdisjoint(("primary_role", *MANY))
        or (active is False and employee.status == Status.ACTIVE and employee.edits_roles)
    )
    try:
        with transaction.atomic() if in_parts else writes.together():
            _write(employee, differing, actor, active)
    except IntegrityError as error:
        if edits.violates(error, Employee, "employee_username"):
            raise Invalid([rules.in_use("username", TEXTS["username"].label)]) from error
        raise
    return employee


def _differing(employee: Employee, changes: Mapping[str, Any]) -> dict[str, Any]:
    def differs(field: str, value: Any) -> bool:
        present = getattr(employee, field)
        if field in MANY:
            return {record.pk for record in present.all()} != {record.pk for record in value}
        return bool(present != value)

    return {field: value for field, value in changes.items() if differs(field, value)}


def _refuse_foreign_changes(employee: Employee, differing: Mapping[str, Any], actor: Actor) -> None:
    """R-SCIM-9, what programs may not give, the own primary role and, on pages, R-EMP-3."""
    if employee.scim_managed and actor.channel not in (Channel.SCIM, Channel.SYSTEM) and IDENTITY & differing.keys():
        raise Refused(_("Change this in your identity provider."), "R-SCIM-9")
    if "primary_role" in differing and actor.is_self(employee.pk) and actor.channel in (Channel.UI, Channel.REST):
        raise Refused(_("You cannot change your own primary role."), "SCREENS-5.3")
    if actor.channel == Channel.REST:
        _refuse_stronger_roles(differing, actor, employee)
    if actor.channel != Channel.UI:
        return
    if "username" in differing and actor.is_self(employee.pk):
        raise Refused(_("You cannot change your own username."), "R-EMP-3")
    if "username" in differing and employee.status == Status.PENDING:
        raise Refused(_("Wait until the account is activated."), "R-EMP-3")


def _refuse_stronger_roles(values: Mapping[str, Any], actor: Actor, employee: Employee | None = None) -> None:
    """Programs that may create or edit employees, and no more, cannot give rights which their own employee lacks: neither to
    others nor, by way of them, to themselves. Pages ask for the same permission whatever the role (R-EMP-10).

    Raises:
        Forbidden: a role that the employee does not have yet holds more than the roles of the actor.
    """
    given = {role.pk for role in values.get("secondary_roles", ())}
    given |= {values["primary_role"].pk} if "primary_role" in values else set()
    if not given or actor.can(ASSIGN_ROLES):
        return
    if employee is not None:
        given -= {employee.primary_role_id, *employee.secondary_roles.values_list("pk", flat=True)}
    codes = RolePermission.objects.filter(role__in=given).values_list("code", flat=True)
    if not actor.permissions.issuperset(codes):
        raise Forbidden(ASSIGN_ROLES)


def _write(
    employee: Employee, differing: dict[str, Any], actor: Actor, active: bool | None, *, hidden: bool = False
) -> None:
    edit = edits.Edit(employee, ENTITY, actor)
    was_active = employee.status == Status.ACTIVE
    if (
        "email" in differing
        and actor.channel == Channel.UI
        and employee.status not in (Status.UNREGISTERED, Status.PENDING)
    ):
        # The old address stays until the new one is confirmed (R-EMP-4).
        edit.set("email_to_be_verified", differing.pop("email"))
        _confirm_address(employee)
    for field, value in differing.items():
        _set_field(employee, field, value, edit)
    if "username" in differing:
        edit.set_silently(session_epoch=employee.session_epoch + 1)
    if "mfa_secret" in differing:
        edit.set_silently(mfa_counter=-1)
    if "primary_role" in differing and actor.channel != Channel.UI:
        SecondaryRole.objects.filter(employee=employee, role=employee.primary_role).delete()
    if active is not None and active == employee.is_inactive:
        _set_active(employee, active, edit)
    if actor.channel == Channel.SCIM:
        # The first write makes the employee SCIM-managed (R-SCIM-8), DELETE hands it back (R-SCIM-12).
        edit.set("scim_managed", value=not hidden)
        edit.set_silently(scim_hidden=hidden)
    edit.write()
    loses_rights = not {"primary_role", "secondary_roles"}.isdisjoint(differing) or employee.status == Status.DELETED
    if was_active and loses_rights and employee.edits_roles:
        keep_a_role_editor(actor)


def _set_field(employee: Employee, field: str, value: Any, edit: edits.Edit) -> None:
    if field in LINKS:
        _replace(employee, field, value, edit)
    elif field == "scim_attributes":
        _note_kept(employee.scim_attributes, value, edit)
        edit.set_silently(scim_attributes=value)
    elif field == "acd_settings":
        _note_kept(employee.acd_settings, value, edit)
        edit.set_silently(acd_settings=value)
    elif field == "has_other_emails":
        edit.set_silently(has_other_emails=value)
    else:
        edit.set(field, value, attribute=ATTRIBUTE_NAMES.get(field), masked=field == "mfa_secret")


def _note_kept(before: Mapping[str, Any], after: Mapping[str, Any], edit: edits.Edit) -> None:
    """Audit what a provider sent and the record has no column for, under the provider's own names."""
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            edit.note(f"User.{name}", _json(before.get(name)), _json(after.get(name)))


def _json(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode() if value is not None else ""


def _replace(employee: Employee, field: str, chosen: list[Any], edit: edits.Edit) -> None:
    model, other = LINKS[field]
    before = list(getattr(employee, field).all())
    model._default_manager.filter(employee=employee).exclude(**{f"{other}__in": chosen}).delete()
    held = {record.pk for record in before}
    _link(employee, field, (record for record in chosen if record.pk not in held))
    edit.note(f"User.{edits.camel(field)}", audit.text(before), audit.text(chosen))


def _link(employee: Employee, field: str, records: Iterable[Any]) -> None:
    model, other = LINKS[field]
    model._default_manager.bulk_create(model(**{"employee": employee, other: record}) for record in records)


def keep_a_role_editor(actor: Actor) -> None:
    """Refuse, inside the transaction, a change that leaves nobody who can edit roles.

    Raises:
        Refused: R-ROLE-12.
    """
    if not queries.somebody_can_edit_roles(actor.business_unit_id):
        raise Refused(_("At least one active employee must be able to edit roles."), "R-ROLE-12")


def invite(employee: Employee, *, actor: Actor) -> None:
    """Mail the activation link; on a Pending employee it replaces the old one.

    Raises:
        Refused: the employee is neither Not Invited nor Pending.
    """
    if employee.status not in (Status.UNREGISTERED, Status.PENDING):
        raise Refused(_("%(name)s does not wait for an invitation.") % {"name": employee.full_name}, "STATE")
    with transaction.atomic():
        _invite(employee, actor)


def invite_all(employees: Iterable[Employee], *, actor: Actor) -> None:
    """Mail the activation links of several employees, or of none; raises as `invite`."""
    with transaction.atomic():
        for employee in employees:
            invite(employee, actor=actor)


def _invite(employee: Employee, actor: Actor) -> None:
    edit = edits.Edit(employee, ENTITY, actor)
    edit.set("status", Status.PENDING)
    edit.note("User.invitation", "", employee.email)
    edit.write()
    link, token = links.make(employee, MailedLink.Kind.INVITATION)
    emails.invitation(employee, employee.business_unit, link, token)


def resend_confirmation(employee: Employee, *, actor: Actor) -> None:
    """Mail a new link to the address that waits for confirmation; the old one opens no longer (R-EMP-4).

    Raises:
        Refused: no address waits.
    """
    _refuse_without_new_address(employee)
    with transaction.atomic():
        edit = edits.Edit(employee, ENTITY, actor)
        edit.note("User.emailConfirmation", "", employee.email_to_be_verified)
        edit.write()
        _confirm_address(employee)


def discard_new_address(employee: Employee, *, actor: Actor) -> None:
    """Forget the address that waits for confirmation; its link opens no longer (R-EMP-4).

    Raises:
        Refused: no address waits.
    """
    _refuse_without_new_address(employee)
    with transaction.atomic():
        edit = edits.Edit(employee, ENTITY, actor)
        edit.set("email_to_be_verified", "")
        edit.write()
        links.revoke(employee, MailedLink.Kind.EMAIL_CONFIRMATION)


def _refuse_without_new_address(employee: Employee) -> None:
    if not employee.email_to_be_verified:
        raise Refused(_("No new address waits for confirmation."), "R-EMP-4")


def _confirm_address(employee: Employee) -> None:
    link, token = links.make(employee, MailedLink.Kind.EMAIL_CONFIRMATION)
    emails.email_confirmation(employee, link, token)


def deactivate(employee: Employee, *, actor: Actor) -> None:
    """Make an employee inactive: sessions, tokens and links end (spec §4); twice is the same as once.

    Raises:
        Refused: oneself (R-EMP-8), SCIM-managed on a page (R-SCIM-9), the last who can edit roles (R-ROLE-12).
    """
    if not employee.is_inactive:
        update(employee, {}, actor=actor, active=False)


def reactivate(employee: Employee, *, actor: Actor) -> None:
    """Bring an inactive employee back; twice is the same as once.

    Raises:
        Invalid: the primary role is not Active (R-EMP-12).
        Refused: SCIM-managed on a page (R-SCIM-9).
    """
    if employee.is_inactive:
        update(employee, {}, actor=actor, active=True)


def _refuse_managed_status(employee: Employee, actor: Actor) -> None:
    if employee.scim_managed and actor.channel not in (Channel.SCIM, Channel.SYSTEM):
        raise Refused(_("Status is managed by your identity provider."), "R-SCIM-9")


def _set_active(employee: Employee, active: bool, edit: edits.Edit) -> None:
    if not active:
        if edit.actor.is_self(employee.pk):
            raise Refused(_("You cannot deactivate your own account."), "R-EMP-8")
        edit.set("status", Status.DELETED)
        edit.set_silently(deactivated_at=clock.now(), session_epoch=employee.session_epoch + 1, **locks.UNLOCKED)
        return
    if employee.primary_role.status != Role.Status.ACTIVE:
        raise Invalid([rules.inactive_choice("primary_role", pgettext("thing", "role"))])
    external = employee.login_authenticator is not None and employee.login_authenticator.is_external
    edit.set("status", Status.ACTIVE if employee.ever_activated or external else Status.UNREGISTERED)
    edit.set_silently(ever_activated=employee.ever_activated or external)


def hide(employee: Employee, *, actor: Actor) -> None:
    """What SCIM DELETE does: deactivate, hide from SCIM, and hand the record back to cxadmin (R-SCIM-12).

    Raises:
        Refused: oneself (R-ACC-6), the last who can edit roles (R-ROLE-12).
    """
    with transaction.atomic():
        _write(employee, {}, actor, active=False, hidden=True)


def has_password(employee: Employee) -> bool:
    """Whether the employee signs in with a password kept here, so that it can be reset: Active or Locked, with a System
    authenticator (screens §5.1)."""
    authenticator = employee.login_authenticator
    signs_in = employee.status in (Status.ACTIVE, Status.BLOCKED)
    return signs_in and authenticator is not None and not authenticator.is_external


def require_new_password(employee: Employee, *, actor: Actor) -> None:
    """Reset P/W: the present password works once more, then a new one must be set (R-PWD-5).

    Raises:
        Refused: the employee has no password kept here, or is not Active or Locked.
    """
    if not has_password(employee):
        raise Refused(_("%(name)s has no password that could be reset.") % {"name": employee.full_name}, "R-PWD-5")
    with transaction.atomic():
        edit = edits.Edit(employee, ENTITY, actor)
        edit.set("must_change_password", value=True)
        edit.write()
        oauth_sessions.end_of_sign_in(employee)
