"""The app selector and the left menu as data (screens §1.2, §1.3), and the frame of every page made from it.

A page appears here once it exists: add its `Item`, and the menu and the app selector know it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy

from accounts import queries
from accounts.actors import Actor
from accounts.models import Employee
from accounts.permissions import LAB_OPERATOR

THEME_COOKIE = "cxadmin_theme"
SIDE_BAR_COOKIE = "cxadmin_side_bar"
KEYS_COOKIE = "cxadmin_keys"
THEMES = ("light", "dark")

Label = str | Promise


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the left menu: shown to those who hold the see-permission, or to everybody if it needs none."""

    label: Label
    url_name: str
    icon: str
    permission: str | None = None

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    def is_open_to(self, actor: Actor) -> bool:
        return self.permission is None or actor.can(self.permission)


@dataclass(frozen=True, slots=True)
class Section:
    """Entries of the left menu under one heading, or under none."""

    label: Label | Callable[[], str] | None
    items: tuple[Item, ...]

    @property
    def heading(self) -> Label | None:
        return self.label() if callable(self.label) else self.label


@dataclass(frozen=True, slots=True)
class Application:
    """An entry of the app selector with the left menu it brings; listed for whoever can open one of its pages."""

    label: Label
    group: Label
    icon: str
    sections: tuple[Section, ...]
    licence: str | None = None

    def open_to(self, actor: Actor, licences: Iterable[str]) -> tuple[Section, ...]:
        """The part of the menu that this actor sees."""
        if self.licence is not None and self.licence not in licences:
            return ()
        visible = ((section, tuple(i for i in section.items if i.is_open_to(actor))) for section in self.sections)
        return tuple(Section(section.label, items) for section, items in visible if items)


def security_label() -> str:
    """The heading over the security pages: the original prints it differently by language, and so do we (screens §1.3)."""
    choice = settings.NAV_SECURITY_LABEL
    short = (get_language() or "").startswith("de") if choice == "auto" else choice == "security"
    return pgettext("navigation", "Security") if short else pgettext("navigation", "Security Settings")


ADMIN = Application(
    pgettext_lazy("application", "Admin"),
    pgettext_lazy("app group", "General"),
    "cog-6-tooth",
    (
        Section(
            None,
            (
                Item(gettext_lazy("Employees"), "accounts:employee-list", "users", "admin.employees.view"),
                Item(
                    gettext_lazy("Employee Templates"),
                    "accounts:template-list",
                    "clipboard-document-list",
                    "admin.employee_templates.view",
                ),
                Item(gettext_lazy("Teams"), "accounts:team-list", "user-group", "admin.teams.view"),
                Item(gettext_lazy("Groups"), "accounts:group-list", "rectangle-group", "admin.groups.view"),
                Item(
                    gettext_lazy("Bulk Upload Portal"),
                    "accounts:bulk-upload",
                    "arrow-up-tray",
                    "admin.bulk_upload.on",
                ),
            ),
        ),
        Section(
            security_label,
            (
                Item(
                    gettext_lazy("Roles and Permissions"),
                    "accounts:role-list",
                    "shield-check",
                    "admin.role_management.view",
                ),
                Item(
                    gettext_lazy("Login Authenticator"),
                    "accounts:authenticator-list",
                    "finger-print",
                    "admin.login_authenticator.view",
                ),
                Item(gettext_lazy("Views"), "accounts:view-list", "eye", "admin.view_management.view"),
                Item(
                    gettext_lazy("Locked Employees"),
                    "accounts:locked-employee-list",
                    "lock-closed",
                    "admin.employees.edit",
                ),
            ),
        ),
        Section(
            gettext_lazy("Tenant Configuration"),
            (
                Item(
                    gettext_lazy("Account Settings"),
                    "accounts:account-settings",
                    "adjustments-horizontal",
                    "admin.admin_account_settings.view",
                ),
                Item(
                    pgettext_lazy("navigation", "Applications"),
                    "accounts:application-list",
                    "squares-2x2",
                    "admin.applications.view",
                ),
            ),
        ),
    ),
    licence="admin",
)
ACD = Application(
    pgettext_lazy("application", "ACD"),
    pgettext_lazy("app group", "General"),
    "phone",
    (
        Section(
            gettext_lazy("ACD Configuration"),
            (
                Item(
                    gettext_lazy("Business Units"),
                    "accounts:business-unit",
                    "building-office-2",
                    "admin.external_business_unit.view",
                ),
            ),
        ),
    ),
    licence="acd",
)
REPORTING = Application(
    pgettext_lazy("application", "Reporting"),
    pgettext_lazy("app group", "General"),
    "chart-bar",
    (
        Section(
            None,
            (
                Item(
                    gettext_lazy("Change Audit Report"),
                    "accounts:change-report",
                    "document-magnifying-glass",
                    "admin.change_audit_report_access.on",
                ),
                Item(
                    gettext_lazy("Activity Audit Report"),
                    "accounts:activity-report",
                    "clipboard-document-check",
                    "admin.activity_audit_report_access.on",
                ),
            ),
        ),
    ),
    licence="reporting",
)
DEVELOPER = Application(
    pgettext_lazy("application", "Developer Portal"),
    pgettext_lazy("app group", "Developer"),
    "code-bracket",
    (
        Section(
            None,
            (
                Item(pgettext_lazy("application", "Developer Portal"), "accounts:developer-portal", "code-bracket"),
                Item(gettext_lazy("Register an application"), "accounts:application-register", "document-plus"),
                Item(gettext_lazy("Open registration file"), "accounts:registration-file", "lock-open"),
            ),
        ),
    ),
)
LAB = Application(
    pgettext_lazy("application", "Lab"),
    pgettext_lazy("app group", "Lab"),
    "beaker",
    (
        Section(
            None,
            (
                Item(pgettext_lazy("lab", "Overview"), "lab:overview", "chart-bar", LAB_OPERATOR),
                Item(pgettext_lazy("lab", "Requests"), "lab:exchange-list", "arrows-right-left", LAB_OPERATOR),
                Item(pgettext_lazy("lab", "Fault rules"), "lab:fault-list", "bolt", LAB_OPERATOR),
                Item(pgettext_lazy("lab", "Clocks"), "lab:clock-list", "clock", LAB_OPERATOR),
                Item(gettext_lazy("Integration checklist"), "lab:checklist", "clipboard-document-check", LAB_OPERATOR),
                Item(gettext_lazy("Simulator"), "lab:simulation-list", "play", LAB_OPERATOR),
                Item(pgettext_lazy("lab", "Tenants"), "lab:tenant-list", "building-office-2", LAB_OPERATOR),
                Item(gettext_lazy("Mail outbox"), "lab:mail-list", "envelope", LAB_OPERATOR),
            ),
        ),
    ),
)
APPLICATIONS = (ADMIN, ACD, REPORTING, DEVELOPER, LAB)


