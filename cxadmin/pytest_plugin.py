"""The pytest plugin: a fixture `cxadmin`, a tenant of its own for each test (docs/testing.md).

One server serves the whole run, also with pytest-xdist: the first worker that needs it starts it, and the process that
distributes the tests stops it.
"""

import json
import os
import shutil
import signal
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cxadmin.testing import ENDING, STARTING, STEP, Emulator, EmulatorError, Tenant

SHARED = "cxadmin_folder"
FOLDER: "pytest.StashKey[Path]" = pytest.StashKey()
NOTE, DATA = "server.json", "data"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers", "cxadmin(name, seed, lifetime): what the tenant of the fixture `cxadmin` is made from"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each worker of pytest-xdist where to find the server they share."""
    stash = node.config.stash
    stash.setdefault(FOLDER, Path(tempfile.gettempdir()) / f"cxadmin-run-{uuid.uuid4().hex}")
    node.workerinput[SHARED] = str(stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that workers shared, once all of them have ended."""
    folder = config.stash.get(FOLDER, None)
    if folder is None or not folder.exists():
        return
    with suppress(FileNotFoundError, ProcessLookupError, KeyError):
        os.kill(json.loads((folder / NOTE).read_text())["process"], signal.SIGTERM)
        patience = time.monotonic() + ENDING
        # The server takes its note away when it ends; its process may stay as a zombie, for nobody waits for it.
        while (folder / DATA / "server.url").exists() and time.monotonic() < patience:
            time.sleep(STEP)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cxadmin_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """The emulator of this run: that of CXADMIN_URL, else one that is started for it."""
    shared = getattr(request.config, "workerinput", {}).get(SHARED)
    if shared is None:
        with Emulator() as emulator:
            yield emulator
        return
    yield _shared(Path(shared))


def _shared(folder: Path) -> Emulator:
    """The server that the workers of a run share; the first one starts it."""
    given = Emulator()
    if given.url:
        return given.start()
    note = folder / NOTE
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return _awaited(note)
    (folder / DATA).mkdir()
    emulator = Emulator(folder=folder / DATA)
    try:
        emulator.start()
    except EmulatorError as error:
        _write(note, {"error": str(error)})
        raise
    if emulator.process is not None:
        process = emulator.process
        _write(note, {"url": emulator.url, "control_key": emulator.control_key, "process": process.pid})
        process.returncode = 0  # it outlives this worker, so nothing here waits for it
    return emulator


def _awaited(note: Path) -> Emulator:
    patience = time.monotonic() + STARTING
    while not note.exists():
        if time.monotonic() > patience:
            raise EmulatorError("Another worker did not get the emulator started.")
        time.sleep(STEP)
    found = json.loads(note.read_text())
    if "error" in found:
        raise EmulatorError(found["error"])
    emulator = Emulator(found["url"], found["control_key"]).start()
    emulator.is_single = True
    return emulator


def _write(note: Path, content: dict[str, Any]) -> None:
    """Write the note so that nobody reads half of it."""
    part = note.with_suffix(".part")
    part.write_text(json.dumps(content))
    part.replace(note)


@pytest.fixture
def cxadmin(request: pytest.FixtureRequest, cxadmin_emulator: Emulator) -> Iterator[Tenant]:
    """A tenant for this test alone, removed when it ends; `@pytest.mark.cxadmin(seed="bare")` makes another kind."""
    marker = request.node.get_closest_marker("cxadmin")
    tenant = cxadmin_emulator.tenant(**(marker.kwargs if marker else {}))
    yield tenant
    with suppress(EmulatorError):  # the test may have deleted it
        tenant.delete()
