# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment that no change of the document explains names what runs otherwise, on the simulator."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.community.dokploy.plugins.plugin_utils._drift.markdown import drift_markdown
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.page import drift_page
from ansible_collections.community.dokploy.plugins.plugin_utils._drift.report import drift_report
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_running import document
from tests.support.host import Host
from tools.workspace import ROOT

OUTSIDE = "(set outside of the document)"
WEB = {"name": "web", "docker": {"image": "nginx:1.29"}, "env": {"A": "1"}, "replicas": 1}
GIT = {
    "name": "api",
    "git": {"url": "https://git.example.com/api.git", "branch": "main"},
    "build": {"type": "dockerfile"},
}
CACHE = {"name": "cache", "type": "redis", "password": "made-up", "env": {"A": "1"}}
FILE = "services:\n  smtp:\n    image: axllent/mailpit:v1\n    environment:\n      A: ${A}\n"
MAIL = {"name": "mail", "raw": {"content": FILE}}
# Without verification no later run looks for a rollback.
UNVERIFIED = {"deploy": "changed", "verify": False}
ALL = document(WEB, GIT, compose=[MAIL], databases=[CACHE])


@pytest.fixture
def shop(host: Host) -> Host:
    """What the document describes runs."""
    host.sim.config(scale_seconds=0, linger_seconds=0, deploy_seconds=0, block_seconds=0, build_seconds=0)
    done = apply(host, ALL, **UNVERIFIED)
    assert not done.get("failed"), done["msg"]
    return host


def kind_of(name: str) -> str:
    return {"mail": "compose", "cache": "redis"}.get(name, "application")


def id_of(host: Host, name: str) -> str:
    """The ID of a service."""
    kind = kind_of(name)
    (row,) = [row for row in host.sim.server.store.services[kind].rows.values() if row["name"] == name]
    return str(row[f"{kind}Id"])


def update(host: Host, name: str, **fields: Any) -> None:
    """A change by another user, which nobody deploys."""
    kind = kind_of(name)
    row = host.sim.server.store.services[kind].rows[id_of(host, name)]
    if kind == "compose" and "env" in fields:
        # The web interface shows the fingerprint, and leaves it where it is.
        fields["env"] = f"{row['env']}\n{fields['env']}"
    host.call(f"{kind}.update", **{f"{kind}Id": id_of(host, name)}, **fields)


def mount(host: Host, name: str, path: str) -> None:
    volume = {"type": "volume", "volumeName": "data", "mountPath": path}
    host.call("mounts.create", serviceId=id_of(host, name), serviceType=kind_of(name), **volume)


def reasons(host: Host, wanted: dict[str, Any] | None = None, **options: Any) -> dict[str, str]:
    """Why each service is to be deployed, as the plan says it."""
    planned = apply(host, wanted or ALL, check=True, **{**UNVERIFIED, **options})
    assert not planned.get("failed"), planned["msg"]
    deployed = [row for row in planned["plan"]["changes"] if row["action"] == "deploy"]
    found = {row["path"].rpartition("/")[2]: row["reason"] for row in deployed}
    rows = [row for row in planned["deployments"] if row["action"] == "deploy"]
    assert {row["path"].rpartition("/")[2]: row["reason"] for row in rows} == found
    return found


def test_what_was_set_elsewhere_is_named_in_plan_and_drift(shop: Host) -> None:
    update(shop, "web", command="sleep 1")
    mount(shop, "web", "/data")
    # Dokploy keeps a service with mounts on managers.
    reason = f"configuration changed: command, mounts, placement {OUTSIDE}"
    table: list[str] = []
    shop.line = table.append
    planned = apply(shop, ALL, check=True, **UNVERIFIED)
    (change,) = planned["plan"]["changes"]
    assert (change["action"], change["path"], change["reason"]) == ("deploy", "shop/production/web", reason)
    assert reason in planned["plan"]["text"].replace("\\", "")
    assert table[0].startswith(f"> deploy application shop/production/web {reason[:60]}")
    report = drift_report(planned, checked_at="2026-03-14T09:27:41Z")
    assert report["differences"][0]["states"][0]["reason"] == reason
    assert reason in drift_markdown(report).replace("\\", "") and reason in drift_page(report)
    done = apply(shop, ALL, **UNVERIFIED)
    assert (done["plan"], done["deployments"][0]["status"]) == (planned["plan"], "done")
    assert reasons(shop) == {}


