"""The worker: a process of its own that runs the tasks that wait in the database, and the one that keeps it running."""

import logging
import multiprocessing
import os
import secrets
import signal
import socket
import sys
import time
from multiprocessing.connection import wait
from threading import Event

from django.db import OperationalError, connections
from django_tasks_db.management.commands.db_worker import Worker as TaskRunner
from django_tasks_db.models import DBTaskResult

from accounts import workers
from accounts.actions import bulk_uploads
from cxadmin.lab import clocks, erasure, tenants
from cxadmin.lab.simulator import jobs as simulations

logger = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
BEAT_SECONDS = 3.0
STRAY_SECONDS = 60.0
STOPPING = (signal.SIGTERM, signal.SIGINT)


class Worker:
    """Runs tasks one after the other, and says every few seconds that it is alive."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()[:32]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.stopping = Event()
        self.next_beat = self.next_stray = 0.0

    def run(self) -> None:
        """Work until told to stop, or until whoever started this process has died.

        A database that does not answer is asked again.
        """
        started_by = os.getppid()
        while not self.stopping.is_set() and os.getppid() == started_by:
            try:
                if not self.step():
                    self.stopping.wait(IDLE_SECONDS)
            except OperationalError:
                logger.exception("The database does not answer; trying again")
                connections.close_all()
                self.stopping.wait(BEAT_SECONDS)
        simulations.stop_all()
        workers.gone(self.name)

    def step(self) -> bool:
        """Run the next task; answers whether there was one."""
        if time.monotonic() >= self.next_beat:
            workers.beat(self.name)
            bulk_uploads.resume()
            self._sweep()
            simulations.resume()
            self.next_beat = time.monotonic() + BEAT_SECONDS
        # Asked first, because looking for a task with the intent to run it locks SQLite for writing.
        if not DBTaskResult.objects.ready().exists():
            return False
        runner = TaskRunner(
            queue_names=["*"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=1,
            worker_id=self.name,
            excluded_queue_names=[],
        )
        with clocks.of_tenant(None):
            runner.run()
        return True

    def _sweep(self) -> None:
        """Remove disposable tenants whose time is over, and now and then what the journal wrote after them."""
        tenants.sweep()
        if time.monotonic() >= self.next_stray:
            erasure.forget_strays()
            self.next_stray = time.monotonic() + STRAY_SECONDS


def work() -> None:
    """Be a worker until told to stop."""
    worker = Worker()
    for name in STOPPING:
        signal.signal(name, lambda *_: worker.stopping.set())
    bulk_uploads.forget_finished_tasks()
    bulk_uploads.forget_old()
    worker.run()


def keep_working() -> None:
    """Keep a worker running, in a process of its own below the server's; ends with it."""
    for name in STOPPING:
        signal.signal(name, lambda *_: sys.exit())
    server = multiprocessing.parent_process()
    if server is None:
        raise RuntimeError("This is for a process below the server's.")
    while server.is_alive():
        worker = multiprocessing.Process(target=work)
        worker.start()
        try:
            wait([worker.sentinel, server.sentinel])
        finally:
            worker.terminate()
            worker.join()
        time.sleep(IDLE_SECONDS)
