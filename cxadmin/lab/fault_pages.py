"""The pages of the fault rules: the list, one rule, and what its row menu does."""

import uuid

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.console import dialogs, lists
from accounts.console.answers import redirect
from accounts.console.dialogs import Dialog
from accounts.console.forms import ConsoleForm, posted, submit, text
from accounts.console.lists import Column, ListSpec
from accounts.console.menus import MenuItem
from accounts.console.widgets import searchable
from accounts.requests import PageRequest, previous_page
from cxadmin.lab import exchanges, faults
from cxadmin.lab.access import operators_only
from cxadmin.lab.exchanges import ALL
from cxadmin.lab.models import FaultRule

COLUMNS = (
    Column("id", pgettext_lazy("column", "Number"), ("id",), "narrow"),
    Column("matches", pgettext_lazy("fault", "Which requests"), css="wide"),
    Column("does", pgettext_lazy("fault", "What happens")),
    Column("fired", pgettext_lazy("fault", "Fired"), ("fired",), "number narrow"),
    Column("status", gettext_lazy("Status"), css="narrow"),
    Column("actions", gettext_lazy("Actions"), css="actions"),
)


def search(rows: QuerySet[FaultRule], words: str) -> QuerySet[FaultRule]:
    """The rules whose name, path or credential contains these words."""
    return rows.filter(Q(name__icontains=words) | Q(path__icontains=words) | Q(credential__icontains=words))


def row_menu(rule: FaultRule) -> list[MenuItem]:
    """What can be done with a rule from the list."""
    if rule.is_armed:
        turn = MenuItem(pgettext("fault", "Disarm"), reverse("lab:fault-disarm", args=[rule.pk]), "pause", acts=True)
    else:
        turn = MenuItem(pgettext("fault", "Arm"), reverse("lab:fault-arm", args=[rule.pk]), "play", acts=True)
    delete = reverse("lab:fault-delete", args=[rule.pk])
    return [
        MenuItem(
            pgettext("button", "Edit"), reverse("lab:fault-detail", args=[rule.pk]), "pencil-square", is_page=True
        ),
        turn,
        MenuItem(pgettext("button", "Delete"), delete, "trash", takes_away=True),
    ]


SPEC: ListSpec[FaultRule] = ListSpec(
    fragment="lab/_fault_table.html",
    columns=COLUMNS,
    counted=lambda n: ngettext("%(n)d fault rule", "%(n)d fault rules", n) % {"n": n},
    empty=gettext_lazy("No fault rules yet"),
    search=search,
    menu=row_menu,
)


@require_safe
@operators_only
def fault_list(request: PageRequest) -> HttpResponse:
    """Every rule of the instance."""
    return lists.show(request, "lab/fault_list.html", SPEC, FaultRule.objects.all(), tenants=exchanges.tenants())


