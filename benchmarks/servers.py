"""Starting, filling and stopping the servers: each in a process group of its own, on this machine's loopback address."""

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import psycopg
from psycopg import sql

from benchmarks.client import Target
from cxadmin.lab import people

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
START_WITHIN = 600
REST_WITHIN = 10.0
QUIET_AFTER = 0.7
LOOKED_FOR = 0.1


class Trouble(Exception):
    """A server did not start, or what it needs is missing; the text says what to do."""


@dataclass(slots=True)
class Place:
    """Where a benchmark works: its folder, its PostgreSQL, its ports, and what is installed for it.

    Attributes:
        postgresql: address of a database of the server on which databases may be created, or None.
        first_port: ports are taken from here on; None lets the system choose.
        peers: the Python of the environment with the peers' requirements.
    """

    folder: Path
    postgresql: str | None
    first_port: int | None
    peers: Path
    workers: int
    threads: int
    databases: dict[str, str] = field(default_factory=dict)
    ports: Iterator[int] | None = None

    def port(self) -> int:
        if self.first_port is not None:
            self.ports = self.ports or iter(range(self.first_port, self.first_port + 100))
            return next(self.ports)
        with socket.socket() as free:
            free.bind((HOST, 0))
            return int(free.getsockname()[1])

    def database(self, name: str) -> str:
        """The address of a PostgreSQL database of our own, created when first asked for."""
        if self.postgresql is None:
            raise Trouble("There is no PostgreSQL to create databases on; --postgresql names one.")
        if name not in self.databases:
            own = f"bench_{os.getpid()}_{name}"
            self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(own)))
            self.databases[name] = own
        return self.postgresql.rsplit("/", 1)[0] + "/" + self.databases[name]

    def drop_databases(self) -> None:
        for own in self.databases.values():
            self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(own)))
        self.databases.clear()

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.postgresql or "", autocommit=True) as connection:
            connection.execute(statement)

    def people(self, size: int) -> Path:
        """The file of invented people that every server is filled with."""
        file = self.folder / f"people-{size}.tsv"
        if not file.exists():
            with file.open("w", encoding="utf-8") as out:
                for number in range(1, size + 1):
                    person = people.person(1, number)
                    out.write(f"{person.mailbox}@demo.example\t{person.first_name}\t{person.last_name}\n")
        return file


