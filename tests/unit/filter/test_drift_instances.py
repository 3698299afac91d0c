# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports over several instances: joined, as lines, as Markdown and as a page; and where the hosts of a play write."""

from __future__ import annotations

import json
import re
from typing import Any
from unittest import mock

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.community.dokploy.plugins.filter.drift import FilterModule
from ansible_collections.community.dokploy.plugins.plugin_utils._drift import instances_markdown, instances_page
from ansible_collections.community.dokploy.plugins.plugin_utils._drift import page as drift_page
from tests.support.drift import CHECKED, MARCH, Compared, many, service
from tests.support.effort import THOROUGH
from tests.unit.filter.test_drift_filters import TAGS, Page

FILTERS = FilterModule().filters()
WEB = "shop/production/web"
BACKUP = {"kind": "database", "path": "shop/production/db", "backup": "s3/nightly/shop", "enabled": True}
DOWN = {
    "host": "ap1",
    "server": "https://ap1.example.com",
    "document": "instance",
    "msg": "project.all got no answer",
    "error": "connection",
}


def part(host: str, compared: Compared | None = None, backups: Any = (), **options: Any) -> dict[str, Any]:
    result = (compared or Compared(service(WEB, "application", "done"))).result
    known = {"server": f"https://{host}.example.com", "document": "instance", "checked_at": CHECKED, "host": host}
    report: dict[str, Any] = FILTERS["drift_report"](
        {**result, "release": "0.30.2", "backups": list(backups)}, **{**known, **options}
    )
    return report


def differing() -> Compared:
    compared = Compared(service(WEB, "application", "error", "done"))
    return compared.differs(WEB, {"replicas": 1}, {"replicas": 2}).unmanaged("blog", "project")


def joined(*parts: Any, **options: Any) -> dict[str, Any]:
    report: dict[str, Any] = FILTERS["drift_join"](list(parts), **options)
    return report


def three() -> dict[str, Any]:
    return joined(part("eu1"), part("us1", differing(), [{**BACKUP, "succeeded_at": MARCH}]), DOWN)


# --- joined ----------------------------------------------------------------------------------------------------------


def test_all_instances_side_by_side() -> None:
    report = three()
    assert report["drifted"]
    assert report["summary"] == "3 instances: 1 in sync, 1 with drift, 1 did not answer"
    assert report["checked_at"] == CHECKED
    states = {"instances": 3, "in_sync": 1, "drift": 1, "no_answer": 1, "not_compared": 0}
    assert {name: report["counts"][name] for name in states} == states
    assert (report["counts"]["differences"], report["counts"]["services"]) == (1, 2)
    shown = [
        (instance["host"], instance["state"], instance["release"], instance["counts"].get("unmanaged"))
        for instance in report["instances"]
    ]
    assert shown == [("eu1", "in_sync", "0.30.2", 0), ("us1", "drift", "0.30.2", 1), ("ap1", "no_answer", "", None)]
    assert [instance["report"] is None for instance in report["instances"]] == [False, False, True]
    assert report["instances"][2]["msg"] == DOWN["msg"]
    assert not joined(part("eu1"))["drifted"]
    assert json.loads(json.dumps(report)) == report


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ({"msg": "refused", "error": "connection"}, "no_answer"),
        ({"msg": "certificate", "error": "tls"}, "no_answer"),
        ({"msg": "HTTP 502", "error": "server"}, "no_answer"),
        ({"msg": "projects[0].nmae is unknown", "error": "option"}, "not_compared"),
        ({"msg": "the key is wrong", "error": "authentication"}, "not_compared"),
        ({"msg": "before it began"}, "not_compared"),
    ],
)
def test_why_there_is_no_report(known: dict[str, str], state: str) -> None:
    (instance,) = joined({"host": "eu1", **known})["instances"]
    assert (instance["state"], instance["msg"], instance["counts"]) == (state, known["msg"], {})


def test_hosts_that_have_left_nothing_did_not_answer() -> None:
    report = joined(part("us1"), part("eu1"), hosts=["ap1", "eu1", "us1"])
    assert [(instance["host"], instance["state"]) for instance in report["instances"]] == [
        ("ap1", "no_answer"),
        ("eu1", "in_sync"),
        ("us1", "in_sync"),
    ]
    assert "unreachable" in report["instances"][0]["msg"]


