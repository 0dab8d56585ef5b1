"""The API documentation: complete without any other host, under the policy of every page, and the demo credentials in it."""

import json
import re

import pytest

from cxadmin.lab import seeds

PAGES = ["/api/docs/", "/api/docs/redoc/"]
CREDENTIALS = "/api/docs/demo-credentials/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def demo():
    seed = seeds.seed_of("demo")
    seeds.plant(seed)
    return seed


@pytest.mark.parametrize("path", PAGES)
def test_everything_comes_from_here_and_nothing_stands_in_the_page(client, path):
    response = client.get(path)
    text = response.content.decode()
    assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|\bstyle=", text)
    assert all(address.startswith("/") for address in re.findall(r'\b(?:src|href)="([^"]+)"', text))
    policy = response["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert ("'unsafe-inline'" in policy) == ("redoc" in path)


def test_the_document_is_the_one_that_is_checked_in(client):
    response = client.get("/api/docs/openapi.json")
    assert response["Content-Type"] == "application/json"
    assert json.loads(response.content)["openapi"] == "3.1.0"
    assert client.get("/api/docs/openapi.json", headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_the_demo_credentials_are_one_click_away_and_work(client, demo):
    assert CREDENTIALS in client.get("/api/docs/").content.decode()
    response = client.get(CREDENTIALS)
    assert "no-store" in response["Cache-Control"]
    known = response.json()
    pair = {name: known[name] for name in ("accessKeyId", "accessKeySecret")}
    token = client.post("/authentication/v1/token/access-key", pair, content_type="application/json").json()
    me = client.get("/auth/userinfo", headers={"Authorization": f"Bearer {token['access_token']}"}).json()
    assert me["name"] == demo.username("scim")
    users = client.get("/oauth/scim/v2/Users", headers={"Authorization": f"Bearer {known['scimToken']}"})
    assert users.status_code == 200


def test_credentials_that_were_renewed_are_shown_to_nobody(client, demo):
    seeds.renew(demo)
    assert client.get(CREDENTIALS).status_code == 404
    assert CREDENTIALS not in client.get("/api/docs/").content.decode()


def test_an_instance_without_the_demo_tenant_has_none(client):
    assert client.get(CREDENTIALS).status_code == 404


def test_the_console_leads_there(world):
    for path in ("/developer/", "/help/"):
        assert 'href="/api/docs/"' in world.client().get(path).content.decode()
