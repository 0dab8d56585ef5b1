"""JSON in and out: any media type is read as JSON, and answers are JSON without a charset, as public clients need it."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class Json(BaseRenderer):
    """`application/json`, as it is."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data)


class AnyJson(BaseParser):
    """A body that is JSON, whatever it is declared as."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        # By way of Django's own `body`, which refuses what is too long (DATA_UPLOAD_MAX_MEMORY_SIZE).
        body = parser_context["request"].body
        if not body.strip():
            return {}
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError("The body is not JSON.") from error


class AlwaysJson(BaseContentNegotiation):
    """One parser, one renderer, whatever the headers say."""

    def select_parser(self, request: Request, parsers: Sequence[BaseParser]) -> BaseParser:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type
