"""The team page: General, Assigned Users, Unavailable Codes, Contact Settings, Features, Change History (screens §7)."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, queries
from accounts.actions import teams
from accounts.console import assign, dialogs, forms, history, lists
from accounts.console.answers import redirect
from accounts.console.dialogs import Dialog
from accounts.console.lists import Column, ListSpec
from accounts.errors import Problem
from accounts.forms.teams import NewTeamForm, TeamForm
from accounts.models import Employee, Team
from accounts.requests import PageRequest, previous_page, with_query
from accounts.views.teams import CREATE, DEACTIVATE, EDIT, VIEW, problems_of_name

TABS = ("general", "users", "codes", "contact", "features", "history")
EDIT_EMPLOYEES = "admin.employees.edit"
TO_ASSIGN = (EDIT, EDIT_EMPLOYEES)
"""What moving employees from team to team takes."""


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A team that is not stored yet."""
    request.actor.require(CREATE)
    return _answer(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: PageRequest, team_id: uuid.UUID) -> HttpResponse:
    """A team of the tenant."""
    return _answer(request, access.team(request.actor, team_id, VIEW))


def _answer(request: PageRequest, team: Team | None) -> HttpResponse:
    form = TeamForm(forms.posted(request), unit=request.business_unit, team=team)
    if answer := forms.check(request, form, lambda: _problems(request, form)):
        return answer
    if request.method != "POST":
        return _page(request, form)
    saved = forms.submit(form, lambda: _save(request, form), problems=lambda: _problems(request, form))
    if saved is None:
        # The refused change is on the record in hand: the head shows what is stored.
        form.team = access.team(request.actor, team.pk) if team else None
        return _page(request, form, status=422)
    if "activate" in request.POST:
        messages.success(request, _("Team activated"))
        return redirect(request, reverse("accounts:team-list"))
    messages.success(request, _("Team saved"))
    return redirect(request, with_query(reverse("accounts:team-detail", args=[saved.pk]), tab=_tab(request)))


def _problems(request: PageRequest, form: TeamForm) -> list[Problem]:
    values = form.values()
    found = teams.problems(values, team=form.team)
    if not any(problem.field == "name" for problem in found):
        found += problems_of_name(request.actor, values["name"], form.team)
    return [problem for problem in found if problem.field not in form.errors]


def _save(request: PageRequest, form: TeamForm) -> Team:
    actor, team, activate = request.actor, form.team, "activate" in request.POST
    values = form.values()
    if team is None:
        status = Team.Status.ACTIVE if activate else Team.Status.INACTIVE
        return teams.create(values | {"status": status}, actor=actor)
    actor.require(EDIT)
    if activate:
        actor.require(DEACTIVATE)
        values["status"] = Team.Status.ACTIVE
    added = assign.chosen(actor, request.POST.getlist(assign.ADD))
    if added:
        actor.require(EDIT_EMPLOYEES)
    return teams.update(team, values, actor=actor, add_users=added, expected_version=form.expected_version)


def _page(request: PageRequest, form: TeamForm, *, status: int = 200) -> HttpResponse:
    actor, team = request.actor, form.team
    may_edit = actor.can(EDIT if team else CREATE)
    is_active = team is not None and team.status == Team.Status.ACTIVE
    names = request.POST.getlist(assign.ADD) or request.GET.getlist(assign.ADD)
    context = {
        "team": team,
        "form": form,
        "added": assign.chosen(actor, names) if team else [],
        "tab": form.error_tab if status == 422 else _tab(request),
        "may_edit": may_edit,
        "may_assign": all(actor.can(code) for code in TO_ASSIGN),
        "may_activate": may_edit and not is_active and (team is None or actor.can(DEACTIVATE)),
        "is_active": is_active,
    }
    return render(request, "accounts/team.html", context, status=status)


def _tab(request: PageRequest) -> str:
    given = request.POST.get("tab") or request.GET.get("tab", "")
    return given if given in TABS else "general"


# Assigned Users

