"""The documented procedures step by step, each with its state in a tenant (spec §12)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.actions.account_settings import SCIM_OPTIONAL_FIELDS
from accounts.models import AccountSettings, Application
from accounts.views.errors import permission_name
from cxadmin.lab import diagnosis
from cxadmin.lab.checklist.facts import RIGHTS, SCIM, Facts, Held
from cxadmin.lab.models import Exchange

State = Literal["done", "missing", "waiting", "trouble", "note"]
Label = str | Promise
PLACEHOLDER = "${appName}"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a procedure.

    Attributes:
        said: what was found.
        url, link: the screen of the tenant where it is done, and its name.
        exchange: the request it speaks of.
    """

    key: str
    label: Label
    state: State
    said: str
    url: str = ""
    link: Label = ""
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """A documented way to connect an identity provider."""

    key: str
    label: Label
    base: str
    steps: tuple[Step, ...]

    @property
    def open(self) -> int:
        """How many steps are not done."""
        return sum(step.state in ("missing", "waiting", "trouble") for step in self.steps)

    @property
    def is_ready(self) -> bool:
        """Whether everything up to the first call is there."""
        return all(step.state in ("done", "note") for step in self.steps if step.key not in ("first", "last"))


LABELS: dict[str, Label] = {
    "oauth": gettext_lazy("Okta by application registration"),
    "token": gettext_lazy("Any identity provider by SCIM token"),
    "key": gettext_lazy("Any identity provider by access key"),
}
BASES = {"oauth": "/scim/v2", "token": "/oauth/scim/v2", "key": "/basic-auth/scim/v2"}


def of(facts: Facts) -> list[Procedure]:
    """The three procedures."""
    steps = {"oauth": _okta(facts), "token": _token(facts), "key": _key(facts)}
    return [
        Procedure(key, LABELS[key], BASES[key], (*found, _agent(facts), _fields(facts), *_calls(facts, key)))
        for key, found in steps.items()
    ]


def _okta(facts: Facts) -> tuple[Step, ...]:
    users = [one for one in facts.applications if one.type != Application.Type.BACKEND]
    return (
        _registered(facts, users),
        _enabled(users),
        _callback(users),
        _scim_on(facts),
        _somebody(facts),
        _authenticated(facts),
    )


def _registered(facts: Facts, users: list[Application]) -> Step:
    label, url = gettext_lazy("Application registered"), reverse("accounts:application-register")
    if users:
        return Step("application", label, "done", _names(one.name for one in users))
    if facts.applications:
        said = _("Only Back-end applications are registered, and they cannot sign in users.")
        return Step("application", label, "trouble", said, url, gettext_lazy("Register an application"))
    return Step("application", label, "missing", _("No application yet."), url, gettext_lazy("Register an application"))


def _enabled(users: list[Application]) -> Step:
    label = gettext_lazy("Application enabled")
    enabled = [one for one in users if one.is_enabled]
    if enabled:
        return Step("enabled", label, "done", _names(one.name for one in enabled))
    link, said, state, url = gettext_lazy("Open Applications"), _("No application yet."), "missing", ""
    if users:
        url = reverse("accounts:application-detail", args=[users[0].pk])
        link = gettext_lazy("Open the application")
        said = _("%(name)s is %(status)s.") % {"name": users[0].name, "status": users[0].get_status_display()}
        state = "waiting" if users[0].status == Application.Status.SUBMITTED else "trouble"
    return Step("enabled", label, state, said, url or reverse("accounts:application-list"), link)  # type: ignore[arg-type]


def _callback(users: list[Application]) -> Step:
    label, link = gettext_lazy("Callback of Okta"), gettext_lazy("Open the application")
    found = [(one, redirect) for one in users for redirect in one.redirects]
    url = reverse("accounts:application-detail", args=[users[0].pk]) if users else reverse("accounts:application-list")
    if any(PLACEHOLDER in redirect for _one, redirect in found):
        said = _("The redirect URL still contains ${appName}.")
        return Step("callback", label, "trouble", said, url, link)
    okta = [redirect for _one, redirect in found if "/oauth/callback" in redirect]
    if okta:
        return Step("callback", label, "done", _names(okta))
    said = _("No redirect URL that ends in /oauth/callback is registered.")
    return Step(
        "callback",
        label,
        "note" if found else "missing",
        said,
        url,
        link if users else gettext_lazy("Open Applications"),
    )


