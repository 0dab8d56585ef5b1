"""`cxadmin checklist`."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cxadmin.lab import control_checklist, journal, running
from cxadmin.lab.checklist.procedures import BASES
from cxadmin.lab.control import Problem, tenant
from cxadmin.lab.management import asking

MARKS = {"done": "✓", "missing": "✗", "waiting": "…", "trouble": "!", "note": "·"}


class Command(BaseCommand):
    """Say where a tenant stands with the documented procedures, or test the connection of one."""

    help = (
        "Say where a tenant stands with each documented way to connect an identity provider: every step's state and the "
        "screen that does it. With --test, send what an identity provider sends to test its connection, and explain the answer. "
        "Exit code 0: done, or connected; 3: the connection was refused; 1: no such tenant, or nothing to test with."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", default="demo", help="name of the tenant (default: demo)")
        parser.add_argument(
            "--test",
            choices=tuple(BASES),
            help="test the connection of this procedure; the SCIM token, the secret of the key or the access token is read from "
            "the terminal or standard input, an empty one of oauth takes a fresh token of the latest sign-in",
        )
        parser.add_argument("--key-id", default="", help="ID of the access key to test with")
        parser.add_argument(
            "--json", action="store_true", help="print JSON, as GET and POST /_lab/tenants/<name>/checklist do"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        journal.recorder.flush()
        try:
            unit = tenant(options["tenant"])
            if options["test"]:
                given = {"procedure": options["test"], "secret": asking.secret(), "key_id": options["key_id"]}
                self._tested(control_checklist.tried(unit, given, running.public_url()), as_json=options["json"])
                return
            found = control_checklist.document(unit, running.public_url())
        except Problem as problem:
            raise CommandError(problem.detail) from problem
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        for procedure in found["procedures"]:
            ready = "ready" if procedure["ready"] else f"{procedure['open']} open"
            self.stdout.write(f"{procedure['label']} ({ready})")
            for step in procedure["steps"]:
                self.stdout.write(f"  {MARKS[step['state']]} {step['label']}: {step['said']}")
                if step["url"] and step["state"] not in ("done", "note"):
                    self.stdout.write(f"    {step['url']}")

    def _tested(self, found: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(found))
        else:
            mark = MARKS["done" if found["is_good"] else "trouble"]
            self.stdout.write(
                f"{mark} {found['sent']} {found['status']} in {found['milliseconds']} ms: {found['said']}"
            )
            for one in found["diagnosis"]:
                self.stdout.write(f"  {one['cause']}\n  {one['fix']}")
        if not found["is_good"]:
            sys.exit(3)
