"""The page of a login authenticator: General and Change History (screens §9)."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, addresses
from accounts.actions import authenticators
from accounts.console import forms, history
from accounts.console.answers import redirect
from accounts.errors import Problem
from accounts.forms.authenticators import AuthenticatorForm
from accounts.models import LoginAuthenticator
from accounts.requests import PageRequest, with_query
from accounts.views.authenticators import CREATE, MANAGE_PASSWORDS, SET_POLICY, VIEW, may_edit, needed_to_edit


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """An authenticator that is not stored yet."""
    request.actor.require(CREATE)
    return _answer(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: PageRequest, authenticator_id: uuid.UUID) -> HttpResponse:
    """An authenticator of the tenant."""
    authenticator = access.authenticator(request.actor, authenticator_id, VIEW)
    if request.method == "POST":
        request.actor.require(*needed_to_edit(authenticator))
    return _answer(request, authenticator)


def _answer(request: PageRequest, authenticator: LoginAuthenticator | None) -> HttpResponse:
    actor = request.actor
    form = AuthenticatorForm(
        forms.posted(request),
        request.FILES or None,
        authenticator=authenticator,
        may_set_policy=actor.can(SET_POLICY),
        may_manage_passwords=actor.can(MANAGE_PASSWORDS),
    )
    is_open = authenticator is None or may_edit(authenticator, actor)
    if not is_open:
        form.close_all()
    elif answer := forms.check(request, form, lambda: _problems(request, form)):
        return answer
    if request.method == "POST":
        saved = forms.submit(form, lambda: _save(request, form), problems=lambda: _problems(request, form))
        if saved is not None:
            return _saved(request, saved)
        if authenticator is not None:
            authenticator = access.authenticator(actor, authenticator.pk)  # as it is stored, not as it was refused
    context = {
        "form": form,
        "authenticator": authenticator,
        "entity_id": addresses.entity_id(request.business_unit),
        "assertion_url": addresses.assertion_url(request.business_unit),
        "tab": "history" if request.GET.get("tab") == "history" and not form.errors else "general",
        "may_edit": is_open,
        "may_set_policy": actor.can(SET_POLICY),
    }
    return render(request, "accounts/authenticator.html", context, status=422 if form.errors else 200)


def _problems(request: PageRequest, form: AuthenticatorForm) -> list[Problem]:
    unit = request.actor.business_unit_id
    found = authenticators.problems(form.values(), business_unit_id=unit, authenticator=form.authenticator)
    return [problem for problem in found if problem.field not in form.errors]


def _save(request: PageRequest, form: AuthenticatorForm) -> LoginAuthenticator:
    if form.authenticator is None:
        return authenticators.create(form.values(), actor=request.actor)
    return authenticators.update(
        form.authenticator,
        form.values(),
        actor=request.actor,
        activate="activate" in request.POST,
        expected_version=form.expected_version,
    )


def _saved(request: PageRequest, saved: LoginAuthenticator) -> HttpResponse:
    if "activate" in request.POST:
        messages.success(request, _("Login authenticator activated"))
        return redirect(request, reverse("accounts:authenticator-list"))
    messages.success(request, _("Login authenticator saved"))
    return redirect(request, reverse("accounts:authenticator-detail", args=[saved.pk]))


@require_safe
def authenticator_history(request: PageRequest, authenticator_id: uuid.UUID) -> HttpResponse:
    """What happened to the authenticator."""
    authenticator = access.authenticator(request.actor, authenticator_id, VIEW)
    return history.show(
        request,
        request.actor,
        authenticator.pk,
        title=authenticator.name,
        back=reverse("accounts:authenticator-detail", args=[authenticator.pk]),
        event_url=lambda event_id: reverse("accounts:authenticator-history-event", args=[authenticator.pk, event_id]),
    )


@require_safe
def authenticator_history_event(request: PageRequest, authenticator_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """More Details of one event."""
    authenticator = access.authenticator(request.actor, authenticator_id, VIEW)
    back = with_query(reverse("accounts:authenticator-detail", args=[authenticator.pk]), tab="history")
    return history.details(request, request.actor, authenticator.pk, event_id, back=back)
