# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example of the guide to moves, word for word but for its hosts, with a source that is written to meanwhile."""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from dokploy_simulator import Simulator
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_recovery import CACHE, DB, DEPLOY, S3, WEB
from tests.guides import commands
from tests.guides.snippets import snippets
from tests.support.effort import slow
from tests.support.host import Host
from tools import workspace

GUIDE = workspace.ROOT / "docs/docsite/rst/moving.rst"
DATABASE = {name: value for name, value in DB.items() if name != "backups"}
WEB_WITH_DOMAIN = {**WEB, "domains": [{"host": "shop.example.com"}]}
DOCUMENT: dict[str, Any] = {
    "destinations": [{**S3, "name": "offsite"}],
    "projects": [
        {
            "name": "shop",
            "environments": [{"name": "production", "applications": [WEB_WITH_DOMAIN], "databases": [DATABASE, CACHE]}],
        }
    ],
}


class Answering(BaseHTTPRequestHandler):
    """The application at its address, and the provider of the DNS records."""

    asked: ClassVar[list[str]] = []

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append(f"{self.command} {self.path}")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_PUT = answer

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def answering() -> Iterator[str]:
    """The URL of a server that answers everything."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    Answering.asked.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@contextmanager
def writing(sim: Simulator) -> Iterator[None]:
    """Rows and keys are written all the time."""
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(0.05):
            sim.act(insert="db", table="orders", count=1)
            sim.act(insert="cache", count=1)

    thread = threading.Thread(target=write)
    thread.start()
    yield
    ended.set()
    thread.join()


class Shop:
    """The shop of the guide on a source, an empty target, and the files and commands of the guide."""

    def __init__(self, source: Simulator, target: Simulator, web: str, folder: Path) -> None:
        self.source, self.target, self.folder = source, target, folder
        target.server.buckets.files = source.server.buckets.files
        made = apply(Host(source), DOCUMENT, **DEPLOY)
        assert not made.get("failed"), made.get("msg")
        source.act(insert="db", table="orders", count=3)
        source.act(insert="cache", count=2)
        source.act(write="uploads", path="cat.png", data="miaow")
        hosts = {"https://dokploy2.example.com": target.url, "https://shop.example.com": web}
        hosts["https://dns.example.com"] = web
        page = snippets(GUIDE, until="From one server to another")
        for block in page:
            if block.file is not None:
                text = block.text
                for shown, real in hosts.items():
                    text = text.replace(shown, real)
                (folder / block.file).write_text(text)
        self.steps = [command for block in page for command in block.commands]
        (folder / "password").write_text("made-up")
        own = {"DOKPLOY_URL": source.url, "DOKPLOY_API_KEY": source.key, "PWD": str(folder)}
        own["ANSIBLE_VAULT_PASSWORD_FILE"] = str(folder / "password")
        self.env = {**workspace.environment(), **own}

    def run(self, step: str, **more: Any) -> tuple[int, str]:
        """Run a command of the guide. :param more: what the user states otherwise."""
        given = {"move_to_api_key": self.target.key, "move_verify_period": 0, "move_silent": 0.1, **more}
        return commands.run([*shlex.split(step), "-e", json.dumps(given)], self.folder, self.env)

    def good(self, step: str, **more: Any) -> dict[str, Any]:
        """The report of a command that succeeds."""
        status, output = self.run(step, **more)
        assert status == 0, output[-3000:]
        return self.report()

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "move.json").read_text())
        return report


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with ExitStack() as servers:
        source, target = (servers.enter_context(Simulator()) for _number in range(2))
        yield Shop(source, target, servers.enter_context(answering()), tmp_path)


def checks(report: dict[str, Any]) -> dict[str, Any]:
    """Whether each check has passed, and whether it waits."""
    return {check["name"]: (check["passed"], check["waits"]) for check in report["checks"]}


@slow
def test_the_shop_of_the_guide_moves(shop: Shop) -> None:
    planned, prepare, switch, finish = shop.steps
    with writing(shop.source):
        report = shop.good(planned)
        assert report["headline"] == "To be prepared"
        report = shop.good(prepare)
    orders, keys = (check for name in ("orders", "keys") for check in report["checks"] if check["name"] == name)
    assert (orders["passed"], orders["msg"]) == (True, "")
    first, there, last = (int(orders[name]) for name in ("expected", "output", "expected_after"))
    assert first <= there <= last and first < last
    assert (keys["passed"], keys["waits"], keys["msg"]) == (None, True, "its service has no container yet")
    assert report["headline"].endswith("a first copy of the data fits, 1 check waits for the switch")
    assert ["database shop/production/cache", "keys", "waits for the switch", keys["msg"]] in [
        row for table in report["tables"] for row in table["rows"]
    ]
    report = shop.good(switch)
    assert (report["good"], checks(report)) == (True, {"orders": (True, False), "keys": (True, False)})
    assert {"GET /health", "PUT /records/shop.example.com"} <= set(Answering.asked)
    for rows in (("db", "orders"), ("cache",)):
        assert shop.target.rows(*rows) == shop.source.rows(*rows)
    shop.good(finish)
    assert Host(shop.source).read("project.all") == []


@slow
def test_changed_checks_count_at_once(shop: Shop) -> None:
    _planned, prepare, switch, _finish = shop.steps
    path, count = "shop/production/db", 'psql -At -c "select count(*) from orders"'
    words = {"name": "words", "service": path, "script": "echo none", "compare": "at_least"}
    status, output = shop.run(prepare, move_checks=[words])
    told = "the check words of database shop/production/db proves nothing: its compare is at_least"
    assert status == 2 and told in " ".join(output.split()), output[-3000:]
    saved = (shop.folder / "moves/shop/first.yml").read_text()
    # The first copy stays, and has no output of the second check.
    changed = [{**words, "compare": "equal"}, {"name": "orders", "service": path, "script": count}]
    report = shop.good(prepare, move_checks=changed)
    assert (shop.folder / "moves/shop/first.yml").read_text() == saved
    assert checks(report) == {"words": (True, False), "orders": (None, True)}
    # What would fail the last copy is refused while the source runs.
    status, output = shop.run(switch, move_checks=[words])
    assert status == 2 and told in " ".join(output.split()), output[-3000:]
    status, output = shop.run(switch, move_checks=[{**words, "service": "shop/production/none"}])
    assert status == 2 and "the scope has no service at 'shop/production/none'" in output, output[-3000:]
    assert not json.loads((shop.folder / "moves/shop/move.json").read_text()).get("stopped_at")
    report = shop.good(switch, move_checks=changed)
    assert checks(report) == {"words": (True, False), "orders": (True, False)}
