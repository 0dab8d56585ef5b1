"""The WSGI application that granian serves."""

import gc
import os
from collections.abc import Iterable
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")

django.setup(set_prefix=False)

from cxadmin.middleware import SCIM_PATH  # noqa: E402  # the models have to be there


class Handler(WSGIHandler):
    """Django's handler, which hands complete answers to granian in one piece, not by their iterator, and does without
    the signals around a request where it is for SCIM."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer a request."""
        if SCIM_PATH.match(environ.get("PATH_INFO", "")):
            return self._scim(environ, start_response)
        response: Any = super().__call__(environ, start_response)
        if getattr(response, "streaming", True):
            return response
        try:
            return [response.content]
        finally:
            response.close()

    def _scim(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The signals make up a tenth of a look-up. What hangs on them is for pages, but for one thing: a connection that
        failed, or was left inside a transaction, must not serve the next request."""
        try:
            response: Any = self.get_response(self.request_class(environ))
            # Kept as pairs; `items()` looks each of them up by its name.
            headers = list(response.headers._store.values())
            start_response(f"{response.status_code} {response.reason_phrase}", headers)
            return [response.content]
        finally:
            for connection in connections.all(initialized_only=True):
                if connection.errors_occurred or not connection.autocommit:
                    connection.close_if_unusable_or_obsolete()


application = Handler()

# Every view is imported now, and all of this stays for good: the garbage collector, which requests set off, shall not look
# through it again and again.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
