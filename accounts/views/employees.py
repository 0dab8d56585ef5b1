"""Employees: the list and what can be done from it (screens §5.1)."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, queries
from accounts.actions import employees, locks, teams
from accounts.actors import Actor
from accounts.console import dialogs, forms, lists
from accounts.console.answers import page_or_fragment, redirect
from accounts.console.dialogs import Dialog
from accounts.console.forms import ConsoleForm
from accounts.console.lists import Column, Filter, ListSpec
from accounts.console.menus import MenuItem
from accounts.errors import Refused, RuleError
from accounts.forms.teams import NewTeamForm
from accounts.models import Employee
from accounts.requests import PageRequest, previous_page

VIEW, EDIT, CREATE, DELETE, INVITE, IMPORT = (
    f"admin.employees.{action}" for action in ("view", "edit", "create", "delete", "invite", "import")
)
MANAGE_PASSWORDS = "admin.can_manage_passwords.on"
ASSIGN_ROLES = "admin.role_management.user_assignment"
TO_MOVE = ("admin.teams.edit", EDIT)
"""What moving employees to another team takes (screens §7)."""
TO_CREATE = (CREATE, MANAGE_PASSWORDS, ASSIGN_ROLES)
"""What creating an employee on a page takes (R-EMP-10)."""

MOST_AT_ONCE = 20
TICKED = "employee"
NEW = "new"

Status = Employee.Status

COLUMNS = (
    Column("name", gettext_lazy("Name"), ("name_key",)),
    Column("username", gettext_lazy("Username"), ("username_key",)),
    Column("email", gettext_lazy("Email Address"), ("email_key",), "extra"),
    Column("role", gettext_lazy("Primary Role"), ("role_key", "name_key")),
    Column("team", gettext_lazy("Team"), ("team__name_key", "name_key")),
    Column("status", gettext_lazy("Status"), ("status", "name_key"), "narrow"),
    Column("actions", gettext_lazy("Actions"), css="actions"),
)
TICK = Column("tick", "", css="tick")

STATUS: Filter[Employee] = Filter(
    "status",
    gettext_lazy("Status"),
    [(status.value, status.label) for status in Status],
    lambda rows, chosen: rows.filter(status__in=chosen),
    several=True,
    default=tuple(status.value for status in Status if status != Status.DELETED),
)
SOURCE: Filter[Employee] = Filter(
    "source",
    gettext_lazy("Source"),
    (("", pgettext_lazy("filter", "All")), ("scim", gettext_lazy("SCIM")), ("local", pgettext_lazy("source", "Local"))),
    lambda rows, chosen: rows.filter(scim_managed=chosen[0] == "scim") if any(chosen) else rows,
)


def _by(field: str) -> Callable[[QuerySet[Employee], Sequence[str]], QuerySet[Employee]]:
    return lambda rows, chosen: rows.filter(**{field: chosen[0]}) if any(chosen) else rows


def spec(actor: Actor) -> ListSpec[Employee]:
    """The list as this actor may use it."""
    every = ("", pgettext_lazy("filter", "All"))
    roles = queries.roles_by_name(actor.business_unit_id).only("name", "ootb_code")
    every_team = queries.teams(actor.business_unit_id).order_by("name_key").only("name")
    return ListSpec(
        fragment="accounts/_employee_table.html",
        columns=(TICK, *COLUMNS) if actor.can(DELETE) or may_move(actor) else COLUMNS,
        counted=lambda n: ngettext("%(n)d employee", "%(n)d employees", n) % {"n": n},
        empty=gettext_lazy("No employees yet"),
        search=queries.search_employees,
        filters=(
            STATUS,
            Filter(
                "role",
                gettext_lazy("Primary Role"),
                [every, *((str(role.pk), role.display_name) for role in roles)],
                _by("primary_role"),
            ),
            Filter(
                "team", gettext_lazy("Team"), [every, *((str(team.pk), team.name) for team in every_team)], _by("team")
            ),
            SOURCE,
        ),
        menu=lambda employee: row_menu(employee, actor),
    )


def row_menu(employee: Employee, actor: Actor) -> list[MenuItem]:
    """What this actor may do with an employee, from the list and from the profile."""
    found = []
    if employees.has_password(employee) and actor.can(MANAGE_PASSWORDS):
        url = reverse("accounts:employee-reset-password", args=[employee.pk])
        found.append(MenuItem(pgettext("row action", "Reset P/W"), url, "key"))
    if employee.status == Status.BLOCKED and actor.can(EDIT):
        url = reverse("accounts:employee-unlock", args=[employee.pk])
        found.append(MenuItem(pgettext("row action", "Unlock User"), url, "lock-open", acts=True))
    if actor.can(DELETE):
        found.append(_status_item(employee))
    return found


def _status_item(employee: Employee) -> MenuItem:
    hint = _("Status is managed by your identity provider.") if employee.scim_managed else ""
    if employee.is_inactive:
        url = reverse("accounts:employee-reactivate", args=[employee.pk])
        return MenuItem(_("Reactivate"), url, "arrow-path", hint=hint)
    url = reverse("accounts:employee-deactivate", args=[employee.pk])
    return MenuItem(_("Deactivate"), url, "no-symbol", takes_away=True, hint=hint)


def may_create(actor: Actor) -> bool:
    """Whether the actor may create employees on a page (R-EMP-10)."""
    return all(actor.can(code) for code in TO_CREATE)


def may_move(actor: Actor) -> bool:
    """Whether the actor may move employees to another team."""
    return all(actor.can(code) for code in TO_MOVE)


@require_safe
def employee_list(request: PageRequest) -> HttpResponse:
    """The tenant's employees."""
    actor = request.actor
    actor.require(VIEW)
    locks.release_all_over(actor)
    return lists.show(
        request,
        "accounts/employee_list.html",
        spec(actor),
        queries.with_shown_role(access.seen(actor, queries.employees(actor.business_unit_id))).select_related(
            "primary_role", "team", "login_authenticator"
        ),
        toolbar="accounts/_employee_toolbar.html",
        may_create=may_create(actor),
        may_import=actor.can(IMPORT),
        may_invite=actor.can(INVITE),
        may_deactivate=actor.can(DELETE),
        may_move=may_move(actor),
        may_tick=actor.can(DELETE) or may_move(actor),
        ticked=request.GET.getlist(TICKED),
        new=request.GET.get(NEW, ""),
        invitable=(Status.UNREGISTERED, Status.PENDING),
    )


