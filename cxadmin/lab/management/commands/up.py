"""`cxadmin up`."""

import json
import multiprocessing
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from accounts import audit, signing
from accounts.actions import notifications
from accounts.models import BusinessUnit
from cxadmin.lab import credentials, running, seeds, tenant_files, working
from cxadmin.lab.tenant_yaml import FileError


class Command(BaseCommand):
    """Migrate, seed a new instance, serve, and say `ready` once it answers."""

    help = "Migrate, seed a new instance and serve it; prints the credentials and `ready` once it answers."
    requires_system_checks = ()
    as_json = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--json",
            action="store_true",
            help="print a single line of JSON once it answers: url, and the tenants as `credentials --json` prints them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json = options["json"]
        self._say(
            f"Preparing the database ({settings.DATABASES['default']['ENGINE'].rsplit('.', 1)[-1]}) in {settings.DATA_DIR}"
        )
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0, interactive=False)
        if settings.JOURNAL_DATABASE != DEFAULT_DB_ALIAS:
            # Its own app alone: walking through everybody else's migrations, to write nothing, takes seconds.
            call_command("migrate", "lab", database=settings.JOURNAL_DATABASE, verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        if not BusinessUnit.objects.exists():
            self._say("Seeding the tenants demo, bare and gov")
            seeds.plant_all()
        self._apply_tenant_files()
        signing.ensure_key()
        audit.forget_old()
        notifications.forget_old()
        self._refuse_well_known_secrets_in_public()
        documents = self._documents()
        connections.close_all()
        self._say(f"Starting on {settings.HOST}:{settings.PORT}")
        # A process and not a thread: granian forks its workers, and a lock that another thread holds at that
        # moment (of a module being imported, say) stays locked in the worker for ever.
        host = "127.0.0.1" if settings.HOST in settings.EVERY_INTERFACE else settings.HOST
        tables = "\n\n".join(credentials.table(document) for document in documents)
        text = f"\n{tables}\n\n{settings.PUBLIC_URL}/ is up; stop it with Ctrl-C.\nready"
        if self.as_json:
            text = json.dumps({"url": settings.PUBLIC_URL, "tenants": documents})
        multiprocessing.Process(target=announce, args=(host, settings.PORT, text), daemon=True).start()
        worker = multiprocessing.Process(target=working.keep_working)
        worker.start()
        server = Granian(
            "cxadmin.wsgi:application",
            address=settings.HOST,
            port=settings.PORT,
            interface=Interfaces.WSGI,
            workers=settings.WEB_WORKERS,
            blocking_threads=settings.WEB_THREADS,
            websockets=False,
            respawn_failed_workers=True,
            log_level=LogLevels.warning,
        )
        try:
            with running.noted():
                server.serve()
        finally:
            worker.terminate()
            worker.join()

    def _apply_tenant_files(self) -> None:
        """Make the tenants what the files of TENANT_FILES say; one that is not good keeps the server from starting."""
        if not settings.TENANT_FILES:
            return
        try:
            done = tenant_files.apply_all(tenant_files.documents_in(Path(settings.TENANT_FILES)))
        except FileError as error:
            raise CommandError(f"Not starting, because of a tenant file: {error}") from error
        for applied in done:
            self._say(f"Tenant file: {tenant_files.in_words(applied)}")

    def _refuse_well_known_secrets_in_public(self) -> None:
        """The documented secrets are for one's own machine only (spec §13a)."""
        if settings.DEBUG or all(
            running.is_loopback(host) for host in (settings.HOST, urlsplit(settings.PUBLIC_URL).hostname or "")
        ):
            return
        known = [seed.tenant for seed in seeds.SEEDS if seeds.is_well_known(seed)]
        if known:
            raise CommandError(
                f"Not starting: {settings.PUBLIC_URL} on {settings.HOST} can be reached by others, and the tenants "
                f"{', '.join(known)} still have the secrets that are printed in the README.\n"
                f"Give each new ones with `cxadmin credentials --tenant NAME --renew`, or set DEBUG=true on a network you trust."
            )

    def _documents(self) -> list[dict[str, Any]]:
        found = []
        for unit in BusinessUnit.objects.filter(tenant_name__in=[seed.tenant for seed in seeds.SEEDS]).order_by(
            "number"
        ):
            seed = seeds.seed_of(unit.tenant_name)
            if seed is not None:
                secrets = seeds.present_secrets(seed)
                found.append(credentials.document(unit, seed, secrets, settings.PUBLIC_URL))
        return found

    def _say(self, text: str) -> None:
        stream = self.stderr if self.as_json else self.stdout
        stream.write(text, lambda said: said)
        stream.flush()


def announce(host: str, port: int, text: str) -> None:
    """Wait until the server answers, then print what people and scripts wait for."""
    while not running.is_up(host, port):
        time.sleep(0.05)
    print(text, flush=True)
