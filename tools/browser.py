# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at the built documentation in a headless Chromium: ``python -m tools.browser [--pictures FOLDER] [PAGE...]``.

It measures each page at the width of a screen and at that of a phone, and lists what is cut off or sticks out.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from tools import docs

WIDTHS = {"screen": 1280, "phone": 390}
HEIGHT = 1000
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Elements that reach over the right edge of the page, and those whose content needs more room than they have. The
# theme's navigation is made wider than what is seen of it, to hide its scroll bar.
MEASURE = """(() => {
  const wide = document.documentElement.clientWidth, found = [];
  for (const element of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    if (style.display === 'inline' || !box.width || !box.height || box.right <= 0) continue;
    if (element.matches('.wy-nav-side') || found.some(([outer]) => outer.contains(element))) continue;
    const out = box.right > wide + 1;
    const room = element.clientWidth, cut = style.overflowX !== 'visible' && room > 1 && element.scrollWidth > room + 1;
    if (out || cut) found.push([element, element.textContent.trim().replace(/\\s+/g, ' ').slice(0, 60)]);
  }
  return found.map(([element, text]) => `${element.tagName.toLowerCase()}.${element.className}: ${text}`);
})()"""


def installed() -> str | None:
    """The path of a browser that can be asked by the DevTools protocol, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def running(browser: str) -> Iterator[int]:
    """A browser that is asked at the port that this yields. It resolves no host names, so it reaches no network."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        command += ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        command += ["--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}", "--remote-debugging-port=0"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                yield _port(process, Path(profile) / "DevToolsActivePort")
            finally:
                process.terminate()


def _port(process: subprocess.Popen[bytes], file: Path) -> int:
    deadline = time.monotonic() + 60
    while not (file.exists() and file.read_text()):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the browser does not start")
        time.sleep(0.1)
    return int(file.read_text().split()[0])


class Tab:
    """A tab of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._numbers = socket, itertools.count()

    async def ask(self, method: str, until: str = "", **params: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol, and wait for its answer, and for the event ``until``."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        answer, seen = None, not until
        while answer is None or not seen:
            message = await self._socket.receive_json(timeout=60)
            seen = seen or message.get("method") == until
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                answer = message["result"]
        return dict(answer)

    async def open(self, page: Path, width: int) -> None:
        size: dict[str, Any] = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": width < 600}
        await self.ask("Emulation.setDeviceMetricsOverride", **size)
        await self.ask("Page.navigate", until="Page.loadEventFired", url=page.as_uri())

    async def measure(self) -> list[str]:
        answer = await self.ask("Runtime.evaluate", expression=MEASURE, returnByValue=True)
        return list(answer["result"]["value"])

    async def picture(self, file: Path) -> None:
        answer = await self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(answer["data"]))


@contextlib.asynccontextmanager
async def tab(port: int) -> AsyncIterator[Tab]:
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession(url) as session:
        async with session.put("/json/new") as response:
            address = (await response.json())["webSocketDebuggerUrl"]
        async with session.ws_connect(address, max_msg_size=0) as socket:
            made = Tab(socket)
            await made.ask("Page.enable")
            yield made


async def _look(browser: str, pages: Sequence[Path], pictures: Path | None) -> dict[str, list[str]]:
    by_page = {}
    with running(browser) as port:
        async with tab(port) as window:
            for name, width in WIDTHS.items():
                for page in pages:
                    await window.open(page, width)
                    if problems := await window.measure():
                        by_page[f"{page.relative_to(docs.HTML)} ({name}, {width} pixels)"] = problems
                    if pictures is not None:
                        await window.picture(pictures / f"{page.stem}-{width}.png")
    return by_page


def look(browser: str, pages: Sequence[Path] = (), pictures: Path | None = None) -> dict[str, list[str]]:
    """What is cut off or sticks out, by page and width.

    :param pages: HTML files; all of the built ones if there are none.
    :param pictures: a folder for a picture of each page at each width.
    """
    return asyncio.run(_look(browser, pages or sorted(docs.HTML.rglob("*.html")), pictures))


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description="Measure the built documentation in a browser.")
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="the path of a built page; default: all")
    parser.add_argument("--pictures", metavar="FOLDER", help="also take a picture of each page at each width")
    options = parser.parse_args()
    browser = installed()
    if browser is None:
        print(f"Skipped, since no browser is installed: none of {', '.join(NAMES)}.")
        return 0
    folder = Path(options.pictures) if options.pictures else None
    by_page = look(browser, [docs.HTML / page for page in options.pages], folder)
    for place, problems in by_page.items():
        print(place, *problems[:5], sep="\n  ")
    return int(bool(by_page))


if __name__ == "__main__":
    sys.exit(main())
