"""Send it again: the dialog that asks with whose rights, and the two answers side by side."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.console import dialogs, forms
from accounts.console.answers import redirect
from accounts.console.dialogs import Dialog
from accounts.console.forms import ConsoleForm
from accounts.models import BusinessUnit
from accounts.requests import PageRequest, client_address
from cxadmin.lab import exchanges, replay
from cxadmin.lab.access import operators_only
from cxadmin.lab.masking import MASK
from cxadmin.lab.models import Exchange
from cxadmin.lab.replay import Choice, Wanted


class ReplayForm(ConsoleForm):
    """With whose rights a request is sent again, and what the journal could not keep of it.

    Args:
        found: the credentials to choose from.
    """

    credential = django_forms.ChoiceField(label=gettext_lazy("With the rights of"))
    secret = django_forms.CharField(
        label=gettext_lazy("Secret"),
        required=False,
        max_length=8_192,
        help_text=gettext_lazy(
            "Of another credential: a token, or ID:secret of an access key. It is used for this request and not kept."
        ),
        widget=django_forms.PasswordInput({"autocomplete": "off"}),
    )

    def __init__(self, data: QueryDict | None, exchange: Exchange, found: list[Choice]) -> None:
        super().__init__(data, initial={"credential": replay.preset(exchange, found)})
        field: Any = self.fields["credential"]
        field.choices = [
            *((one.key, _("%(credential)s, as recorded") % {"credential": one.label} if one.is_recorded else one.label)
              for one in found),
            (replay.NONE, _("Nobody: without a credential")),
            (replay.GIVEN, _("Another credential, whose secret I enter")),
        ]  # fmt: skip
        for name, label, recorded in (
            ("query", gettext_lazy("Query"), exchange.query),
            ("body", gettext_lazy("Body"), exchange.request_body),
        ):
            if MASK in recorded:
                self.fields[name] = django_forms.CharField(
                    label=label,
                    required=False,
                    strip=False,
                    initial=recorded,
                    help_text=_("The journal masks secrets. Put them back where it has %(mask)s.") % {"mask": MASK},
                    widget=django_forms.Textarea({"rows": 6, "class": "mono", "spellcheck": "false"}),
                )

    @property
    def wanted(self) -> Wanted:
        """What was chosen."""
        given = self.cleaned_data
        return Wanted(given["credential"], given["secret"], given.get("query"), given.get("body"))


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def exchange_replay(request: PageRequest, exchange_id: int) -> HttpResponse:
    """Ask, send, and show both answers."""
    exchange = exchanges.one(exchange_id)
    back = reverse("lab:exchange-detail", args=[exchange.pk])
    unit_id = exchange.business_unit_id
    unit = BusinessUnit.objects.filter(pk=unit_id).first() if unit_id else None
    if said := replay.trouble(exchange):
        return dialogs.ask(request, Dialog(_("Send it again"), "", "", back), refusal=said)
    form = ReplayForm(forms.posted(request), exchange, replay.choices(exchange))
    if request.method == "POST":
        by, address = request.actor.username, client_address(request)
        made = forms.submit(form, lambda: replay.send(exchange, form.wanted, by=by, address=address))
        if made is not None:
            return redirect(request, reverse("lab:exchange-compare", args=[exchange.pk, made.pk]))
    target = f"{exchange.method} {exchange.readable[:200]}"
    dialog = Dialog(_("Send it again"), _sentence(exchange, unit), _("Send"), back, more=(target,))
    return dialogs.ask(request, dialog, form=form)


def _sentence(exchange: Exchange, unit: BusinessUnit | None) -> str:
    if replay.is_reading(exchange):
        return _("The request is sent to the instance as it is now. It reads only.")
    if unit is None:
        return _("The request is sent to the instance as it is now, and may change what it finds there.")
    return _("The request is sent to the tenant %(tenant)s as it is now, and changes it.") % {
        "tenant": unit.tenant_name
    }


@dataclass(frozen=True, slots=True)
class Pair:
    """Two lines of two texts side by side; `mark` is `same`, `changed`, `out` (only left) or `in` (only right)."""

    mark: str
    left: str
    right: str


def side_by_side(left: str, right: str) -> list[Pair]:
    """Two texts, line beside line."""
    return list(_pairs(left.splitlines(), right.splitlines()))


def _pairs(left: list[str], right: list[str]) -> Iterator[Pair]:
    for tag, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        before, after = left[a:b], right[c:d]
        for place in range(max(len(before), len(after))):
            one = before[place] if place < len(before) else None
            other = after[place] if place < len(after) else None
            mark = "same" if tag == "equal" else "in" if one is None else "out" if other is None else "changed"
            yield Pair(mark, one or "", other or "")


# What differs from answer to answer and says nothing.
FLEETING = frozenset({"X-Request-Id", "Content-Length", "Date"})


def texts_of(exchange: Exchange) -> tuple[str, str]:
    """Headers and body of an answer as they are compared."""
    kept = sorted((name, value) for name, value in exchange.answer_headers if name not in FLEETING)
    return "\n".join(f"{name}: {value}" for name, value in kept), exchanges.pretty(exchange.answer_body)


def differences(old: Exchange, new: Exchange) -> list[str]:
    """The lines in which two answers differ, for programs: `-` before, `+` now."""
    before, after = ("\n".join((f"{one.status}", *texts_of(one))) for one in (old, new))
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [f"{line[0]} {line[1:]}" for line in lines if not line.startswith(("---", "+++", "@@"))]


@require_safe
@operators_only
def exchange_compare(request: PageRequest, exchange_id: int, other_id: int) -> HttpResponse:
    """Two exchanges side by side: what was sent, and the answers with their differences marked."""
    old, new = exchanges.one(exchange_id), exchanges.one(other_id)
    (old_headers, old_body), (new_headers, new_body) = texts_of(old), texts_of(new)
    context = {
        "old": old,
        "new": new,
        "both": (old, new),
        "is_same": not differences(old, new),
        "headers": side_by_side(old_headers, new_headers),
        "body": side_by_side(old_body, new_body),
        "sent": exchanges.pretty(new.request_body),
    }
    return render(request, "lab/exchange_compare.html", context)