SECOND = FILE.replace("v1", "v2")
# A service, what another user changes of it, what the document states of that by now, and the reason.
CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("web", {"env": "A=1\nB=2"}, {"env": {"A": "1", "B": "2"}}, "configuration changed: env (B)"),
    ("web", {"env": "A=1\nB=2"}, {"env_mode": "merge"}, f"configuration changed: env (B) {OUTSIDE}"),
    ("web", {"dockerImage": "nginx:1.30"}, {"docker": {"image": "nginx:1.30"}}, "source changed: docker.image"),
    (
        "web",
        {"replicas": 2, "memoryLimit": "1048576"},
        {"replicas": 2},
        f"configuration changed: replicas; memory_limit {OUTSIDE}",
    ),
    ("web", {"detachDokployNetwork": True}, {}, f"configuration changed: networks {OUTSIDE}"),
    ("web", {"args": ["a"]}, {"docker": None}, f"configuration changed: args {OUTSIDE}"),
    ("web", {"dockerImage": "nginx:1.30"}, {"docker": None}, f"source changed: docker.image {OUTSIDE}"),
    ("api", {"command": "sleep 1"}, {}, f"configuration changed: command {OUTSIDE}"),
    ("api", {"customGitBranch": "x"}, {"git": {**GIT["git"], "branch": "x"}}, "source changed: git"),
    # A task does not say how many there are of it.
    ("api", {"replicas": 2}, {}, "configuration changed"),
    ("cache", {"command": "sleep"}, {}, f"configuration changed: command, args {OUTSIDE}"),
    (
        "cache",
        {"databasePassword": "An0ther-one"},
        {"password": "An0ther-one"},
        f"configuration changed: env (REDIS_PASSWORD); args {OUTSIDE}",
    ),
    ("mail", {"env": "A=1"}, {}, f"configuration changed: smtp (environment: A) {OUTSIDE}"),
    # Of a stack, Docker does not show its command.
    ("mail", {"command": "compose up"}, {}, "configuration changed"),
    ("mail", {"composeFile": SECOND}, {"raw": {"content": SECOND}}, "source changed: smtp (image)"),
]


@pytest.mark.parametrize(("name", "fields", "stated", "reason"), CASES)
def test_what_differs_is_named_for_each_kind(
    shop: Host, name: str, fields: dict[str, Any], stated: dict[str, Any], reason: str
) -> None:
    update(shop, name, **fields)
    web, api, mail, cache = ({**one, **(stated if one["name"] == name else {})} for one in (WEB, GIT, MAIL, CACHE))
    wanted = document(web, api, compose=[mail], databases=[cache])
    assert reasons(shop, wanted) == {name: reason}
    # A change of the document explains it.
    (own,) = (one for one in (web, api, mail, cache) if one["name"] == name)
    own["env"] = {"A": "3"}
    plain = reason.partition(":")[0]
    assert reasons(shop, document(web, api, compose=[mail], databases=[cache])) == {name: plain}


def test_what_has_no_record_is_compared_as_well(shop: Host) -> None:
    update(shop, "web", labelsSwarm=None, args=["a"])
    update(shop, "api", labelsSwarm=None)
    assert reasons(shop) == {
        "web": f"no record of the last deployment: args {OUTSIDE}",
        "api": "no record of the last deployment",
    }


def test_services_whose_labels_were_replaced_are_recorded_and_not_replaced(shop: Host) -> None:
    update(shop, "web", labelsSwarm={})
    update(shop, "cache", labelsSwarm=None)
    planned = apply(shop, ALL, check=True, **UNVERIFIED)
    lost = "no record of the last deployment, and what runs is what is configured"
    changes = [(change["action"], change["path"], change["reason"]) for change in planned["plan"]["changes"]]
    # Those of a database come first.
    assert changes == [("adopt", f"shop/production/{name}", lost) for name in ("cache", "web")]
    done = apply(shop, ALL, **UNVERIFIED)
    assert not done.get("failed"), done["msg"]
    assert [row["status"] for row in done["deployments"]] == ["adopted", "adopted"]
    assert not any(".deploy" in call for call in shop.sim.calls("mutation"))
    assert not apply(shop, ALL, **UNVERIFIED)["changed"]