def test_parts_that_were_joined_before_are_joined_again() -> None:
    whole = three()
    slices = [
        joined(*(instance["report"] or DOWN for instance in whole["instances"][:1])),
        part("us1", differing()),
        joined(DOWN),
    ]
    # As files have them.
    again = joined(*json.loads(json.dumps(slices)))
    assert (again["summary"], again["counts"]) == (whole["summary"], whole["counts"])
    assert again["instances"][2] == whole["instances"][2]
    brief = joined(whole, services=False)
    assert brief["counts"] == whole["counts"]
    assert [instance["report"] and instance["report"]["services"] for instance in brief["instances"]] == [[], [], None]
    assert whole["instances"][0]["report"]["services"] != []


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            [part("eu1"), part("eu1", server="https://other.example.com")],
            "eu1 has two parts, of https://eu1.example.com and of https://other.example.com",
        ),
        ([part("eu1"), joined(part("us1"), part("eu1"))], "eu1, https://eu1.example.com, has two parts"),
        (
            [part("eu1"), part("us1", server="HTTPS://me:secret@EU1.example.com:443/")],
            "eu1 and us1 are the same instance, https://eu1.example.com, with the same document",
        ),
        ([{"host": "eu1"}], "item 1 is no report about drift"),
        (["eu1"], "item 1 is no report about drift, but text"),
    ],
)
def test_what_cannot_be_joined(parts: list[Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=re.escape(message)) as raised:
        joined(*parts)
    assert "secret" not in str(raised.value)


def test_two_organizations_of_one_server_have_two_documents() -> None:
    both = joined(part("eu1"), part("us1", server="https://eu1.example.com", document="other"))
    assert both["counts"]["instances"] == 2


NEVER = {**BACKUP, "path": "shop/production/new", "succeeded_at": None}
OLD = {**BACKUP, "path": "shop/production/old", "succeeded_at": "2026-03-10T02:00:00.000Z"}
NEW = {**BACKUP, "succeeded_at": MARCH}


@pytest.mark.parametrize(
    ("backups", "exclude", "path", "said"),
    [
        ([], (), None, "no backups"),
        ([NEW, OLD], (), OLD["path"], "7 days ago (shop/production/old s3/nightly/shop)"),
        ([NEW, OLD, NEVER], (), NEVER["path"], "never (shop/production/new s3/nightly/shop)"),
        # What does not run by itself is not late.
        ([NEW, {**OLD, "enabled": False}], (), NEW["path"], "3 days ago (shop/production/db s3/nightly/shop)"),
        ([NEW, OLD], ["shop/production/old"], NEW["path"], "3 days ago"),
    ],
)
def test_the_oldest_backup(backups: list[Any], exclude: Any, path: str | None, said: str) -> None:
    report = joined(part("eu1", backups=backups, exclude=exclude))
    oldest = report["instances"][0]["oldest_backup"]
    assert (oldest and oldest["path"]) == path
    assert f" {said}" in FILTERS["drift_markdown"](report)
    assert said.partition(" (")[0] in "".join(Page(FILTERS["drift_page"](report)).texts.values())


# --- as lines, Markdown and a page -----------------------------------------------------------------------------------


def test_problems_of_backups_have_a_column_where_they_were_looked_at() -> None:
    problem = {"kind": "application", "path": WEB, "what": "volume", "name": "uploads", "service": None}
    looked_at = part("us1", coverage={"problems": [{**problem, "problem": "missing", "msg": "There is none."}]})
    report = joined(part("eu1"), looked_at, DOWN)
    assert [instance["state"] for instance in report["instances"]] == ["in_sync", "drift", "no_answer"]
    assert report["counts"]["backup_problems"] == 1
    text, page = FILTERS["drift_markdown"](report), FILTERS["drift_page"](report)
    assert "| failed | backup problems | oldest backup |" in text and "volume uploads: There is none." in text
    assert "Backup problems" in page and "There is none." in page
    without = joined(part("eu1"), DOWN)
    assert "backup problems" not in FILTERS["drift_markdown"](without).lower()
    assert "Backup problems" not in FILTERS["drift_page"](without)


def test_lines_name_their_instance() -> None:
    assert FILTERS["drift_lines"](three(), unmanaged=True) == [
        "us1: application shop/production/web: replicas is 1 instead of 2",
        "us1: project blog: not in the document",
        "ap1: did not answer: project.all got no answer",
    ]


def test_markdown_has_a_table_and_the_reports_with_something_to_say() -> None:
    text = FILTERS["drift_markdown"](three())
    assert text.startswith("**3 instances: 1 in sync, 1 with drift, 1 did not answer** · ")
    for row in (
        "| eu1 `https://eu1.example.com` | 0.30.2 | 0 | 0 | 0 | 0 | no backups | in sync |",
        "| us1 `https://us1.example.com` | 0.30.2 | 1 | 0 | 1 | 1 | 3 days ago (shop/production/db s3/nightly/shop) |",
        "| ap1 `https://ap1.example.com` |  |  |  |  |  |  | did not answer: project.all got no answer |",
    ):
        assert row in text
    assert re.findall("^### (.*)", text, re.M) == ["us1"]
    assert "-replicas: 1\n+replicas: 2" in text


def test_markdown_of_many_instances_fits_into_a_comment() -> None:
    report = joined(*(part(f"host-{number}", many(30, "x" * 2000)) for number in range(50)))
    text = FILTERS["drift_markdown"](report)
    assert len(text) <= 60_000
    assert sum(line.startswith("| host-") for line in text.splitlines()) == 50
    # All of them have a part, each of whole lines.
    assert len(re.findall("^### ", text, re.M)) == 50
    assert all(line.endswith(" |") for line in text.splitlines() if line.startswith("| "))


def test_a_page_has_a_table_and_the_report_of_each() -> None:
    page = Page(FILTERS["drift_page"](three()))
    assert {tag for tag, _attributes in page.elements} <= TAGS | {"h4"}
    assert page.texts["h1"] == "3 instances: 1 in sync, 1 with drift, 1 did not answer"
    names = [attributes["data-instance"] for _tag, attributes in page.elements if "data-instance" in attributes]
    assert names == ["eu1", "us1", "ap1"]
    ids = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    links = [str(attributes["href"]) for tag, attributes in page.elements if tag == "a"]
    # No ID is there twice, and no link leads nowhere.
    assert len(ids) == len(set(ids)) and {link[1:] for link in links} <= set(ids)
    assert "project.all got no answer" in page.texts["pre"]


def test_a_page_shows_each_text_as_it_is() -> None:
    hostile = '<script>alert(1)</script>" onload="x'
    report = joined({**DOWN, "host": hostile, "msg": hostile}, part("eu1", server=hostile, document=hostile))
    page = Page(FILTERS["drift_page"](report))
    assert {tag for tag, _attributes in page.elements} <= TAGS | {"h4"}
    assert not any(name.startswith("on") for _tag, attributes in page.elements for name in attributes)
    assert hostile in page.texts["pre"]


@pytest.mark.parametrize("count", [10, 50 if THOROUGH else 20])
def test_each_instance_is_written_once(count: int) -> None:
    """Twice the instances are twice the work, and no more than some MB."""
    report = joined(*(part(f"host-{number}", many(40, "x" * 500)) for number in range(count)))
    with (
        mock.patch.object(instances_page, "page_sections", wraps=drift_page.page_sections) as parts,
        mock.patch.object(instances_markdown, "drift_markdown", wraps=instances_markdown.drift_markdown) as texts,
    ):
        page = FILTERS["drift_page"](report)
        FILTERS["drift_markdown"](report)
    assert (parts.call_count, texts.call_count) == (count, count)
    assert len(page.encode()) <= 10_000_000
    assert page.count("<style>") == page.count("<script>") == 1


# --- where the hosts of a play write ---------------------------------------------------------------------------------


def host(name: str, *reports: str, **known: str) -> dict[str, Any]:
    return {"host": name, "server": f"https://{name}", "document": "d", "reports": list(reports), **known}


@pytest.mark.parametrize(
    ("hosts", "shared"),
    [
        ([host("eu1", "/all.html", "/eu1.md"), host("us1", "/all.html", "/us1.md")], ["/all.html"]),
        ([host("eu1", "/eu1.md"), host("us1", "/us1.md")], []),
        ([host("eu1"), host("us1")], []),
        # One alone has got so far, or is in the first batch.
        ([host("eu1", "/all.html", "/eu1.md")], ["/all.html"]),
        ([host("a", "/all.html", "/drift_a.md")], ["/all.html"]),
        ([], []),
        ([host("eu1", "/all.html", server=""), host("us1", "/all.html", server="")], ["/all.html"]),
    ],
)
def test_the_files_of_all_hosts(hosts: list[Any], shared: list[str]) -> None:
    assert FILTERS["drift_shared"](hosts) == shared


@pytest.mark.parametrize(
    ("hosts", "message"),
    [
        (
            [host("web.eu", "/web.html"), host("web.us", "/web.html"), host("db", "/db.html")],
            "drift_reports: web.eu and web.us write to /web.html, and other hosts of the play do not",
        ),
        (
            [host("eu1", "/all.html", server="http://x:80"), host("us1", "/all.html", server="http://X/")],
            "eu1 and us1 are the same instance, http://x:80, with the same document",
        ),
    ],
)
def test_hosts_that_would_overwrite_each_other(hosts: list[Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=re.escape(message)):
        FILTERS["drift_shared"](hosts)
