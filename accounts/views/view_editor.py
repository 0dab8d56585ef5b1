"""The page of a view: General and Change History (screens §11)."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access
from accounts.actions import views
from accounts.console import forms, history
from accounts.console.answers import redirect
from accounts.errors import Invalid, Problem
from accounts.forms.views import ViewForm
from accounts.models import View
from accounts.requests import PageRequest, with_query
from accounts.views.views import CREATE, EDIT, VIEW


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """A view that is not stored yet."""
    request.actor.require(CREATE)
    return _answer(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: PageRequest, view_id: uuid.UUID) -> HttpResponse:
    """A view of the tenant."""
    view = access.view(request.actor, view_id, VIEW)
    if request.method == "POST":
        request.actor.require(EDIT)
    return _answer(request, view)


def _answer(request: PageRequest, view: View | None) -> HttpResponse:
    form = ViewForm(forms.posted(request), unit=request.business_unit, view=view)
    may_edit = view is None or request.actor.can(EDIT)
    if not may_edit:
        form.close_all()
    elif answer := forms.check(request, form, lambda: _problems(request, form)):
        return answer
    if request.method == "POST":
        saved = forms.submit(form, lambda: _save(request, form), problems=lambda: _problems(request, form))
        if saved is not None:
            messages.success(request, _("View saved") if view else _("View created"))
            back = reverse("accounts:view-detail", args=[saved.pk]) if view else reverse("accounts:view-list")
            return redirect(request, back)
        if view is not None:
            view = access.view(request.actor, view.pk)  # as it is stored, not as it was refused
    context = {
        "form": form,
        "view_record": view,
        "tab": "history" if request.GET.get("tab") == "history" and not form.errors else "general",
        "may_edit": may_edit,
    }
    return render(request, "accounts/view.html", context, status=422 if form.errors else 200)


def _problems(request: PageRequest, form: ViewForm) -> list[Problem]:
    values = form.values()
    found = views.problems(values)
    found += views.problems_of_name(values["name"], request.actor.business_unit_id, view=form.view)
    return [problem for problem in found if problem.field not in form.errors]


def _save(request: PageRequest, form: ViewForm) -> View:
    if found := _problems(request, form):
        raise Invalid(found)
    if form.view is None:
        return views.create(form.values(), actor=request.actor)
    return views.update(form.view, form.values(), actor=request.actor, expected_version=form.expected_version)


@require_safe
def view_history(request: PageRequest, view_id: uuid.UUID) -> HttpResponse:
    """What happened to the view."""
    view = access.view(request.actor, view_id, VIEW)
    return history.show(
        request,
        request.actor,
        view.pk,
        title=view.name,
        back=reverse("accounts:view-detail", args=[view.pk]),
        event_url=lambda event_id: reverse("accounts:view-history-event", args=[view.pk, event_id]),
    )


@require_safe
def view_history_event(request: PageRequest, view_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """More Details of one event."""
    view = access.view(request.actor, view_id, VIEW)
    back = with_query(reverse("accounts:view-detail", args=[view.pk]), tab="history")
    return history.details(request, request.actor, view.pk, event_id, back=back)
