"""Client libraries of others, unmodified, against a running server."""

import pytest

from tests.live import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("contract"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def credentials(server) -> dict:
    """What `cxadmin credentials --json` prints."""
    return server.credentials()


@pytest.fixture(scope="session")
def client(server, credentials) -> dict:
    """The seeded application, with a logout address besides."""
    client_id = credentials["oauth_client"]["client_id"]
    server.run(
        "from accounts.models import Application; "
        f"Application.objects.filter(pk='{client_id}').update(post_logout_redirect_uris='http://127.0.0.1:8765/bye')"
    )
    return credentials["oauth_client"]
