"""The page of an employee template: General and Change History (screens §6)."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access
from accounts.actions import templates
from accounts.console import forms, history
from accounts.console.answers import redirect
from accounts.errors import Invalid, Problem
from accounts.forms.templates import TemplateForm
from accounts.models import EmployeeTemplate
from accounts.requests import PageRequest, with_query
from accounts.views.templates import CREATE, EDIT, VIEW


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A template that is not stored yet."""
    request.actor.require(CREATE)
    return _answer(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: PageRequest, template_id: uuid.UUID) -> HttpResponse:
    """A template of the tenant."""
    template = access.template(request.actor, template_id, VIEW)
    if request.method == "POST":
        request.actor.require(EDIT)
    return _answer(request, template)


def _answer(request: PageRequest, template: EmployeeTemplate | None) -> HttpResponse:
    form = TemplateForm(forms.posted(request), unit=request.business_unit, template=template)
    may_edit = template is None or request.actor.can(EDIT)
    if not may_edit:
        form.close_all()
    elif answer := forms.check(request, form, lambda: _problems(request, form)):
        return answer
    if request.method == "POST":
        saved = forms.submit(form, lambda: _save(request, form), problems=lambda: _problems(request, form))
        if saved is not None:
            return _saved(request, saved)
        if template is not None:
            template = access.template(request.actor, template.pk)  # as it is stored, not as it was refused
    context = {
        "form": form,
        "template": template,
        "tab": "history" if request.GET.get("tab") == "history" and not form.errors else "general",
        "may_edit": may_edit,
    }
    return render(request, "accounts/template.html", context, status=422 if form.errors else 200)


def _problems(request: PageRequest, form: TemplateForm) -> list[Problem]:
    values = form.values()
    found = templates.problems(values)
    found += templates.problems_of_name(values["name"], request.actor.business_unit_id, template=form.template)
    return [problem for problem in found if problem.field not in form.errors]


def _save(request: PageRequest, form: TemplateForm) -> EmployeeTemplate:
    if found := _problems(request, form):
        raise Invalid(found)
    activate = "activate" in request.POST
    if form.template is None:
        return templates.create(form.values(), actor=request.actor, activate=activate)
    return templates.update(
        form.template,
        form.values(),
        actor=request.actor,
        activate=activate,
        expected_version=form.expected_version,
    )


def _saved(request: PageRequest, saved: EmployeeTemplate) -> HttpResponse:
    if "activate" in request.POST:
        messages.success(request, _("Employee template activated"))
        return redirect(request, reverse("accounts:template-list"))
    messages.success(request, _("Employee template saved"))
    return redirect(request, reverse("accounts:template-detail", args=[saved.pk]))


@require_safe
def template_history(request: PageRequest, template_id: uuid.UUID) -> HttpResponse:
    """What happened to the template."""
    template = access.template(request.actor, template_id, VIEW)
    return history.show(
        request,
        request.actor,
        template.pk,
        title=template.name,
        back=reverse("accounts:template-detail", args=[template.pk]),
        event_url=lambda event_id: reverse("accounts:template-history-event", args=[template.pk, event_id]),
    )


@require_safe
def template_history_event(request: PageRequest, template_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """More Details of one event."""
    template = access.template(request.actor, template_id, VIEW)
    back = with_query(reverse("accounts:template-detail", args=[template.pk]), tab="history")
    return history.details(request, request.actor, template.pk, event_id, back=back)
