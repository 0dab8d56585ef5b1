"""The page of tenants: the list, a new disposable one, its credentials, back to the seed, and away."""

import uuid
from typing import Any

from django import forms as fields
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.console import dialogs, forms, lists
from accounts.console.answers import redirect
from accounts.console.dialogs import Dialog
from accounts.console.forms import ConsoleForm
from accounts.console.lists import Column, ListSpec
from accounts.console.menus import MenuItem
from accounts.errors import Invalid, Problem, Refused
from accounts.models import BusinessUnit
from accounts.requests import PageRequest
from accounts.rules import Text
from cxadmin.lab import tenant_files, tenant_yaml, tenants
from cxadmin.lab.access import operators_only
from cxadmin.lab.tenant_files import Applied
from cxadmin.lab.tenant_yaml import FileError

MOST_SHOWN = 200


def row_menu(unit: BusinessUnit, own: uuid.UUID) -> list[MenuItem]:
    """What can be done with a tenant from the list."""
    has_seed = tenants.seed_for(unit) is not None
    no_seed = "" if has_seed else _("This tenant was not made from a seed.")
    hint = _("You are signed in to this tenant.") if unit.pk == own else ""
    return [
        MenuItem(pgettext("lab", "Credentials"), _url("credentials", unit), "key", hint=no_seed),
        MenuItem(pgettext("lab", "Download as a file"), _url("file", unit), "arrow-down-tray", is_page=True),
        MenuItem(pgettext("button", "Reset"), _url("reset", unit), "arrow-path", takes_away=True, hint=no_seed),
        MenuItem(pgettext("button", "Delete"), _url("delete", unit), "trash", takes_away=True, hint=hint),
    ]


def spec(own: uuid.UUID) -> ListSpec[BusinessUnit]:
    """The list as people of this tenant see it."""
    return ListSpec(
        fragment="lab/_tenant_table.html",
        columns=(
            Column("tenant", pgettext_lazy("lab", "Tenant"), ("tenant_name",)),
            Column("unit", gettext_lazy("Business Unit"), ("number",), "narrow"),
            Column("seed", pgettext_lazy("lab", "Seed"), ("made_from", "tenant_name"), "narrow"),
            Column("created", pgettext_lazy("column", "Created (UTC)"), ("created_at",), "narrow extra"),
            Column("expires", pgettext_lazy("lab", "Expires (UTC)"), ("expires_at",), "narrow"),
            Column("actions", gettext_lazy("Actions"), css="actions"),
        ),
        counted=lambda n: ngettext("%(n)d tenant", "%(n)d tenants", n) % {"n": n},
        empty=gettext_lazy("No tenants yet"),
        search=lambda units, words: units.filter(tenant_name__icontains=words),
        menu=lambda unit: row_menu(unit, own),
    )


@require_safe
@operators_only
def tenant_list(request: PageRequest) -> HttpResponse:
    """Every tenant of the instance."""
    own = request.actor.business_unit_id
    return lists.show(request, "lab/tenant_list.html", spec(own), BusinessUnit.objects.all(), own=own)


class NewTenantForm(ConsoleForm):
    """What a disposable tenant shall be."""

    name = forms.text(
        Text(pgettext_lazy("lab", "Tenant"), 40),
        hint=gettext_lazy("Left empty, it is drawn at random."),
        autocomplete="off",
    )
    seed = fields.ChoiceField(
        label=pgettext_lazy("lab", "Looks like"), choices=[(name, name) for name in tenants.MODELS]
    )
    lifetime = forms.text(
        Text(pgettext_lazy("lab", "Expires after"), 7, required=True),
        hint=gettext_lazy("As 90s, 30m, 2h or 7d; never keeps it until somebody deletes it."),
        autocomplete="off",
    )

    def create(self) -> BusinessUnit:
        """The tenant that was asked for."""
        asked = self.cleaned_data
        return tenants.create(asked["name"], asked["seed"], tenants.lifetime_of(asked["lifetime"]))


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def create(request: PageRequest) -> HttpResponse:
    """Ask for the particulars, make the tenant and show what opens it."""
    form = NewTenantForm(forms.posted(request), initial={"lifetime": _written(settings.TENANT_LIFETIME)})
    if request.method == "POST":
        made = forms.submit(form, form.create)
        if made is not None:
            return _show_credentials(request, made, _("Tenant %(name)s created") % {"name": made.tenant_name}, True)
    dialog = Dialog(
        pgettext("lab", "New disposable tenant"),
        _("It has data and credentials of its own and is removed by itself."),
        pgettext("button", "Create"),
        back=reverse("lab:tenant-list"),
    )
    return dialogs.ask(request, dialog, form=form)