def test_a_look_at_all_of_them_costs_one_batch_and_what_is_built_a_second(shop: Host) -> None:
    def requests(*names: str) -> int:
        for name in names:
            update(shop, name, memoryLimit="1048576")
        found = reasons(shop)
        assert set(found) >= set(names)
        return int(shop.sim.stats()["http"])

    idle, own = requests(), requests("web")
    assert own == idle + 1
    # The fingerprint in the containers of a database tells nothing more then.
    both = requests("cache")
    assert both == own - 1
    assert requests("api") == both + 1


def test_what_cannot_be_seen_is_not_guessed(shop: Host) -> None:
    update(shop, "web", command="sleep 1")
    shop.sim.fault("status", "docker.getServiceContainersByAppName", status=403, times=-1, body={"message": "no"})
    assert reasons(shop) == {"web": "configuration changed"}


def test_what_only_others_have_set_can_be_left_alone(shop: Host) -> None:
    for name in ("web", "api", "cache"):
        update(shop, name, command="sleep 1")
    narrow = {**UNVERIFIED, "deploy_unstated": False}
    api, reason = {**GIT, "deploy_unstated": True}, f"configuration changed: command {OUTSIDE}"
    wanted = document(WEB, api, compose=[MAIL], databases=[CACHE])
    planned = apply(shop, wanted, check=True, **narrow)
    done = apply(shop, wanted, **narrow)
    assert (done.get("msg"), done["plan"]) == (None, planned["plan"])
    assert [change["path"] for change in done["plan"]["changes"]] == ["shop/production/api"]
    left = {row["path"]: row for row in done["deployments"] if row["status"] == "left_alone"}
    assert left == {row["path"]: row for row in planned["deployments"] if row["status"] == "left_alone"}
    assert set(left) == {"shop/production/web", "shop/production/cache"}
    web = left["shop/production/web"]
    assert (web["action"], web["reason"], web["changed"], web["failed"]) == ("none", reason, False, False)
    for result in (planned, done):
        warnings = [warning for warning in result["warnings"] if "deploy_unstated" in warning]
        assert len(warnings) == len(left) and any("shop/production/web is not" in text for text in warnings)
        assert f"- application `shop/production/web`: {reason}" in result["plan"]["text"]
    mutations = shop.sim.calls("mutation")
    assert "redis.deploy" not in mutations and mutations.count("application.deploy") == 1
    again = apply(shop, wanted, **narrow)
    assert (again["changed"], shop.sim.calls("mutation")) == (False, [])
    # The next change of the document deploys it.
    assert reasons(shop, document({**WEB, "env": {"A": "2"}}, api), **narrow) == {"web": "configuration changed"}


def test_what_the_document_states_is_deployed_in_any_case(shop: Host) -> None:
    """As after a run that was interrupted before its deployments."""
    narrow = {**UNVERIFIED, "deploy_unstated": False}
    wanted = document({**WEB, "env": {"A": "2"}}, GIT, compose=[MAIL], databases=[CACHE])
    assert not apply(shop, wanted, deploy="never").get("failed")
    mount(shop, "web", "/data")
    reason = f"configuration changed: env (A); mounts, placement {OUTSIDE}"
    done = apply(shop, wanted, **narrow)
    assert [(row["reason"], row["status"]) for row in done["deployments"]] == [(reason, "done")]
    shop.sim.config(next_results=["error"])
    shop.sim.act(deploy=id_of(shop, "web"))
    shop.sim.settle()
    assert [row["reason"] for row in apply(shop, wanted, **narrow)["deployments"]] == ["last deployment failed"]


