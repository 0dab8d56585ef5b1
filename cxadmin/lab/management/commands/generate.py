"""`cxadmin generate`."""

import json
import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.errors import Invalid
from accounts.models import BusinessUnit
from cxadmin.lab import clocks, generation
from cxadmin.lab.progress import Progress


class Command(BaseCommand):
    """Fill a tenant with invented employees."""

    help = (
        "Fill a tenant with invented employees, as an identity provider would have pushed them. The same seed invents the "
        "same people; those who are there already stay, so that the command can be repeated and goes on where it stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--employees",
            type=whole_number(1, generation.MOST),
            required=True,
            metavar="N",
            help=f"how many invented employees the tenant shall have, up to {generation.MOST:,}",
        )
        parser.add_argument("--tenant", default="demo", help="name of the tenant (default: demo)")
        parser.add_argument(
            "--seed",
            type=whole_number(0, 2**31),
            default=1,
            help="another number invents other people (default: 1)",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        unit, total = self._tenant(options["tenant"]), options["employees"]
        progress = Progress(self.stderr if options["json"] else self.stdout, total)
        started, created = time.monotonic(), 0
        try:
            with clocks.of_tenant(unit.pk):
                for people, new in generation.generate(unit, total, options["seed"]):
                    created += new
                    progress.advance(people)
            if created:
                generation.tidy()
        except Invalid as error:
            raise CommandError(error.message) from error
        except KeyboardInterrupt as error:
            progress.stop()
            raise CommandError(
                f"Stopped with {progress.done:,} of {total:,} employees there; the same command goes on from here.",
                returncode=130,
            ) from error
        seconds = time.monotonic() - started
        if options["json"]:
            result = {"tenant": unit.tenant_name, "employees": total, "created": created, "seconds": round(seconds, 3)}
            self.stdout.write(json.dumps(result))
        else:
            self.stdout.write(
                f"{unit.tenant_name} has {total:,} invented employees, {created:,} of them new ({seconds:.0f} s)."
            )

    def _tenant(self, name: str) -> BusinessUnit:
        """The tenant to fill.

        Raises:
            CommandError: there is none of this name, or no database yet.
        """
        try:
            found = BusinessUnit.objects.select_related("settings").order_by("number")
            units = {unit.tenant_name: unit for unit in found}
        except DatabaseError as error:
            reason = str(error).splitlines()[0]
            raise CommandError(f"There is no tenant to fill ({reason}). `cxadmin up` prepares the database.") from error
        if name not in units:
            raise CommandError(f"There is no tenant {name!r}. The tenants are: {', '.join(units)}.")
        return units[name]


def whole_number(least: int, most: int) -> Any:
    """A command line option that is a whole number between two others; thousands may be separated, as in 1,000,000."""

    def read(text: str) -> int:
        digits = text.replace(",", "").replace("_", "")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 12 and least <= int(digits) <= most):
            raise ArgumentTypeError(f"Give a whole number from {least:,} to {most:,}, not {text[:40]!r}.")
        return int(digits)

    return read