def _written(lifetime: Any) -> str:
    seconds = int(lifetime.total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


@require_safe
@operators_only
def file(request: PageRequest, tenant_id: uuid.UUID) -> HttpResponse:
    """The state of a tenant as a file (docs/tenant-files.md)."""
    unit = _found(tenant_id)
    headers = {"Content-Disposition": f'attachment; filename="{unit.tenant_name}.yaml"'}
    return HttpResponse(tenant_files.export(unit), content_type="application/yaml; charset=utf-8", headers=headers)


class FileForm(ConsoleForm):
    """The text of a tenant file."""

    content = fields.CharField(
        label=pgettext_lazy("lab", "Tenant file"),
        help_text=gettext_lazy("YAML, as Download as a file gives it. Larger ones: cxadmin tenant apply."),
        widget=fields.Textarea({"rows": 14, "class": "mono", "spellcheck": "false", "autocapitalize": "none"}),
        strip=False,
    )

    compare = fields.BooleanField(label=gettext_lazy("Only show what would change"), required=False)

    def act(self) -> Applied | tuple[str, ...]:
        """What applying the file did, or would do.

        Raises:
            Invalid: it is not good; says where.
        """
        try:
            document = tenant_yaml.read(self.cleaned_data["content"].replace("\r\n", "\n"), "")
            return tenant_files.differences(document) if self.cleaned_data["compare"] else tenant_files.apply(document)
        except FileError as error:
            said = _("Line %(line)d, column %(column)d: %(message)s")
            about = {"line": error.line, "column": error.column, "message": error.message}
            raise Invalid([Problem("content", "V-FILE", said % about)]) from error


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def apply_file(request: PageRequest) -> HttpResponse:
    """Ask for a tenant file, then make the tenant what it says."""
    form, found = FileForm(forms.posted(request)), None
    if request.method == "POST":
        applied = forms.submit(form, form.act)
        if isinstance(applied, tuple):
            found = applied
        elif applied is not None:
            done = _("Tenant file applied: %(name)s") % {"name": applied.tenant}
            if applied.generated:
                unit = BusinessUnit.objects.get(tenant_name=applied.tenant)
                shown = list(applied.generated.items())
                dialog = Dialog(done, "", "", back=reverse("lab:tenant-list"))
                return dialogs.show(request, dialog, "lab/_tenant_credentials.html", unit=unit, rows=shown, is_new=True)
            messages.success(request, done)
            return redirect(request, reverse("lab:tenant-list"))
    dialog = Dialog(
        pgettext("lab", "Apply a tenant file"),
        _("The tenant becomes what the file says; history, mails and sessions of a tenant that changes are lost."),
        pgettext("button", "Apply"),
        back=reverse("lab:tenant-list"),
        more=_in_words(found) if found is not None else (),
    )
    return dialogs.ask(request, dialog, form=form, template="lab/_tenant_apply.html")


def _in_words(found: tuple[str, ...]) -> tuple[str, ...]:
    """What would change, the first lines of it."""
    if not found:
        return (_("Nothing would change: the tenant is as the file says."),)
    count = len(found)
    head = ngettext("%(n)d thing would change:", "%(n)d things would change:", count) % {"n": count}
    return (head, *found[:MOST_SHOWN], *(["…"] if count > MOST_SHOWN else []))


@require_safe
@operators_only
def credentials(request: PageRequest, tenant_id: uuid.UUID) -> HttpResponse:
    """What opens a tenant now."""
    unit = _found(tenant_id)
    if tenants.seed_for(unit) is None:
        raise Http404
    return _show_credentials(request, unit, pgettext("lab", "Credentials of %(name)s") % {"name": unit.tenant_name})


def _show_credentials(request: PageRequest, unit: BusinessUnit, title: str, is_new: bool = False) -> HttpResponse:
    dialog = Dialog(title, "", "", back=reverse("lab:tenant-list"))
    shown = _rows(tenants.document(unit, settings.PUBLIC_URL))
    return dialogs.show(request, dialog, "lab/_tenant_credentials.html", unit=unit, rows=shown, is_new=is_new)


def _rows(doc: dict[str, Any]) -> list[tuple[str, str]]:
    """What a person enters somewhere, with labels; what was changed or does not exist is left out."""
    console, token, key, client = (doc[name] for name in ("console", "scim_token", "access_key", "oauth_client"))
    found = [
        (_("Sign in at"), console["url"]),
        (_("Username"), console["username"]),
        (_("Password"), console["password"]),
        (_("SCIM base URL for the token"), token["token"] and token["base_url"]),
        (_("SCIM token"), token["token"]),
        (_("SCIM base URL for the access key"), key["id"] and key["basic_base_url"]),
        (_("Access Key ID"), key["id"]),
        (_("Secret Access Key"), key["secret"]),
        (_("SCIM base URL for the application"), client["client_secret"] and client["scim_base_url"]),
        (_("Client ID"), client["client_secret"] and client["client_id"]),
        (_("Client Secret"), client["client_secret"]),
        (_("Connector’s username"), client["password"] and client["username"]),
        (_("Connector’s password"), client["password"]),
    ]
    return [(label, value) for label, value in found if value]


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def reset(request: PageRequest, tenant_id: uuid.UUID) -> HttpResponse:
    """Take a tenant back to its seed."""
    unit = _found(tenant_id)
    own = (_("You will be signed out."),) if unit.pk == request.actor.business_unit_id else ()
    dialog = Dialog(
        _("Reset tenant"),
        _("Take %(name)s back to its seed? What was changed or added in it is lost.") % {"name": unit.tenant_name},
        pgettext("button", "Reset"),
        back=reverse("lab:tenant-list"),
        takes_away=True,
        more=own,
    )
    done = _("Tenant %(name)s reset") % {"name": unit.tenant_name}
    return dialogs.confirm(request, dialog, lambda: tenants.reset(unit), done=done)


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def delete(request: PageRequest, tenant_id: uuid.UUID) -> HttpResponse:
    """Remove a tenant; not the one that oneself is signed in to."""
    unit = _found(tenant_id)
    dialog = Dialog(
        _("Delete tenant"),
        _("Delete %(name)s with everything that belongs to it?") % {"name": unit.tenant_name},
        pgettext("button", "Delete"),
        back=reverse("lab:tenant-list"),
        takes_away=True,
    )

    def act() -> None:
        if unit.pk == request.actor.business_unit_id:
            raise Refused(_("You are signed in to this tenant."), "OWN_TENANT")
        tenants.delete(unit)

    return dialogs.confirm(request, dialog, act, done=_("Tenant %(name)s deleted") % {"name": unit.tenant_name})


def _found(tenant_id: uuid.UUID) -> BusinessUnit:
    unit = BusinessUnit.objects.filter(pk=tenant_id).first()
    if unit is None:
        raise Http404
    return unit


def _url(verb: str, unit: BusinessUnit) -> str:
    return reverse(f"lab:tenant-{verb}", args=[unit.pk])