def page_of(employee: Employee, actor: Actor) -> int:
    """The page of the list, as it opens, on which an employee is."""
    listed = STATUS.apply(access.seen(actor, queries.employees(employee.business_unit_id)), STATUS.default)
    before = listed.filter(name_key__lt=employee.name_key).count()
    before += listed.filter(name_key=employee.name_key, pk__lt=employee.pk).count()
    return before // lists.PAGE_SIZES[0] + 1


# One employee


@require_POST
def invite(request: PageRequest, employee_id: uuid.UUID) -> HttpResponse:
    """Mail the activation link; on a Pending employee it replaces the old one."""
    employee = access.employee(request.actor, employee_id, INVITE)
    return act_at_once(
        request,
        lambda: employees.invite(employee, actor=request.actor),
        _("Invitation sent to %(address)s") % {"address": employee.email},
    )


@require_POST
def unlock(request: PageRequest, employee_id: uuid.UUID) -> HttpResponse:
    """Let a locked employee in again (R-LOCK-5)."""
    employee = access.employee(request.actor, employee_id, EDIT)
    return act_at_once(
        request,
        lambda: locks.unlock(employee, actor=request.actor),
        _("%(name)s unlocked; must sign in within 2 days.") % {"name": employee.full_name},
    )


def act_at_once(request: PageRequest, act: Callable[[], object], done: str) -> HttpResponse:
    """Do what needs no dialog, say how it went, and stay where one was."""
    try:
        act()
    except RuleError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect(request, previous_page(request, reverse("accounts:employee-list")))


