"""`python -m benchmarks.stock.fill PEOPLE SIZE`: create the tables and store the first people of a file, as far as missing."""

import os
import sys
from itertools import islice
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection

BATCH = 5_000


def fill(people: Path, size: int) -> None:
    """Make the stock application's database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.stock.settings")
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    from benchmarks.stock.models import User

    present = User.objects.filter(username__endswith="@demo.example").count()
    with people.open(encoding="utf-8") as lines:
        waiting = islice(lines, present, size)
        while batch := list(islice(waiting, BATCH)):
            first = (User.objects.order_by("-id").values_list("id", flat=True).first() or 0) + 1
            User.objects.bulk_create(
                User(
                    id=number,
                    scim_id=str(number),
                    username=name,
                    scim_username=name,
                    email=name,
                    first_name=given,
                    last_name=family,
                )
                for number, (name, given, family) in enumerate((line.rstrip("\n").split("\t") for line in batch), first)
            )
    if connection.vendor == "postgresql":
        table = User._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
            cursor.execute(f"VACUUM (ANALYZE) {table}")


if __name__ == "__main__":
    fill(Path(sys.argv[1]), int(sys.argv[2]))
