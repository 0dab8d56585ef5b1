"""The load client of benchmarks/: it takes only answers that are right, and only this machine for a target."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import operations, report
from benchmarks.__main__ import options
from benchmarks.client import Target, Wrong, parsed, run
from benchmarks.operations import OPERATIONS, Known, Work
from benchmarks.report import Results, Slice
from benchmarks.servers import Limit, Ours, Place

FEW = 6


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return Place(tmp_path_factory.mktemp("bench"), None, None, Path(sys.executable), workers=1, threads=2)


@pytest.fixture(scope="module")
def servers(place):
    """Ours with a few invented employees, and the limit on the same database."""
    started = {kind.name: kind(place, "sqlite") for kind in (Ours, Limit)}
    try:
        for server in started.values():
            server.start(FEW)
        yield started
    finally:
        for server in started.values():
            server.stop()


def work_on(server, purpose=""):
    names = [line.split("\t")[0] for line in server.place.people(FEW).read_text().splitlines()]
    return Work(server.target, operations.find(server.target, names), FEW, 2, f"test-{server.name}-{purpose}")


@pytest.mark.parametrize("name", ["ours", "limit"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_is_done_and_counted(servers, name, operation):
    work = work_on(servers[name], operation.name)
    done = run(servers[name].target, lambda lane: operation.unit(work, lane), connections=2, seconds=30, most=5)
    assert done.units == len(done.latencies) == 5
    assert 0 < done.latency(0.5) <= done.latency(0.99)
    assert done.rate == pytest.approx(5 / done.seconds)


def test_an_answer_that_is_not_the_one_expected_ends_the_work(servers):
    server = servers["ours"]
    known = work_on(server).known[0]
    lied_to = Work(server.target, [Known(known.id, "somebody@else.example")], FEW, 1, "test")
    with pytest.raises(Wrong, match=r"userName should be 'somebody@else\.example'"):
        run(server.target, lambda lane: operations.get(lied_to, lane), connections=1, seconds=5, most=1)


def test_a_refused_credential_ends_the_work(servers):
    target = servers["ours"].target
    stranger = Target(target.host, target.port, target.base, "cxs_unknown")
    work = Work(stranger, [Known("00000000-0000-0000-0000-000000000000", "nobody")], FEW, 1, "test")
    with pytest.raises(Wrong, match="answered with 401"):
        run(stranger, lambda lane: operations.get(work, lane), connections=1, seconds=5, most=1)


def test_what_is_written_is_audited_as_by_any_provider(servers):
    """Nothing is switched off for the benchmark: each create of the load leaves its event."""
    server = servers["ours"]
    work = work_on(server, "audit")
    run(server.target, lambda lane: operations.create(work, lane), connections=2, seconds=30, most=4)
    code = (
        "import django; django.setup(); from accounts.models import AuditEvent;"
        "print(AuditEvent.objects.filter(entity_label='Bench Person', channel='SCIM').count())"
    )
    counted = server._run(
        sys.executable, "-c", f"import os; os.environ['DJANGO_SETTINGS_MODULE']='cxadmin.settings'; {code}", size=0
    )
    assert int(counted) >= 4


def test_load_is_for_this_machine_only():
    with pytest.raises(ValueError, match="not a loopback address"):
        run(Target("192.0.2.1", 80, "", ""), lambda lane: iter(()), connections=1, seconds=1)


BODY = b'{"a":[1,2]}'


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + BODY,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n"
        + BODY[:5]
        + b"\r\n6\r\n"
        + BODY[5:]
        + b"\r\n0\r\n\r\n",
    ],
)
def test_answers_are_read_however_they_arrive(answer):
    assert all(parsed(answer[:length]) is None for length in range(len(answer) - 1))
    found = parsed(answer)
    assert (found.status, found.document) == (200, {"a": [1, 2]})


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\noops",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_refused(answer):
    with pytest.raises(Wrong):
        parsed(answer)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("--servers=nginx", "'nginx' is none of ours-sqlite"),
        ("--operations=bulk", "'bulk' is none of get"),
        ("--sizes=many", "whole numbers, separated by commas"),
        ("--sizes=-1", "Sizes start at 0"),
        ("--connections=0", "connections are 1 to 256"),
    ],
)
def test_bad_options_are_refused_with_what_would_be_right(given, said, capsys):
    with pytest.raises(SystemExit):
        options([given])
    assert said in capsys.readouterr().err


def test_a_server_may_be_named_without_its_database():
    assert options(["--servers=ours,scimmy"]).servers == [
        "ours-sqlite",
        "ours-postgresql",
        "scimmy-postgresql",
        "scimmy",
    ]


def test_ratios_compare_each_round_with_itself():
    slices = [
        Slice(server, 10, "get", 1, number, units=1, rate=rate, p50=1.0)
        for server, rates in {
            "ours-sqlite": (100, 10, 50),
            "limit-sqlite": (200, 20, 60),
            "scimmy": (50, 20, 25),
        }.items()
        for number, rate in enumerate(rates)
    ]
    results = Results([*slices, Slice("scimmy", 10, "put", 1, 0, trouble="no answer")])
    assert results.ratio("limit-sqlite", "ours-sqlite", 10, "get", 1) == 2
    text = "\n".join(report.tables(results))
    assert "10 users, SQLite, 1 connection: limit/ours over 1.3: get 2.00" in text
    assert "scimmy, put, 10 users: no answer" in text
    assert Counter(text.split())["PostgreSQL,"] == 0
