"""What came out: ratios per operation, growth with size, and what misses the goals."""

import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

GOAL = 1.3
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
NOT_COMPARED = {"ours", "limit"}


@dataclass(frozen=True, slots=True)
class Slice:
    """One measurement: a server at one operation, for a moment of one round. `rate` is units a second, latencies and
    `cpu`, the processor time of a unit, are milliseconds; `trouble` says why there is no measurement."""

    server: str
    size: int
    operation: str
    connections: int
    round: int
    units: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    cpu: float = 0.0
    trouble: str = ""


class Results:
    """All slices of a run, and questions to them."""

    def __init__(self, slices: Iterable[Slice]) -> None:
        self.slices = list(slices)
        self.by_key: dict[tuple[str, int, str, int], dict[int, Slice]] = {}
        for found in self.slices:
            key = (found.server, found.size, found.operation, found.connections)
            self.by_key.setdefault(key, {})[found.round] = found

    def values(self, what: str) -> list[Any]:
        """The different values of a field among the measurements, in the order they were met."""
        return list(dict.fromkeys(getattr(found, what) for found in self.slices if not found.trouble))

    def median(self, what: str, server: str, size: int, operation: str, connections: int) -> float | None:
        """The median of a figure over the rounds; None if there is none."""
        rounds = self.by_key.get((server, size, operation, connections), {}).values()
        figures = [getattr(found, what) for found in rounds if not found.trouble]
        return statistics.median(figures) if figures else None

    def ratio(
        self, above: str, below: str, size: int, operation: str, connections: int, what: str = "rate"
    ) -> float | None:
        """A figure of one server by that of another: the median over the rounds, each compared with itself, so that what
        else the machine does in a round touches both."""
        one = self.by_key.get((above, size, operation, connections), {})
        other = self.by_key.get((below, size, operation, connections), {})
        pairs = [(getattr(one[n], what), getattr(other[n], what)) for n in one if n in other]
        ratios = [a / b for a, b in pairs if a and b]
        return statistics.median(ratios) if ratios else None


def tables(results: Results) -> Iterator[str]:
    """The report, a line at a time, in Markdown."""
    for database in NAMES:
        ours = f"ours-{database}"
        if ours not in results.values("server"):
            continue
        for size in results.values("size"):
            for connections in results.values("connections"):
                yield from _ratios(results, database, size, connections)
                yield from _processor(results, database, size, connections)
        yield from _growth(results, database)
    yield from _misses(results)


def _columns(results: Results, database: str) -> list[str]:
    """The peers to compare with: those on the same database and those without one."""
    servers = results.values("server")
    return [
        name
        for name in servers
        if name.split("-")[0] not in NOT_COMPARED
        and not name.endswith(tuple(other for other in NAMES if other != database))
    ]


def _ratios(results: Results, database: str, size: int, connections: int) -> Iterator[str]:
    ours, limit, peers = f"ours-{database}", f"limit-{database}", _columns(results, database)
    yield f"\n{size:,} users, {NAMES[database]}, {connections} connection{'s' if connections > 1 else ''}\n"
    yield _row(
        "operation",
        "ours/s",
        "p50 ms",
        "p99 ms",
        "CPU ms",
        "CPU/limit",
        "limit/ours",
        *(f"ours/{peer}" for peer in peers),
    )
    yield _row("---", *["---:"] * (6 + len(peers)))
    for operation in results.values("operation"):
        key = (size, operation, connections)
        yield _row(
            operation,
            _figure(results.median("rate", ours, *key), 0),
            _figure(results.median("p50", ours, *key), 2),
            _figure(results.median("p99", ours, *key), 1),
            _figure(results.median("cpu", ours, *key), 2),
            _figure(results.ratio(ours, limit, *key, "cpu"), 2),
            _figure(results.ratio(limit, ours, *key), 2),
            *(_figure(results.ratio(ours, peer, *key), 2) for peer in peers),
        )


def _processor(results: Results, database: str, size: int, connections: int) -> Iterator[str]:
    """Processor time of the servers' own processes, which says something even where others use the machine."""
    ours, peers = f"ours-{database}", _columns(results, database)
    if not peers:
        return
    yield "\nProcessor time of a unit, peer by ours (over 1: ours takes less)\n"
    yield _row("operation", *(f"{peer}/ours" for peer in peers))
    yield _row("---", *["---:"] * len(peers))
    for operation in results.values("operation"):
        ratios = (results.ratio(peer, ours, size, operation, connections, "cpu") for peer in peers)
        yield _row(operation, *(_figure(ratio, 2) for ratio in ratios))


def _growth(results: Results, database: str) -> Iterator[str]:
    sizes = results.values("size")
    if len(sizes) < 2:
        return
    servers = [f"ours-{database}", f"limit-{database}", *_columns(results, database)]
    for connections in results.values("connections"):
        yield f"\nGrowth, {NAMES[database]}, {connections} connection{'s' if connections > 1 else ''}: p50 in ms\n"
        yield _row("server", "operation", *(f"{size:,}" for size in sizes), "largest/smallest")
        yield _row("---", "---", *["---:"] * (len(sizes) + 1))
        for server in servers:
            for operation in results.values("operation"):
                found = [results.median("p50", server, size, operation, connections) for size in sizes]
                there = [figure for figure in found if figure]
                grown = there[-1] / there[0] if len(there) > 1 else None
                yield _row(server, operation, *(_figure(figure, 2) for figure in found), _figure(grown, 2))


def _misses(results: Results) -> Iterator[str]:
    """What the goals of docs/performance.md ask and this run did not show."""
    missed = []
    for database in NAMES:
        for size in results.values("size"):
            for connections in results.values("connections"):
                where = f"{size:,} users, {NAMES[database]}, {connections} connection{'s' if connections > 1 else ''}"
                missed += [f"- {where}: {text}" for text in _short_of(results, database, size, connections)]
    missed += [
        f"- {found.server}, {found.operation}, {found.size:,} users: {found.trouble}"
        for found in results.slices
        if found.trouble
    ]
    yield "\nGoals missed in this run:\n" if missed else "\nEvery goal was met in this run."
    yield from missed


def _short_of(results: Results, database: str, size: int, connections: int) -> Iterator[str]:
    """For the limit and for each peer, the operations on which ours falls short of the goal, with the ratios."""
    ours, limit = f"ours-{database}", f"limit-{database}"

    def ratios(above: str, below: str) -> dict[str, float]:
        found = {name: results.ratio(above, below, size, name, connections) for name in results.values("operation")}
        return {name: ratio for name, ratio in found.items() if ratio is not None}

    behind = [f"{name} {ratio:.2f}" for name, ratio in ratios(limit, ours).items() if ratio > GOAL]
    if behind:
        yield f"limit/ours over {GOAL}: {', '.join(behind)}"
    for peer in _columns(results, database):
        slower = [
            f"{name} {ratio:.2f}"
            for name, ratio in ratios(ours, peer).items()
            if ratio < 1 and _counts(peer, name, connections)
        ]
        if slower:
            yield f"ours/{peer} under 1: {', '.join(slower)}"


def _counts(peer: str, operation: str, connections: int) -> bool:
    """Whether being slower than this peer misses a goal: SCIMMY has to be beaten by the life cycle and at 16 connections."""
    return not peer.startswith("scimmy") or connections >= 16 or operation == "life-cycle"


def _figure(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _row(*cells: str) -> str:
    first, *others = cells
    return "| " + " | ".join([first.ljust(12), *(cell.rjust(9) for cell in others)]) + " |"
