"""Answers a page can give: itself or the part of it that htmx asked for, or another address."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from accounts.requests import with_query


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page; after Back it wants the whole one again."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def page_or_fragment(
    request: HttpRequest, page: str, fragment: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render the whole page for a browser, only its fragment for htmx."""
    response = render(request, fragment if wants_fragment(request) else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def redirect(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser elsewhere, also when only a fragment was asked for."""
    return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") == "true" else HttpResponseRedirect(url)


def to_sign_in(request: Any) -> HttpResponse:
    """To the sign-in page, and from there back to the page that was open."""
    if request.headers.get("HX-Request") == "true":
        page = request.htmx.current_url_abs_path
    else:
        page = request.get_full_path() if request.method == "GET" else None
    return redirect(request, with_query(reverse("accounts:login"), next=page or ""))
