"""`cxadmin credentials`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import BusinessUnit
from cxadmin.lab import clocks, credentials, running, seeds, tenants


class Command(BaseCommand):
    """Print the credentials and addresses of a seeded or disposable tenant."""

    help = "Print the credentials and addresses of a seeded or disposable tenant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--tenant", default="demo", help="name of the tenant: demo, bare, gov or a disposable one (default: demo)"
        )
        parser.add_argument("--json", action="store_true", help="print JSON for scripts")
        parser.add_argument(
            "--renew",
            action="store_true",
            help="first replace the well-known secrets by random ones, which are shown this once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        unit = BusinessUnit.objects.filter(tenant_name=options["tenant"]).first()
        seed = tenants.seed_for(unit) if unit is not None else None
        if seed is None or unit is None:
            known = ", ".join(s.tenant for s in seeds.SEEDS)
            raise CommandError(
                f"There are no stored credentials for a tenant {options['tenant']!r}; seeded tenants: {known}."
            )
        with clocks.of_tenant(unit.pk):
            secrets = seeds.renew(seed) if options["renew"] else seeds.present_secrets(seed)
        doc = credentials.document(unit, seed, secrets, running.public_url())
        self.stdout.write(json.dumps(doc, indent=2) if options["json"] else credentials.table(doc))
