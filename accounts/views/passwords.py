"""Choosing a password: activation, reset, change; and the link that confirms a new e-mail address (screens §3)."""

from collections.abc import Callable, Iterable

from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions import links, passwords
from accounts.console import forms
from accounts.console.answers import redirect
from accounts.errors import Problem, Refused
from accounts.forms.passwords import ChangePasswordForm, NewPasswordForm
from accounts.models import Employee, LoginAuthenticator, MailedLink
from accounts.oauth.redirects import leads_to_application
from accounts.requests import MUST_CHANGE, PageRequest, VisitorRequest, wanted_page

Kind = MailedLink.Kind


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: VisitorRequest, token: str) -> HttpResponse:
    """3.1: choose a password and become Active; nobody is signed in by it (R-AUTH-3)."""
    link = links.find(Kind.INVITATION, token)
    if link is None:
        return dead_link(request, _("Ask your administrator for a new invitation."))
    authenticator = passwords.authenticator_of(link.employee)
    form = (forms.ConsoleForm if authenticator.is_external else NewPasswordForm)(forms.posted(request))
    if request.method == "POST":
        forms.submit(form, lambda: passwords.activate(link, *_new(form)), problems=_problems(form, link.employee))
        if form.is_valid():
            return _to_sign_in(request, _("Account activated. Sign in to continue."))
    return _page(request, "activate", form, authenticator, employee=link.employee)


def _new(form: forms.ConsoleForm) -> tuple[str, str]:
    """The new password and its repetition, as far as they were typed."""
    return form.cleaned_data.get("new_password", ""), form.cleaned_data.get("confirm_password", "")


def _problems(form: forms.ConsoleForm, employee: Employee) -> Callable[[], Iterable[Problem]]:
    """What else is wrong with the new password where the form itself already misses something."""

    def found() -> Iterable[Problem]:
        every = passwords.problems(employee, *_new(form), passwords.authenticator_of(employee))
        return [problem for problem in every if problem.field == "new_password"]

    return found


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: VisitorRequest, token: str) -> HttpResponse:
    """3.2: the link of "Forgot your password?"."""
    link = links.find(Kind.PASSWORD_RESET, token)
    if link is None:
        return dead_link(request)
    form = NewPasswordForm(forms.posted(request))
    if request.method == "POST":
        forms.submit(form, lambda: passwords.reset(link, *_new(form)), problems=_problems(form, link.employee))
        if form.is_valid():
            return _to_sign_in(request, _("Password changed. Sign in to continue."))
    return _page(request, "reset", form, passwords.authenticator_of(link.employee), employee=link.employee)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@leads_to_application
def change(request: PageRequest) -> HttpResponse:
    """3.3: forced after sign-in, or chosen in My Profile."""
    authenticator = request.user.login_authenticator
    if authenticator is None or authenticator.is_external:
        return redirect(request, reverse("accounts:profile"))
    form = ChangePasswordForm(forms.posted(request))
    if request.method == "POST":
        forms.submit(
            form,
            lambda: passwords.change(
                request.user, form.cleaned_data["current_password"], *_new(form), actor=request.actor
            ),
            problems=_problems(form, request.user),
        )
        if form.is_valid():
            auth.update_session_auth_hash(request, request.user)
            was_forced = request.session.pop(MUST_CHANGE, False)
            messages.success(request, _("Password changed"))
            after = reverse("accounts:home" if was_forced else "accounts:profile")
            return redirect(request, wanted_page(request) or after)
    return _page(request, "change", form, authenticator, is_forced=request.session.get(MUST_CHANGE, False))


@login_not_required
@never_cache
@require_GET
def confirm_email(request: VisitorRequest, token: str) -> HttpResponse:
    """3.4: opening the link makes the new address count."""
    link = links.find(Kind.EMAIL_CONFIRMATION, token)
    if link is None:
        return dead_link(request)
    try:
        employee = passwords.confirm_email(link)
    except Refused:
        return dead_link(request)
    return render(request, "accounts/email_confirmed.html", {"employee": employee})


def _page(
    request: HttpRequest, which: str, form: forms.ConsoleForm, authenticator: LoginAuthenticator, **more: object
) -> HttpResponse:
    context = {"form": form, "requirements": passwords.requirements(authenticator), "authenticator": authenticator}
    is_wide = not authenticator.is_external
    return render(
        request,
        f"accounts/password_{which}.html",
        {**context, "wide": is_wide, **more},
        status=422 if form.errors else 200,
    )


def _to_sign_in(request: HttpRequest, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect(request, reverse("accounts:login"))


def dead_link(request: HttpRequest, advice: str = "") -> HttpResponse:
    """The page behind a link that was used, replaced or is over."""
    return render(request, "accounts/dead_link.html", {"advice": advice}, status=410)
