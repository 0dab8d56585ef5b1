"""`cxadmin worker`."""

from typing import Any

from django.core.management.base import BaseCommand

from cxadmin.lab import working


class Command(BaseCommand):
    """Work on what waits in the database until told to stop."""

    help = "Store the rows of uploaded files. `cxadmin up` starts one by itself; further ones share the work."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("Waiting for uploads; stop with Ctrl-C.")
        self.stdout.flush()
        working.work()
