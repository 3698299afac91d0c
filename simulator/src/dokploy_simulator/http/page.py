# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page that a browser gets at ``/``: what there is on the server, to read only.

It is for who accepts HTML, and neither counted nor delayed, nor struck by faults. Clients of the API accept JSON: they
get what the start page of a real server answers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from .markup import Markup, element
from .overview import overview
from .server import Server

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
STYLE = Path(__file__).with_name("page.css")
SHOWN_DEPLOYMENTS = 15
REFRESH = 5


def wanted(request: web.BaseRequest) -> bool:
    """Whether it is a browser that asks for the start page."""
    accepts = request.headers.get("Accept", "")
    return request.rel_url.path == "/" and request.method in ("GET", "HEAD") and "text/html" in accepts


def answer(server: Server, request: web.BaseRequest) -> web.Response:
    text = render(overview(server), refresh="refresh" in request.query, moment=datetime.now(UTC))
    return web.Response(text=text, content_type="text/html", headers=HEADERS)


def render(state: dict[str, Any], refresh: bool, moment: datetime) -> str:
    """The page of an overview. ``refresh``: the browser asks again every few seconds."""
    services = sum(len(part["services"]) for project in state["projects"] for part in project["environments"])
    tiles = {
        "projects": len(state["projects"]),
        "services": services,
        "deployments": len(state["deployments"]),
        "requests": state["requests"],
    }
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="refresh", content=str(REFRESH)) if refresh else None,
        element("link", rel="icon", href="data:,"),
        element("title", "Dokploy simulator"),
        element("style", Markup(STYLE.read_text("utf-8"))),
    )
    other = ("stop refreshing", "/") if refresh else (f"refresh every {REFRESH} s", "/?refresh")
    body = element(
        "body",
        element(
            "header",
            element("h1", "Dokploy simulator", element("span", state["version"], class_="version")),
            element("p", "The state is in memory, and lost when the simulator ends."),
            element(
                "p",
                element("time", moment.strftime("%Y-%m-%d %H:%M:%S UTC")),
                " · ",
                element("a", other[0], href=other[1]),
            ),
        ),
        element("main", _fresh() if state["fresh"] else None, _tiles(tiles), *_sections(state)),
    )
    return "<!DOCTYPE html>" + element("html", head, body, lang="en")


def _fresh() -> Markup:
    module = element("code", "community.dokploy.dokploy_bootstrap")
    return element("p", "There is no administrator yet. ", module, " creates one.", class_="note")


def _tiles(numbers: dict[str, int]) -> Markup:
    return element(
        "ul",
        [element("li", element("b", number), name if number != 1 else name[:-1]) for name, number in numbers.items()],
        class_="tiles",
    )


def _sections(state: dict[str, Any]) -> list[Markup]:
    return [
        _section("Projects", [_project(row) for row in state["projects"]], "There is no project."),
        _section("Last deployments", _deployments(state["deployments"]), "Nothing was deployed."),
        _section("Resources", _resources(state["resources"]), "There is nothing."),
        _section("Last requests", _calls(state["calls"]), "No procedure was called."),
    ]


def _section(title: str, content: list[Markup], otherwise: str) -> Markup:
    return element("section", element("h2", title), content or [element("p", otherwise, class_="none")])


def _pill(status: str) -> Markup:
    return element("span", status, class_=f"pill {status}")


def _status(number: int) -> Markup:
    """That of HTTP; 0 is a request without an answer."""
    return element("span", number or "no answer", class_="pill done" if number == 200 else "pill error")


def _project(row: dict[str, Any]) -> Markup:
    tags = [element("span", name, class_="tag") for name in row["tags"]]
    return element(
        "article",
        element("h3", row["name"], tags),
        element("p", row["description"]) if row["description"] else None,
        [_environment(part) for part in row["environments"]],
        class_="card",
    )


def _environment(part: dict[str, Any]) -> Markup:
    rows = [_service(row) for row in part["services"]]
    return element(
        "div",
        element("h4", part["name"]),
        element("ul", rows, class_="services") if rows else element("p", "no service", class_="none"),
    )


def _service(row: dict[str, Any]) -> Markup:
    where = f" on {row['server']}" if row["server"] else ""
    return element(
        "li",
        element("div", element("b", row["name"]), element("small", row["kind"]), class_="name"),
        element("div", _pill(row["status"]), class_="state"),
        element(
            "div",
            element("code", row["source"]),
            [element("span", host, class_="domain") for host in row["domains"]],
            class_="what",
        ),
        element("div", f"{row['running']} of {row['wanted']} running{where}" if row["wanted"] else "", class_="count"),
    )


def _table(heads: tuple[str, ...], rows: list[Markup]) -> list[Markup]:
    if not rows:
        return []
    line = element("tr", [element("th", name, scope="col") for name in heads])
    table = element("table", element("thead", line), element("tbody", rows))
    return [element("div", table, class_="card scroll")]


def _row(cells: dict[str, Any], class_: str | None = None) -> Markup:
    """A line of a table; ``cells`` by their classes."""
    return element("tr", [element("td", content, class_=name) for name, content in cells.items()], class_=class_)


def _deployment(row: dict[str, Any]) -> Markup:
    return _row(
        {
            "first": row["of"],
            "wide": row["title"],
            "end": _pill(row["status"]),
            "extra": element("time", row["created_at"][11:19], datetime=row["created_at"]),
            "extra number": "" if row["seconds"] is None else f"{row['seconds']:.1f} s",
        }
    )


def _call(row: dict[str, Any]) -> Markup:
    return _row(
        {
            "extra number": row["n"],
            "first": element("code", row["procedure"]),
            "extra": row["kind"],
            "end number": _status(row["status"]),
            "wide": ", ".join(row["fields"]),
        },
        None if row["kind"] == "query" else "write",
    )


def _deployments(rows: list[dict[str, Any]]) -> list[Markup]:
    return _table(("of", "title", "status", "at", "took"), [_deployment(row) for row in rows[:SHOWN_DEPLOYMENTS]])


def _resources(kinds: dict[str, list[dict[str, str]]]) -> list[Markup]:
    cards = [
        element(
            "article",
            element("h3", name[0].upper() + name[1:], element("span", len(rows), class_="version")),
            element("ul", [element("li", element("b", row["name"]), element("small", row["about"])) for row in rows]),
            class_="card",
        )
        for name, rows in kinds.items()
        if rows
    ]
    return [element("div", cards, class_="grid")] if cards else []


def _calls(rows: list[dict[str, Any]]) -> list[Markup]:
    return _table(("no.", "procedure", "kind", "status", "fields"), [_call(row) for row in rows])
