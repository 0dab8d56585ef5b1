"""Every call of the control API has its command and its page: none of the three lags behind the others."""

from argparse import ArgumentParser
from importlib import import_module

import pytest
from django.core.management import load_command_class

from cxadmin.cli import COMMANDS
from cxadmin.lab import described

FILTERED = "tail --no-follow --lines --tenant --door --status --method --credential --client --fault --since --text"
# Method and address; the command with the words that it is told by; the pages where the same is seen or done.
ALIKE = {
    ("GET", "/_lab/requests"): (FILTERED, ["exchange-list"]),
    ("GET", "/_lab/requests/{exchange_id}"): ("tail --id", ["exchange-detail", "exchange-of-request"]),
    ("GET", "/_lab/requests/{exchange_id}/replay"): ("replay --list", ["exchange-replay"]),
    ("POST", "/_lab/requests/{exchange_id}/replay"): ("replay --credential --secret --query --body",
                                                      ["exchange-replay", "exchange-compare"]),
    ("GET", "/_lab/mail"): ("mail --tenant --to --subject --since --text --limit", ["mail-list"]),
    ("GET", "/_lab/mail/latest"): ("mail --latest --wait", ["mail-list"]),
    ("GET", "/_lab/mail/{mail_id}"): ("mail --id", ["mail-detail"]),
    ("GET", "/_lab/tenants"): ("tenant list", ["tenant-list"]),
    ("POST", "/_lab/tenants"): ("tenant create --seed --lifetime", ["tenant-new"]),
    ("GET", "/_lab/tenants/{name}"): ("credentials --tenant", ["tenant-credentials"]),
    ("DELETE", "/_lab/tenants/{name}"): ("tenant delete", ["tenant-delete"]),
    ("POST", "/_lab/tenants/{name}/reset"): ("tenant reset", ["tenant-reset"]),
    ("GET", "/_lab/tenants/{name}/file"): ("tenant export --output", ["tenant-file"]),
    ("PUT", "/_lab/tenants/{name}/file"): ("tenant apply", ["tenant-apply"]),
    ("GET", "/_lab/tenants/{name}/checklist"): ("checklist --tenant", ["checklist"]),
    ("POST", "/_lab/tenants/{name}/checklist"): ("checklist --test --key-id", ["checklist"]),
    ("GET", "/_lab/tenants/{name}/clock"): ("clock show", ["clock-list", "clock-detail"]),
    ("PATCH", "/_lab/tenants/{name}/clock"): ("clock set shift freeze scale", ["clock-detail"]),
    ("DELETE", "/_lab/tenants/{name}/clock"): ("clock reset", ["clock-reset"]),
    ("GET", "/_lab/simulations"): ("simulate list", ["simulation-list"]),
    ("POST", "/_lab/simulations"): ("simulate okta entra", ["simulation-new"]),
    ("GET", "/_lab/simulations/{simulation_id}"): ("simulate show", ["simulation-detail"]),
    ("POST", "/_lab/simulations/{simulation_id}/stop"): ("simulate stop", ["simulation-stop"]),
    ("GET", "/_lab/faults"): ("faults list", ["fault-list"]),
    ("POST", "/_lab/faults"): ("faults add --status --delay --drop --stale --truncate", ["fault-new"]),
    ("DELETE", "/_lab/faults"): ("faults clear", ["fault-clear"]),
    ("GET", "/_lab/faults/{rule_id}"): ("faults list", ["fault-detail"]),
    ("PATCH", "/_lab/faults/{rule_id}"): ("faults change arm disarm", ["fault-detail", "fault-arm", "fault-disarm"]),
    ("DELETE", "/_lab/faults/{rule_id}"): ("faults remove", ["fault-delete"]),
}  # fmt: skip
# What the API says of itself; `cxadmin credentials` prints where it is, /api/docs/lab/ shows it.
OF_ITSELF = {("GET", "/_lab/"), ("GET", "/_lab/openapi.json")}


def parser(command: str) -> ArgumentParser:
    return load_command_class("cxadmin.lab", command.replace("-", "_")).create_parser("cxadmin", command)


def words(given: ArgumentParser) -> set[str]:
    """Every option, and every word that an argument can be, its parts' included."""
    found: set[str] = set()
    for action in given._actions:
        found |= set(action.option_strings)
        for choice in action.choices or ():
            found.add(str(choice))
            if isinstance(action.choices, dict):
                found |= words(action.choices[choice])
    return found


def test_nothing_is_left_out():
    calls = {(method, one.path) for one in described.addresses() for method in one.methods}
    assert calls - OF_ITSELF == set(ALIKE)


@pytest.mark.parametrize("call", ALIKE, ids=" ".join)
def test_a_call_has_its_command_and_its_page(call):
    (name, *told), pages = ALIKE[call][0].split(), ALIKE[call][1]
    assert name in COMMANDS
    assert set(told) <= words(parser(name))
    known = {pattern.name for pattern in import_module("cxadmin.lab.urls").urlpatterns}
    assert set(pages) <= known


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_prints_for_scripts(name):
    """`--json` everywhere; of a command with parts in each that does not write a document of its own."""
    given = parser(name)
    parts = next((action.choices for action in given._actions if isinstance(action.choices, dict)), {"": given})
    without = {part for part, one in parts.items() if "--json" not in words(one)}
    assert without <= {"export", "schema"}
    for one in parts.values():
        assert "--help" in words(one)
