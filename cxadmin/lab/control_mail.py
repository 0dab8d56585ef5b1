"""The mail outbox for scripts and test suites (`/_lab/mail`): filters, the newest that matches, links ready to follow."""

import re
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from accounts.api.described.shapes import TEXT, TIME, UUID, WHOLE, Parameter, record, several, text
from accounts.console.lists import LONGEST_SEARCH
from accounts.ids import as_uuid
from accounts.models import BusinessUnit, OutboxMail
from cxadmin import clock
from cxadmin.lab import clocks
from cxadmin.lab import mail as outbox
from cxadmin.lab.control import Problem, answer, controls
from cxadmin.lab.control_requests import DEFAULT_LIMIT, MOST, number
from cxadmin.lab.described import describe
from cxadmin.lab.mail import Mails

FILTERS = ("tenant", "to", "subject", "since", "after", "q")
LONGEST_WAIT = 30
ASKED_EVERY = 0.1
TAG = "Mails"
SUMMARY = record(id=UUID, at=TIME, tenant=TEXT, to=TEXT, subject=TEXT, attachments=several(TEXT))
WHOLE_MAIL = record(
    id=UUID,
    at=TIME,
    tenant=TEXT,
    to=TEXT,
    subject=TEXT,
    text=TEXT,
    html=TEXT,
    links=several(TEXT),
    attachments=several(record(name=TEXT, media_type=TEXT, content=TEXT)),
)
DESCRIBED_FILTERS = (
    text("tenant", "Only of the tenant of this name."),
    text("to", "Only to this address."),
    text("subject", "Only with these words in the subject."),
    text("since", "Only since a time, or of the last `90s`, `5m`, `1h`, `1d`."),
    text("after", "Only what came after the mail of this id."),
    text("q", "Only with these words in subject, address or text."),
)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def narrowed(parameters: QueryDict, *more: str) -> Mails:
    """The mails that a query asks for.

    Args:
        more: parameters that may stand beside the filters.

    Raises:
        Problem: a parameter or a value that does not exist, so that a misspelt filter is not taken for none.
    """
    if unknown := sorted(set(parameters) - {*FILTERS, *more}):
        raise Problem(400, f"There is no parameter {unknown[0]}; known are {', '.join(sorted([*FILTERS, *more]))}.")
    given = {name: parameters.get(name, "").replace("\x00", "").strip() for name in FILTERS}
    mails: Mails = OutboxMail.objects.select_related("business_unit")
    now = clock.machine()
    if name := given["tenant"]:
        unit = BusinessUnit.objects.filter(tenant_name=name).first()
        if unit is None:
            raise Problem(400, f"There is no tenant {name!r}.")
        mails, now = mails.filter(business_unit_id=unit.pk), clocks.time_of(unit)
    if given["to"]:
        mails = mails.filter(to__iexact=given["to"])
    if given["subject"]:
        mails = mails.filter(subject__icontains=given["subject"])
    if given["since"]:
        mails = mails.filter(created_at__gte=moment(given["since"], now))
    if given["after"]:
        earlier = as_uuid(given["after"])
        if earlier is None:
            raise Problem(400, f"after must be the id of a mail, not {given['after']!r}.")
        mails = mails.filter(pk__gt=earlier)
    return outbox.search(mails, given["q"][:LONGEST_SEARCH]) if given["q"] else mails


def moment(text: str, now: datetime) -> datetime:
    """A moment, or how long before now it was: `2026-05-01T10:00:00Z`, `90s`, `5m`, `1h`, `1d`.

    Raises:
        Problem: it is neither.
    """
    if re.fullmatch(r"[0-9]{1,6}[smhd]", text):
        return now - timedelta(**{UNITS[text[-1]]: int(text[:-1])})
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise Problem(400, f"since must be a time such as 2026-05-01T10:00:00Z, or 5m, 1h, 1d; not {text!r}.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@controls("GET")
@describe(
    tag=TAG,
    answer=record(mails=several(SUMMARY)),
    query=(
        *DESCRIBED_FILTERS,
        Parameter("limit", WHOLE, f"At most so many, {DEFAULT_LIMIT} by default, {MOST} at most."),
    ),
    refuses=(400,),
)
def mail_list(request: HttpRequest) -> HttpResponse:
    """The newest mails, newest first."""
    found = narrowed(request.GET, "limit").defer("text", "html").order_by("-pk")
    limit = number(request.GET, "limit", DEFAULT_LIMIT, MOST)
    return answer({"mails": [summary(mail) for mail in found[:limit]]})


@controls("GET")
@describe(
    tag=TAG,
    answer=WHOLE_MAIL,
    query=(*DESCRIBED_FILTERS, Parameter("wait", WHOLE, f"Wait so many seconds for one, {LONGEST_WAIT} at most.")),
    refuses=(400, 404),
)
def mail_latest(request: HttpRequest) -> HttpResponse:
    """The newest mail that matches; with `wait`, once there is one."""
    return answer(whole(latest(request.GET)))


def latest(parameters: QueryDict) -> OutboxMail:
    """The newest mail that a query asks for, waiting for it as long as the query says.

    Raises:
        Problem: there is none, or the query is misspelt.
    """
    found = narrowed(parameters, "wait").order_by("-pk")
    seconds = number(parameters, "wait", 0, LONGEST_WAIT)
    until = time.monotonic() + seconds
    while (mail := found.first()) is None:
        if time.monotonic() >= until:
            waited = f", nor did one come within {seconds} s" if seconds else ""
            raise Problem(404, f"There is no mail that matches{waited}.")
        time.sleep(ASKED_EVERY)
    return mail


@controls("GET")
@describe(tag=TAG, answer=WHOLE_MAIL)
def mail_detail(request: HttpRequest, mail_id: uuid.UUID) -> HttpResponse:
    """One mail with text, HTML, links and attachments."""
    return answer(whole(one(mail_id)))


def one(mail_id: uuid.UUID) -> OutboxMail:
    """A mail.

    Raises:
        Problem: there is none of this ID.
    """
    mail = OutboxMail.objects.select_related("business_unit").filter(pk=mail_id).first()
    if mail is None:
        raise Problem(404, f"There is no mail {mail_id}.")
    return mail


def summary(mail: OutboxMail) -> dict[str, Any]:
    """A mail on one line."""
    return {
        "id": str(mail.pk),
        "at": mail.created_at.isoformat(),
        "tenant": mail.business_unit.tenant_name,
        "to": mail.to,
        "subject": mail.subject,
        "attachments": [file["name"] for file in mail.attachments],
    }


def whole(mail: OutboxMail) -> dict[str, Any]:
    """Everything about a mail."""
    return summary(mail) | {
        "text": mail.text,
        "html": mail.html,
        "links": outbox.links(mail),
        "attachments": [
            {"name": file["name"], "media_type": file["media_type"], "content": file["content"]}
            for file in mail.attachments
        ],
    }
