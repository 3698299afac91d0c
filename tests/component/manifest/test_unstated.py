# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a document does not state: kept, reset, or left to others, in plans and reports."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.markdown import drift_markdown
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.page import drift_page
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.report import drift_report, report_lines
from tests.component.manifest.test_manifest import reference
from tests.support.host import Host
from tests.support.snapshots import snapshot

Row = dict[str, Any]
SECRET = "canary-of-a-stranger"
RESET = [
    *("env", "replicas", "command", "domains[b.example.com/]", "mounts[/host]"),
    *("basic_auth[eve]", "schedules[nightly]"),
]


def document(web: Row | None = None, **head: Any) -> Row:
    application = {"name": "web", "docker": {"image": "nginx"}, **(web or {})}
    database = {"name": "db", "type": "postgres", "database": "shop", "user": "shop", "password": "made-up"}
    backup = {"destination": "s3", "prefix": "daily", "database_name": "shop", "cron": "0 3 * * *"}
    environment = {
        "name": "production",
        "databases": [{**database, "backups": [backup]}],
        "applications": [application],
    }
    return {
        **head,
        "destinations": [{"name": "s3", "bucket": "b", "access_key": "a", "secret_access_key": "made-up"}],
        "projects": [{"name": "shop", "environments": [environment]}],
    }


def apply(host: Host, stated: Row, *, check: bool = False, **options: Any) -> Row:
    host.new_task()
    return host.run(MANIFEST, check=check, **copy.deepcopy({"deploy": "never", **stated, **options}))


def applied(host: Host, stated: Row, **options: Any) -> Row:
    result = apply(host, stated, **options)
    assert not result.get("failed"), result["msg"]
    return result


def changed_by_others(host: Host) -> None:
    """What somebody clicks behind the back of a document."""
    environment = host.read("project.all")[0]["environments"][0]
    application = environment["applications"][0]["applicationId"]
    (backup,) = host.read("postgres.one", postgresId=environment["postgres"][0]["postgresId"])["backups"]
    host.call(
        "backup.update",
        **{key: backup[key] for key in ("backupId", "schedule", "prefix", "destinationId", "database", "databaseType")},
        keepLatestCount=None,
        enabled=False,
        serviceName=None,
        metadata=None,
    )
    own = {"applicationId": application}
    host.call("application.update", **own, command="sleep 60", replicas=3, env=f"TOKEN={SECRET}")
    domain = {"port": 80, "https": False, "certificateType": "none", "domainType": "application"}
    host.call("domain.create", **own, host="b.example.com", **domain)
    host.call("security.create", **own, username="eve", password=SECRET)
    mount = {"type": "bind", "hostPath": "/", "mountPath": "/host"}
    host.call("mounts.create", serviceId=application, serviceType="application", **mount)
    schedule = {"name": "nightly", "cronExpression": "0 1 * * *", "command": "true", "shellType": "sh"}
    host.call("schedule.create", **own, scheduleType="application", enabled=True, **schedule)


def changes_of(result: Row) -> dict[str, tuple[str, list[str]]]:
    return {change["path"]: (change["action"], change["reset"]) for change in result["plan"]["changes"]}


def test_what_others_changed_is_reset(host: Host) -> None:
    stated = document(unstated="default")
    applied(host, stated)
    before = snapshot(host.sim)
    changed_by_others(host)
    planned = applied(host, stated, check=True)
    assert changes_of(planned) == {
        "shop/production/web": ("reset", RESET),
        "shop/production/db": ("reset", ["backups[s3/daily/shop].enabled"]),
    }
    assert planned["plan"]["counts"]["reset"] == 2
    assert r"not stated: backups\[s3/daily/shop\].enabled" in planned["plan"]["text"]
    result = applied(host, stated, expected_plan=planned["plan"]["id"])
    assert result["diff"] == planned["diff"] and SECRET not in repr(result)
    (diff,) = (one for one in result["diff"] if one["kind"] == "application")
    assert (diff["before"]["command"], diff["after"]["command"]) == ("sleep 60", "")
    assert applied(host, stated)["plan"]["changes"] == []
    left = snapshot(host.sim).changes_since(before)
    # No row is more or less than before.
    assert all(change.column is not None for change in left), left


