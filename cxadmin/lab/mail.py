"""The mail outbox: every mail that the tenants were sent, whether or not SMTP delivers it too.

Open to lab operators only: its links sign in as whoever they were sent to.
"""

import re
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts.console import lists
from accounts.console.lists import Column, Filter, ListSpec
from accounts.models import OutboxMail
from accounts.requests import PageRequest
from cxadmin.lab.access import operators_only
from cxadmin.lab.exchanges import ALL, tenants

Mails = QuerySet[OutboxMail]

WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
# What ends a sentence does not end an address.
BEHIND = ".,;:!?)]}'\N{IDEOGRAPHIC FULL STOP}"
# A page of its own: no script, no form, no other address, and no link that leads anywhere.
SANDBOXED = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def search(mails: Mails, words: str) -> Mails:
    """The mails whose subject, text or address contains these words."""
    return mails.filter(Q(subject__icontains=words) | Q(to__icontains=words) | Q(text__icontains=words))


def spec(names: dict[uuid.UUID, str]) -> ListSpec[OutboxMail]:
    """The list, with these tenants to choose from."""
    known = [(str(pk), name) for pk, name in names.items()]
    return ListSpec(
        fragment="lab/_mail_table.html",
        columns=(
            Column("at", pgettext_lazy("column", "Sent (UTC)"), ("created_at",), "narrow"),
            Column("to", pgettext_lazy("mail", "To"), ("to",)),
            Column("subject", pgettext_lazy("mail", "Subject"), ("subject",), "wide"),
            Column("tenant", gettext_lazy("Tenant"), css="narrow extra"),
        ),
        counted=lambda n: ngettext("%(n)d message", "%(n)d messages", n) % {"n": n},
        empty=gettext_lazy("No messages yet"),
        search=search,
        filters=(Filter("tenant", gettext_lazy("Tenant"), (ALL, *known), _of_tenant),),
        newest_first=True,
    )


def _of_tenant(mails: Mails, chosen: Any) -> Mails:
    return mails.filter(business_unit_id=chosen[0]) if chosen[0] else mails


class _Links(HTMLParser):
    """Collects where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def links(mail: OutboxMail) -> list[str]:
    """Every web address in a mail, once, in the order they stand in it; those of its HTML part behind those of its text."""
    return list(dict.fromkeys(_links(mail)))


def _links(mail: OutboxMail) -> Iterator[str]:
    for found in WEB_ADDRESS.findall(mail.text):
        yield found.rstrip(BEHIND)
    page = _Links()
    page.feed(mail.html)
    yield from (link for link in page.found if WEB_ADDRESS.fullmatch(link))


@require_safe
@operators_only
def mail_list(request: PageRequest) -> HttpResponse:
    """The mails of all tenants, newest first."""
    names = tenants()
    return lists.show(
        request, "lab/mail_list.html", spec(names), OutboxMail.objects.defer("text", "html"), tenants=names
    )


def one(mail_id: uuid.UUID) -> OutboxMail:
    """A mail.

    Raises:
        Http404: there is none.
    """
    found = OutboxMail.objects.select_related("business_unit").filter(pk=mail_id).first()
    if found is None:
        raise Http404
    return found


@require_safe
@operators_only
def message(request: PageRequest, mail_id: uuid.UUID) -> HttpResponse:
    """One mail: as a page, as text, and where its links lead."""
    mail = one(mail_id)
    response = render(request, "lab/mail.html", {"mail": mail, "links": links(mail)})
    response._csp_update = {"frame-src": ["'self'"]}  # type: ignore[attr-defined]  # the HTML part, which is shut in itself
    return response


@require_safe
@operators_only
def html_part(request: PageRequest, mail_id: uuid.UUID) -> HttpResponse:
    """The HTML part, to be framed by the page of the mail: whatever is in it can do nothing."""
    mail = one(mail_id)
    if not mail.html:
        raise Http404
    headers = {"Content-Security-Policy": SANDBOXED, "X-Frame-Options": "SAMEORIGIN"}
    return HttpResponse(mail.html, headers=headers)


@require_safe
@operators_only
def attachment(request: PageRequest, mail_id: uuid.UUID, number: int) -> HttpResponse:
    """A file of a mail, always to be downloaded: shown here, a page in it would run as one of ours."""
    files: list[dict[str, Any]] = one(mail_id).attachments
    if not 1 <= number <= len(files):
        raise Http404
    file = files[number - 1]
    response = HttpResponse(file["content"], content_type=f"{file['media_type']}; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, file["name"])
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
