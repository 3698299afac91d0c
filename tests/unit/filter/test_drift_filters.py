# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters that report drift: as data, as lines, as Markdown, and as a page that shows every text as it is."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.filter.drift import FilterModule
from tests.support.drift import CHECKED, MARCH, Compared, many, service
from tests.support.effort import THOROUGH
from tests.support.property_runner import run_property

FILTERS = FilterModule().filters()
WEB, DB = "shop/production/web", "shop/production/db"
IMAGE = ({"docker": {"image": "nginx:1.26"}}, {"docker": {"image": "nginx:1.27"}})
ENV = ({"env": {"A": "(hidden) old", "B": "(hidden)"}}, {"env": {"A": "(hidden) new"}})


def report(compared: Compared, exclude: Any = (), **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = FILTERS["drift_report"](compared.result, exclude, **{"checked_at": CHECKED, **options})
    return found


def lines(compared: Compared, *exclude: str, unmanaged: bool = False) -> list[str]:
    found: list[str] = FILTERS["drift_lines"](report(compared, list(exclude)), unmanaged=unmanaged)
    return found


# --- as data and lines -----------------------------------------------------------------------------------------------


def test_a_report_has_what_differs_and_when_each_service_was_deployed() -> None:
    compared = Compared(service(WEB, "application", "error", "done"), service(DB, "database", status="error"))
    compared.differs(DB, {"replicas": 1}, {"replicas": 2}, kind="database").unmanaged("blog", "project")
    compared.differs(WEB, *IMAGE).differs(WEB, action="deploy", reason="last deployment failed")
    found = report(compared, server="https://me:secret@dokploy.example.com/", document="dokploy.yml")
    assert found["drifted"]
    assert found["summary"] == "2 differences, 1 not in the document, 2 failed deployments"
    assert found["server"] == "https://dokploy.example.com/"
    # In the order of the document.
    assert [(one["path"], one["actions"], one["options"]) for one in found["differences"]] == [
        (
            WEB,
            ["update", "deploy"],
            [{"option": "docker.image", "before": "nginx:1.26", "after": "nginx:1.27", "stated": True}],
        ),
        (DB, ["update"], [{"option": "replicas", "before": 1, "after": 2, "stated": True}]),
    ]
    assert [(one["path"], one["deployed_at"]) for one in found["failed_deployments"]] == [(WEB, MARCH), (DB, None)]
    assert [(one["path"], one["failed"]) for one in found["services"]] == [(WEB, True), (DB, True)]
    assert found["unmanaged"] == [{"kind": "project", "path": "blog"}]


def test_no_drift() -> None:
    found = report(Compared(service(WEB, "application", "done"), service(DB, "database", state="absent")))
    assert (found["drifted"], found["summary"], found["counts"]["services"]) == (False, "No drift", 1)
    assert FILTERS["drift_lines"](found) == []


def test_the_result_of_a_run_with_failures_has_what_was_not_compared() -> None:
    compared = Compared()
    compared.result["failures"] = [{"kind": "registry", "path": "ghcr", "msg": "registry.one failed", "error": {}}]
    compared.result["waiting"] = [
        {"kind": "application", "path": WEB, "waits_for": {"kind": "registry", "path": "ghcr"}}
    ]
    assert report(compared)["drifted"]
    assert lines(compared) == [
        "registry ghcr: registry.one failed",
        "application shop/production/web: not compared, because of registry ghcr",
    ]
    assert lines(compared, "registry ghcr", "shop") == []
    # A document with mistakes has no plan, and no pattern excludes that nothing was compared.
    refused = Compared()
    refused.result = {"failed": True, "msg": "projects[0].nmae is unknown"}
    assert report(refused)["drifted"]
    assert lines(refused, "*") == ["document everything: projects[0].nmae is unknown"]


def problem(kind: str = "database", path: str = DB, name: str | None = "shop", problem: str = "old") -> dict[str, Any]:
    what = {"kind": kind, "path": path, "what": "volume" if kind == "application" else "database", "name": name}
    return {**what, "service": None, "problem": problem, "msg": f"It is {problem}."}


OLD, MISSING = problem(), problem("application", WEB, "uploads", "missing")
FOREIGN = problem(path="blog/production/db")


def test_problems_of_backups_are_drift() -> None:
    compared = Compared(service(WEB, "application", "done"), service(DB, "database"))
    found = report(compared, coverage={"coverage": [], "problems": [MISSING, OLD, FOREIGN]})
    assert (found["drifted"], found["summary"]) == (True, "2 backup problems")
    assert (found["counts"]["backup_problems"], found["backup_problems"]) == (2, [MISSING, OLD])
    assert FILTERS["drift_lines"](found) == [
        f"application {WEB}: volume uploads: It is missing.",
        f"database {DB}: database shop: It is old.",
    ]
    text = FILTERS["drift_markdown"](found)
    assert "| application | `shop/production/web` | volume uploads: It is missing. |" in text
    page = FILTERS["drift_page"](found)
    assert "2 backup problems" in page and "It is missing." in page and "volume uploads" in page
    # Where backups are not looked at, nothing says that they are good.
    assert "backup_problems" not in {**report(compared), **report(compared)["counts"]}
    good = report(compared, coverage={"coverage": [], "problems": []})
    assert (good["drifted"], good["summary"], good["counts"]["backup_problems"]) == (False, "No drift", 0)


def test_the_oldest_backup_is_as_old_as_its_archive() -> None:
    """Also if it was made again, and has no run yet."""
    compared = Compared(service(DB, "database"))
    row = {"kind": "database", "path": DB, "backup": "offsite/nightly/shop", "enabled": True, "succeeded_at": None}
    compared.result["backups"] = [row]
    known = {"name": row["backup"], "succeeded_at": "2026-03-14T02:15:03.120Z"}
    entry = {"kind": "database", "path": DB, "backups": [known]}
    assert report(compared)["oldest_backup"]["succeeded_at"] is None
    found = report(compared, coverage={"coverage": [entry], "problems": []})
    assert found["oldest_backup"]["succeeded_at"] == found["backups"][0]["succeeded_at"] == known["succeeded_at"]


@pytest.mark.parametrize(
    ("pattern", "kept", "excluded"),
    [
        ("shop/production/db", [MISSING], 1),
        ("application *", [OLD], 1),
        ("shop/production/web:backups", [OLD], 1),
        ("shop/production/web:backups.uploads", [OLD], 1),
        ("shop/production/web:backups.others", [MISSING, OLD], 0),
        ("shop", [], 2),
    ],
)
def test_problems_of_backups_that_are_left_out(pattern: str, kept: list[Any], excluded: int) -> None:
    compared = Compared(service(WEB, "application", "done"), service(DB, "database"))
    found = report(compared, [pattern], coverage={"problems": [MISSING, OLD, OLD]})
    assert [row for row in (MISSING, OLD) if row in found["backup_problems"]] == kept
    assert found["counts"]["excluded"] == excluded


def test_backups_that_could_not_be_looked_at_are_an_error() -> None:
    found = report(Compared(service(WEB, "application", "done")), coverage={"msg": "destination.all failed"})
    assert FILTERS["drift_lines"](found) == ["backup all: destination.all failed"]
    with pytest.raises(AnsibleFilterError, match="coverage takes the result of dokploy_backup_info, not"):
        report(Compared(), coverage="36h")


@pytest.mark.parametrize(
    ("before", "after", "options"),
    [
        # Children by their key; what is on one side only is one value.
        (
            {"mounts": {"/a": {"type": "volume", "name": "x"}, "/b": {"type": "volume", "name": "y"}}},
            {"mounts": {"/a": {"type": "volume", "name": "z"}}},
            [("mounts./a.name", "x", "z"), ("mounts./b", {"type": "volume", "name": "y"}, None)],
        ),
        ({"env": {"A": "(hidden)"}}, {}, [("env.A", "(hidden)", None)]),
        ({"definition": ["a:", "  b"]}, {"definition": ["a:", "  c"]}, [("definition", "a:\n  b", "a:\n  c")]),
        ({"args": ["one"]}, {"args": []}, [("args", ["one"], [])]),
        ({"auto_deploy": False, "same": 1}, {"auto_deploy": True, "same": 1}, [("auto_deploy", False, True)]),
        ({"state": "started"}, {"state": "stopped"}, []),
        ({"docker": {"image": "x"}}, {"docker": "none"}, [("docker", {"image": "x"}, "none")]),
    ],
)
def test_the_options_that_differ(before: Any, after: Any, options: list[tuple[str, Any, Any]]) -> None:
    compared = Compared().differs(WEB, before, after).differs(WEB, action="start")
    (found,) = report(compared)["differences"]
    assert [(one["option"], one["before"], one["after"]) for one in found["options"]] == options


@pytest.mark.parametrize(
    ("compared", "line"),
    [
        (Compared().differs(WEB, *IMAGE), "docker.image is nginx:1.26 instead of nginx:1.27"),
        (Compared().differs(WEB, *ENV), "env.A, env.B differ"),
        (
            Compared()
            .differs(WEB, {"state": "absent"}, {"state": "present", "name": "web"}, action="create")
            .differs(WEB, action="deploy", reason="never deployed"),
            "does not exist",
        ),
        (Compared().differs(WEB, {"name": "web"}, {}, action="remove"), "to be removed"),
        (
            Compared()
            .differs(WEB, {"replicas": 1}, {"replicas": 2})
            .differs(WEB, action="deploy", reason="patches changed"),
            "not deployed as configured (patches changed); replicas is 1 instead of 2",
        ),
        (Compared().differs(WEB, {"state": "stopped"}, {"state": "started"}, action="start"), "not running"),
        (Compared().differs(WEB, {"text": "a\nb"}, {"text": "a" * 100}), "text differs"),
    ],
)
def test_a_line_for_each_difference(compared: Compared, line: str) -> None:
    assert lines(compared) == ["application shop/production/web: " + line]


def test_what_each_run_does_is_no_difference() -> None:
    compared = Compared().differs(WEB, {"state": "running"}, {"state": "reloaded"}, action="reload")
    compared.differs(DB, action="deploy", kind="database", reason="deployment requested")
    assert report(compared)["counts"]["differences"] == 0


def test_what_is_unmanaged_is_a_difference_if_it_is_to_be_one() -> None:
    compared = Compared().unmanaged(WEB)
    assert lines(compared) == []
    assert lines(compared, unmanaged=True) == ["application shop/production/web: not in the document"]
    assert lines(compared, "shop/*", unmanaged=True) == []


# --- exclusions ------------------------------------------------------------------------------------------------------

BOTH = "application shop/production/web: docker.image is nginx:1.26 instead of nginx:1.27; env.A, env.B differ"


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("shop", ""),
        ("shop/production", ""),
        ("shop/prod*/web", ""),
        ("*", ""),
        (WEB, ""),
        ("application " + WEB, ""),
        ("application shop", ""),
        ("compose shop", BOTH),
        ("shop/staging/*", BOTH),
        ("SHOP", BOTH),
        ("shop/production/we", BOTH),
        ("web", BOTH),
        (WEB + ":env", BOTH.partition(";")[0]),
        ("*:env.*", BOTH.partition(";")[0]),
        ("application shop/*:env.A", BOTH.replace("env.A, env.B differ", "env.B differs")),
        (WEB + ":docker", "application shop/production/web: env.A, env.B differ"),
        (WEB + ":en", BOTH),
        ("database *:env", BOTH),
    ],
)
def test_exclusions(pattern: str, left: str) -> None:
    compared = Compared(service(WEB)).differs(WEB, {**IMAGE[0], **ENV[0]}, {**IMAGE[1], **ENV[1]})
    assert lines(compared, pattern) == ([left] if left else [])
    found = report(compared, [pattern])
    assert found["counts"]["excluded"] == (left != BOTH)
    assert found["drifted"] == bool(left)