def test_what_is_kept_is_listed(host: Host) -> None:
    """Only where it is asked for, since it takes queries; the rest of the plan is the same."""
    applied(host, document())
    changed_by_others(host)
    assert applied(host, document())["plan"]["unstated"] == []
    planned = applied(host, document(), check=True, list_unstated=True)
    assert planned["plan"]["changes"] == []
    listed = {row["path"]: row["options"] for row in planned["plan"]["unstated"]}
    assert listed == {"shop/production/web": RESET, "shop/production/db": ["backups[s3/daily/shop].enabled"]}
    # A change of what is stated goes on beside it.
    other = document({"command": "sleep 30"})
    result = applied(host, other, list_unstated=True)
    assert changes_of(result) == {"shop/production/web": ("update", [])}
    again = applied(host, other, list_unstated=True)
    assert again["plan"]["changes"] == []
    assert [option for option in RESET if option != "command"] in [row["options"] for row in again["plan"]["unstated"]]


@pytest.mark.parametrize(
    ("head", "web", "expected"),
    [
        ({}, {}, None),
        ({"unstated": "keep"}, {"unstated": "default"}, ("reset", RESET)),
        ({"unstated": "default"}, {"unstated": "keep"}, None),
        ({"unstated": "default"}, {"command": "sleep 60", "replicas": 3}, ("reset", [*RESET[:1], *RESET[3:]])),
        ({"unstated": "default"}, {"replicas": 2}, ("update", [*RESET[:1], *RESET[2:]])),
        (
            {"unstated": "default"},
            {"ignore": ["env", "domains", "mounts", "basic_auth"]},
            ("reset", ["replicas", "command", "schedules[nightly]"]),
        ),
        ({"unstated": "default"}, {"ignore": ["env.TOKEN"]}, ("reset", RESET[1:])),
        ({"unstated": "default"}, {"env": {"A": "1"}, "ignore": ["env.TOKEN"]}, ("update", RESET[1:])),
    ],
)
def test_who_decides(host: Host, head: Row, web: Row, expected: tuple[str, list[str]] | None) -> None:
    """The entry, before the document; what is ignored stays."""
    applied(host, document())
    changed_by_others(host)
    stated = document(web, **head)
    result = applied(host, stated)
    assert changes_of(result).get("shop/production/web") == expected
    assert applied(host, stated)["plan"]["changes"] == []
    env = host.read("project.all") and next(iter(host.sim.server.store.applications.rows.values()))["env"]
    kept = expected is None or "env" not in expected[1]
    assert (SECRET in (env or "")) is kept


def test_an_entry_that_refers_to_another_one(host: Host) -> None:
    """What it states is known late, and what it does not state is reset as well."""
    stated = document({"env": {"URL": reference("db:internal_url")}}, unstated="default")
    applied(host, stated)
    (row,) = host.sim.server.store.applications.rows.values()
    host.call("application.update", applicationId=row["applicationId"], command="sleep 60", env="URL=x")
    assert changes_of(applied(host, stated)) == {"shop/production/web": ("update", ["command"])}
    assert (row["command"] or "", row["env"].startswith("URL=postgresql://")) == ("", True)
    assert applied(host, stated)["plan"]["changes"] == []


def test_an_ignored_option_that_is_stated_is_for_new_records(host: Host) -> None:
    stated = document({"replicas": 2, "ignore": ["replicas"]})
    applied(host, stated)
    (row,) = host.sim.server.store.applications.rows.values()
    assert row["replicas"] == 2
    host.call("application.update", applicationId=row["applicationId"], replicas=5)
    assert applied(host, stated)["plan"]["changes"] == []
    assert row["replicas"] == 5


@pytest.mark.parametrize("name", ["replica", "docker.imag", "env", "domains.https.x"])
def test_ignore_names_options(host: Host, name: str) -> None:
    result = apply(host, document({"ignore": [name]}), check=True)
    assert bool(result.get("failed")) is (name != "env")
    if name != "env":
        assert f"ignore: application has no option '{name}'" in result["msg"]


