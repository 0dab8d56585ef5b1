"""Dialogs: a title, a sentence, Cancel and a named action (screens §1.4).

A dialog has its own address. A link with `{% dialog_link url %}` opens it over the page; without JavaScript the same
address is a page of its own. What it does is done by POST.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django_htmx.http import reswap, retarget

from accounts.console.answers import page_or_fragment, redirect, wants_fragment
from accounts.console.forms import ConsoleForm
from accounts.errors import RuleError
from accounts.requests import previous_page


@dataclass(frozen=True, slots=True)
class Dialog:
    """What a dialog says.

    Attributes:
        button: the named action.
        back: where Cancel and a success lead if the dialog was not opened from another page.
        takes_away: whether the action is shown in the danger colour.
        more: further sentences.
    """

    title: str | Promise
    sentence: str
    button: str | Promise
    back: str
    takes_away: bool = False
    more: tuple[str, ...] = ()


def ask(
    request: HttpRequest,
    dialog: Dialog,
    *,
    form: ConsoleForm | None = None,
    refusal: str = "",
    template: str = "_dialog.html",
) -> HttpResponse:
    """Show a dialog, with what is wrong if there is something.

    Args:
        form: fields between the sentence and the buttons.
        refusal: why the action was not done.
        template: the fragment, where the usual one does not do.
    """
    context = {"dialog": dialog, "form": form, "refusal": refusal, "template": template}
    context["next"] = previous_page(request, dialog.back)
    status = 422 if refusal or (form is not None and form.errors) else 200
    return page_or_fragment(request, "dialog.html", template, context, status=status)


def show(request: HttpRequest, dialog: Dialog, template: str, **context: object) -> HttpResponse:
    """Show what an action answered, in the dialog that asked for it.

    Args:
        template: the fragment; with `data-reload` on an element the page is loaded again once the dialog is closed.
    """
    shown = {"dialog": dialog, "template": template, "next": previous_page(request, dialog.back), **context}
    return page_or_fragment(request, "dialog.html", template, shown)


def confirm(
    request: HttpRequest,
    dialog: Dialog,
    act: Callable[[], object],
    *,
    done: str,
    fragment: Callable[[], HttpResponse] | None = None,
) -> HttpResponse:
    """Ask on GET, act on POST: then a toast and back to where the dialog was opened.

    Args:
        act: the action; what its rules say against it appears in the dialog.
        done: the toast.
        fragment: for a page that holds unsaved entries, what changes on it (see `instead`); it is not loaded again.
    """
    if request.method != "POST":
        return ask(request, dialog)
    try:
        act()
    except RuleError as error:
        return ask(request, dialog, refusal=error.message)
    messages.success(request, done)
    if fragment is not None and wants_fragment(request):
        return fragment()
    return redirect(request, previous_page(request, dialog.back))


def instead(response: HttpResponse, selector: str) -> HttpResponse:
    """Let an answer replace this element of the page; the dialog it was asked in closes (static/js/dialogs.js)."""
    return reswap(retarget(response, selector), "outerHTML")