def test_no_drift_says_how_much_is_excluded() -> None:
    compared = Compared(service(WEB)).differs(WEB, *IMAGE).unmanaged("ghcr", "registry").unmanaged("gitlab", "registry")
    reported = report(compared, ["shop", "registry *"])
    assert (reported["drifted"], reported["summary"]) == (False, "No drift, 3 excluded")
    assert FILTERS["drift_markdown"](reported).startswith("**No drift, 3 excluded** · ")
    texts = Page(FILTERS["drift_page"](reported)).texts
    assert texts["h1"] == "No drift, 3 excluded" and texts["title"] == "Drift: No drift, 3 excluded"
    assert report(compared, ["shop"])["summary"] == "2 not in the document, 1 excluded"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (
            "aplication shop/*",
            "exclude: 'aplication shop/*': there is no kind 'aplication', and no name that begins with it",
        ),
        ("applications *:env", "Did you mean: 'application'?"),
        ("Registry ghcr", "Did you mean: 'registry'?"),
        ("stack shop/*", "There are: 'ai_provider', 'application', "),
        ("stack shop/*", ", 'user', 'vault_provider'."),
    ],
)
def test_an_unknown_kind_is_refused(pattern: str, message: str) -> None:
    compared = Compared(service(WEB)).differs(WEB, *IMAGE).unmanaged("try out/production/web")
    with pytest.raises(AnsibleFilterError, match=re.escape(message)):
        report(compared, ["shop/staging", pattern])
    # The beginning of a name is no kind.
    assert report(compared, ["try out/*"])["unmanaged"] == []
    assert report(compared, ["not*here/*", "*/not here"])["unmanaged"] != []
    # What failed before it was compared has no names.
    refused = Compared()
    refused.result = {"failed": True, "msg": "projects[0].nmae is unknown"}
    assert report(refused, ["try out/*"])["counts"]["excluded"] == 0


