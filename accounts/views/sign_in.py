"""Log in in two steps, through an identity provider, and log out (screens §2)."""

import uuid

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import queries
from accounts.actions import passwords, sign_in
from accounts.console import dialogs, forms
from accounts.console.answers import redirect
from accounts.console.dialogs import Dialog
from accounts.forms.sign_in import DomainForm, PasswordForm, UsernameForm
from accounts.models import AccountSettings, BusinessUnit, Employee
from accounts.oauth.redirects import leads_to_application
from accounts.requests import (
    LAST_USED,
    MUST_CHANGE,
    SIGNED_IN,
    PageRequest,
    VisitorRequest,
    client_address,
    wanted_page,
    with_query,
)
from cxadmin import clock

# The request that a browser carries to the identity provider and back; it names an employee, so it is signed.
VOUCH_SALT = "identity-provider"
VOUCH_SECONDS = 600


@login_not_required
@never_cache
@sensitive_post_parameters("password", "mfa_token")
@require_http_methods(["GET", "HEAD", "POST"])
@leads_to_application
def login(request: VisitorRequest) -> HttpResponse:
    """Both steps at one address. Nothing is kept between them but what the visitor typed, so nothing can leak."""
    wanted = wanted_page(request)
    if request.method == "POST":
        return steps(request, wanted=wanted)
    if request.user.is_authenticated:
        return redirect(request, wanted or reverse("accounts:home"))
    return first_step(request, wanted=wanted)


def first_step(request: VisitorRequest, *, wanted: str) -> HttpResponse:
    """The page that asks for the username; `wanted` is the page to go to in the end."""
    form = UsernameForm(initial={"username": request.GET.get("login_hint", "")})
    return _page(request, "username", form, wanted=wanted)


def steps(request: VisitorRequest, *, wanted: str) -> HttpResponse:
    """What the visitor entered in either step: the next page, or on success on to `wanted`."""
    return (_check_password if "password" in request.POST else _check_username)(request, wanted)


def _page(
    request: HttpRequest, step: str, form: forms.ConsoleForm, *, wanted: str = "", refusal: str = "", **more: object
) -> HttpResponse:
    tenant = {name: request.GET.get(name, "") for name in ("domain", "tenantId")}
    context = {
        "form": form,
        "refusal": refusal,
        "banner": _banner(request),
        "domain_page": with_query(reverse("accounts:company-domain"), next=wanted, tenantId=tenant["tenantId"]),
        "forgot_page": with_query(reverse("accounts:forgot-password"), **tenant),
        **more,
    }
    status = 422 if refusal or form.errors else 200
    return render(request, f"accounts/sign_in_{step}.html", context, status=status)


def fixed_tenant(request: HttpRequest) -> BusinessUnit | None:
    """The tenant that the address fixes, by company domain or by tenant ID."""
    found = BusinessUnit.objects.select_related("settings")
    if domain := request.GET.get("domain"):
        return found.filter(settings__custom_host_name=domain.lower()).first()
    try:
        return found.filter(pk=uuid.UUID(request.GET.get("tenantId", ""))).first()
    except ValueError:
        return None


def _banner(request: HttpRequest) -> AccountSettings | None:
    """The settings whose login banner the page shows: of the tenant that is fixed, or of the only one."""
    tenant = fixed_tenant(request) or queries.only_business_unit()
    shown = tenant is not None and tenant.settings.banner_on and tenant.settings.banner_html
    return tenant.settings if tenant is not None and shown else None


def _candidates(request: HttpRequest, username: str) -> list[Employee]:
    tenant = fixed_tenant(request)
    return sign_in.candidates(username, tenant.pk if tenant else None)


def _check_username(request: VisitorRequest, wanted: str) -> HttpResponse:
    form = UsernameForm(request.POST)
    form.is_valid()
    form.add_problems(sign_in.problems(form.cleaned_data.get("username", "")))
    if not form.is_valid():
        return _page(request, "username", form, wanted=wanted)
    username = form.cleaned_data["username"]
    found = _candidates(request, username)
    if len(found) == 1 and is_external(found[0]):
        return _to_identity_provider(request, found[0], wanted)
    return _page(request, "password", PasswordForm(found, initial={"username": username}), username=username)


def _check_password(request: VisitorRequest, wanted: str) -> HttpResponse:
    username = request.POST.get("username", "")
    if sign_in.problems(username):
        return _page(request, "username", UsernameForm(request.POST), wanted=wanted)
    form = PasswordForm(_candidates(request, username), request.POST)
    if not form.is_valid():
        return _page(request, "password", form, username=username)
    employee = form.employee
    if employee is not None and is_external(employee):
        return _to_identity_provider(request, employee, wanted)
    given = form.cleaned_data
    outcome = sign_in.attempt(employee, given["password"], given.get("mfa_token", ""), address=client_address(request))
    if outcome.employee is None:
        return _page(request, "password", form, refusal=outcome.message, username=username)
    return begin_session(request, outcome, wanted)


