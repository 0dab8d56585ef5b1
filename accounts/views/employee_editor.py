"""Create Employee and the profile: General, Security with access keys, Change History under one Save (screens §5.2–5.4)."""

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, queries, rules
from accounts.actions import access_keys as key_actions
from accounts.actions import employees, locks, templates
from accounts.actors import Actor
from accounts.console import forms, history
from accounts.console.answers import redirect
from accounts.console.lists import Row
from accounts.crypto import new_mfa_secret
from accounts.errors import Forbidden, Invalid, Problem
from accounts.forms.employees import EmployeeForm
from accounts.models import Employee, EmployeeTemplate
from accounts.requests import PageRequest, with_query
from accounts.views import access_keys
from accounts.views.access_keys import AccessKeyTable
from accounts.views.employees import EDIT, INVITE, NEW, TO_CREATE, VIEW, act_at_once, page_of, row_menu

TABS = ("general", "security", "history")
GENERATE = "generate_mfa_secret"
LOAD = "load_template"
INVITABLE = (Employee.Status.UNREGISTERED, Employee.Status.PENDING)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PageRequest) -> HttpResponse:
    """An employee who is not stored yet."""
    request.actor.require(*TO_CREATE)
    form = EmployeeForm(_given(request), actor=request.actor, unit=request.business_unit)
    if answer := forms.check(request, form, lambda: _problems(form)):
        return answer
    if answer := _generated(request, form):
        return answer
    if request.method != "POST" or GENERATE in request.POST:
        return _page(request, form)
    if LOAD in request.POST:
        return _with_template(request, form)
    invite = "invite" in request.POST
    if invite:
        request.actor.require(INVITE)
    created = forms.submit(form, lambda: _create(request, form, invite=invite), problems=lambda: _problems(form))
    if created is None:
        return _page(request, form, status=422)
    done = _("Invitation sent to %(address)s") % {"address": created.email} if invite else ""
    messages.success(request, " – ".join(filter(None, (_("Employee created"), done))))
    page = page_of(created, request.actor)
    url = with_query(reverse("accounts:employee-list"), page=str(page) if page > 1 else "", **{NEW: str(created.pk)})
    return redirect(request, url)


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: PageRequest, employee_id: uuid.UUID) -> HttpResponse:
    """An employee of the tenant."""
    actor = request.actor
    employee = access.employee(actor, employee_id, VIEW)
    locks.release_if_over(employee)
    form = EmployeeForm(_given(request), actor=actor, unit=request.business_unit, employee=employee)
    table = AccessKeyTable(employee, actor, forms.posted(request))
    if not actor.can(EDIT):
        form.close_all()
    elif answer := forms.check(request, form, lambda: _problems(form)):
        return answer
    if answer := _generated(request, form) or access_keys.added(request, table):
        return answer
    if request.method != "POST" or GENERATE in request.POST or access_keys.is_adding(request):
        return _page(request, form, table)
    if LOAD in request.POST:
        actor.require(EDIT)
        return _with_template(request, form, table)
    if not actor.can(EDIT) and not table.is_open:
        raise Forbidden(EDIT)
    forms.submit(form, lambda: _save(request, form, employee, table), problems=lambda: _problems(form))
    if not form.is_valid():
        # The refused change is on the record in hand: the head shows what is stored.
        form.employee = access.employee(actor, employee_id)
        return _page(request, form, table, status=422)
    messages.success(request, _("Employee saved"))
    return redirect(request, with_query(reverse("accounts:employee-detail", args=[employee.pk]), tab=_tab(request)))


def _given(request: PageRequest) -> QueryDict | None:
    """What was submitted, with a new MFA secret where Generate asks for one."""
    data = forms.posted(request)
    if data is None or GENERATE not in data:
        return data
    filled = data.copy()
    filled["mfa_secret"] = new_mfa_secret()
    return filled


def _generated(request: PageRequest, form: EmployeeForm) -> HttpResponse | None:
    """Generate, for htmx: the field with a new secret."""
    if request.method != "POST" or GENERATE not in request.POST or not request.htmx:
        return None
    return render(request, "accounts/_mfa_secret.html", {"form": form})


def _with_template(request: PageRequest, form: EmployeeForm, table: AccessKeyTable | None = None) -> HttpResponse:
    """Load Template: the page with the template's values among what was entered, nothing stored (R-TPL-1, R-TPL-2)."""
    try:
        template = access.template(request.actor, uuid.UUID(request.POST[LOAD]))
    except ValueError as error:
        raise Http404 from error
    try:
        if template.status != EmployeeTemplate.Status.ACTIVE:
            raise Invalid([rules.inactive_choice(LOAD, _("employee template"))])
        values = templates.values_for(template)
    except Invalid as error:
        form.withhold_errors()
        form.add_refusal(error)
        return _page(request, form, table, status=422)
    filled = EmployeeForm(
        _overwritten(request.POST, values), actor=request.actor, unit=request.business_unit, employee=form.employee
    )
    filled.withhold_errors()
    messages.success(request, _("Filled in from %(name)s; nothing is saved yet.") % {"name": template.name})
    return _page(request, filled, table)