def _scim_on(facts: Facts) -> Step:
    label, link = gettext_lazy("Permission SCIM on in an active role"), gettext_lazy("Open Roles and Permissions")
    if facts.scim_roles:
        return Step("permission", label, "done", _names(role.display_name for role in facts.scim_roles))
    if facts.settings.scim_access_rule == AccountSettings.AccessRule.ANY and facts.right_roles:
        said = _("Off; the tenant also accepts the rights on employees: %(roles)s.")
        names = _names(role.display_name for role in facts.right_roles)
        return Step("permission", label, "note", said % {"roles": names}, reverse("accounts:role-list"), link)
    said = _("No active role has it. It is off even for Administrator.")
    return Step("permission", label, "missing", said, reverse("accounts:role-list"), link)


def _somebody(facts: Facts) -> Step:
    label = gettext_lazy("Somebody active holds it")
    if facts.scim_people:
        return Step("person", label, "done", _names(facts.scim_people))
    said = _("Nobody who can sign in holds a role with the permission SCIM.")
    return Step("person", label, "missing", said, reverse("accounts:employee-list"), gettext_lazy("Open Employees"))


def _authenticated(facts: Facts) -> Step:
    label, session = gettext_lazy("Authenticated"), facts.session
    if session is None or session.application is None:
        said = _("Nobody is signed in to an application now. Press Authenticate in the identity provider.")
        return Step("authenticated", label, "missing", said)
    said = _("%(name)s as %(username)s") % {"name": session.application.name, "username": session.employee.username}
    return Step("authenticated", label, "done", said)


def _token(facts: Facts) -> tuple[Step, ...]:
    url, link = reverse("accounts:account-settings"), gettext_lazy("Open SCIM Tokens in Account Settings")
    return (
        _furthest(
            "saved",
            gettext_lazy("SCIM token saved"),
            facts.tokens,
            lambda one: one.is_saved,
            (_("No SCIM token yet."), _("A token was generated, but not saved: it works only after Save."), url, link),
        ),
        _furthest(
            "valid",
            gettext_lazy("SCIM token not expired"),
            [one for one in facts.tokens if one.is_saved],
            lambda one: not one.has_expired,
            (_("No SCIM token is saved."), _("The SCIM token has expired."), url, link),
        ),
        *_holder([one for one in facts.tokens if one.is_saved and not one.has_expired], facts),
    )


def _key(facts: Facts) -> tuple[Step, ...]:
    url, link = reverse("accounts:employee-list"), gettext_lazy("Open Employees")
    saved = [one for one in facts.keys if one.is_saved]
    if saved:
        url = reverse("accounts:employee-detail", args=[saved[0].employee_id]) + "?tab=security"
        link = gettext_lazy("Open the employee's Security tab")
    role_label = gettext_lazy("Active role with the rights on employees")
    if facts.right_roles:
        role = Step("role", role_label, "done", _names(one.display_name for one in facts.right_roles))
    else:
        said = _("No active role has Employees View, Create and Edit.")
        role = Step("role", role_label, "missing", said, reverse("accounts:role-new"), gettext_lazy("New Role"))
    return (
        role,
        _furthest(
            "saved",
            gettext_lazy("Access key saved"),
            facts.keys,
            lambda one: one.is_saved,
            (_("No access key yet."), _("A key was added, but not saved: it works only after Save."), url, link),
        ),
        _furthest(
            "on",
            gettext_lazy("Access key on"),
            saved,
            lambda one: one.is_on,
            (_("No access key is saved."), _("The access key is switched off."), url, link),
        ),
        *_holder([one for one in saved if one.is_on], facts),
    )


def _furthest(
    key: str, label: Label, held: list[Held], is_good: Callable[[Held], bool], words: tuple[str, str, str, Label]
) -> Step:
    """Done where one of them is good; else what is said of none at all, or of those there are."""
    none, bad, url, link = words
    good = [one for one in held if is_good(one)]
    if good:
        return Step(key, label, "done", _names(f"{one.label[:12]} ({one.username})" for one in good))
    return Step(key, label, "trouble" if held else "missing", bad if held else none, url, link)