@require_http_methods(["GET", "HEAD", "POST"])
def reset_password(request: PageRequest, employee_id: uuid.UUID) -> HttpResponse:
    """Reset P/W: a new password at the next sign-in (R-PWD-5)."""
    employee = access.employee(request.actor, employee_id, MANAGE_PASSWORDS)
    sentence = _("Force %(name)s to set a new password at next sign-in?") % {"name": employee.full_name}
    return dialogs.confirm(
        request,
        Dialog(pgettext("row action", "Reset P/W"), sentence, _("Reset P/W"), back=reverse("accounts:employee-list")),
        lambda: employees.require_new_password(employee, actor=request.actor),
        done=_("%(name)s must set a new password at the next sign-in.") % {"name": employee.full_name},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def deactivate(request: PageRequest, employee_id: uuid.UUID) -> HttpResponse:
    """Make an employee inactive."""
    employee = access.employee(request.actor, employee_id, DELETE)
    sentence = _("Deactivate %(name)s? The employee can no longer sign in and the access keys stop working.")
    return dialogs.confirm(
        request,
        Dialog(
            _("Deactivate"),
            sentence % {"name": employee.full_name},
            _("Deactivate"),
            back=reverse("accounts:employee-list"),
            takes_away=True,
        ),
        lambda: employees.deactivate(employee, actor=request.actor),
        done=_("%(name)s deactivated") % {"name": employee.full_name},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def reactivate(request: PageRequest, employee_id: uuid.UUID) -> HttpResponse:
    """Bring an inactive employee back."""
    employee = access.employee(request.actor, employee_id, DELETE)
    if employee.ever_activated:
        sentence = _("Reactivate %(name)s? The employee can sign in again and the access keys work again.")
    else:
        sentence = _("Reactivate %(name)s? The employee has never been activated and must be invited.")
    return dialogs.confirm(
        request,
        Dialog(
            _("Reactivate"),
            sentence % {"name": employee.full_name},
            _("Reactivate"),
            back=reverse("accounts:employee-list"),
        ),
        lambda: employees.reactivate(employee, actor=request.actor),
        done=_("%(name)s reactivated") % {"name": employee.full_name},
    )


# Several employees


@require_http_methods(["GET", "HEAD", "POST"])
def deactivate_several(request: PageRequest) -> HttpResponse:
    """Deactivate the ticked rows; those that cannot be done stay ticked and are listed with the reason."""
    request.actor.require(DELETE)
    people = _ticked(request)
    n = len(people)
    sentence = ngettext("Deactivate %(n)d employee?", "Deactivate %(n)d employees?", n) % {"n": n}
    several = Several(
        Dialog(_("Deactivate"), sentence, _("Deactivate"), back=reverse("accounts:employee-list"), takes_away=True),
        none_ticked=_("Tick the employees to deactivate first."),
        too_many=_("Deactivate at most %(n)d employees at once.") % {"n": MOST_AT_ONCE},
        done=lambda n: ngettext("%(n)d employee deactivated", "%(n)d employees deactivated", n) % {"n": n},
        some_done=lambda n: (
            ngettext(
                "%(n)d employee was deactivated, these were not:",
                "%(n)d employees were deactivated, these were not:",
                n,
            )
            % {"n": n}
        ),
        none_done=_("Nobody was deactivated:"),
    )
    return _act_on_several(
        request, people, several, lambda employee: employees.deactivate(employee, actor=request.actor)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change_team(request: PageRequest) -> HttpResponse:
    """Move the ticked rows to a team; those that cannot be done stay ticked and are listed with the reason."""
    request.actor.require(*TO_MOVE)
    people = _ticked(request)
    n = len(people)
    form = NewTeamForm(forms.posted(request), among=queries.active_teams(request.actor.business_unit_id))
    sentence = ngettext("Move %(n)d employee to another team.", "Move %(n)d employees to another team.", n) % {"n": n}
    several = Several(
        Dialog(_("Change Team"), sentence, pgettext("assign dialog", "Move"), back=reverse("accounts:employee-list")),
        none_ticked=_("Tick the employees to move first."),
        too_many=_("Move at most %(n)d employees at once.") % {"n": MOST_AT_ONCE},
        done=lambda n: ngettext("%(n)d employee moved", "%(n)d employees moved", n) % {"n": n},
        some_done=lambda n: (
            ngettext("%(n)d employee was moved, these were not:", "%(n)d employees were moved, these were not:", n)
            % {"n": n}
        ),
        none_done=_("Nobody was moved:"),
        form=form,
    )

    def move(employee: Employee) -> None:
        if employee.is_inactive:
            raise Refused(_("This employee is inactive."), "SCREENS-7")
        teams.move([employee], form.cleaned_data["team"], actor=request.actor)

    return _act_on_several(request, people, several, move)


@dataclass(frozen=True, slots=True)
class Several:
    """What a dialog about the ticked rows says.

    Attributes:
        done: when all was done, and for how many.
        some_done: when only some was done, above those that were not.
        form: fields between the sentence and the names.
    """

    dialog: Dialog
    none_ticked: str
    too_many: str
    done: Callable[[int], str]
    some_done: Callable[[int], str]
    none_done: str
    form: ConsoleForm | None = None


def _act_on_several(
    request: PageRequest, people: Sequence[Employee], several: Several, act: Callable[[Employee], None]
) -> HttpResponse:
    """Ask on GET, act on each on POST; what the rules say against one of them does not keep the others."""
    refusal = ""
    failed: list[tuple[Employee, str]] = []
    back = previous_page(request, several.dialog.back)
    if not people:
        refusal = several.none_ticked
    elif len(people) > MOST_AT_ONCE:
        refusal = several.too_many
    elif request.method == "POST" and (several.form is None or several.form.is_valid()):
        failed = _failing(people, act)
        if not failed:
            messages.success(request, several.done(len(people)))
            return redirect(request, back)
    done = len(people) - len(failed)
    context = {
        "dialog": several.dialog,
        "form": several.form,
        "people": people,
        "refusal": refusal,
        "failed": failed,
        "outcome": several.some_done(done) if done else several.none_done,
        "next": back,
        "back": _ticking(back, [employee for employee, _reason in failed]),
        "template": "accounts/_several.html",
    }
    is_wrong = refusal or (several.form is not None and several.form.errors)
    return page_or_fragment(request, "dialog.html", "accounts/_several.html", context, status=422 if is_wrong else 200)


def _ticked(request: PageRequest) -> list[Employee]:
    """The ticked employees.

    Raises:
        django.http.Http404: one of them is no employee of the tenant.
    """
    given = (request.POST if request.method == "POST" else request.GET).getlist(TICKED)
    try:
        return access.employees(request.actor, {uuid.UUID(value) for value in given})
    except ValueError as error:
        raise Http404 from error


def _failing(people: Sequence[Employee], act: Callable[[Employee], None]) -> list[tuple[Employee, str]]:
    """Do it for each; those for whom it could not be done, each with the reason."""
    failed = []
    for employee in people:
        try:
            act(employee)
        except RuleError as error:
            failed.append((employee, error.message))
    return failed


def _ticking(url: str, people: Sequence[Employee]) -> str:
    """The list at this address with these rows ticked."""
    parts = urlsplit(url)
    state = QueryDict(parts.query, mutable=True)
    state.setlist(TICKED, [str(employee.pk) for employee in people])
    return f"{parts.path}?{state.urlencode()}"
