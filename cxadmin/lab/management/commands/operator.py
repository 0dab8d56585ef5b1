"""`cxadmin operator`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.ids import fold
from accounts.models import Employee


class Command(BaseCommand):
    """Let an employee use the pages of the lab, or no longer."""

    help = "Let an employee use the pages of the lab, or no longer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="the employee, as admin@demo.example")
        parser.add_argument("--tenant", default="demo", help="name of the tenant (default: demo)")
        parser.add_argument("--remove", action="store_true", help="take it back")
        parser.add_argument("--json", action="store_true", help="print JSON for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        username, tenant, becomes = options["username"], options["tenant"], not options["remove"]
        found = Employee.objects.filter(business_unit__tenant_name=tenant, username_key=fold(username))
        if not found.update(is_lab_operator=becomes):
            raise CommandError(f"The tenant {tenant!r} has no employee {username!r}.")
        if options["json"]:
            self.stdout.write(json.dumps({"tenant": tenant, "username": username, "is_lab_operator": becomes}))
            return
        self.stdout.write(f"{username} is {'now' if becomes else 'no longer'} a lab operator.")
