"""Does a JSON value fit a schema of an OpenAPI document? As much of JSON Schema as the vendor's documents use."""

import re
from typing import Any

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


class Schemas:
    """The schemas of one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def resolved(self, schema: Any) -> Any:
        while isinstance(schema, dict) and "$ref" in schema:
            found = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def problems(self, schema: Any, value: Any, at: str = "") -> list[str]:
        """Every place where the value does not fit, with what is wrong there."""
        schema = self.resolved(schema)
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        known = [TYPES[kind] for kind in kinds if kind in TYPES]
        if known and not any(
            isinstance(value, kind) and (kind is bool or not isinstance(value, bool)) for kind in known
        ):
            return [f"{at}: {value!r} is no {'/'.join(kinds)}"]
        found = self._of_scalar(schema, value, at)
        if isinstance(value, dict):
            found += self._of_object(schema, value, at)
        if isinstance(value, list) and "items" in schema:
            for place, item in enumerate(value):
                found += self.problems(schema["items"], item, f"{at}[{place}]")
        return found

    def _of_scalar(self, schema: dict[str, Any], value: Any, at: str) -> list[str]:
        found = []
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{at}: {value!r} is none of {schema['enum']}")
        if isinstance(value, str):
            if len(value) < schema.get("minLength", 0):
                found.append(f"{at}: {value!r} is too short")
            if len(value) > schema.get("maxLength", len(value)):
                found.append(f"{at}: {value!r} is too long")
            if schema.get("format") == "date-time" and not re.fullmatch(
                r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*(Z|[+-]\d\d:\d\d)", value
            ):
                found.append(f"{at}: {value!r} is no date-time")
            if schema.get("format") == "uuid" and not re.fullmatch(r"[0-9a-f-]{36}", value):
                found.append(f"{at}: {value!r} is no uuid")
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if is_number and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            found.append(f"{at}: {value!r} is out of range")
        return found

    def _of_object(self, schema: dict[str, Any], value: dict[str, Any], at: str) -> list[str]:
        properties = schema.get("properties", {})
        found = [f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value]
        for name, member in value.items():
            if name in schema.get("required", []) and name not in properties:
                continue  # the documents we have lost every property that is called "description"
            if name in properties:
                found += self.problems(properties[name], member, f"{at}.{name}")
            elif properties and not isinstance(schema.get("additionalProperties"), dict):
                found.append(f"{at}: {name} is not documented")
        return found
