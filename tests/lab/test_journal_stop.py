"""What the journal holds after the server was stopped, or killed."""

import http.client
import os
import signal
import time
from pathlib import Path

import pytest

from tests.live import Server
from tests.scim.conftest import fresh_database

COUNT = """
from cxadmin.lab.journal import recorder
from cxadmin.lab.models import Exchange

recorder.flush()
print(Exchange.objects.filter(path__endswith="/Users").count())
"""
REQUESTS = 60


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield Server(tmp_path_factory.mktemp("stopped"), workers=2)
        return
    with fresh_database(url) as own:
        yield Server(tmp_path_factory.mktemp("stopped"), database_url=own, workers=2)


def send(server: Server) -> None:
    token = server.credentials()["scim_token"]["token"]
    for _ in range(REQUESTS):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", "/oauth/scim/v2/Users?count=1", headers={"Authorization": f"Bearer {token}"})
        assert connection.getresponse().status == 200
        connection.close()


def workers_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_stop_loses_nothing_and_a_kill_the_last_second_at_most(instance):
    instance.start()
    send(instance)
    instance.stop()
    assert int(instance.run(COUNT)) == REQUESTS
    instance.start()
    send(instance)
    time.sleep(1)
    for worker in workers_of(instance.process.pid):
        os.kill(worker, signal.SIGKILL)
    instance.process.kill()
    instance.process.wait(timeout=20)
    instance.process.stdout.close()
    assert int(instance.run(COUNT)) == 2 * REQUESTS
