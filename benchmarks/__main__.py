"""`python -m benchmarks`: start the servers, let them do the same work in turns, print how they compare."""

import argparse
import dataclasses
import json
import os
import platform
import random
import shutil
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import operations, report, servers
from benchmarks.client import Wrong, run
from benchmarks.operations import OPERATIONS, Operation, Work
from benchmarks.report import Slice
from benchmarks.servers import KINDS, Place, Server, Trouble
from tests.__main__ import postgresql

SAMPLE = 400
FIRST_FEW = 64
MOST_UNITS = 200_000
MILLION = 1_000_000


def options(argv: list[str] | None = None) -> argparse.Namespace:
    """What to measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10,000 users and two short rounds: about three minutes")
    parser.add_argument(
        "--servers", default="", help=f"only these, separated by commas: {', '.join(KINDS)}; ours stands for both"
    )
    parser.add_argument("--sizes", default="", help="numbers of users (default: 0,10000,100000)")
    parser.add_argument("--million", action="store_true", help="also a million, for ours and the limit")
    parser.add_argument(
        "--operations", default="", help=f"only these: {', '.join(operation.name for operation in OPERATIONS)}"
    )
    parser.add_argument("--connections", default="1,16", help="numbers of connections (default: 1,16)")
    parser.add_argument("--rounds", type=int, help="how often each server has its turn (default: 5)")
    parser.add_argument("--seconds", type=float, help="length of a turn (default: 1)")
    parser.add_argument(
        "--minutes", type=float, default=240, help="begin no turn after this many minutes (default: 240)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every measurement to this file")
    parser.add_argument(
        "--postgresql", metavar="URL", help="a PostgreSQL to create databases on (default: one that answers here)"
    )
    parser.add_argument("--first-port", type=int, help="take ports from here on (default: free ones)")
    parser.add_argument(
        "--peers", type=Path, default=Path(".venv-bench"), help="environment of benchmarks/requirements.txt"
    )
    parser.add_argument(
        "--workers", type=int, default=min(os.cpu_count() or 1, 4), help="processes of the Django servers"
    )
    parser.add_argument("--threads", type=int, default=4, help="threads in each of them")
    found = parser.parse_args(argv)
    found.rounds = found.rounds or (2 if found.quick else 5)
    found.seconds = found.seconds or (0.4 if found.quick else 1.0)
    try:
        found.sizes = [int(size) for size in (found.sizes or ("10000" if found.quick else "0,10000,100000")).split(",")]
        found.connections = [int(number) for number in found.connections.split(",")]
    except ValueError:
        parser.error("--sizes and --connections are whole numbers, separated by commas.")
    if min(found.sizes) < 0 or not all(1 <= number <= 256 for number in found.connections):
        parser.error("Sizes start at 0, connections are 1 to 256.")
    if found.million:
        found.sizes.append(MILLION)
    found.operations = chosen(parser, found.operations, [operation.name for operation in OPERATIONS])
    found.servers = chosen(parser, found.servers, list(KINDS))
    return found


def chosen(parser: argparse.ArgumentParser, given: str, known: list[str]) -> list[str]:
    """The known names that were asked for, all if none was; a name stands also for those that begin with it and a dash."""
    if not given:
        return known
    wanted = given.split(",")
    for name in wanted:
        if not any(one == name or one.startswith(f"{name}-") for one in known):
            parser.error(f"{name!r} is none of {', '.join(known)}.")
    return [one for one in known if any(one == name or one.startswith(f"{name}-") for name in wanted)]


class Run:
    """One run of the benchmark: what is measured, on which servers, with what result."""

    def __init__(self, given: argparse.Namespace, place: Place) -> None:
        self.given = given
        self.work = [operation for operation in OPERATIONS if operation.name in given.operations]
        self.until = time.monotonic() + given.minutes * 60
        self.slices: list[Slice] = []
        self.broken: set[tuple[str, str]] = set()
        self.servers = [
            KINDS[label][0](place, KINDS[label][1])
            for label in given.servers
            if KINDS[label][1] != "postgresql" or place.postgresql is not None
        ]

    def all_sizes(self) -> None:
        for size in self.given.sizes:
            wanted = [server for server in self.servers if server.largest is None or size <= server.largest]
            try:
                self.one_size(size, self.started(wanted, size))
            finally:
                self.stop()

    def started(self, wanted: list[Server], size: int) -> dict[Server, Work]:
        """The servers that could be started and filled, each with the users that the work is about."""
        found = {}
        for server in wanted:
            begun = time.monotonic()
            try:
                server.start(size)
                found[server] = self.known_work(server, size)
            except (Trouble, Wrong) as error:
                if isinstance(server, servers.Ours):
                    raise
                server.stop()
                say(f"{server.label} is left out: {error}")
            else:
                say(f"{server.label} is up with {size:,} users ({time.monotonic() - begun:.0f} s)")
        return found

    def known_work(self, server: Server, size: int) -> Work:
        prefix = f"{server.label}-{size}-{os.getpid()}"
        if size:
            lines = server.place.people(size).read_text(encoding="utf-8").splitlines()
            names = [line.split("\t")[0] for line in random.Random(size).sample(lines, min(SAMPLE, size))]
        else:
            names = [f"{prefix}.known.{number}@{operations.DOMAIN}" for number in range(FIRST_FEW)]
            operations.populate(server.target, names)
        known = operations.find(server.target, names)
        return Work(server.target, known, size or FIRST_FEW, 1, prefix)

    def one_size(self, size: int, works: dict[Server, Work]) -> None:
        for operation in self.work:
            for server, work in works.items():
                self.measure(server, work, operation, size, 4, -1)
        for number in range(self.given.rounds):
            say(f"{size:,} users, round {number + 1} of {self.given.rounds}")
            order = list(works.items())
            order = order[number % len(order) :] + order[: number % len(order)]
            for operation in self.work:
                for connections in self.given.connections:
                    for server, work in order:
                        if time.monotonic() < self.until:
                            self.measure(server, work, operation, size, connections, number)

    def measure(
        self, server: Server, work: Work, operation: Operation, size: int, connections: int, number: int
    ) -> None:
        """One turn of one server; a round below zero only warms it up."""
        if (server.label, operation.name) in self.broken:
            return
        work.connections = min(connections, len(work.known))
        seconds, most = (self.given.seconds, MOST_UNITS) if number >= 0 else (0.2, 20)
        key = (server.label, size, operation.name, connections, number)
        cpu = server.cpu()
        try:
            found = run(
                server.target,
                lambda lane: operation.unit(work, lane),
                connections=connections,
                seconds=seconds,
                most=most,
            )
        except Wrong as error:
            self.broken.add((server.label, operation.name))
            self.slices.append(Slice(*key, trouble=str(error)))
            say(f"{server.label} fails at {operation.name}: {error}")
            return
        weight = operation.weight
        used = server.cpu() - cpu
        server.rest()
        if number < 0 or not found.units:
            return
        self.slices.append(
            Slice(
                *key,
                units=found.units * weight,
                seconds=round(found.seconds, 4),
                rate=round(found.rate * weight, 2),
                p50=round(found.latency(0.5) / weight, 4),
                p99=round(found.latency(0.99) / weight, 4),
                cpu=round(used * 1000 / (found.units * weight), 4),
            )
        )

    def stop(self) -> None:
        for server in self.servers:
            server.stop()

    @property
    def failed(self) -> bool:
        """Whether ours, or the limit it is compared with, gave a wrong answer."""
        return any(label.startswith(("ours", "limit")) for label, _ in self.broken)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def write(file: Path, given: argparse.Namespace, slices: list[Slice]) -> None:
    """Every measurement, and on what machine it was made."""
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
        "rounds": given.rounds,
        "seconds": given.seconds,
        "workers": given.workers,
        "threads": given.threads,
    }
    file.write_text(json.dumps({**about, "slices": [dataclasses.asdict(found) for found in slices]}, indent=1))


def main() -> int:
    given = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="cxadmin-bench-"))
    place = Place(
        folder,
        given.postgresql or postgresql(),
        given.first_port,
        (given.peers / "bin" / "python").absolute(),
        given.workers,
        given.threads,
    )
    if place.postgresql is None:
        say("No PostgreSQL answers: measuring without it. --postgresql names one.")
    whole = Run(given, place)
    try:
        whole.all_sizes()
    except Trouble as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Stopped; what was measured so far:")
    finally:
        whole.stop()
        place.drop_databases()
        shutil.rmtree(folder, ignore_errors=True)
        if given.json:
            write(given.json, given, whole.slices)
    for line in report.tables(report.Results(whole.slices)):
        print(line)
    return int(whole.failed)


if __name__ == "__main__":
    sys.exit(main())