def test_the_names_of_what_is_in_nothing_can_have_a_slash() -> None:
    compared = Compared().differs("a/b [x]", {"url": "1"}, {"url": "2"}, kind="registry")
    assert lines(compared, "a") != []
    assert lines(compared, "registry a/b [x]") == lines(compared, "a/*") == []


@pytest.mark.parametrize(("reason", "left"), [("configuration changed", []), ("last deployment failed", ["deploy"])])
def test_a_deployment_that_only_follows_an_excluded_option_is_excluded_too(reason: str, left: list[str]) -> None:
    compared = Compared().differs(WEB, *ENV).differs(WEB, action="deploy", reason=reason)
    found = report(compared, [WEB + ":env"])
    assert [one["action"] for entry in found["differences"] for one in entry["states"]] == left


# --- as Markdown -----------------------------------------------------------------------------------------------------


def test_markdown_has_a_table_and_diffs() -> None:
    definition = [["services:", "  web:", "    image: a", ""], ["services:", "  web:", "    image: b", ""]]
    compared = Compared(service(WEB, "application", "error", "done"))
    compared.differs(
        WEB, *({**side, "raw": {"definition": text}} for side, text in zip(IMAGE, definition, strict=True))
    )
    text = FILTERS["drift_markdown"](report(compared.unmanaged("a|b", "tag"), document="dokploy.yml"))
    assert text.startswith("**1 difference, 1 not in the document, 1 failed deployment** · dokploy.yml · 2026-03-17T")
    assert "| application | `shop/production/web` | docker.image is nginx:1.26 instead of nginx:1.27; raw" in text
    assert (
        "| application | `shop/production/web` | error | 2026-03-14T09:27:41.020Z | 2026-03-14T09:27:41.020Z |" in text
    )
    assert "-docker.image: nginx:1.26\n+docker.image: nginx:1.27\n raw.definition:\n   services:\n     web:\n-" in text
    assert "-      image: a\n+      image: b" in text and text.endswith("- tag `a\\|b`\n")


