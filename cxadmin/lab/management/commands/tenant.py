"""`cxadmin tenant`."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.errors import RuleError
from accounts.models import BusinessUnit
from cxadmin.lab import credentials, tenant_files, tenant_format, tenants
from cxadmin.lab.tenant_yaml import FileError


class Command(BaseCommand):
    """List, make, reset and delete tenants; their state as a file."""

    help = (
        "List, make, reset and delete the tenants of this instance, and take their state to a file and back, whether or not its "
        "server runs. docs/tenant-files.md describes the files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
        self._action(actions, "list", "list all tenants")
        create = self._action(actions, "create", "make a disposable tenant and print its credentials")
        create.add_argument("name", nargs="?", default="", metavar="NAME", help="drawn at random if left out")
        create.add_argument(
            "--seed",
            default=tenants.MODELS[0],
            metavar="SEED",
            help="what it looks like: demo, bare or gov (default: demo)",
        )
        create.add_argument(
            "--lifetime", metavar="TIME", help="as 90s, 30m, 2h or never (default: the setting TENANT_LIFETIME)"
        )
        reset = self._action(actions, "reset", "take a tenant back to its seed")
        reset.add_argument("name", metavar="NAME")
        delete = self._action(actions, "delete", "remove a tenant and everything that belongs to it")
        delete.add_argument("name", metavar="NAME")
        export = actions.add_parser(
            "export", help="write a tenant's state as YAML", description="Write a tenant's state."
        )
        export.add_argument("name", metavar="NAME")
        export.add_argument("--output", type=Path, metavar="FILE", help="where to (default: print it)")
        apply = self._action(actions, "apply", "make tenants what files say, all of them or none")
        apply.add_argument("files", nargs="+", type=Path, metavar="FILE")
        diff = self._action(actions, "diff", "say what applying a file would change; exit code 1 if anything")
        diff.add_argument("file", type=Path, metavar="FILE")
        actions.add_parser("schema", help="print the JSON Schema of the files", description="Print the JSON Schema.")

    @staticmethod
    def _action(actions: Any, name: str, text: str) -> ArgumentParser:
        parser: ArgumentParser = actions.add_parser(name, help=text, description=f"{text.capitalize()}.")
        parser.add_argument("--json", action="store_true", help="print JSON for scripts")
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except RuleError as error:
            raise CommandError(error.message) from error
        except FileError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            reason = str(error).splitlines()[0]
            raise CommandError(f"There are no tenants yet ({reason}). `cxadmin up` prepares the database.") from error

    def _list(self, options: dict[str, Any]) -> None:
        found = [tenants.facts(unit) for unit in BusinessUnit.objects.order_by("created_at", "number")]
        if options["json"]:
            self.stdout.write(json.dumps({"tenants": found}, indent=2))
            return
        for one in found:
            expires = f"until {one['expires_at'][:19].replace('T', ' ')} UTC" if one["expires_at"] else ""
            self.stdout.write(
                f"{one['tenant']:<40} {one['business_unit']:>10}  {one['seed'] or '':<5} {expires}".rstrip()
            )

    def _create(self, options: dict[str, Any]) -> None:
        given = options["lifetime"]
        lifetime = settings.TENANT_LIFETIME if given is None else tenants.lifetime_of(given)
        self._say(tenants.create(options["name"], options["seed"], lifetime), options)

    def _reset(self, options: dict[str, Any]) -> None:
        self._say(tenants.reset(self._found(options["name"])), options)

    def _delete(self, options: dict[str, Any]) -> None:
        unit = self._found(options["name"])
        tenants.delete(unit)
        self.stdout.write(
            json.dumps({"deleted": unit.tenant_name}) if options["json"] else f"{unit.tenant_name} is gone."
        )

    def _export(self, options: dict[str, Any]) -> None:
        written = tenant_files.export(self._found(options["name"]))
        if options["output"] is None:
            self.stdout.write(written, ending="")
            return
        try:
            options["output"].write_text(written, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"This cannot be written: {error}.") from error

    def _apply(self, options: dict[str, Any]) -> None:
        done = tenant_files.apply_all([tenant_files.read(path) for path in options["files"]])
        if options["json"]:
            self.stdout.write(json.dumps({"applied": [tenant_files.report(applied) for applied in done]}, indent=2))
            return
        for applied in done:
            self.stdout.write(tenant_files.in_words(applied))
            for where, secret in applied.generated.items():
                self.stdout.write(f"  {where}  {secret}")

    def _diff(self, options: dict[str, Any]) -> None:
        found = tenant_files.differences(tenant_files.read(options["file"]))
        self.stdout.write(
            json.dumps({"differences": found}, indent=2) if options["json"] else "\n".join(found),
            ending="\n" * bool(found or options["json"]),
        )
        if found:
            sys.exit(1)

    def _schema(self, options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(tenant_format.schema(), indent=2))

    def _say(self, unit: BusinessUnit, options: dict[str, Any]) -> None:
        doc = tenants.document(unit)
        self.stdout.write(json.dumps(doc, indent=2) if options["json"] else credentials.table(doc))

    def _found(self, name: str) -> BusinessUnit:
        unit = BusinessUnit.objects.filter(tenant_name=name).first()
        if unit is None:
            raise CommandError(f"There is no tenant {name!r}; `cxadmin tenant list` lists them.")
        return unit