COLUMNS = (
    Column("name", gettext_lazy("Name"), ("name_key",)),
    Column("username", gettext_lazy("Username"), ("username_key",)),
    Column("role", gettext_lazy("Primary Role"), ("role_key", "name_key")),
    Column("status", gettext_lazy("Status"), ("status", "name_key"), "narrow"),
)
ACTIONS = Column("actions", gettext_lazy("Actions"), css="actions")


@require_safe
def users(request: PageRequest, team_id: uuid.UUID) -> HttpResponse:
    """Who belongs to the team: the tab's content, or a page without JavaScript."""
    team = access.team(request.actor, team_id, VIEW)
    may_assign = all(request.actor.can(code) for code in TO_ASSIGN)
    spec: ListSpec[Employee] = ListSpec(
        fragment="accounts/_team_users_table.html",
        columns=(*COLUMNS, ACTIONS) if may_assign else COLUMNS,
        counted=lambda n: ngettext("%(n)d employee", "%(n)d employees", n) % {"n": n},
        empty=gettext_lazy("Nobody belongs to this team yet"),
        search=queries.search_employees,
        id="users-list",
    )
    rows = queries.with_shown_role(
        access.seen(request.actor, queries.employees(team.business_unit_id).filter(team=team))
    )
    return lists.show_inside(
        request,
        "accounts/team_users.html",
        "accounts/_team_users.html",
        spec,
        rows.select_related("primary_role"),
        team=team,
        may_assign=may_assign,
    )


@require_safe
def users_add(request: PageRequest, team_id: uuid.UUID) -> HttpResponse:
    """The window behind Add Users: everybody who is not Inactive and belongs to another team."""
    team = access.team(request.actor, team_id, *TO_ASSIGN)
    back = with_query(reverse("accounts:team-detail", args=[team.pk]), tab="users")
    rows = queries.employees_of_other_teams(team)
    return assign.show(request, request.actor, rows, title=pgettext("button", "Add Users"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def user_remove(request: PageRequest, team_id: uuid.UUID, employee_id: uuid.UUID) -> HttpResponse:
    """Ask for the new team of somebody, who then belongs to that one (R-TEAM-1)."""
    team = access.team(request.actor, team_id, *TO_ASSIGN)
    employee = access.employee(request.actor, employee_id)
    if employee.team_id != team.pk:
        raise Http404
    form = NewTeamForm(forms.posted(request), among=queries.active_teams(team.business_unit_id).exclude(pk=team.pk))
    back = with_query(reverse("accounts:team-detail", args=[team.pk]), tab="users")
    if request.method == "POST":
        forms.submit(form, lambda: teams.move([employee], form.cleaned_data["team"], actor=request.actor))
        if form.is_valid():
            names = {"name": employee.full_name, "team": employee.team.name}
            messages.success(request, _("%(name)s now belongs to %(team)s") % names)
            return redirect(request, previous_page(request, back))
    sentence = _("Everybody belongs to a team. Choose the one that %(name)s belongs to from now on.")
    button = pgettext("button", "Remove")
    dialog = Dialog(button, sentence % {"name": employee.full_name}, button, back=back, takes_away=True)
    return dialogs.ask(request, dialog, form=form)


# Change History


@require_safe
def team_history(request: PageRequest, team_id: uuid.UUID) -> HttpResponse:
    """What happened to the team."""
    team = access.team(request.actor, team_id, VIEW)
    return history.show(
        request,
        request.actor,
        team.pk,
        title=team.name,
        back=reverse("accounts:team-detail", args=[team.pk]),
        event_url=lambda event_id: reverse("accounts:team-history-event", args=[team.pk, event_id]),
    )


@require_safe
def team_history_event(request: PageRequest, team_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """More Details of one event."""
    team = access.team(request.actor, team_id, VIEW)
    back = with_query(reverse("accounts:team-detail", args=[team.pk]), tab="history")
    return history.details(request, request.actor, team.pk, event_id, back=back)
