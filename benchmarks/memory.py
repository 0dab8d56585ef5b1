"""`python -m benchmarks.memory`: does a worker keep memory? One worker of ours, a mix of all operations, its size as it goes.

Sizes are resident memory as the system counts it (`VmRSS` of `/proc`), of the largest process of the server: the worker. Part
of it is SQLite's map of the database file, so `private` (without what is mapped from files) is what the worker itself holds.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import operations
from benchmarks.client import Unit, run
from benchmarks.operations import OPERATIONS, Work
from benchmarks.servers import Ours, Place, Server, Trouble
from tests.__main__ import postgresql

USERS = 1_000
STEPS = 20
WORKERS = 1
MEGABYTE = 1024


@dataclass(frozen=True, slots=True)
class Size:
    """How large a process is, in kilobytes."""

    resident: int
    private: int


def largest_process(server: Server) -> Size:
    """The worker: the largest process of the server.

    Raises:
        Trouble: the system has no /proc, or the server is gone.
    """
    found = [size for status in Path("/proc").glob("[0-9]*/status") if (size := _size(server, status))]
    if not found:
        raise Trouble("The size of the worker cannot be read: there is no /proc, or the server has ended.")
    return max(found, key=lambda size: size.private)


def _size(server: Server, status: Path) -> Size | None:
    """The size of a process if it belongs to the server."""
    try:
        session = (status.parent / "stat").read_text().rpartition(")")[2].split()[3]
        if server.process is None or session != str(server.process.pid):
            return None
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return Size(int(lines["VmRSS"].split()[0]), int(lines["RssAnon"].split()[0]))
    except (OSError, KeyError):
        return None


class Load:
    """Units of every operation in random order, their requests counted."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.requests = 0

    def unit(self, lane: int) -> Unit:
        return self._counted(self.work.chance.choice(OPERATIONS).unit(self.work, lane))

    def _counted(self, unit: Unit) -> Unit:
        request = next(unit)
        while True:
            self.requests += 1
            answer = yield request
            try:
                request = unit.send(answer)
            except StopIteration:
                return


def measured(server: Server, total: int, connections: int) -> Iterator[tuple[int, Size]]:
    """The size of the worker after every twentieth of the requests; first before any of them."""
    names = [line.split("\t")[0] for line in server.place.people(USERS).read_text(encoding="utf-8").splitlines()]
    known = operations.find(server.target, random.Random(1).sample(names, 200))
    load = Load(Work(server.target, known, USERS, connections, f"memory-{time.time():.0f}"))
    yield 0, largest_process(server)
    while load.requests < total:
        until = min(load.requests + max(total // STEPS, 1), total)
        while load.requests < until:
            run(
                server.target,
                load.unit,
                connections=connections,
                seconds=600,
                most=max((until - load.requests) // 2, 1),
            )
        yield load.requests, largest_process(server)


def growth(sizes: list[tuple[int, Size]]) -> float:
    """Kilobytes of private memory per thousand requests over the second half, when caches have filled: the slope of a
    straight line laid through the sizes."""
    points = [(requests / 1000, size.private) for requests, size in sizes[len(sizes) // 2 :]]
    mean_x, mean_y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def options(argv: list[str] | None = None) -> argparse.Namespace:
    """What to measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="how many requests to send (default: 100,000)")
    parser.add_argument("--connections", type=int, default=16, help="at how many connections (default: 16)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    return parser.parse_args(argv)


def main() -> int:
    given = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="cxadmin-memory-"))
    place = Place(folder, postgresql(), None, Path(sys.executable), WORKERS, threads=4)
    server = Ours(place, given.database)
    sizes = []
    print("| requests | resident MB | private MB |\n|---:|---:|---:|")
    try:
        server.start(USERS)
        for requests, size in measured(server, given.requests, given.connections):
            sizes.append((requests, size))
            print(f"| {requests:,} | {size.resident / MEGABYTE:.1f} | {size.private / MEGABYTE:.1f} |", flush=True)
    except Trouble as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        server.stop()
        place.drop_databases()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\nSecond half: {growth(sizes):+.1f} kB of private memory per 1,000 requests.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