def test_what_cannot_be_adopted_is_a_mistake_of_the_document(shop: Host) -> None:
    """All of it is found before the first write, by the names of the services, and in words of documents."""
    adopt = {**UNVERIFIED, "deploy": "adopt"}
    for name in ("web", "api"):
        update(shop, name, labelsSwarm=None)
    update(shop, "web", command="sleep 1")
    update(shop, "cache", memoryLimit="134217728")
    shop.sim.config(next_results=["error"])
    shop.sim.act(deploy=id_of(shop, "api"))
    shop.sim.settle()
    place = "projects[shop].environments[production]"
    for check in (True, False):
        refused = apply(shop, ALL, check=check, **adopt)
        assert shop.sim.calls("mutation") == []
        assert refused["mistakes"] == [
            f"{place}.applications[web]: application shop/production/web cannot be adopted, since what runs is not "
            "what is configured: command; state what runs, or deploy what is configured with deploy: changed",
            f"{place}.applications[api]: application shop/production/api cannot be adopted, since its last deployment "
            "failed; deploy what is configured with deploy: changed",
            f"{place}.databases[cache]: database shop/production/cache cannot be adopted, since what runs is not what "
            "is configured: memory_limit; state what runs, or deploy what is configured with deploy: changed",
        ]
        assert set(refused) <= {"failed", "changed", "msg", "mistakes", "error"} and len(str(refused["error"])) < 100
    web, api, cache = ({**one, "deploy": "changed"} for one in (WEB, GIT, CACHE))
    done = apply(shop, document(web, api, compose=[MAIL], databases=[cache]), **adopt)
    assert (done.get("msg"), {row["status"] for row in done["deployments"]}) == (None, {"done"})


def test_a_failure_beside_the_path_has_no_id(shop: Host) -> None:
    """The revision is only looked at when the service is adopted."""
    update(shop, "api", labelsSwarm=None)
    api = {**GIT, "deploy": "adopt", "revision": "0" * 40}
    done = apply(shop, document(api), **UNVERIFIED)
    assert done["msg"].startswith(f"application shop/production/api: the commit {'0' * 40} is wanted, and ")
    assert id_of(shop, "api") not in done["msg"] and done["msg"].count("\n") == 0


def test_what_is_left_to_others_needs_no_deployment(host: Host) -> None:
    host.sim.config(scale_seconds=0, linger_seconds=0, deploy_seconds=0, block_seconds=0, build_seconds=0)
    web = {**WEB, "ignore": ["replicas", "docker.image", "env.BUILD", "mounts"], "domains": [{"host": "a.example.com"}]}
    wanted = document(web, databases=[{**CACHE, "ignore": ["env.BUILD"]}])
    assert not apply(host, wanted, **UNVERIFIED).get("failed")
    update(host, "web", replicas=3, dockerImage="nginx:1.30", env="A=1\nBUILD=7")
    update(host, "cache", env="A=1\nBUILD=7")
    mount(host, "web", "/data")
    assert reasons(host, wanted) == {}
    done = apply(host, wanted, **UNVERIFIED)
    assert not done["changed"], done["plan"]
    # Another run, which leaves nothing to others, compares what was left to them as it was deployed.
    assert reasons(host, document({**WEB, "replicas": 3, "docker": {"image": "nginx:1.30"}, "env_mode": "merge"})) == {}
    # What else differs is named, and what is left to others is not.
    update(host, "web", command="sleep 1")
    assert reasons(host, wanted) == {"web": f"configuration changed: command {OUTSIDE}"}
    assert not apply(host, wanted, **UNVERIFIED).get("failed")
    assert reasons(host, wanted) == {}


def test_an_image_of_a_pipeline_stays_as_the_guide_says(host: Host) -> None:
    host.sim.config(scale_seconds=0, linger_seconds=0, deploy_seconds=0, block_seconds=0, build_seconds=0)
    guide = (ROOT / "docs/docsite/rst/pipelines.rst").read_text()
    block = guide.split("    # document.yml\n")[1].partition("\n\n")[0]
    wanted = yaml.safe_load(block)
    assert apply(host, wanted, **UNVERIFIED)["deployments"][0]["status"] == "done"
    update(host, "web", dockerImage="registry.example.com/shop/web:1.4.3")
    host.call("application.deploy", applicationId=id_of(host, "web"))
    done = apply(host, wanted, **UNVERIFIED)
    assert not done["changed"] and done["plan"]["changes"] == []
    row = host.sim.server.store.services["application"].rows[id_of(host, "web")]
    assert row["dockerImage"] == "registry.example.com/shop/web:1.4.3"
