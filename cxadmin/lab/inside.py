"""Requests that the lab sends to the product from within: through every layer that a client's passes but the network."""

import functools
from collections.abc import Mapping
from contextlib import closing
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http.response import HttpResponseBase


def call(
    method: str, path: str, query: str, headers: Mapping[str, str], *, body: bytes = b"", address: str = "127.0.0.1"
) -> tuple[WSGIRequest, HttpResponseBase]:
    """Run a request in this thread.

    Args:
        path, query: as they stand in the address, the path decoded.
        address: where it comes from, as far as the product can tell.

    Returns:
        The request as the layers left it, and the answer.
    """
    public = urlsplit(settings.PUBLIC_URL)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query.encode().decode("latin-1"),
        "REMOTE_ADDR": address,
        "HTTP_HOST": public.netloc,
        "wsgi.url_scheme": public.scheme,
        "wsgi.input": BytesIO(body),
        "CONTENT_LENGTH": str(len(body)) if body else "",
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    setup_testing_defaults(environ)
    # Not through WSGI: what hangs on the end of a request looks after this thread's database connections, which the caller
    # still uses.
    with closing(WSGIRequest(environ)) as request:
        return request, _handler().get_response(request)


@functools.cache
def _handler() -> WSGIHandler:
    return WSGIHandler()  # loads the middleware
