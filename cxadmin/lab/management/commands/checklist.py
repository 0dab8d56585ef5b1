"""`cxadmin checklist`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cxadmin.lab import control_checklist, journal
from cxadmin.lab.control import Problem, tenant

MARKS = {"done": "✓", "missing": "✗", "waiting": "…", "trouble": "!", "note": "·"}


class Command(BaseCommand):
    """Say where a tenant stands with the documented procedures."""

    help = (
        "Say where a tenant stands with each documented way to connect an identity provider: every step's state and the "
        "screen that does it. Exit code 1: no such tenant."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", default="demo", help="name of the tenant (default: demo)")
        parser.add_argument(
            "--json", action="store_true", help="print JSON, as GET /_lab/tenants/<name>/checklist does"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        journal.recorder.flush()
        try:
            found = control_checklist.document(tenant(options["tenant"]))
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
