"""The WSGI application: SCIM past Django's signals, everything else as Django does it."""

import io

import pytest
from django.db import connection

from cxadmin.wsgi import application
from tests.world import build_world


def call(path: str, **more: str) -> tuple[int, dict[str, str], bytes]:
    """What the server would send."""
    told: list = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "x", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(b""), **more,
    }  # fmt: skip
    content = application(environ, lambda status, headers: told.extend([status, headers]))
    return int(told[0].split()[0]), dict(told[1]), b"".join(content)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/oauth/scim/v2/Users", "/scim/v2/ServiceProviderConfig", "/oauth/scim/v2/nothing"])
def test_an_answer_is_what_the_layers_make_of_it(client, path):
    status, headers, content = call(path, HTTP_X_REQUEST_ID="one")
    expected = client.get(path, headers={"X-Request-Id": "one"})
    assert (status, headers, content) == (expected.status_code, dict(expected.headers), expected.content)


@pytest.mark.django_db(transaction=True)
def test_a_page_is_answered_in_one_piece(client):
    status, headers, content = call("/login/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert content.endswith(b"</html>\n")


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a database in memory cannot be opened again")
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_failed_does_not_serve_the_next_request():
    build_world()
    connection.ensure_connection()
    connection.connection.close()
    assert call("/oauth/scim/v2/Users", HTTP_AUTHORIZATION="Bearer cxs_unknown")[0] == 500
    assert call("/oauth/scim/v2/Users", HTTP_AUTHORIZATION="Bearer cxs_unknown")[0] == 401
