"""Employee Templates: the list and what its row menu does (screens §6)."""

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, queries
from accounts.actions import templates
from accounts.actors import Actor
from accounts.console import dialogs, forms, lists
from accounts.console.answers import redirect
from accounts.console.dialogs import Dialog
from accounts.console.lists import Column, Filter, ListSpec
from accounts.console.menus import MenuItem
from accounts.errors import Problem
from accounts.forms.templates import DuplicateTemplateForm
from accounts.models import EmployeeTemplate
from accounts.requests import PageRequest

VIEW, CREATE, EDIT = (f"admin.employee_templates.{action}" for action in ("view", "create", "edit"))
Status = EmployeeTemplate.Status

COLUMNS = (
    Column("name", gettext_lazy("Template Name"), ("name_key",)),
    Column("team", gettext_lazy("Team"), ("team_key",)),
    Column("role", gettext_lazy("Primary Role"), ("shown_role_key",)),
    Column("status", gettext_lazy("Status"), ("status",), "narrow"),
    Column("modified", gettext_lazy("Last Modified"), ("modified_at",), "narrow"),
    Column("actions", gettext_lazy("Actions"), css="actions"),
)


def _by_status(rows: QuerySet[EmployeeTemplate], chosen: Sequence[str]) -> QuerySet[EmployeeTemplate]:
    return rows.filter(status__in=chosen) if any(chosen) else rows


STATUS = Filter(
    "status",
    gettext_lazy("Status"),
    (
        ("", pgettext_lazy("filter", "All")),
        *((status.value, status.label) for status in (Status.ACTIVE, Status.INACTIVE, Status.DRAFT)),
    ),
    _by_status,
)


def spec(actor: Actor) -> ListSpec[EmployeeTemplate]:
    """The list as this actor may use it."""
    return ListSpec(
        fragment="accounts/_template_table.html",
        columns=COLUMNS,
        counted=lambda n: ngettext("%(n)d employee template", "%(n)d employee templates", n) % {"n": n},
        empty=gettext_lazy("No employee templates yet"),
        search=queries.search_templates,
        filters=(STATUS,),
        menu=lambda template: row_menu(template, actor),
    )


def row_menu(template: EmployeeTemplate, actor: Actor) -> list[MenuItem]:
    """What this actor may do with a template from the list."""

    def url(verb: str) -> str:
        return reverse(f"accounts:template-{verb}", args=[template.pk])

    found = []
    if actor.can(CREATE):
        found.append(MenuItem(_("Duplicate"), url("duplicate"), "document-duplicate"))
    if template.status != Status.ACTIVE and actor.can(EDIT):
        found.append(MenuItem(_("Activate"), url("activate"), "check-circle"))
    if template.status == Status.ACTIVE and actor.can(EDIT):
        found.append(MenuItem(_("Deactivate"), url("deactivate"), "no-symbol", takes_away=True))
    return found


@require_safe
def template_list(request: PageRequest) -> HttpResponse:
    """The tenant's employee templates."""
    request.actor.require(VIEW)
    rows = queries.with_shown_role(queries.templates(request.actor.business_unit_id))
    # Templates without a team or role come first, whichever database sorts them.
    rows = rows.select_related("team", "primary_role").annotate(
        team_key=Coalesce("team__name_key", Value("")), shown_role_key=Coalesce("role_key", Value(""))
    )
    may_create = request.actor.can(CREATE)
    return lists.show(request, "accounts/template_list.html", spec(request.actor), rows, may_create=may_create)


@require_http_methods(["GET", "HEAD", "POST"])
def duplicate(request: PageRequest, template_id: uuid.UUID) -> HttpResponse:
    """Ask for a name, then open the copy: a Draft with the same values."""
    template = access.template(request.actor, template_id, CREATE)
    form = DuplicateTemplateForm(forms.posted(request))
    if answer := forms.check(request, form, lambda: _name_problems(request, form)):
        return answer
    if request.method == "POST":
        made = forms.submit(form, lambda: templates.duplicate(template, form.cleaned_data["name"], actor=request.actor))
        if made is not None:
            return redirect(request, reverse("accounts:template-detail", args=[made.pk]))
    sentence = _("The copy is a draft with the values of %(name)s.") % {"name": template.name}
    dialog = Dialog(_("Duplicate"), sentence, _("Duplicate"), back=reverse("accounts:template-list"))
    return dialogs.ask(request, dialog, form=form)


def _name_problems(request: PageRequest, form: DuplicateTemplateForm) -> list[Problem]:
    return templates.problems_of_name(form.cleaned_data.get("name", ""), request.actor.business_unit_id)


@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: PageRequest, template_id: uuid.UUID) -> HttpResponse:
    """Let a Draft or Inactive template be applied."""
    template = access.template(request.actor, template_id, EDIT)
    sentence = _("Activate %(name)s? It can then be applied.") % {"name": template.name}
    dialog = Dialog(_("Activate"), sentence, _("Activate"), back=reverse("accounts:template-list"))
    done = _("Employee template activated")
    return dialogs.confirm(request, dialog, lambda: templates.activate(template, actor=request.actor), done=done)


@require_http_methods(["GET", "HEAD", "POST"])
def deactivate(request: PageRequest, template_id: uuid.UUID) -> HttpResponse:
    """Let it no longer be applied."""
    template = access.template(request.actor, template_id, EDIT)
    sentence = _("Deactivate %(name)s? It can no longer be applied.") % {"name": template.name}
    back = reverse("accounts:template-list")
    dialog = Dialog(_("Deactivate"), sentence, _("Deactivate"), back=back, takes_away=True)
    done = _("Employee template deactivated")
    return dialogs.confirm(request, dialog, lambda: templates.deactivate(template, actor=request.actor), done=done)
