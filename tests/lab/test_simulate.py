"""`cxadmin simulate` against a service that notes what it is sent: the documented requests, and what goes wrong."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.core.management import CommandError, call_command

from cxadmin.lab.simulator import plan
from cxadmin.lab.simulator.plan import BadPlan
from cxadmin.lab.simulator.provider import person

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ADA = person(1, 1, "simulator.example")


class Service:
    """A small SCIM service: users and groups in dictionaries, every request noted.

    Attributes:
        before: called before every request; answers status, headers and body to send instead of the service's own.
    """

    def __init__(self) -> None:
        self.users: dict[str, dict] = {}
        self.groups: dict[str, dict] = {}
        self.seen: list[tuple[str, str, dict, object]] = []
        self.before = lambda method, path: None
        self.lock = threading.Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                content = self.rfile.read(length)
                with service.lock:
                    body = json.loads(content) if content else None
                    service.seen.append((self.command, unquote(self.path), dict(self.headers), body))
                    said = service.before(self.command, self.path) or service.serve(self.command, self.path, body)
                if said == "drop":
                    self.close_connection = True
                    return
                status, headers, document = said
                sent = json.dumps(document).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_POST = do_PUT = do_PATCH = answer  # noqa: N815  # as http.server wants them

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/scim/v2"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, method: str, target: str, body: object) -> tuple[int, dict, dict]:
        parts = urlsplit(target.removeprefix("/scim/v2"))
        kind, _, resource_id = parts.path.strip("/").partition("/")
        if kind not in ("Users", "Groups"):
            return 200, {}, {"schemas": [LIST], "totalResults": 0, "Resources": []}
        store = self.users if kind == "Users" else self.groups
        if method == "POST":
            made = {**body, "id": f"id-{kind}-{len(store) + 1}"}
            made.pop("password", None)
            store[made["id"]] = made
            return 201, {}, made
        if resource_id:
            if method == "PUT":
                store[resource_id] = body
            elif method == "PATCH":
                store[resource_id].setdefault("patched", []).append(body["Operations"])
            return 200, {}, store[resource_id]
        found = list(store.values())
        wanted = parse_qs(parts.query).get("filter", [""])[0]
        for name, value in re.findall(r'(\w+) eq "([^"]*)"', wanted):
            found = [one for one in found if str(one.get(name, "")).lower() == value.lower()]
        return 200, {}, {"schemas": [LIST], "totalResults": len(found), "Resources": found}

    def requests(self) -> list[str]:
        return [f"{method} {path.removeprefix('/scim/v2')}" for method, path, _, _ in self.seen]

    def bodies(self, method: str) -> list:
        return [body for seen, _, _, body in self.seen if seen == method]


@pytest.fixture
def service():
    running = Service()
    yield running
    running.server.shutdown()
    running.server.server_close()


def simulate(*arguments: str) -> tuple[dict, int]:
    """The report, and the exit code."""
    out, code = StringIO(), 0
    try:
        call_command("simulate", *arguments, "--json", stdout=out, stderr=StringIO())
    except SystemExit as end:
        code = end.code
    return json.loads(out.getvalue()), code


def play(service, provider, *arguments):
    return simulate(provider, f"--scim-url={service.url}", "--token=secret", "--connections=1", *arguments)


FIND = f'GET /Users?filter=userName eq "{ADA.username}"&startIndex=1&count=100'


def test_okta_s_custom_application_reads_and_puts_back(service):
    report, code = play(service, "okta", "--people=1", "--groups=1")
    assert code == 0
    assert service.requests() == [
        "GET /Users?startIndex=1&count=2",
        "GET /Users?startIndex=1&count=2",
        "GET /Groups?startIndex=1&count=100",
        "GET /Users?startIndex=1&count=100",
        "GET /Groups?startIndex=1&count=100",
        FIND,
        "POST /Users",
        *["GET /Users/id-Users-1", "PUT /Users/id-Users-1"] * 3,
        "POST /Groups",
        "GET /Groups/id-Groups-1",
        "PUT /Groups/id-Groups-1",
        FIND,
    ]
    headers = service.seen[6][2]
    assert headers["User-Agent"] == "Okta SCIM Client 1.0.0"
    assert headers["Authorization"] == "Bearer secret"
    assert headers["Accept"] == "application/scim+json"
    assert headers["Content-Type"] == "application/scim+json; charset=utf-8"
    created, group = service.bodies("POST")
    assert created == {
        "schemas": [USER],
        "userName": ADA.username,
        "name": {"givenName": ADA.first_name, "familyName": ADA.last_name},
        "emails": [{"primary": True, "value": ADA.username, "type": "work"}],
        "displayName": f"{ADA.first_name} {ADA.last_name}",
        "locale": "en-US",
        "externalId": f"00u{ADA.token[:17]}",
        "groups": [],
        "password": created["password"],
        "active": True,
    }
    assert len(created["password"]) == 8
    assert group["members"] == []
    update, off, on, pushed = service.bodies("PUT")
    assert update["id"] == "id-Users-1"
    assert update["name"]["familyName"] == ADA.next_last_name
    assert (off["active"], on["active"]) == (False, True)
    assert pushed["members"] == [{"value": "id-Users-1", "display": ADA.username}]
    assert report["employees"] == {"expected": 1, "as_expected": 1}


def test_okta_s_catalogue_patches(service):
    play(
        service, "okta", "--style=catalogue", "--people=1", "--groups=1", "--steps=create,deactivate,reactivate,groups"
    )
    assert [body["Operations"] for body in service.bodies("PATCH")] == [
        [{"op": "replace", "value": {"active": False}}],
        [{"op": "replace", "value": {"active": True}}],
        [{"op": "replace", "value": {"id": "id-Groups-1", "displayName": "Billing"}}],
        [{"op": "replace", "path": "members", "value": [{"value": "id-Users-1", "display": ADA.username}]}],
    ]


def test_entra_without_the_flag(service):
    play(service, "entra", "--people=1", "--groups=1", "--steps=connect,create,update,deactivate,groups")
    nobody = "00000000-feed-4bad-8bad-0123456789ab"
    assert service.requests() == [
        f'GET /Users?filter=userName eq "{nobody}"',
        f'GET /Groups?excludedAttributes=members&filter=displayName eq "{nobody}"',
        "GET /Schemas",
        f'GET /Users?filter=userName eq "{ADA.username}"',
        "POST /Users",
        "PATCH /Users/id-Users-1",
        "PATCH /Users/id-Users-1",
        'GET /Groups?excludedAttributes=members&filter=displayName eq "Billing"',
        "POST /Groups",
        'GET /Groups?filter=id eq "id-Groups-1" and members eq "id-Users-1"&attributes=id',
        "PATCH /Groups/id-Groups-1",
    ]
    assert "User-Agent" not in service.seen[0][2]
    update, off, member = (body["Operations"] for body in service.bodies("PATCH"))
    assert {operation["op"] for operation in update} == {"Replace", "Add"}
    assert {"op": "Replace", "path": "name.familyName", "value": ADA.next_last_name} in update
    assert off == [{"op": "Replace", "path": "active", "value": "False"}]
    assert member == [{"op": "Add", "path": "members", "value": [{"$ref": None, "value": "id-Users-1"}]}]


def test_entra_with_the_flag(service):
    play(service, "entra", "--style=flag", "--people=1", "--groups=0", "--steps=create,update,deactivate")
    assert all(path.endswith("aadOptscim062020") for path in service.requests())
    update, off = (body["Operations"] for body in service.bodies("PATCH"))
    assert update[0] == {"op": "replace", "path": 'emails[type eq "work"].value', "value": ADA.username}
    assert update[1]["value"]["name.familyName"] == ADA.next_last_name
    assert off == [{"op": "replace", "path": "active", "value": False}]


@pytest.mark.parametrize("provider", ["okta", "entra"])
def test_repeated_it_finds_who_is_there(service, provider):
    play(service, provider, "--people=3", "--steps=create,groups")
    there = set(service.users)
    report, code = play(service, provider, "--people=4", "--steps=create,groups,check")
    assert code == 0
    assert report["steps"][0]["outcomes"] == {"created": 1, ("updated" if provider == "okta" else "unchanged"): 3}
    assert len(service.users) == 4
    assert there < set(service.users)
    assert len(service.groups) == 3


def test_a_step_alone_looks_people_up_and_says_who_is_missing(service):
    report, code = play(service, "okta", "--people=2", "--steps=deactivate")
    assert code == 1
    (refusal, _second) = report["steps"][0]["refusals"]
    assert refusal["said"] == f"There is no user {ADA.username} yet; the step `create` makes them."
    assert refusal["first"]["who"] == ADA.username


def test_the_server_s_own_sentences_are_counted(service):
    said = {"detail": "The name is taken.", "status": "409"}
    service.before = lambda method, path: (409, {"X-Request-Id": "r-1"}, said) if method == "POST" else None
    report, code = play(service, "okta", "--people=5", "--steps=create")
    assert code == 1
    (step,) = report["steps"]
    assert (step["done"], step["ok"], step["refused"], step["requests"]) == (5, 0, 5, 10)
    assert step["refusals"] == [
        {"status": 409, "said": "The name is taken.", "times": 5, "first": {"who": ADA.username, "request_id": "r-1"}}
    ]


def test_what_is_not_as_expected_is_counted(service):
    play(service, "okta", "--people=2", "--steps=create")
    for user in service.users.values():
        user["active"] = False
    service.before = lambda method, path: (200, {}, {"id": "id-Users-1"}) if method == "PUT" else None
    report, code = play(service, "okta", "--people=2", "--steps=create,check")
    assert code == 1
    assert report["employees"] == {"expected": 2, "as_expected": 0}


def test_it_waits_where_the_server_says_so(service):
    waits = iter([(429, {"Retry-After": "0"}, {}), (429, {"Retry-After": "0"}, {})])
    service.before = lambda method, path: next(waits, None)
    report, code = play(service, "okta", "--people=1", "--steps=create")
    assert code == 0
    assert report["requests"] == 4


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_connection_test_ends_the_run(service, status):
    service.before = lambda method, path: (status, {}, {"detail": "Not you."})
    report, code = play(service, "okta")
    assert code == 1
    assert (report["state"], len(service.seen)) == ("failed", 1)
    assert f"connect was refused ({status})" in report["reason"]
    assert report["steps"][0]["refusals"][0]["said"] == "Not you."


def test_a_server_that_stops_answering_ends_the_run(service):
    service.before = lambda method, path: "drop" if method == "POST" else None
    report, code = play(service, "okta", "--people=50", "--steps=create,update")
    assert code == 1
    assert (report["state"], report["steps"][0]["step"]) == ("failed", "create")
    assert "No answer from http://127.0.0.1" in report["reason"]
    assert len(report["steps"]) == 1


def test_nonsense_instead_of_scim_is_reported_not_raised(service):
    service.before = lambda method, path: (200, {}, ["nonsense"])
    report, code = play(service, "okta", "--people=2", "--steps=create,groups")
    assert code == 1
    assert report["steps"][0]["refusals"][0]["said"] == "The answer holds no id."


def test_the_pace_is_kept(service):
    report, _ = play(service, "okta", "--people=2", "--steps=create", "--rate=10", "--connections=4")
    assert report["seconds"] >= 0.3


def test_people_read_a_table(service):
    out = StringIO()
    call_command("simulate", "okta", f"--scim-url={service.url}", "--basic=id:secret", "--people=2", stdout=out)
    printed = out.getvalue()
    assert "Okta (wizard) at http://127.0.0.1" in printed
    assert re.search(r"create +2 +0 +4 .* 2 created", printed)
    assert "0 refused. 2 of 2 people are as expected." in printed
    assert service.seen[0][2]["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    "url",
    [
        "https://company.example/scim/v2",
        "http://10.0.0.5/scim/v2",
        "http://127.0.0.1.example/scim",
        "http://localhost@example.com/",
        "http://0.0.0.0:8000/",
        "file:///etc/passwd",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "localhost:8000",
    ],
)
def test_only_this_machine_is_played_against(url):
    with pytest.raises(CommandError, match="on this machine only"):
        call_command("simulate", "okta", f"--scim-url={url}", "--token=x")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--people=0"], "--people: people must be a whole number from 1 to 100,000, not 0"),
        (["--people=100001"], "--people"),
        (["--steps=create,dance"], "There is no step 'dance'; known are connect, import, create"),
        (["--steps="], "There is no step ''"),
        (["--style=flag"], "style can be wizard or catalogue with okta"),
        (["--rate=-1"], "--rate"),
        (["--rate=nan"], "--rate"),
        (["--connections=99"], "--connections"),
        (["--share=0"], "--share"),
        (["--domain=nodot"], "--domain"),
        (["--domain=a b.example"], "--domain"),
        (["--credential=magic"], "credential can be oauth, token, key"),
        (["--credential=key", "--basic=nocolon"], "An access key is given as ID:secret."),
        (["--credential=oauth", "--client-id=x"], "client_secret, redirect_uri, username, password is missing"),
    ],
)
def test_a_bad_option_is_refused_before_anything_is_sent(service, options, words):
    with pytest.raises(CommandError, match=re.escape(words)) as refused:
        play(service, "okta", *options)
    assert refused.value.returncode == 2
    assert service.seen == []


@pytest.mark.parametrize("number", ["many", "1.5", "-3", "٣"])
def test_what_is_no_number_is_refused(number):
    with pytest.raises(CommandError, match="Give a whole number, not "):
        call_command("simulate", "okta", f"--people={number}")


def test_an_unknown_tenant_is_refused_with_those_there_are(world):
    with pytest.raises(CommandError, match=r"There is no tenant 'nobody'\. The tenants are: acme"):
        call_command("simulate", "okta", "--tenant=nobody")
    with pytest.raises(CommandError, match=r"Of the secrets of acme only hashes are kept.*Give: token"):
        call_command("simulate", "entra", "--tenant=acme")


def test_the_same_seed_makes_the_same_people():
    one, same, other = (person(seed, 5, "x.example") for seed in (1, 1, 2))
    assert one == same
    assert one.username != other.username
    assert len({person(1, number, "x.example").username for number in range(1, 500)}) == 499
    assert all(p.last_name != p.next_last_name for p in (person(1, n, "x.example") for n in range(500)))


def test_a_plan_from_json_is_read_strictly():
    read = plan.read({"provider": "okta", "steps": ["check", "create"]}, domain="x.example")
    assert read.steps == ("create", "check")
    for bad in (
        {"people": "5"},
        {"people": True},
        {"steps": "x"},
        {"steps": [1]},
        {"steps": {}},
        {"speed": 1},
        {"domain": 5},
    ):
        with pytest.raises(BadPlan):
            plan.read({"provider": "okta", **bad}, domain="x.example")
    with pytest.raises(BadPlan, match="provider must be okta or entra"):
        plan.read({}, domain="x.example")