def _holder(usable: list[Held], facts: Facts) -> tuple[Step, Step]:
    """Whether the employee behind it is active, and what the roles allow."""
    first = usable[0] if usable else None
    url = reverse("accounts:employee-detail", args=[first.employee_id]) if first else reverse("accounts:employee-list")
    link = gettext_lazy("Open the employee") if first else gettext_lazy("Open Employees")
    active = [one for one in usable if one.is_usable]
    label, rights_label = gettext_lazy("Its employee is active"), gettext_lazy("Its employee may provision")
    if active:
        state = Step("employee", label, "done", _names(one.username for one in active))
    else:
        said = _("There is none yet.")
        if first:
            said = _("%(name)s is %(status)s.") % {"name": first.username, "status": first.status}
        state = Step("employee", label, "trouble" if first else "missing", said, url, link)
    allowed = [one for one in active if one.may_provision]
    if allowed:
        return state, Step("rights", rights_label, "done", _names(one.username for one in allowed))
    if not active:
        return state, Step("rights", rights_label, "missing", _("There is nobody yet who could."), url, link)
    lacking = [code for code in RIGHTS if code not in active[0].rights]
    names = ", ".join(permission_name(code) for code in lacking)
    said = _("%(username)s lacks %(rights)s.") % {"username": active[0].username, "rights": names}
    only_read = SCIM not in active[0].rights and RIGHTS[0] in active[0].rights
    return state, Step("rights", rights_label, "note" if only_read else "trouble", said, url, link)


def _agent(facts: Facts) -> Step:
    label = gettext_lazy("Role for new employees")
    if facts.default_role is not None:
        return Step("agent", label, "done", facts.default_role.display_name)
    if facts.settings.scim_default_role_id:
        said = _("The default role for SCIM is not active. Choose another one in Account Settings.")
        url = reverse("accounts:account-settings")
        return Step("agent", label, "trouble", said, url, gettext_lazy("Open Account Settings"))
    said = _("No active role named Agent exists and no other default role is set.")
    return Step("agent", label, "missing", said, reverse("accounts:role-new"), gettext_lazy("New Role"))


def _fields(facts: Facts) -> Step:
    on = [str(name) for field, name in SCIM_OPTIONAL_FIELDS.items() if field in facts.settings.scim_fields]
    off = [str(name) for field, name in SCIM_OPTIONAL_FIELDS.items() if field not in facts.settings.scim_fields]
    label, url, link = (
        gettext_lazy("SCIM Fields"),
        reverse("accounts:account-settings"),
        gettext_lazy("Open Account Settings"),
    )
    if not off:
        return Step("fields", label, "done", _("All are enabled."))
    said = _("Not enabled, so ignored when they are sent: %(fields)s.") % {"fields": ", ".join(off)}
    return Step("fields", label, "note", said if on or off else "", url, link)


def _calls(facts: Facts, key: str) -> tuple[Step, Step]:
    """The first call seen, and how the last one went."""
    calls = facts.calls[key]
    first_label, last_label = gettext_lazy("First call seen"), gettext_lazy("Last call")
    if calls.first is None:
        first = Step("first", first_label, "missing", _("No successful call in the journal yet."))
    else:
        first = Step("first", first_label, "done", _moment(calls.first), exchange=calls.first)
    if calls.failed is not None and calls.is_failing:
        found = diagnosis.diagnose(calls.failed)[0]
        said = f"{_moment(calls.failed)}: {calls.failed.status}. {found.cause} {found.fix}"
        return first, Step("last", last_label, "trouble", said, exchange=calls.failed)
    if calls.last is None:
        return first, Step("last", last_label, "missing", _("None yet."))
    said = _moment(calls.last)
    if calls.failed is not None:
        said = _("%(moment)s; the last refusal was before it, %(failed)s.") % {
            "moment": said,
            "failed": _moment(calls.failed),
        }
    return first, Step("last", last_label, "done", said, exchange=calls.last)


def _moment(exchange: Exchange) -> str:
    return f"{exchange.at:%Y-%m-%d %H:%M:%S} UTC"


def _names(found: Iterable[Any]) -> str:
    names = [str(one) for one in found]
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


STATES: dict[str, Label] = {
    "done": pgettext_lazy("checklist", "Done"),
    "missing": pgettext_lazy("checklist", "To do"),
    "waiting": pgettext_lazy("checklist", "Waiting"),
    "trouble": pgettext_lazy("checklist", "Trouble"),
    "note": pgettext_lazy("checklist", "Note"),
}
TONES = {"done": "green", "missing": "grey", "waiting": "amber", "trouble": "red", "note": "blue"}