def begin_session(request: HttpRequest, outcome: sign_in.Outcome, wanted: str) -> HttpResponse:
    """Open the web session of a successful sign-in and lead on: to the page asked for, else to the first one permitted."""
    auth.login(request, outcome.employee)
    request.session[LAST_USED] = request.session[SIGNED_IN] = clock.now().timestamp()
    if not outcome.must_change_password:
        return redirect(request, wanted or reverse("accounts:home"))
    request.session[MUST_CHANGE] = True
    return redirect(request, with_query(reverse("accounts:password-change"), next=wanted))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def company_domain(request: VisitorRequest) -> HttpResponse:
    """Step 1b: fix the tenant by its Custom Host Name, then go on with step 1."""
    if request.method != "POST":
        return _page(request, "domain", DomainForm())
    form = DomainForm(request.POST)
    tenant = forms.submit(form, lambda: sign_in.tenant_of_domain(form.cleaned_data["domain"]))
    if tenant is None:
        return _page(request, "domain", form)
    domain = tenant.settings.custom_host_name or ""
    return redirect(request, with_query(reverse("accounts:login"), domain=domain, next=wanted_page(request)))


@login_not_required
@require_safe
def banner_style(request: VisitorRequest, business_unit_id: uuid.UUID) -> HttpResponse:
    """The colours of a tenant's login banner as a style sheet, because the content security policy allows no inline style."""
    found = get_object_or_404(AccountSettings, pk=business_unit_id, banner_on=True)
    css = f".login-banner {{ background: {found.banner_bg}; color: {found.banner_fg}; }}\n"
    return HttpResponse(css, content_type="text/css")


# The external authenticator: the browser goes to the identity provider, which the emulator plays.


def is_external(employee: Employee) -> bool:
    """Whether this employee signs in somewhere else."""
    return employee.login_authenticator is not None and employee.login_authenticator.is_external


def _to_identity_provider(request: HttpRequest, employee: Employee, wanted: str) -> HttpResponse:
    signed = signing.dumps(str(employee.pk), salt=VOUCH_SALT, compress=True)
    return redirect(request, with_query(reverse("accounts:identity-provider"), request=signed, next=wanted))


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@leads_to_application
def identity_provider(request: VisitorRequest) -> HttpResponse:
    """The simulated identity provider: vouch for the employee, or fail."""
    try:
        employee_id = signing.loads(request.GET.get("request", ""), salt=VOUCH_SALT, max_age=VOUCH_SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    found = Employee.objects.select_related("business_unit__settings", "login_authenticator")
    employee = get_object_or_404(found, pk=employee_id, login_authenticator__isnull=False)
    if request.method != "POST":
        return render(request, "accounts/identity_provider.html", {"employee": employee})
    outcome = sign_in.attempt_external(
        employee, vouched=request.POST.get("answer") == "continue", address=client_address(request)
    )
    if outcome.employee is None:
        form = UsernameForm(initial={"username": employee.username})
        wanted = wanted_page(request)
        login_page = with_query(reverse("accounts:login"), next=wanted)
        return _page(request, "username", form, wanted=wanted, refusal=outcome.message, action=login_page)
    return begin_session(request, outcome, wanted_page(request))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def forgot_password(request: VisitorRequest) -> HttpResponse:
    """Mail a link to whoever may have one; the page is the same whatever the name."""
    if request.method == "POST":
        for employee in _candidates(request, request.POST.get("username", "")[:254]):
            passwords.request_reset(employee)
        return redirect(request, reverse("accounts:forgot-password"))
    return render(request, "accounts/check_your_mail.html")


@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: PageRequest) -> HttpResponse:
    """Ask, then end the session; it signs out of this product only."""
    if request.method == "POST":
        sign_in.signed_out(request.user, address=client_address(request))
        auth.logout(request)
        return redirect(request, reverse("accounts:login"))
    sentence = _("Log out of %(product)s?") % {"product": settings.PRODUCT_NAME}
    return dialogs.ask(request, Dialog(_("Log out"), sentence, _("Yes"), back=reverse("accounts:home")))


@require_http_methods(["POST"])
def stay(request: PageRequest) -> HttpResponse:
    """What "Stay signed in" does: nothing but being a use of the session."""
    return HttpResponse(status=204)