def test_markdown_has_room_in_a_comment_of_github() -> None:
    text = FILTERS["drift_markdown"](report(many(1000, "x" * 5000)))
    assert 30_000 < len(text) <= 60_000
    assert "And 900 more." in text and "further entries are left out" in text


# --- as a page -------------------------------------------------------------------------------------------------------

VOID = {"meta", "input"}
TAGS = set(
    "html head meta title style body a header p h1 span ul li b main form input select option output section h2 h3"
    " small details summary div table thead tbody tr th td code pre del ins time footer script".split()
)


class Page(HTMLParser):
    """The elements of a page, which have to be closed in their order, and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def page(compared: Compared, **options: Any) -> str:
    text: str = FILTERS["drift_page"](report(compared, **options))
    return text


def hashed(text: str) -> str:
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


HOSTILE = st.one_of(
    st.sampled_from(
        ["<script>alert(1)</script>", "</style>", "</title>", "-->", "\" onload='x' '", "&lt;", "{{ x }}", "`"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
)


def test_a_page_shows_each_text_as_it_is_and_needs_nothing_else() -> None:
    def walk(texts: list[str]) -> str:
        name, value, option, message, host, error = texts
        compared = Compared(service(name, "application", "error", url=value))
        compared.result["resources"][0]["deployment"]["error_message"] = error
        after = {option: message + "+", "b": [value, {option: value}]}
        compared.differs(name, {"env": {option: value}}, {"env": after})
        compared.differs(name, action="deploy", reason=message).unmanaged(message, "tag")
        compared.result["failures"] = [{"kind": "registry", "path": host, "msg": message}]
        found = Page(page(compared, server=host, document=value))
        assert {tag for tag, _attributes in found.elements} <= TAGS
        for tag, attributes in found.elements:
            assert not any(key.startswith("on") or key in ("src", "style", "srcset", "action") for key in attributes), (
                tag
            )
            assert attributes.get("href", "#").startswith("#")
        (policy,) = [a["content"] for _tag, a in found.elements if a.get("http-equiv") == "Content-Security-Policy"]
        assert policy is not None and policy.startswith("default-src 'none'; ")
        assert re.findall(r"(style|script)-src ([^;]+)", policy) == [
            (tag, hashed(found.texts[tag])) for tag in ("style", "script")
        ]
        shown = "".join(text for tag, text in found.texts.items() if tag not in ("style", "script"))
        for text in (value, message, host):
            assert text in shown
        assert "env." + option in found.texts["code"]
        return "shown"

    assert run_property("drift pages", st.lists(HOSTILE, min_size=6, max_size=6), walk, examples=60)["shown"]


def test_a_page_without_drift_says_so() -> None:
    text = Page(page(Compared(service(WEB, "application", "done")))).texts
    assert text["h1"] == "No drift" and text["h2"] == "When each service was deployed"
    assert Page(page(Compared())).texts["h1"] == "No drift"


def test_a_page_says_how_long_ago_and_what_is_hidden() -> None:
    compared = Compared(service(WEB, "application", "error", "done"), service(DB, "database", "done", deployment=None))
    compared.differs(WEB, *ENV).differs(DB, {"password": ""}, {"password": "(hidden) new"}, kind="database")
    text = Page(page(compared)).texts
    assert "3 days ago" in text["time"] and "2026-03-14 09:27 UTC" in text["small"]
    for words in ("hidden, old value", "hidden, new value", "not set", "empty"):
        assert words in text["span"]


@pytest.mark.parametrize("value", ["nginx:1.27", "ü\ny" * 10_000] if THOROUGH else ["ü\ny" * 10_000])
def test_a_page_of_a_thousand_services_is_not_too_large(value: Any) -> None:
    text = page(many(1000, value))
    assert len(text.encode()) <= 2_000_000
    found = Page(text)
    # Each has its row, whatever the values are.
    assert sum(tag == "tr" and attributes.get("class") == "row" for tag, attributes in found.elements) == 1000
    assert (
        sum("card" in (attributes.get("class") or "") for tag, attributes in found.elements if tag == "details") == 1000
    )
    assert ("The values are left out" in text) == (value != "nginx:1.27") or "of-somewhere-else" in text


# --- what the filters take -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("drift_report", (["x"],), "takes the result of dokploy_manifest, not a list"),
        ("drift_report", ({}, "shop"), "exclude takes a list of texts"),
        ("drift_report", ({}, [], 1), "server takes text, not a number"),
        ("drift_lines", ({},), "takes what the filter drift_report or drift_join returns"),
        ("drift_markdown", (None,), "takes what the filter drift_report or drift_join returns"),
        ("drift_page", ("x",), "takes what the filter drift_report or drift_join returns"),
    ],
)
def test_what_the_filters_refuse(name: str, given: tuple[Any, ...], message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        FILTERS[name](*given)
