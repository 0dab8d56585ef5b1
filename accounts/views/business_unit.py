"""Business Unit details (screens §15)."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, addresses, permissions
from accounts.actions import business_units
from accounts.console import forms, history
from accounts.console.answers import redirect
from accounts.forms.business_unit import BusinessUnitForm
from accounts.models import BusinessUnit
from accounts.requests import PageRequest, with_query

VIEW, EDIT = (f"admin.external_business_unit.{action}" for action in ("view", "edit"))


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: PageRequest) -> HttpResponse:
    """The actor's business unit with all its addresses."""
    unit = access.business_unit(request.actor, VIEW)
    may_edit = request.actor.can(EDIT)
    initial = {"name": unit.name, "time_zone": unit.time_zone, "version": unit.version}
    form = BusinessUnitForm(forms.posted(request), initial=initial)
    if request.method == "POST":
        request.actor.require(EDIT)
        if answer := forms.check(request, form, lambda: business_units.problems(form.values())):
            return answer
        if forms.submit(form, lambda: _save(request, form, unit), problems=list) is not None:
            messages.success(request, _("Business unit saved"))
            return redirect(request, reverse("accounts:business-unit"))
        # The heading says what is stored, not what was refused.
        unit = access.business_unit(request.actor)
    form.is_checked_on_leaving = may_edit
    context = {
        "unit": unit,
        "form": form,
        "may_edit": may_edit,
        "area": BusinessUnit.AREAS[unit.area],
        "addresses": addresses.base_urls(unit),
        "tab": "history" if request.GET.get("tab") == "history" and not form.errors else "general",
        "licences": [category.label for category in permissions.visible(unit.licences)],
    }
    return render(request, "accounts/business_unit.html", context, status=422 if form.errors else 200)


def _save(request: PageRequest, form: BusinessUnitForm, unit: BusinessUnit) -> BusinessUnit:
    return business_units.update(unit, form.values(), actor=request.actor, expected_version=form.expected_version)


@require_safe
def unit_history(request: PageRequest) -> HttpResponse:
    """What happened to the business unit."""
    unit = access.business_unit(request.actor, VIEW)
    return history.show(
        request,
        request.actor,
        unit.pk,
        title=unit.name,
        back=reverse("accounts:business-unit"),
        event_url=lambda event_id: reverse("accounts:business-unit-history-event", args=[event_id]),
    )


@require_safe
def unit_history_event(request: PageRequest, event_id: uuid.UUID) -> HttpResponse:
    """More Details of one event."""
    unit = access.business_unit(request.actor, VIEW)
    back = with_query(reverse("accounts:business-unit"), tab="history")
    return history.details(request, request.actor, unit.pk, event_id, back=back)
