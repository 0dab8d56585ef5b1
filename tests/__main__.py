"""`make test`: the suite on SQLite, then, if a PostgreSQL answers, once more there without the browser."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg

INSTANCE = ("DATABASE_URL", "PUBLIC_URL", "DEBUG", "HOST", "PORT", "DATA_DIR")
FAILED = Path(".pytest_cache/v/cache/lastfailed")
FEW = 5
CANDIDATES = ("postgres://postgres@127.0.0.1:5432/postgres", "postgres://127.0.0.1:5432/postgres")


def postgresql() -> str | None:
    """The address of a PostgreSQL to test on: TEST_DATABASE_URL, else a local server that lets us in."""
    given = os.environ.get("TEST_DATABASE_URL")
    for url in (given,) if given else CANDIDATES:
        try:
            psycopg.connect(url, connect_timeout=3).close()
        except psycopg.OperationalError as error:
            if given:
                sys.exit(f"TEST_DATABASE_URL does not answer: {error}")
        else:
            return url
    return None


def run(title: str, *arguments: str, **environment: str) -> int:
    """One run of pytest, with nothing of the caller's own instance in its environment; answers its exit code."""
    print(f"\n== {title}", flush=True)
    command = [sys.executable, "-X", "dev", "-m", "pytest", "-q", *arguments]
    inherited = {name: value for name, value in os.environ.items() if name not in INSTANCE}
    return subprocess.run(command, env={**inherited, **environment}, check=False).returncode


def suite(title: str, *arguments: str, **environment: str) -> int:
    """The suite, on all processors; a few failures are tried again alone, for tests that watch a clock or drive a browser
    may fail on a machine that is short of breath, while what is broken fails alone, too. Answers its exit code."""
    FAILED.unlink(missing_ok=True)
    code = run(title, "-n", "auto", "--dist", "loadfile", *arguments, *sys.argv[1:], **environment)
    failed = list(json.loads(FAILED.read_text())) if code == 1 and FAILED.exists() else []
    if 0 < len(failed) <= FEW:
        code = run("Once more, alone: " + ", ".join(failed), *failed, **environment)
        print("Passed alone: look at what they wait for." if code == 0 else "Failed again.")
    return code


def main() -> int:
    failed = suite("Tests on SQLite")
    url = postgresql()
    if url is None:
        print("\nNo PostgreSQL answers on 127.0.0.1:5432 (or at TEST_DATABASE_URL): tested on SQLite alone.")
        return failed
    return suite("Tests on PostgreSQL", "-m", "not browser", DATABASE_URL=url) or failed


if __name__ == "__main__":
    sys.exit(main())
