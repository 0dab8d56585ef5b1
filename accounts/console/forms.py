"""Forms: what people typed, the rules' answer to it, and nothing else (screens §1.4).

A form converts; the rules are in the actions. `submit` performs an action and shows everything its rules say at once.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts import rules
from accounts.errors import ChangedMeanwhile, Invalid, Problem, Refused, RuleError
from accounts.rules import Text

T = TypeVar("T")

DJANGO_S_INVALID_CHOICE = [
    field.default_error_messages["invalid_choice"] for field in (forms.ChoiceField, forms.MultipleChoiceField)
]

CHECK = "check"
"""Query parameter that names the field a browser wants checked because its user has left it."""


class Renderer(TemplatesSetting):
    """Widgets and fields by our own templates: `{{ form.name.as_field_group }}` is label, input, hint and messages."""

    field_template_name = "_field.html"


class ConsoleForm(forms.Form):
    """A form as every screen has it."""

    use_required_attribute = False  # the answer to a missing value is our summary, not the browser's bubble
    is_checked_on_leaving = False
    is_stale = False  # somebody else saved the record: the page offers to reload

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        for name, field in self.fields.items():
            field.error_messages["required"] = rules.required(name, field.label or name).message
            if field.error_messages.get("invalid_choice") in DJANGO_S_INVALID_CHOICE:
                field.error_messages["invalid_choice"] = _("Choose one of the values offered.")

    def full_clean(self) -> None:
        """Convert what was typed; what is wrong with a field that does not count is not said."""
        super().full_clean()
        for name in self.disregarded() if self.is_bound else ():
            self.errors.pop(name, None)

    def disregarded(self) -> Iterable[str]:
        """The fields that do not count, because of what others (in `cleaned_data`) say."""
        return ()

    def withhold_errors(self) -> None:
        """Show what is entered without saying what is wrong with it: nobody has asked to store it yet."""
        self.full_clean()
        self.errors.clear()

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Put each problem under its field, or on top where the form has no such field; nothing is said twice."""
        for problem in problems:
            field = problem.field if problem.field in self.fields else None
            if problem.message not in self.errors.get(field or "__all__", []):
                self.add_error(field, problem.message)

    def add_refusal(self, error: RuleError) -> None:
        """Show what a rule said."""
        if isinstance(error, Invalid):
            self.add_problems(error.problems)
        else:
            self.is_stale = isinstance(error, ChangedMeanwhile)
            self.add_error(None, error.message)


class RecordForm(ConsoleForm):
    """A form that edits a record: it remembers which version it was filled in from."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @property
    def expected_version(self) -> int | None:
        """For the action, which refuses an edit of an older state."""
        found: int | None = self.cleaned_data.get("version")
        return found


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was submitted with; None before that. Not `request.POST or None`: an empty submit is one, too."""
    return request.POST if request.method == "POST" else None


def text(spec: Text, *, widget: type[forms.Widget] = forms.TextInput, hint: Any = "", **attrs: Any) -> forms.CharField:
    """The form field of a text rule: its label, whether it is required, and its limit, which the browser counts down.

    Args:
        spec: the rule, from the action's `TEXTS`; the action checks it.
        attrs: attributes of the input, underscores for hyphens.
    """
    attributes = {name.replace("_", "-"): value for name, value in attrs.items()} | {"data-limit": spec.limit}
    label: Any = spec.label  # the stubs know only one of Django's kinds of lazy text
    return forms.CharField(label=label, required=spec.required, help_text=hint, widget=widget(attributes))


def submit(
    form: ConsoleForm, act: Callable[[], T], *, problems: Callable[[], Iterable[Problem]] | None = None
) -> T | None:
    """Perform an action with what a form holds; afterwards `form.is_valid()` tells whether it went through.

    Args:
        act: calls the action with `form.cleaned_data`.
        problems: the action's own check, asked where a value could not even be converted, so that people see all
            messages at once.
    """
    if not form.is_valid():
        if problems is not None:
            form.add_problems(problems())
        return None
    try:
        return act()
    except (Invalid, Refused, ChangedMeanwhile) as error:
        form.add_refusal(error)
    return None


def check(
    request: HttpRequest, form: ConsoleForm, problems: Callable[[], Iterable[Problem]] | None = None
) -> HttpResponse | None:
    """Let a form be checked field by field, as its user leaves them: the same rules as on submit, in the same words.

    Call it before anything is done with the form. It answers the messages of the field the browser asks about (static/js/
    forms.js), and None where it does not ask. Only a form that went through here asks, so a check is never taken for a submit.
    """
    form.is_checked_on_leaving = True
    name = request.GET.get(CHECK)
    if name is None:
        return None
    form.is_valid()
    if problems is not None:
        form.add_problems(problems())
    return render(request, "_field_errors.html", {"field": form[name] if name in form.fields else None})
