"""`python -m tests.tour` takes the pictures of docs/tour/ and writes docs/tour.md.

`--review FOLDER` takes every scene there instead, as PNG, in both widths and both themes (`--language`), to be looked at.
"""

import argparse
import base64
import contextlib
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.conftest import FLAGS, NAMES
from tests.live import ROOT, Server
from tests.tour import traffic
from tests.tour.scenes import SCENES, Scene, Take

PAGE = ROOT / "docs" / "tour.md"
FOLDER = ROOT / "docs" / "tour"
QUALITY = 55
ADDRESS = "http://localhost:8000"

INTRODUCTION = """\
# Tour

The console in pictures, made by `make screenshots`: a server of its own with an invented tenant, at a moment at which its
clock stands still. Every page has a light and a dark theme, works from 1024 px on and speaks English, Japanese and German.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tour", description=__doc__)
    parser.add_argument("--review", type=Path, metavar="FOLDER", help="every scene as PNG, in both widths and themes")
    parser.add_argument("--language", default="en", choices=("en", "ja", "de"), help="of the review")
    parser.add_argument("--only", default="", metavar="WORD", help="scenes whose name holds this word")
    options = parser.parse_args()
    scenes = [scene for scene in SCENES if options.only in scene.name]
    with furnished() as server, sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
        mapped = f"--host-resolver-rules=MAP localhost:8000 127.0.0.1:{server.port}"
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, mapped, "--hide-scrollbars"])
        try:
            if options.review:
                combinations = list(itertools.product([options.language], (1440, 1024), ("light", "dark")))
                take_all(browser, options.review, ((s, [Take(*c) for c in combinations]) for s in scenes), "png")
            else:
                take_all(browser, FOLDER, ((scene, scene.takes) for scene in scenes), "webp")
                PAGE.write_text(page(), encoding="utf-8")
        finally:
            browser.close()


@contextlib.contextmanager
def furnished() -> Iterator[Server]:
    """A running server whose clock stands still and whose tenant is worth looking at."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        server.environment |= {
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "frozen"), str(ROOT)]),
            "PUBLIC_URL": ADDRESS,
            "APP_REGISTRATION_MODE": "manual",
        }
        server.start()
        try:
            server.run("from tests.tour import furnishing; furnishing.furnish()")
            traffic.send(server.url, server.credentials()["scim_token"]["token"])
            time.sleep(1)  # the journal writes four times a second
            server.run("from tests.tour import furnishing; furnishing.settle()")
            yield server
        finally:
            server.stop()


def take_all(browser: Browser, folder: Path, wanted: Iterable[tuple[Scene, Iterable[Take]]], form: str) -> None:
    """Take pictures into a folder; one window for each language, width and theme, signed in once."""
    folder.mkdir(parents=True, exist_ok=True)
    contexts: dict[tuple[Take, bool], BrowserContext] = {}
    for scene, takes in wanted:
        for take in takes:
            key = (take, scene.is_public)
            if key not in contexts:
                contexts[key] = opened(browser, take, signed_in=not scene.is_public)
            window = contexts[key].new_page()
            window.set_viewport_size({"width": take.width, "height": scene.height})
            window.goto(scene.path, wait_until="networkidle")
            if scene.steps:
                scene.steps(window)
            window.mouse.move(0, 0)
            name = f"{scene.name}{take.suffix}.{form}"
            (folder / name).write_bytes(picture(window, form))
            print(name)
            window.close()


def opened(browser: Browser, take: Take, *, signed_in: bool) -> BrowserContext:
    """A browser's window of the administrator of `demo`, or of nobody."""
    context = browser.new_context(
        base_url=ADDRESS, locale=take.language, color_scheme=take.theme, reduced_motion="reduce"
    )
    if signed_in:
        window = context.new_page()
        window.goto("/login/")
        window.locator("[name=username]").fill("admin@demo.example")
        window.keyboard.press("Enter")
        window.locator("[name=password]").fill("Rehearsal-1")
        window.keyboard.press("Enter")
        window.wait_for_url(lambda url: "/login" not in url)
        window.close()
    return context


def picture(window: Page, form: str) -> bytes:
    """What the window shows, as an image file."""
    chosen = {"format": form} | ({"quality": QUALITY} if form == "webp" else {})
    shot = window.context.new_cdp_session(window).send("Page.captureScreenshot", chosen)
    return base64.b64decode(shot["data"])


def page() -> str:
    """The text of docs/tour.md."""
    lines = [INTRODUCTION]
    for scene in SCENES:
        lines += [f"## {scene.title}\n", f"{scene.says}\n"]
        for take in scene.takes:
            lines.append(f"![{scene.title}{_said(take)}](tour/{scene.name}{take.suffix}.webp)\n")
    return "\n".join(lines)


def _said(take: Take) -> str:
    return f" ({take.suffix.removeprefix('-').replace('-', ', ')})" if take.suffix else ""


if __name__ == "__main__":
    main()