def test_too_much_is_not_reset(host: Host) -> None:
    stated = document(unstated="default")
    applied(host, stated)
    changed_by_others(host)
    result = apply(host, stated, reset_limit="1")
    assert result["msg"].startswith("unstated: 2 of 5 entries would be reset, more than reset_limit=1: ")
    assert changes_of(applied(host, stated, reset_limit="2")).keys() == {"shop/production/web", "shop/production/db"}
    assert "reset_limit is 'x'; it must be a number" in apply(host, stated, reset_limit="x")["msg"]


def test_a_report_lists_what_is_not_stated(host: Host) -> None:
    applied(host, document())
    changed_by_others(host)
    report = drift_report(applied(host, document(), check=True, list_unstated=True))
    assert (report["drifted"], report["summary"]) == (False, "2 set on the server and not stated")
    assert [row["path"] for row in report["unstated"]] == ["shop/production/web", "shop/production/db"]
    assert report_lines(report) == []
    lines = report_lines(report, unstated=True)
    assert "command is sleep 60 instead of" not in lines[0] and "replicas is 3 instead of 1" in lines[0]
    text, page = drift_markdown(report), drift_page(report)
    assert "Set on the server, and not stated" in text and "Set on the server, and not stated" in page
    assert "In a new record" in page and SECRET not in text + page + repr(report)
    left = drift_report(applied(host, document(), check=True, list_unstated=True), ["shop/production/web:command"])
    assert left["counts"]["excluded"] == 1
    assert all(one["option"] != "command" for row in left["unstated"] for one in row["options"])


def test_a_report_tells_what_is_not_stated_of_what_differs(host: Host) -> None:
    stated = document({"replicas": 2}, unstated="default")
    applied(host, stated)
    changed_by_others(host)
    report = drift_report(applied(host, stated, check=True))
    (line,) = (line for line in report_lines(report) if line.startswith("application"))
    assert "replicas is 3 instead of 2; " in line
    assert "env.TOKEN (not stated), command (not stated), domains.b.example.com/ (not stated)" in line
    assert "not stated" in drift_markdown(report) and "not stated" in drift_page(report)
    # Words of which one is a name do not run together.
    assert "</code><small>" not in drift_page(report)


@pytest.mark.parametrize("owner", [None, "team"])
def test_the_tags_of_owners_are_records_of_other_documents(host: Host, owner: str | None) -> None:
    applied(host, document(), owner="team")
    stated = document(unstated="default")
    assert applied(host, stated, owner=owner)["plan"]["changes"] == []
    assert applied(host, document(), list_unstated=True, owner=owner)["plan"]["unstated"] == []
    tag = host.call("tag.create", name="clicked", color="#000000")["tagId"]
    (project,) = host.read("project.all")
    host.call("tag.assignToProject", projectId=project["projectId"], tagId=tag)
    result = applied(host, stated, owner=owner)
    assert [change["options"] for change in result["plan"]["changes"]] == [["tags"]]
    assert applied(host, stated, owner=owner)["plan"]["changes"] == []


def test_a_source_that_nobody_states(host: Host) -> None:
    """It is reset as a whole; one that lacks what it needs is none, and a group that is ignored keeps the selection."""
    applied(host, document())
    (row,) = host.sim.server.store.applications.rows.values()
    own = {"applicationId": row["applicationId"]}
    host.call("application.update", **own, sourceType="git", customGitUrl="https://git.example.com/a.git")
    host.call("application.update", **own, customGitBranch="main")
    for ignored, expected in ((["git"], {}), (["source"], {}), ([], {"shop/production/web": ("reset", ["source"])})):
        stated = document({"docker": None, "ignore": ignored}, unstated="default")
        assert changes_of(applied(host, stated)) == expected
    assert row["sourceType"] == "github"
    host.call("application.update", **own, buildPath="/sub")
    assert applied(host, document({"docker": None}, unstated="default"))["plan"]["changes"] == []
