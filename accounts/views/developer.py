"""The Developer Portal and opening registration files (screens §14.1)."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import addresses
from accounts.models import BusinessUnit
from accounts.requests import PageRequest
from accounts.views.registration import CREATE


@require_safe
def portal(request: PageRequest) -> HttpResponse:
    """What a developer needs to know of the tenant, business unit ID first."""
    unit = request.business_unit
    context: dict[str, object] = {
        "unit": unit,
        "area": BusinessUnit.AREAS[unit.area],
        "addresses": addresses.base_urls(unit),
    }
    context["may_register"] = settings.APP_REGISTRATION_PUBLIC or request.actor.can(CREATE)
    return render(request, "accounts/developer_portal.html", context)


@require_safe
def registration_file(request: PageRequest) -> HttpResponse:
    """Open registration file: the browser decrypts it, nothing is uploaded."""
    return render(request, "accounts/open_registration_file.html")