def landing(actor: Actor) -> str:
    """The page after a sign-in that did not ask for one: Employees if permitted, else My Profile (screens §2)."""
    return reverse("accounts:employee-list" if actor.can("admin.employees.view") else "accounts:profile")


@dataclass(frozen=True, slots=True)
class Choice:
    """An application as the app selector shows it."""

    application: Application
    sections: tuple[Section, ...]

    @property
    def url(self) -> str:
        return self.sections[0].items[0].url


class Shell:
    """What the frame of a page needs to know; asked for only by templates that print it."""

    languages = settings.LANGUAGES

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.path = request.path
        self.actor: Actor | None = getattr(request, "actor", None)

    @property
    def product_name(self) -> str:
        return str(settings.PRODUCT_NAME)

    @cached_property
    def employee(self) -> Employee | None:
        """Who is signed in."""
        user = getattr(self.request, "user", None)
        return user if self.actor is not None and isinstance(user, Employee) else None

    @cached_property
    def choices(self) -> list[Choice]:
        """The applications of the app selector."""
        if self.actor is None or self.employee is None:
            return []
        licences = self.employee.business_unit.licences
        offered = APPLICATIONS if settings.LAB else [one for one in APPLICATIONS if one is not LAB]
        found = (Choice(application, application.open_to(self.actor, licences)) for application in offered)
        return [choice for choice in found if choice.sections]

    @cached_property
    def current(self) -> Item | None:
        """The menu entry that the page belongs to: the one with the longest address in front of it."""
        items = (item for choice in self.choices for section in choice.sections for item in section.items)
        above = [item for item in items if self.path.startswith(item.url)]
        return max(above, key=lambda item: len(item.url), default=None)

    @cached_property
    def choice(self) -> Choice | None:
        """The application that the page belongs to; pages of no application show the first one's menu."""
        holding = (c for c in self.choices if any(self.current in section.items for section in c.sections))
        return next(holding, self.choices[0] if self.choices else None)

    @cached_property
    def unread(self) -> int:
        """How many notifications wait for the signed-in employee."""
        return queries.unread_notifications(self.employee.pk).count() if self.employee else 0

    @property
    def is_operator(self) -> bool:
        """Whether the pages of the lab are open to whoever is signed in."""
        return self.actor is not None and self.actor.can(LAB_OPERATOR)

    @property
    def theme(self) -> str:
        """The theme chosen with the switch; empty follows the system."""
        chosen = self.request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else ""

    @property
    def has_single_keys(self) -> bool:
        """Whether single keys do something; who dictates or presses keys by mistake can switch them off (WCAG 2.1.4)."""
        return self.request.COOKIES.get(KEYS_COOKIE) != "off"

    @property
    def is_collapsed(self) -> bool:
        return self.request.COOKIES.get(SIDE_BAR_COOKIE) == "collapsed"

    @property
    def idle_seconds(self) -> int:
        """After how many seconds without use the session ends; 0 for never (R-AUTH-6)."""
        if self.employee is None:
            return 0
        account_settings = self.employee.business_unit.settings
        return account_settings.idle_timeout_minutes * 60 if account_settings.idle_timeout_on else 0

    @property
    def toast_seconds(self) -> int:
        """How long a toast stays; 0 until it is closed."""
        return self.employee.toast_seconds if self.employee else 5


def shell(request: HttpRequest) -> dict[str, object]:
    """Context processor: `shell` for the frame."""
    return {"shell": Shell(request)}
