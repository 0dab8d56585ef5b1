"""Requests that schemathesis makes from docs/openapi.json, valid ones and broken ones, and what it thinks of the answers."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cxadmin import openapi
from tests.api.calls import undone

FILE = Path(__file__).resolve().parents[1] / openapi.FILE
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
Operation = Any


def document() -> dict[str, Any]:
    """The document."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def operations(wanted: Callable[[str], bool], said: dict[str, Any] | None = None) -> list[Operation]:
    """The operations of the document, or of another one, under these addresses."""
    schema = schemathesis.openapi.from_dict(said or document())
    found = [result.ok() for result in schema.get_all_operations()]
    return [operation for operation in found if wanted(operation.path)]


def attack(
    operation: Operation, headers: Mapping[str, str], known: Mapping[str, list[str]], times: int, statuses: Counter[int]
) -> list[str]:
    """Send requests made for an operation, each in a world of its own; answers what is wrong with the answers.

    Args:
        known: values for placeholders of the address that lead to something; half of the requests use them.
        statuses: counts the answers.
    """
    application = get_wsgi_application()
    wrong: list[str] = []
    requests = st.sampled_from(list(GenerationMode)).flatmap(lambda mode: operation.as_strategy(generation_mode=mode))

    @seed(1)
    @settings(
        max_examples=times,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=requests, is_known=st.booleans(), data=st.data())
    def send(case: Any, is_known: bool, data: st.DataObject) -> None:
        for name in case.path_parameters or () if is_known else ():
            if name in known:
                case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        with undone(), connection_kept():
            response = case.call(app=application, headers=dict(headers))
        statuses[response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as error:
            wrong.append(f"{operation.label}: {told(error)}\n  {case.as_curl_command(headers=dict(headers))[:600]}")

    send()
    return wrong


@contextmanager
def connection_kept() -> Iterator[None]:
    """A request closes the connection that it finds inside a transaction; here that is the test's own, as in Django's client."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    try:
        yield
    finally:
        request_started.connect(close_old_connections)
        request_finished.connect(close_old_connections)


def told(error: FailureGroup) -> str:
    """What is wrong, in a few lines."""
    return " / ".join(f"{type(part).__name__} {part}"[:500] for part in error.exceptions)
