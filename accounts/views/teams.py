"""Teams: the list and what its row menu does (screens §7)."""

import uuid

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, queries, rules
from accounts.actions import teams
from accounts.actors import Actor
from accounts.console import choices, dialogs, forms, lists
from accounts.console.answers import redirect
from accounts.console.dialogs import Dialog
from accounts.console.lists import Column, Filter, ListSpec
from accounts.console.menus import MenuItem
from accounts.errors import Problem
from accounts.forms.teams import DuplicateForm
from accounts.models import Team
from accounts.requests import PageRequest

VIEW, CREATE, EDIT, DEACTIVATE = (f"admin.teams.{action}" for action in ("view", "create", "edit", "deactivate"))

COLUMNS = (
    Column("name", gettext_lazy("Team Name"), ("name_key",)),
    Column("lead", gettext_lazy("Team Lead"), ("lead__name_key",)),
    Column("users", pgettext_lazy("column", "Users"), ("users",), "number narrow"),
    Column("status", gettext_lazy("Status"), ("status",), "narrow"),
    Column("modified", gettext_lazy("Last Modified"), ("modified_at",), "narrow"),
    Column("actions", gettext_lazy("Actions"), css="actions"),
)
STATUS: Filter[Team] = Filter(
    "status",
    gettext_lazy("Status"),
    [(status.value, status.label) for status in Team.Status],
    lambda rows, chosen: rows.filter(status__in=chosen),
    several=True,
    default=(Team.Status.ACTIVE.value,),
)


def spec(actor: Actor) -> ListSpec[Team]:
    """The list as this actor may use it."""
    return ListSpec(
        fragment="accounts/_team_table.html",
        columns=COLUMNS,
        counted=lambda n: ngettext("%(n)d team", "%(n)d teams", n) % {"n": n},
        empty=gettext_lazy("No teams yet"),
        search=queries.search_by_name,
        filters=(STATUS,),
        menu=lambda team: row_menu(team, actor),
    )


def row_menu(team: Team, actor: Actor) -> list[MenuItem]:
    """What this actor may do with a team from the list."""
    found = []
    if actor.can(CREATE):
        found.append(MenuItem(_("Duplicate"), reverse("accounts:team-duplicate", args=[team.pk]), "document-duplicate"))
    if actor.can(DEACTIVATE):
        if team.status == Team.Status.ACTIVE:
            hint = _("The default team cannot be deactivated.") if team.is_default else ""
            url = reverse("accounts:team-deactivate", args=[team.pk])
            found.append(MenuItem(_("Deactivate"), url, "no-symbol", takes_away=True, hint=hint))
        else:
            found.append(MenuItem(_("Reactivate"), reverse("accounts:team-reactivate", args=[team.pk]), "arrow-path"))
    return found


@require_safe
def team_list(request: PageRequest) -> HttpResponse:
    """The tenant's teams."""
    request.actor.require(VIEW)
    rows = queries.with_team_users(queries.teams(request.actor.business_unit_id)).select_related("lead")
    return lists.show(
        request, "accounts/team_list.html", spec(request.actor), rows, may_create=request.actor.can(CREATE)
    )


@require_safe
def leads(request: PageRequest) -> HttpResponse:
    """Who can lead a team, for the searchable drop-down: Active employees."""
    request.actor.require(VIEW)
    return choices.employees(request, queries.active_employees(request.actor.business_unit_id))


def problems_of_name(actor: Actor, name: str, team: Team | None = None) -> list[Problem]:
    """Whether another team has this name."""
    others = queries.teams(actor.business_unit_id)
    if not queries.name_taken(others, name, by_other_than=team.pk if team else None):
        return []
    return [rules.in_use("name", teams.TEXTS["name"].label)]


@require_http_methods(["GET", "HEAD", "POST"])
def duplicate(request: PageRequest, team_id: uuid.UUID) -> HttpResponse:
    """Ask for a name, then open the copy: an Inactive team with the same settings and nobody in it."""
    team = access.team(request.actor, team_id, CREATE)
    form = DuplicateForm(forms.posted(request))
    if answer := forms.check(request, form, lambda: _problems_of_copy(request, form)):
        return answer
    if request.method == "POST":
        made = forms.submit(form, lambda: teams.duplicate(team, form.cleaned_data["name"], actor=request.actor))
        if made is not None:
            return redirect(request, reverse("accounts:team-detail", args=[made.pk]))
    sentence = _("The copy is inactive and empty; it has the description, the lead and the settings of %(name)s.")
    dialog = Dialog(_("Duplicate"), sentence % {"name": team.name}, _("Duplicate"), back=reverse("accounts:team-list"))
    return dialogs.ask(request, dialog, form=form)


def _problems_of_copy(request: PageRequest, form: DuplicateForm) -> list[Problem]:
    name = form.cleaned_data.get("name", "")
    return teams.problems({"name": name}) or problems_of_name(request.actor, name)


@require_http_methods(["GET", "HEAD", "POST"])
def deactivate(request: PageRequest, team_id: uuid.UUID) -> HttpResponse:
    """Make a team one that nobody can be put into."""
    team = access.team(request.actor, team_id, DEACTIVATE)
    dialog = Dialog(
        _("Deactivate"),
        _("Deactivate %(name)s? Nobody can be put into it any more.") % {"name": team.name},
        _("Deactivate"),
        back=reverse("accounts:team-list"),
        takes_away=True,
    )
    return dialogs.confirm(
        request,
        dialog,
        lambda: teams.update(team, {"status": Team.Status.INACTIVE}, actor=request.actor),
        done=_("Team deactivated"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def reactivate(request: PageRequest, team_id: uuid.UUID) -> HttpResponse:
    """Let employees be put into a team again."""
    team = access.team(request.actor, team_id, DEACTIVATE)
    dialog = Dialog(
        _("Reactivate"),
        _("Reactivate %(name)s? Employees can then be put into it.") % {"name": team.name},
        _("Reactivate"),
        back=reverse("accounts:team-list"),
    )
    return dialogs.confirm(
        request,
        dialog,
        lambda: teams.update(team, {"status": Team.Status.ACTIVE}, actor=request.actor),
        done=_("Team activated"),
    )