class FaultForm(ConsoleForm):
    """A fault rule. The rules about it are in `faults.problems`; left empty, a condition does not narrow.

    Args:
        tenants: the tenants to choose from, with their names.
    """

    name = text(faults.TEXTS["name"], autocomplete="off")
    armed = forms.BooleanField(label=faults.LABELS["armed"], required=False)
    tenant = forms.ChoiceField(label=faults.LABELS["tenant"], required=False, widget=searchable())
    credential = text(
        faults.TEXTS["credential"],
        hint=gettext_lazy("SCIM token, access key or application; or one as the request journal names it"),
        autocomplete="off",
    )
    door = forms.ChoiceField(label=faults.LABELS["door"], required=False, choices=(ALL, *FaultRule.Door.choices))
    method = forms.ChoiceField(
        label=faults.LABELS["method"], required=False, choices=(ALL, *((name, name) for name in faults.METHODS))
    )
    path = text(
        faults.TEXTS["path"],
        hint=gettext_lazy("How it begins, or with * and ? the whole of it: */Users*"),
        autocomplete="off",
    )
    nth = forms.IntegerField(label=faults.LABELS["nth"], required=False)
    every = forms.IntegerField(label=faults.LABELS["every"], required=False)
    probability = forms.FloatField(
        label=faults.LABELS["probability"],
        help_text=gettext_lazy("Above 0, at most 1"),
        widget=forms.NumberInput({"step": "any"}),
    )
    times = forms.IntegerField(
        label=faults.LABELS["times"], required=False, help_text=gettext_lazy("How often it fires; empty: without end")
    )
    action = forms.ChoiceField(label=faults.LABELS["action"], choices=FaultRule.Action.choices)
    status = forms.IntegerField(label=faults.LABELS["status"], help_text=gettext_lazy("400 to 599"))
    retry_after = forms.IntegerField(label=faults.LABELS["retry_after"], required=False)
    delay_ms = forms.IntegerField(label=faults.LABELS["delay_ms"], required=False)
    jitter_ms = forms.IntegerField(
        label=faults.LABELS["jitter_ms"], required=False, help_text=gettext_lazy("Up to this much longer, at random")
    )
    carried_out = forms.BooleanField(
        label=faults.LABELS["carried_out"],
        required=False,
        help_text=gettext_lazy("Only its answer is lost; for a status and a dropped connection"),
    )

    MATCH = ("tenant", "credential", "door", "method", "path")
    OFTEN = ("nth", "every", "probability", "times")
    ANSWER = ("action", "status", "retry_after", "delay_ms", "jitter_ms", "carried_out")

    def __init__(self, data: QueryDict | None, *, tenants: dict[uuid.UUID, str], initial: faults.Values) -> None:
        super().__init__(data, initial=initial)
        names = sorted({*tenants.values(), *filter(None, [initial["tenant"]])})
        self.fields["tenant"].choices = [ALL, *((name, name) for name in names)]  # type: ignore[attr-defined]
        for name, (low, high) in faults.NUMBERS.items():
            self.fields[name].widget.attrs.update({"min": low, "max": high})

    def values(self) -> faults.Values:
        """For `faults`; what could not be read is as it was by default."""
        found = {name: self.cleaned_data.get(name, default) for name, default in faults.DEFAULTS.items()}
        numbers = {name: found[name] or 0 for name in ("delay_ms", "jitter_ms")}
        return found | numbers | {"tenant": found["tenant"] or None}

    @property
    def groups(self) -> list[tuple[object, list[forms.BoundField]]]:
        """The fields under their headings."""
        headings = (
            (pgettext("fault", "Which requests"), self.MATCH),
            (pgettext("fault", "How often"), self.OFTEN),
            (pgettext("fault", "What happens"), self.ANSWER),
        )
        return [(heading, [self[name] for name in names]) for heading, names in headings]


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def new(request: PageRequest) -> HttpResponse:
    """A rule that is not stored yet."""
    return _answer(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def detail(request: PageRequest, rule_id: int) -> HttpResponse:
    """A rule with what became of it."""
    return _answer(request, one(rule_id))


def one(rule_id: int) -> FaultRule:
    """A rule by its number.

    Raises:
        Http404: there is none.
    """
    rule = FaultRule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise Http404
    return rule


def _answer(request: PageRequest, rule: FaultRule | None) -> HttpResponse:
    initial = faults.as_values(rule) if rule else faults.DEFAULTS
    form = FaultForm(posted(request), tenants=exchanges.tenants(), initial=initial)
    if request.method == "POST":
        saved = submit(form, lambda: faults.update(rule, form.values()) if rule else faults.create(form.values()))
        if saved is not None:
            messages.success(request, _("Fault rule saved") if rule else _("Fault rule created"))
            return redirect(request, reverse("lab:fault-list"))
    context = {"rule": rule, "form": form}
    return render(request, "lab/fault.html", context, status=422 if form.errors else 200)


@require_POST
@operators_only
def arm(request: PageRequest, rule_id: int) -> HttpResponse:
    """Let a rule work, from the beginning of its count."""
    faults.arm(one(rule_id))
    messages.success(request, _("Fault rule armed"))
    return redirect(request, previous_page(request, reverse("lab:fault-list")))


@require_POST
@operators_only
def disarm(request: PageRequest, rule_id: int) -> HttpResponse:
    """Stop a rule."""
    faults.arm(one(rule_id), False)
    messages.success(request, _("Fault rule disarmed"))
    return redirect(request, previous_page(request, reverse("lab:fault-list")))


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def delete(request: PageRequest, rule_id: int) -> HttpResponse:
    """Forget a rule."""
    rule = one(rule_id)
    dialog = Dialog(
        pgettext("button", "Delete"),
        _("Delete fault rule %(rule)s? What it did stays in the request journal.") % {"rule": rule},
        pgettext("button", "Delete"),
        back=reverse("lab:fault-list"),
        takes_away=True,
    )
    return dialogs.confirm(request, dialog, lambda: faults.delete(rule), done=_("Fault rule deleted"))


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def clear(request: PageRequest) -> HttpResponse:
    """Forget every rule."""
    dialog = Dialog(
        pgettext("fault", "Delete all"),
        _("Delete every fault rule, of all tenants? What they did stays in the request journal."),
        pgettext("button", "Delete"),
        back=reverse("lab:fault-list"),
        takes_away=True,
    )
    return dialogs.confirm(request, dialog, faults.clear, done=_("Fault rules deleted"))
