"""What `cxadmin doctor` looks at: whether this instance can run, runs, and can be reached; and what to do about each thing that
is wrong."""

import json
import platform
import shutil
import socket
import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import django
from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

import cxadmin
from accounts import workers
from accounts.ids import new_id
from accounts.models import BusinessUnit
from cxadmin.lab import journal, running, seeds
from cxadmin.lab.models import Exchange

Status = Literal["ok", "warning", "failed", "skipped"]

LEAST_PYTHON = (3, 11)
LEAST_SPACE = 200 * 2**20
MOST_SKEW = 2.0
JOURNAL_PATIENCE = 3.0
PATIENCE = 3
SOON = 14


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        fix: what to do, where something is wrong.
    """

    check: str
    status: Status
    detail: str
    fix: str = ""


class Doctor:
    """Looks at one thing after the other; what rests on a thing that is broken is skipped."""

    def __init__(self) -> None:
        self.has_database = False
        self.is_running = False

    def findings(self) -> Iterator[Finding]:
        """Every finding, as it is made."""
        checks: dict[str, Callable[[], Finding]] = {
            "Python": self.python,
            "Data folder": self.data_folder,
            "Database": self.database,
            "Migrations": self.migrations,
            "Tenants": self.tenants,
            "Port": self.port,
            "Static files": self.static_files,
            "Worker": self.worker,
            "Journal": self.journal,
            "Clock": self.clock,
            "PUBLIC_URL": self.public_url,
            "TLS": self.tls,
        }
        for name, look in checks.items():
            try:
                yield look()
            except (OSError, DatabaseError, ValueError) as error:
                yield Finding(
                    name, "failed", _first_line(error), "Look at the message; the check itself could not be done."
                )

    def python(self) -> Finding:
        """Whether this Python is new enough."""
        said = f"Python {platform.python_version()}, Django {django.get_version()}, cxadmin {cxadmin.__version__}"
        if sys.version_info < LEAST_PYTHON:
            return Finding("Python", "failed", said, f"Install Python {'.'.join(map(str, LEAST_PYTHON))} or newer.")
        return Finding("Python", "ok", said)

    def data_folder(self) -> Finding:
        """Whether the data folder can be written."""
        folder: Path = settings.DATA_DIR
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            fix = f"Let this user write {folder}, or name another folder with --data-dir or DATA_DIR."
            return Finding("Data folder", "failed", _first_line(error), fix)
        free = shutil.disk_usage(folder).free
        said = f"{folder} can be written, {free // 2**20:,} MB free"
        if free < LEAST_SPACE:
            return Finding(
                "Data folder", "warning", said, "Make room on this disk, or put the data elsewhere (DATA_DIR)."
            )
        return Finding("Data folder", "ok", said)

    def database(self) -> Finding:
        """Whether the database answers."""
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor == "sqlite":
            file = Path(str(connection.settings_dict["NAME"]))
            if not _is_in_memory(file) and not file.exists():
                return Finding(
                    "Database", "warning", f"{file} is not there yet", "Start `cxadmin up`, which makes and fills it."
                )
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError as error:
            fix = (
                "Start the database server, and compare DATABASE_URL or --database-url with its address, user and name."
            )
            return Finding("Database", "failed", _first_line(error), fix)
        self.has_database = True
        version = ".".join(str(part) for part in connection.get_database_version())
        return Finding("Database", "ok", f"{connection.display_name} {version}")

    def migrations(self) -> Finding:
        """Whether the tables are those of this version."""
        if not self.has_database:
            return _skipped("Migrations")
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        missing = [f"{step.app_label}.{step.name}" for step, _ in plan]
        for model in apps.get_app_config("lab").get_models():
            try:
                model._default_manager.first()
            except DatabaseError:
                missing.append(f"the table of {model._meta.verbose_name_plural}")
        if missing:
            said = f"{len(missing)} are missing, {missing[0]} first"
            self.has_database = False
            return Finding(
                "Migrations", "failed", said, "Start `cxadmin up`, which migrates, or restart it after an update."
            )
        return Finding("Migrations", "ok", "The tables are those of this version")

    def tenants(self) -> Finding:
        """Whether there is anything to sign in to."""
        if not self.has_database:
            return _skipped("Tenants")
        count = BusinessUnit.objects.count()
        if not count:
            return Finding("Tenants", "warning", "There are none", "Start `cxadmin up`, which seeds an empty database.")
        return Finding("Tenants", "ok", f"{count:,}, {BusinessUnit.objects.order_by('number')[0].tenant_name} first")

    def port(self) -> Finding:
        """Whether our server answers, or could."""
        url = _server()
        version = _version_at(url)
        if version is not None:
            self.is_running = True
            if version != cxadmin.__version__:
                said = f"cxadmin {version} answers at {url}, this is {cxadmin.__version__}"
                return Finding("Port", "warning", said, "Restart the server, so that the new version serves.")
            return Finding("Port", "ok", f"cxadmin {version} answers at {url}")
        try:
            family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
            with socket.create_server((settings.HOST, settings.PORT), family=family):
                pass
        except OSError as error:
            said = f"{settings.HOST}:{settings.PORT} cannot be listened on: {_first_line(error)}"
            fix = "End the program that holds the port, or take another one: --port 8080, or --port 0 for a free one."
            return Finding("Port", "failed", said, fix)
        return Finding("Port", "ok", f"{settings.HOST}:{settings.PORT} is free; the server does not run")

    def static_files(self) -> Finding:
        """Whether styles and scripts have been collected."""
        manifest = settings.STATIC_ROOT / "staticfiles.json"
        fix = "Start `cxadmin up`, which collects them; if it runs, restart it."
        if not manifest.exists():
            status: Status = "failed" if self.is_running else "warning"
            return Finding("Static files", status, f"They have not been collected in {settings.STATIC_ROOT}", fix)
        paths = json.loads(manifest.read_text())["paths"]
        lost = [name for name in paths.values() if not (settings.STATIC_ROOT / name).exists()]
        if lost or "css/base.css" not in paths:
            return Finding("Static files", "failed", f"{len(lost)} files are missing, {lost[:1]}", fix)
        return Finding("Static files", "ok", f"{len(paths):,} collected in {settings.STATIC_ROOT}")

    def worker(self) -> Finding:
        """Whether somebody stores uploaded rows."""
        if not self.has_database or not self.is_running:
            return _skipped("Worker", "The server does not run")
        count = workers.alive().count()
        if not count:
            fix = "Restart `cxadmin up`, which starts one, or start `cxadmin worker` beside it."
            return Finding("Worker", "failed", "No worker is alive; uploads wait", fix)
        return Finding("Worker", "ok", f"{count} alive")

    def journal(self) -> Finding:
        """Whether what clients send is recorded: a request is sent, and has to appear."""
        if not settings.LAB or not settings.JOURNAL_ENTRIES:
            return _skipped("Journal", "It is turned off (LAB or JOURNAL_ENTRIES)")
        if not self.has_database or not self.is_running:
            return _skipped("Journal", "The server does not run")
        request_id = new_id().hex
        headers = {"X-Request-Id": request_id, "User-Agent": f"cxadmin-doctor/{cxadmin.__version__}"}
        probe = Request(f"{_server()}/scim/v2/ServiceProviderConfig", headers=headers)  # noqa: S310  # our own note
        with suppress(HTTPError), urlopen(probe, timeout=PATIENCE):  # noqa: S310
            pass
        until = time.monotonic() + JOURNAL_PATIENCE
        while not Exchange.objects.filter(request_id=request_id).exists():
            if time.monotonic() > until:
                fix = "Look into the server's log for lines of the journal; is its database the one of this command?"
                return Finding("Journal", "failed", "A request was sent, and did not appear in it", fix)
            time.sleep(0.1)
            journal.recorder.flush()
        return Finding("Journal", "ok", "A request that was sent appeared in it")

    def clock(self) -> Finding:
        """Whether the time is right, as far as anybody here can tell: tokens expire by it."""
        here = datetime.now(UTC)
        if here.year < 2025:
            return Finding("Clock", "failed", f"It is {here:%Y-%m-%d %H:%M} UTC here", "Set the clock of this machine.")
        if self.has_database and connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
            with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                cursor.execute("SELECT clock_timestamp()")
                skew = abs((cursor.fetchone()[0] - datetime.now(UTC)).total_seconds())
            if skew > MOST_SKEW:
                said = f"The database's clock is {skew:.0f} s away from the one here"
                return Finding(
                    "Clock", "warning", said, "Let both machines take their time from the same source (NTP)."
                )
        return Finding("Clock", "ok", f"{here:%Y-%m-%d %H:%M:%S} UTC")

    def public_url(self) -> Finding:
        """Whether the address that is printed, mailed and put into answers leads here."""
        url = settings.PUBLIC_URL
        parts = urlsplit(url)
        name = "PUBLIC_URL"
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            return Finding(
                name, "failed", f"{url} is no base address", "Set it to scheme and host alone: https://cx.example.com"
            )
        is_local = running.is_loopback(parts.hostname)
        if settings.HOST in settings.EVERY_INTERFACE and is_local:
            fix = "Set PUBLIC_URL to the address under which others reach this machine; links in mails and SCIM locations use it."
            return Finding(name, "warning", f"{url} leads others to their own machine", fix)
        if not is_local and self.has_database and (known := [s.tenant for s in seeds.SEEDS if seeds.is_well_known(s)]):
            said = f"{url} is public, and {', '.join(known)} still have the secrets of the README"
            return Finding(name, "failed", said, "Give each new ones: cxadmin credentials --tenant NAME --renew")
        if self.is_running and _version_at(url) is None:
            fix = "Let the proxy or tunnel lead this address here, or correct PUBLIC_URL; it may be reachable from outside only."
            return Finding(name, "warning", f"{url} does not answer from here", fix)
        return Finding(name, "ok", url)

    def tls(self) -> Finding:
        """Whether others can reach it safely."""
        parts = urlsplit(settings.PUBLIC_URL)
        host = parts.hostname or ""
        if parts.scheme != "https":
            if running.is_loopback(host):
                return Finding("TLS", "ok", "Not needed on this machine alone")
            fix = "Put a proxy or tunnel with a certificate in front and set PUBLIC_URL to its address; Okta and Entra ask for it."
            return Finding("TLS", "warning", f"{settings.PUBLIC_URL} is not encrypted", fix)
        fix = "Look at the certificate of the proxy or tunnel in front: name, chain and validity."
        try:
            with (
                socket.create_connection((host, parts.port or 443), timeout=PATIENCE) as plain,
                ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure,
            ):
                ends = ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))
        except (OSError, KeyError) as error:
            return Finding("TLS", "failed", f"{host}: {_first_line(error)}", fix)
        days = int((ends - time.time()) // 86_400)
        said = f"The certificate of {host} is valid for {days} more days"
        return Finding("TLS", "warning" if days < SOON else "ok", said, "Renew it." if days < SOON else "")


def _skipped(check: str, why: str = "There is no database to look into") -> Finding:
    return Finding(check, "skipped", why)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _is_in_memory(file: Path) -> bool:
    return "memory" in str(file)


def _server() -> str:
    """Where the server of this data folder is, or would be."""
    note = settings.DATA_DIR / running.FILE
    if note.is_file() and _version_at(found := note.read_text()) is not None:
        return found
    host = "127.0.0.1" if settings.HOST in settings.EVERY_INTERFACE else settings.HOST
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"


def _version_at(url: str) -> str | None:
    """The version of the cxadmin that answers at an address; None if none does."""
    try:
        with urlopen(f"{url}/healthz", timeout=PATIENCE) as answer:  # noqa: S310  # our own setting
            said: Any = json.load(answer) if answer.status == HTTPStatus.OK else {}
    except (URLError, OSError, ValueError):
        return None
    return str(said["version"]) if isinstance(said, dict) and said.get("status") == "ok" and "version" in said else None