class Server:
    """One server under test.

    Attributes:
        name: as options and tables write it; `database` is None for one that keeps everything in memory.
        largest: the largest size it is measured at, None without a limit.
    """

    name: ClassVar[str]
    base = "/scim/v2"
    largest: int | None = 100_000

    def __init__(self, place: Place, database: str | None) -> None:
        self.place = place
        self.database = database
        self.port = place.port()
        self.token = secrets.token_hex(16)
        self.process: subprocess.Popen[bytes] | None = None
        self.folder = place.folder / self.label
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def label(self) -> str:
        return f"{self.name}-{self.database}" if self.database else self.name

    @property
    def target(self) -> Target:
        return Target(HOST, self.port, self.base, self.token)

    def start(self, size: int) -> None:
        """Serve with this many users; a server that is running is stopped first."""
        self.stop()
        self.fill(size)
        self._launch(size)

    def _launch(self, size: int) -> None:
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(size),
                cwd=self.cwd,
                env={**clean(os.environ), **self.environment(size)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_WITHIN
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise Trouble(f"{self.label} did not start:\n{self.log()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End the processes this server started, and no others."""
        if self.process is None:
            return
        for sent in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sent)
                self.process.wait(timeout=15)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self.process.wait()
        self.process = None

    def cpu(self) -> float:
        """Seconds of processor time that the processes of this server have used, those that ended not counted.

        0 where the system has no /proc; the work of PostgreSQL is PostgreSQL's own and not in it.
        """
        used = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                session = stat.read_text().rpartition(")")[2].split()[3]
                if self.process is not None and session == str(self.process.pid):
                    used += sum(int(file.read_text().split()[0]) for file in stat.parent.glob("task/*/schedstat"))
            except OSError:
                continue
        return used / 1e9

    def rest(self) -> None:
        """Return once the server has done what it put off, so that the next one's turn does not pay for it."""

    def log(self) -> str:
        return (self.folder / "log.txt").read_text(errors="replace")[-2000:]

    def _answers(self) -> bool:
        """Whether it answers anything; some listen long before their application is loaded."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", f"{self.base}/ServiceProviderConfig")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        else:
            return True
        finally:
            connection.close()

    cwd = ROOT

    def fill(self, size: int) -> None:
        """Prepare what the server needs before it starts."""

    def command(self, size: int) -> list[str]:
        raise NotImplementedError

    def environment(self, size: int) -> dict[str, str]:
        return {"TOKEN": self.token, "SIZE": str(size), "PEOPLE": str(self.place.people(size)), "PORT": str(self.port)}

    def _run(self, *command: str, size: int) -> str:
        """What a command prints that prepares the server.

        Raises:
            Trouble: it fails.
        """
        done = subprocess.run(
            command,
            cwd=self.cwd,
            env={**clean(os.environ), **self.environment(size)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Trouble(f"{self.label}: {' '.join(command)} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
        return done.stdout


def clean(environment: "os._Environ[str]") -> dict[str, str]:
    """The environment without what would change a server's settings."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
    return {name: environment[name] for name in kept if name in environment}


class Ours(Server):
    """cxadmin as `cxadmin up` serves it: audit trail and real authorisation on."""

    name = "ours"
    base = "/oauth/scim/v2"
    largest = None

    def __init__(self, place: Place, database: str | None) -> None:
        super().__init__(place, database)
        self.is_prepared = False

    def environment(self, size: int) -> dict[str, str]:
        found = {
            "DATA_DIR": str(self.place.folder / f"cxadmin-{self.database}"),
            "SECRET_KEY": "benchmark",
            "PORT": str(self.port),
            "WEB_WORKERS": str(self.place.workers),
            "WEB_THREADS": str(self.place.threads),
        }
        if self.database == "postgresql":
            found["DATABASE_URL"] = self.place.database("cxadmin")
        return found

    def rest(self) -> None:
        """What is compared with ours rests as long: a machine that was idle just before is faster."""
        until = time.monotonic() + REST_WITHIN
        time.sleep(QUIET_AFTER)  # the journal gives its table what it put aside
        before = self.cpu()
        while time.monotonic() < until:
            time.sleep(LOOKED_FOR)
            now = self.cpu()
            if now - before < LOOKED_FOR / 10:
                return
            before = now

    def fill(self, size: int) -> None:
        if not self.is_prepared:
            self._prepare()
        self.token = self._known_token()
        if size:
            self._run(sys.executable, "-m", "cxadmin", "generate", f"--employees={size}", size=size)

    def _prepare(self) -> None:
        """Let `cxadmin up` migrate and seed."""
        self._launch(0)
        self.stop()
        self.is_prepared = True

    def _known_token(self) -> str:
        """The SCIM token of the tenant demo."""
        printed = self._run(sys.executable, "-m", "cxadmin", "credentials", "--json", size=0)
        return str(json.loads(printed)["scim_token"]["token"])

    def command(self, size: int) -> list[str]:
        return [sys.executable, "-m", "cxadmin", "up"]


class Unrecorded(Ours):
    """Ours on the same database with the request journal off, to see what the journal costs; ours has to be started first."""

    name = "unrecorded"

    def environment(self, size: int) -> dict[str, str]:
        return {**super().environment(size), "JOURNAL_ENTRIES": "0"}

    def fill(self, size: int) -> None:
        """Ours has filled the database."""
        self.token = self._known_token()


class Limit(Ours):
    """The honest limit, on the same database as ours, which has to be started first."""

    name = "limit"

    def fill(self, size: int) -> None:
        """Ours has filled the database."""
        self.token = self._known_token()

    def command(self, size: int) -> list[str]:
        return granian(self, "benchmarks.limit.wsgi:application")


class Stock(Server):
    """A stock django-scim2 application."""

    name = "stock"

    def environment(self, size: int) -> dict[str, str]:
        found = {
            **super().environment(size),
            "DATA_DIR": str(self.folder),
            "SECRET_KEY": "benchmark",
        }
        if self.database == "postgresql":
            found["DATABASE_URL"] = self.place.database("stock")
        return found

    def fill(self, size: int) -> None:
        self._run(sys.executable, "-m", "benchmarks.stock.fill", str(self.place.people(size)), str(size), size=size)

    def command(self, size: int) -> list[str]:
        return granian(self, "benchmarks.stock.wsgi:application")


def granian(server: Server, application: str) -> list[str]:
    """A Django application, served as `cxadmin up` serves ours."""
    options = {"interface": "wsgi", "host": HOST, "port": server.port, "workers": server.place.workers}
    options |= {"blocking-threads": server.place.threads, "log-level": "warning"}
    return [
        sys.executable, "-m", "granian", "--no-ws", *(f"--{name}={value}" for name, value in options.items()), application,
    ]  # fmt: skip


class Scim2Server(Server):
    """scim2-server, in memory, under gunicorn: one process, because memory is not shared."""

    name = "scim2-server"
    base = ""
    cwd = ROOT / "benchmarks" / "scim2server"

    def command(self, size: int) -> list[str]:
        if not self.place.peers.exists():
            raise Trouble(f"scim2-server is not installed in {self.place.peers.parent.parent}; `make bench` does it.")
        return [
            str(self.place.peers), "-m", "gunicorn", "--worker-class=gthread", "--threads=16", "--workers=1", "--timeout=600",
            "--keep-alive=600", f"--bind={HOST}:{self.port}", "app:application",
        ]  # fmt: skip


class Scimmy(Server):
    """SCIMMY on express: in memory in one process, or on PostgreSQL."""

    name = "scimmy"
    cwd = ROOT / "benchmarks" / "scimmy"

    def environment(self, size: int) -> dict[str, str]:
        found = super().environment(size)
        if self.database == "postgresql":
            found["DATABASE_URL"] = self.place.database("scimmy")
        return found

    def command(self, size: int) -> list[str]:
        node = shutil.which("node")
        if node is None or not (self.cwd / "node_modules").exists():
            raise Trouble(
                "SCIMMY needs node, and `npm install` in benchmarks/scimmy; `make bench` does it where npm exists."
            )
        return [node, "server.js"]


KINDS: dict[str, tuple[type[Server], str | None]] = {
    "ours-sqlite": (Ours, "sqlite"),
    "limit-sqlite": (Limit, "sqlite"),
    "unrecorded-sqlite": (Unrecorded, "sqlite"),
    "stock-sqlite": (Stock, "sqlite"),
    "ours-postgresql": (Ours, "postgresql"),
    "limit-postgresql": (Limit, "postgresql"),
    "unrecorded-postgresql": (Unrecorded, "postgresql"),
    "stock-postgresql": (Stock, "postgresql"),
    "scimmy-postgresql": (Scimmy, "postgresql"),
    "scimmy": (Scimmy, None),
    "scim2-server": (Scim2Server, None),
}
