"""`cxadmin worker`."""

import json
import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from cxadmin.lab import working


class Command(BaseCommand):
    """Work on what waits in the database until told to stop."""

    help = "Store the rows of uploaded files. `cxadmin up` starts one by itself; further ones share the work."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a line of JSON with its process once it waits")

    def handle(self, *args: Any, **options: Any) -> None:
        waiting = json.dumps({"state": "waiting", "process": os.getpid()})
        self.stdout.write(waiting if options["json"] else "Waiting for uploads; stop with Ctrl-C.")
        self.stdout.flush()
        working.work()
