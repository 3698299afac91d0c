# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page for browsers: what it shows, what it hides, and that clients of the API do not see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
import requests

from dokploy_simulator import Simulator
from dokploy_simulator.api.releases import NEWEST
from dokploy_simulator.http.markup import element
from dokploy_simulator.http.overview import overview, without_secrets
from dokploy_simulator.http.page import REFRESH
from dokploy_simulator.store.store import Table
from tests.support.simulator_client import Api

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SECRET = re.compile(r"password|secret|token|apikey|private|webhook|^env$|accesskey|composefile", re.IGNORECASE)
EMPTY = ("meta", "link")


class Page(HTMLParser):
    """The texts of a page. Fails where an element is not closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)


@pytest.fixture(scope="module")
def seeded() -> Iterator[Simulator]:
    with Simulator(seeded=True, admin_password="of-the-administrator") as sim:
        yield sim


@pytest.fixture
def sim(seeded: Simulator) -> Simulator:
    seeded.reset(config=True)
    return seeded


def shown(sim: Simulator, path: str = "/") -> requests.Response:
    return requests.get(sim.url + path, headers=BROWSER, timeout=120, allow_redirects=False)


def test_it_shows_what_there_is(sim: Simulator) -> None:
    api = Api(sim)
    api.get("project.all")
    api.get("registry.one", registryId="unknown")
    api.session.close()
    texts = Page(shown(sim).text).texts
    for text in (
        NEWEST,
        "bakery",
        "customers",
        "staging",
        "orders",
        "docker.io/library/postgres:17",
        "2 of 2 running",
    ):
        assert text in texts, text
    for text in ("https://api.bakery.example.com", "bakery/staging/web", "Try the next release", "company-registry"):
        assert text in texts, text
    assert "project.all" in texts and "404" in texts and "registryId" in texts


def secrets(value: Any, name: str = "") -> Iterator[str]:
    """The texts in rows that nobody must see, by the names of their columns."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from secrets(item, key if not isinstance(item, dict) else name)
    elif isinstance(value, str) and len(value) > 3 and SECRET.search(name) and not name.endswith("Id"):
        yield value


def test_no_secret_is_shown(sim: Simulator) -> None:
    tables = [table for table in vars(sim.server.store).values() if isinstance(table, Table)]
    hidden = {text for table in tables for row in table for text in secrets(row)} | {sim.key}
    assert len(hidden) > 10
    page = unescape(shown(sim).text) + str(overview(sim.server))
    assert [text for text in hidden if text in page] == []


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("https://user:pw@example.com/x.git main", "https://***@example.com/x.git main"),
        ("https://user:p@w@example.com/x.git", "https://***@example.com/x.git"),
        ("https://example.com/?mail=me@example.com", "https://example.com/?mail=***"),
        ("see ssh://git@example.com", "see ssh://***@example.com"),
        ("https://example.com/?token=abc&b=c#d", "https://example.com/?token=***&b=***#d"),
        ("me@example.com", "me@example.com"),
    ],
)
def test_urls_without_credentials(text: str, safe: str) -> None:
    assert without_secrets({"a": [text]}) == {"a": [safe]}


def test_everything_is_escaped(sim: Simulator) -> None:
    bad = "<script>alert('1')</script>\"&"
    sim.execute("project.create", name=bad, description=bad)
    sim.execute("tag.create", name=bad)
    sim.act(deploy="api", title=bad)
    sim.act(registry=bad, username=bad, registryUrl=bad)
    sim.settle()
    answer = shown(sim)
    page = Page(answer.text)
    assert page.texts.count(bad) >= 3 and "script" not in {tag for tag, _attributes in page.tags}
    assert element("p", bad, [element("b", bad)], title=bad).count("<script>") == 0


def test_half_of_a_surrogate_pair_spoils_no_answer(sim: Simulator) -> None:
    url, headers = f"{sim.url}/api/project.create", {"x-api-key": sim.key, "Content-Type": "application/json"}
    made = requests.post(url, b'{"name": "a\\ud83dz \\ud83d\\ude00"}', headers=headers, timeout=120)
    assert made.status_code == 200 and made.json()["project"]["name"] == "a\ufffdz \U0001f600"
    assert "a\ufffdz \U0001f600" in shown(sim).text


def test_it_needs_nothing_from_elsewhere(sim: Simulator) -> None:
    answer = shown(sim)
    for tag, attributes in Page(answer.text).tags:
        assert tag not in ("script", "img", "iframe", "form", "object"), tag
        for name in ("src", "href"):
            assert (attributes.get(name) or "/").startswith(("/", "data:,")), attributes
    assert not re.search(r"@import|url\(", answer.text)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_may_refresh_itself(sim: Simulator) -> None:
    def refreshes(path: str) -> list[str | None]:
        return [one["content"] for tag, one in Page(shown(sim, path).text).tags if one.get("http-equiv") == "refresh"]

    assert (refreshes("/"), refreshes("/?refresh")) == ([], [str(REFRESH)])


@pytest.mark.parametrize("accept", ["application/json", "*/*", None])
def test_a_client_sees_the_start_page_of_a_server(sim: Simulator, accept: str | None) -> None:
    answer = requests.get(sim.url, headers={"Accept": accept}, timeout=120)
    assert answer.status_code == 200 and "simulator" not in answer.text
    assert sim.stats()["http"] == 1


def test_a_browser_disturbs_no_test(sim: Simulator) -> None:
    sim.fault("html", "*")
    assert "Dokploy simulator" in shown(sim).text
    assert (sim.stats()["http"], sim.stats()["statuses"]) == (0, {})
    api = Api(sim)
    assert api.get("project.all").status_code == 502
    api.session.close()


def test_a_fresh_server() -> None:
    with Simulator(fresh=True) as sim:
        texts = Page(shown(sim).text).texts
        assert "community.dokploy.dokploy_bootstrap" in texts and "There is no project." in texts
        assert requests.get(sim.url, timeout=120, allow_redirects=False).headers["Location"] == "/register"


def test_the_overview_is_there_as_json(sim: Simulator) -> None:
    found = requests.get(f"{sim.url}/_sim/overview", timeout=120).json()
    assert found == overview(sim.server)
    (web,) = [one for one in found["projects"][0]["environments"][0]["services"] if one["name"] == "web"]
    assert {name: web[name] for name in ("kind", "status", "source", "domains", "running", "wanted", "server")} == {
        "kind": "application",
        "status": "done",
        "source": "docker.io/library/nginx:1.27",
        "domains": ["https://bakery.example.com", "https://www.bakery.example.com"],
        "running": 2,
        "wanted": 2,
        "server": "",
    }
    newest = found["deployments"][0]
    assert (newest["of"], newest["status"]) == ("office/production/status", "done")
