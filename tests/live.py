"""The product as people run it: `cxadmin up` in a process of its own, with a data folder and a database of its own."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).parents[1]


class Server:
    """The product, running.

    Args:
        data_dir: where its data goes.
        database_url: PostgreSQL instead of SQLite.
        workers: processes that serve.
    """

    def __init__(self, data_dir: Path, *, database_url: str = "", workers: int = 1) -> None:
        self.data_dir = data_dir
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "DATA_DIR": str(data_dir),
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "WEB_WORKERS": str(workers),
        }
        self.log = data_dir / "server.log"
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cxadmin", "up"],
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        printed = []
        for line in self.process.stdout:
            printed.append(line)
            if line.strip() == "ready":
                return
        raise RuntimeError("The server did not start:\n" + "".join(printed) + self.log.read_text())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()

    def run(self, code: str) -> str:
        """Run Python beside the server, on its database, and answer what it prints. For what no screen can do yet."""
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def credentials(self, tenant: str = "demo") -> dict[str, Any]:
        """What `cxadmin credentials --json` prints."""
        done = subprocess.run(
            [sys.executable, "-m", "cxadmin", "credentials", "--tenant", tenant, "--json"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)


@contextlib.contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """A new PostgreSQL database beside this one, for as long as it is needed."""
    name = f"test_live_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
