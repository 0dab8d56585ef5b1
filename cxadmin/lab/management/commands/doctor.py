"""`cxadmin doctor`."""

import dataclasses
import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from cxadmin.lab.doctor import Doctor, Finding

MARKS = {
    "ok": ("ok", "\x1b[32m"),
    "warning": ("!", "\x1b[33m"),
    "failed": ("X", "\x1b[31m"),
    "skipped": ("-", "\x1b[2m"),
}
PLAIN = "\x1b[0m"


class Command(BaseCommand):
    """Look whether this instance can run, runs, and can be reached."""

    help = (
        "Look whether this instance can run, runs, and can be reached: Python, data folder, database, migrations, tenants, port, "
        "static files, worker, journal, clock, PUBLIC_URL and TLS. Says what to do about what is wrong. It changes nothing; "
        "while the server runs, one request is sent to see whether the journal records it. Exit code 1: something has failed."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        is_coloured = not options["no_color"] and self.stdout.isatty()
        found = []
        for finding in Doctor().findings():
            found.append(finding)
            if not options["json"]:
                self.stdout.write(text(finding, is_coloured))
        is_well = not any(one.status == "failed" for one in found)
        if options["json"]:
            self.stdout.write(json.dumps({"is_well": is_well, "checks": [dataclasses.asdict(one) for one in found]}))
        if not is_well:
            sys.exit(1)


def text(finding: Finding, is_coloured: bool = False) -> str:
    """A finding for people: a mark, the check, what was found, and below it what to do."""
    mark, colour = MARKS[finding.status]
    colour, plain = (colour, PLAIN) if is_coloured else ("", "")
    line = f"{colour}{mark:>2}{plain}  {finding.check:<13}{finding.detail}"
    return f"{line}\n                 {finding.fix}" if finding.fix else line
