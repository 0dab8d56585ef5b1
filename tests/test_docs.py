"""The documentation says what the code does: settings, the seed's credentials, paths of files."""

import re
from pathlib import Path

import pytest

from cxadmin.lab import seeds

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]


def test_every_setting_is_documented_and_nothing_else():
    read = re.findall(r'\benv(?:\.\w+|_\w+)?\(\s*"([A-Z_]+)"', (ROOT / "cxadmin" / "settings.py").read_text())
    documented = re.findall(r"^### `(\w+)`$", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    assert len(documented) == len(set(documented))
    assert set(read) == set(documented)


def test_the_settings_say_the_default_they_have():
    source = (ROOT / "cxadmin" / "settings.py").read_text()
    text = (ROOT / "docs" / "settings.md").read_text()
    for name, default in re.findall(r'env_duration\("(\w+)", "(\w+)"\)', source):
        assert f"Default `{default}`." in section(text, name), name
    for name, default in re.findall(r'env\.int\("(\w+)", default=(\d+)\)', source):
        assert f"Default `{default}`." in section(text, name), name
    for name, default in re.findall(r'env_bool\("(\w+)", default=(\w+)\)', source):
        assert f"Default `{default.lower()}`." in section(text, name), name


def section(text: str, name: str) -> str:
    return text.split(f"### `{name}`\n")[1].split("\n### ")[0]


def test_the_readme_holds_the_credentials_of_the_seed():
    demo = seeds.seed_of("demo")
    secrets = demo.secrets
    for literal in (
        f"`{demo.username('admin')}` / `{secrets.admin_password}`",
        f"`{demo.number}`, tenant ID `{demo.id}`",
        f"bearer token `{secrets.scim_token}`",
        f"`{secrets.access_key_id}`",
        f"`{secrets.access_key_secret}`",
        f'Authorization: Bearer {secrets.scim_token}"',
    ):
        assert literal in README, literal


def test_every_secret_in_the_readme_is_one_of_the_seed():
    secrets = seeds.seed_of("demo").secrets
    assert set(re.findall(r"cxs_[\w-]{43}", README)) == {secrets.scim_token}
    assert set(re.findall(r"\b[A-Z2-7]{52}====", README)) == {secrets.access_key_id, secrets.access_key_secret}


@pytest.mark.parametrize("tenant", ["bare", "gov"])
def test_the_readme_names_the_other_tenants(tenant):
    seed = seeds.seed_of(tenant)
    assert f"`{seed.tenant}`" in README
    assert f"{seed.number}, `{seed.username('admin')}`" in README
    assert seed.secrets.admin_password == seeds.seed_of("demo").secrets.admin_password


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_the_pages_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target
