"""docs/scim.md says what the code does: whoever changes one has to change the other."""

import json
import re
from pathlib import Path

import pytest

from scim import bulk, errors, grammar, patch, reference, requests
from scim.attributes import GROUPS, USERS
from tests.scim.client import NOBODY, refused

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / reference.FILE).read_text(encoding="utf-8")


def test_the_attribute_table_is_the_present_one():
    assert reference.renewed(PAGE) == PAGE, "Run: python -m scim.reference"


def test_the_openapi_document_is_the_present_one_and_knows_every_address(scim):
    text = (ROOT / reference.OPENAPI).read_text(encoding="utf-8")
    assert text == reference.openapi_file(), "Run: python -m scim.reference"
    for path, calls in json.loads(text)["paths"].items():
        allowed = set(scim.call("OPTIONS", path.replace("{id}", NOBODY)).headers["Allow"].lower().split(", "))
        assert calls.keys() - {"parameters"} <= allowed, path


def test_the_attribute_table_has_every_attribute():
    for table in (USERS, GROUPS):
        for _, attribute in table:
            for path in (attribute.name, *(f"{attribute.name}.{sub.name}" for sub in attribute.subs)):
                assert re.search(rf"`(?:\w+: )?{re.escape(path)}`", PAGE), path


def test_every_tolerance_has_a_paragraph_a_place_and_a_test():
    described = set(re.findall(r"^### (T\d+): .+\n\n\S", PAGE, re.MULTILINE))
    assert described == {f"T{number}" for number in range(1, len(described) + 1)}
    code = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "scim").glob("*.py")))
    assert set(re.findall(r"\bT\d+\b", code)) == described
    tests = (ROOT / "tests/scim/test_tolerances.py").read_text(encoding="utf-8")
    assert set(re.findall(r'rule\("(T\d+)"\)', tests)) == described


def test_every_kind_of_error_is_in_the_table():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind is not errors.ScimError]
    for kind in kinds:
        if issubclass(kind, errors.ScimError):
            scim_type = f"`{kind.scim_type}`" if kind.scim_type else "–"
            assert f"| {kind.status} | {scim_type} |" in PAGE, kind


def test_the_limits_are_the_real_ones(settings):
    for limit in (
        grammar.LONGEST,
        grammar.MOST_EXPRESSIONS,
        grammar.DEEPEST,
        patch.MOST_OPERATIONS,
        bulk.MOST_OPERATIONS,
        bulk.MOST_BYTES,
        requests.DEEPEST,
        settings.SCIM_DEFAULT_COUNT,
        settings.SCIM_MAX_COUNT,
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    ):
        assert f"{limit:,}" in PAGE, limit


def test_the_addresses_of_the_page_answer_and_those_it_lacks_do_not(scim):
    listed = re.search(r"## Endpoints\n(.+?)\n\n[A-Z]", PAGE, re.DOTALL)[1]
    addresses = set(re.findall(r"`(/[\w.]*[^`{]*)`", listed)) | {"/Users", "/Groups"}
    assert {"/Users/.search", "/Bulk", "/Me", "/Schemas"} <= addresses
    for address in addresses:
        allowed = scim.call("OPTIONS", address).headers["Allow"]
        assert scim.call("TRACE", address).status_code == 405
        assert ("POST" in allowed) == (address in {"/Users", "/Groups", "/Bulk", "/"} or address.endswith(".search"))


@pytest.mark.parametrize("path", ["/help", "/Users/1/2", "/users", "/Schemas/a/b"])
def test_every_other_address_is_404(scim, path):
    refused(scim.get(path), 404, None)


def test_discovery_tells_what_is_there(scim):
    config = scim.get("/ServiceProviderConfig").json()
    assert {name for name, part in config.items() if isinstance(part, dict) and part.get("supported")} == {
        "patch",
        "bulk",
        "filter",
        "sort",
        "etag",
    }
    assert config["changePassword"] == {"supported": False}
    schema = {
        attribute["name"]: attribute for attribute in scim.get(f"/Schemas/{config['schemas'][0]}").json()["attributes"]
    }
    for name in config.keys() - {"schemas", "meta"}:
        declared = {sub["name"] for sub in schema[name]["subAttributes"]}
        shown = config[name] if isinstance(config[name], list) else [config[name]]
        assert all(entry.keys() <= declared for entry in shown), name
