"""The mail outbox: every mail the tenant was sent, whether or not SMTP delivers it too."""

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts import access
from accounts.console import lists
from accounts.console.lists import Column, ListSpec
from accounts.models import OutboxMail
from accounts.requests import PageRequest


def search(mails: QuerySet[OutboxMail], words: str) -> QuerySet[OutboxMail]:
    """The mails whose subject, text or address contains these words."""
    return mails.filter(Q(subject__icontains=words) | Q(to__icontains=words) | Q(text__icontains=words))


SPEC: ListSpec[OutboxMail] = ListSpec(
    fragment="lab/_mail_table.html",
    columns=(
        Column("at", pgettext_lazy("column", "Sent (UTC)"), ("created_at",), "narrow"),
        Column("to", pgettext_lazy("mail", "To"), ("to",)),
        Column("subject", pgettext_lazy("mail", "Subject"), ("subject",), "wide"),
    ),
    counted=lambda n: ngettext("%(n)d message", "%(n)d messages", n) % {"n": n},
    empty=gettext_lazy("No messages yet"),
    search=search,
    newest_first=True,
)


@require_safe
def mail_list(request: PageRequest) -> HttpResponse:
    """The tenant's mails, newest first."""
    rows = OutboxMail.objects.filter(business_unit_id=request.actor.business_unit_id).defer("text")
    return lists.show(request, "lab/mail_list.html", SPEC, rows)


@require_safe
def message(request: PageRequest, mail_id: uuid.UUID) -> HttpResponse:
    """One mail as its recipient reads it."""
    return render(request, "lab/mail.html", {"mail": access.mail(request.actor, mail_id)})


@require_safe
def attachment(request: PageRequest, mail_id: uuid.UUID, number: int) -> HttpResponse:
    """A file of a mail, always to be downloaded: shown here, a page in it would run as one of ours."""
    files: list[dict[str, Any]] = access.mail(request.actor, mail_id).attachments
    if not 1 <= number <= len(files):
        raise Http404
    file = files[number - 1]
    response = HttpResponse(file["content"], content_type=f"{file['media_type']}; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, file["name"])
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