def _overwritten(entered: QueryDict, values: Mapping[str, Any]) -> QueryDict:
    """What was entered, with a template's values instead where it has some."""
    filled = entered.copy()
    for field, value in values.items():
        several = value if isinstance(value, list) else [] if value is None else [value]
        filled.setlist(field, [str(getattr(one, "pk", one)) for one in several])
    return filled


def _problems(form: EmployeeForm) -> list[Problem]:
    """What the rules say against the fields that could be read."""
    values, employee = form.values(), form.employee
    found = employees.problems(values, employee=employee)
    if values.get("username") and queries.username_taken(
        form.unit.pk, values["username"], by_other_than=employee.pk if employee else None
    ):
        found.append(rules.in_use("username", employees.TEXTS["username"].label))
    return [_of_the_form(problem) for problem in found if problem.field not in form.errors]


def _of_the_form(problem: Problem) -> Problem:
    """The form asks for the number of days beside the choice that makes one value of the two."""
    return dataclasses.replace(problem, field="inactivity_days") if problem.field == "inactivity_override" else problem


def _refuse_problems(form: EmployeeForm) -> None:
    if found := _problems(form):
        raise Invalid(found)


def _create(request: PageRequest, form: EmployeeForm, *, invite: bool) -> Employee:
    _refuse_problems(form)
    return employees.create(form.values(), actor=request.actor, invite=invite)


def _save(request: PageRequest, form: EmployeeForm, employee: Employee, table: AccessKeyTable) -> None:
    """Store the fields and the keys, both or neither."""
    _refuse_problems(form)
    with transaction.atomic():
        if request.actor.can(EDIT):
            employees.update(employee, form.values(), actor=request.actor, expected_version=form.expected_version)
        if table.is_open:
            key_actions.save(employee, table.states(), actor=request.actor)


def _page(
    request: PageRequest, form: EmployeeForm, table: AccessKeyTable | None = None, *, status: int = 200
) -> HttpResponse:
    actor, employee = request.actor, form.employee
    context = {
        "form": form,
        "employee": employee,
        "access_keys": table,
        "row": Row(employee, row_menu(employee, actor)) if employee else None,
        "tab": form.error_tab if status == 422 else _tab(request),
        "may_edit": employee is None or actor.can(EDIT),
        "may_save": employee is None or actor.can(EDIT) or (table is not None and table.is_open),
        "may_invite": actor.can(INVITE) and (employee is None or employee.status in INVITABLE),
        "templates": _loadable(actor, employee),
        "mfa_is_possible": bool(form.mfa_authenticators),
    }
    return render(request, "accounts/employee.html", context, status=status)


def _loadable(actor: Actor, employee: Employee | None) -> QuerySet[EmployeeTemplate]:
    """The templates that this actor can load into the page."""
    found = queries.active_templates(actor.business_unit_id).only("name")
    return found if employee is None or actor.can(EDIT) else found.none()


def _tab(request: PageRequest) -> str:
    given = request.POST.get("tab") or request.GET.get("tab", "")
    return given if given in TABS else "general"


# The address that waits for confirmation


@require_POST
def resend_email(request: PageRequest, employee_id: uuid.UUID) -> HttpResponse:
    """Mail the confirmation of a new address once more (R-EMP-4)."""
    employee = access.employee(request.actor, employee_id, EDIT)
    return act_at_once(
        request,
        lambda: employees.resend_confirmation(employee, actor=request.actor),
        _("Confirmation sent to %(address)s") % {"address": employee.email_to_be_verified},
    )


@require_POST
def discard_email(request: PageRequest, employee_id: uuid.UUID) -> HttpResponse:
    """Forget a new address that waits for confirmation (R-EMP-4)."""
    employee = access.employee(request.actor, employee_id, EDIT)
    return act_at_once(
        request, lambda: employees.discard_new_address(employee, actor=request.actor), _("New address discarded")
    )


# Change History


@require_safe
def employee_history(request: PageRequest, employee_id: uuid.UUID) -> HttpResponse:
    """What happened to the employee."""
    employee = access.employee(request.actor, employee_id, VIEW)
    return history.show(
        request,
        request.actor,
        employee.pk,
        title=employee.full_name,
        back=reverse("accounts:employee-detail", args=[employee.pk]),
        event_url=lambda event_id: reverse("accounts:employee-history-event", args=[employee.pk, event_id]),
    )


@require_safe
def employee_history_event(request: PageRequest, employee_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """More Details of one event."""
    employee = access.employee(request.actor, employee_id, VIEW)
    back = with_query(reverse("accounts:employee-detail", args=[employee.pk]), tab="history")
    return history.details(request, request.actor, employee.pk, event_id, back=back)
