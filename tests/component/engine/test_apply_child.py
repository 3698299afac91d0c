# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One child of an application alone: its requests in their order, and what comes of them on the simulator."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine import execute
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation, Session, run
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    ConnectionFailed,
    NotFoundError,
    PermissionDenied,
    Refused,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._reads.rows import with_children
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children import (
    operations as children,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children import routing
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.jobs import (
    SCHEDULES,
    VOLUME_BACKUPS,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.ports import PORTS
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.routing import (
    BASIC_AUTH,
    DOMAINS,
    IN_FILE,
    NEEDS_DOMAIN,
    READ_FILE,
    REDIRECTS,
    WRITE_FILE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.storage import MOUNTS
from ansible_collections.community.dokploy.plugins.module_utils._resources.services import application
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as MANAGED,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.source import PATCHES
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import GENERATED
from dokploy_simulator import Simulator
from tests.support import sample_rows
from tests.support.fake_clients import Expect, FakeClock, ScriptedClient, batch, reads, writes
from tests.support.host import Host, validated

Row = dict[str, Any]
# The id that ``shapes.tree`` gives.
APPLICATION_ID = "id-web"
WEB: Row = {"project": "shop", "application": "web"}
DESTINATION = {
    **dict.fromkeys(("provider", "accessKey", "bucket", "region", "endpoint", "secretAccessKey"), "any"),
    "additionalFlags": [],
}


@dataclass(frozen=True)
class Case:
    """One kind of child: how a new one is stated, what recognizes it, and another value of one option."""

    child: Child
    operation: Operation
    new: Row
    key: Row
    other: Row
    sibling: Row
    #: Another value of the key.
    moved: Row
    late: Row = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.child.singular

    def look(self) -> list[str]:
        """The reads of one look, when the application is found by its name."""
        if self.child.listing is None:
            return ["application.one"]
        return [self.child.listing[0]] if self.child.applies_immediately else ["application.one", self.child.listing[0]]

    def guard(self, *calls: str) -> list[str]:
        """The calls that are made for Traefik's file where no domain is."""
        return list(calls) if self.child.option in NEEDS_DOMAIN else []


CASES = [
    Case(
        DOMAINS,
        children.DOMAIN_OPERATION,
        {"host": "a.example.com", "port": 80},
        {"host": "a.example.com"},
        {"port": 81},
        {"host": "a.example.com", "path": "/x", "https": True, "middlewares": ["b", "a"]},
        {"host": "new.example.com"},
        {"enabled": False},
    ),
    Case(
        MOUNTS,
        children.MOUNT_OPERATION,
        {"path": "/a", "type": "file", "file_path": "a", "content": "first text"},
        {"path": "/a"},
        {"content": "other text"},
        {"path": "/b", "type": "bind", "host_path": "/srv"},
        {"path": "/new"},
    ),
    Case(
        PORTS,
        application.PORT_OPERATION,
        {"published_port": 53, "protocol": "udp", "target_port": 5353, "publish_mode": "host"},
        {"published_port": 53, "protocol": "udp"},
        {"target_port": 5354},
        {"published_port": 53, "target_port": 53, "publish_mode": "host"},
        {"published_port": 54},
    ),
    Case(
        REDIRECTS,
        application.REDIRECT_OPERATION,
        {"regex": "^a$", "replacement": "b", "permanent": True},
        {"regex": "^a$"},
        {"replacement": "c"},
        {"regex": "^A$", "replacement": "b", "permanent": True},
        {"regex": "^new$"},
    ),
    Case(
        BASIC_AUTH,
        application.BASIC_AUTH_OPERATION,
        {"username": "anna", "password": "first-password"},
        {"username": "anna"},
        {"password": "other-password"},
        {"username": "Anna", "password": "third-password"},
        {"username": "new"},
    ),
    Case(
        SCHEDULES,
        children.SCHEDULE_OPERATION,
        {"name": "a", "cron": "0 3 * * *", "command": "true", "shell": "sh", "enabled": False},
        {"name": "a"},
        {"command": "false"},
        {"name": "A", "cron": "@daily", "command": "true", "timezone": "Europe/Berlin"},
        {"name": "new"},
    ),
    Case(
        VOLUME_BACKUPS,
        children.VOLUME_BACKUP_OPERATION,
        {"name": "a", "volume": "v", "destination": "s3", "cron": "0 3 * * *", "prefix": "p", "keep": 3},
        {"name": "a"},
        {"volume": "w"},
        {"name": "A", "volume": "v", "destination": "s3", "cron": "@daily", "stop_service": True},
        {"name": "new"},
    ),
    Case(
        PATCHES,
        application.PATCH_OPERATION,
        {"path": "a", "content": "first\n", "type": "create"},
        {"path": "a"},
        {"content": "other\n"},
        {"path": "A", "type": "delete"},
        {"path": "new"},
        {"enabled": False},
    ),
]


def of_child(child: Child) -> Case:
    return next(case for case in CASES if case.child is child)


every_kind = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


# --- on the simulator ------------------------------------------------------------------------------------------------


@pytest.fixture
def web(host: Host) -> str:
    """The id of the application web in shop/production; nothing is counted yet."""
    host.call("destination.create", name="s3", **DESTINATION)
    made: str = host.sim.seed(project="shop", applications=1, name="web")["applicationIds"][0]
    again(host)
    return made


def again(host: Host) -> None:
    """The next task begins, and counts from nothing."""
    host.new_task()
    host.sim.reset_stats()


def rows(host: Host, case: Case, application_id: str) -> list[Row]:
    """What the server has, by the way that is not ours."""
    listing = case.child.listing
    if listing is None:
        found: list[Row] = host.read("application.one", applicationId=application_id)[case.child.embedded]
    else:
        found = host.read(listing[0], **{listing[1]: application_id}, **listing[2])
    return sorted(found, key=lambda row: str(row[case.child.id_key]))


@every_kind
def test_the_costs_from_its_creation_to_its_end(host: Host, web: str, case: Case) -> None:
    look, operation, child = case.look(), case.operation, case.child
    destination = ["destination.all"] if "destination" in case.new else []
    assert host.ok(operation, **WEB, **case.new)["changed"]
    # A row tells what the server knows; where there is none yet, the version does.
    version = ["settings.getDokployVersion"] if child.since else []
    assert host.sim.calls() == [
        "project.all",
        *look,
        *destination,
        *version,
        *case.guard(READ_FILE, WRITE_FILE),
        child.create,
        *look,
    ]
    again(host)
    assert not host.ok(operation, **WEB, **case.new)["changed"]
    assert host.sim.calls() == ["project.all", *look, *destination, *case.guard(READ_FILE)]
    again(host)
    assert host.ok(operation, **WEB, **case.key, **case.other)["changed"]
    assert host.sim.calls() == ["project.all", *look, *case.guard(READ_FILE), child.update, *look]
    again(host)
    assert host.ok(operation, **WEB, **case.key, state="absent")["changed"]
    assert host.sim.calls() == ["project.all", *look, *case.guard(READ_FILE), child.remove, *look]
    again(host)
    assert not host.ok(operation, **WEB, **case.key, state="absent")["changed"]
    # A domain is not there any more either.
    assert host.sim.calls() == ["project.all", *look, *([READ_FILE] if child.option in IN_FILE else [])]


@every_kind
def test_by_the_application_s_id_there_is_no_tree(host: Host, web: str, case: Case) -> None:
    host.ok(case.operation, **WEB, **case.new)
    again(host)
    result = host.ok(case.operation, application_id=web, **case.key)
    assert not result["changed"]
    assert result["application_id"] == web
    # That there is such an application is looked at, since a list is empty for one that does not exist.
    reads_of_it = host.sim.calls()
    assert "project.all" not in reads_of_it
    assert reads_of_it.count("application.one") <= 2


@every_kind
def test_its_siblings_stay_as_they_are(host: Host, web: str, case: Case) -> None:
    host.ok(case.operation, **WEB, **case.sibling)
    before = rows(host, case, web)
    assert len(before) == 1
    for stated in (case.new, {**case.key, **case.other}, {**case.key, **case.late}):
        host.ok(case.operation, **WEB, **stated)
        assert [row for row in rows(host, case, web) if row in before] == before
    host.ok(case.operation, **WEB, **case.key, state="absent")
    assert rows(host, case, web) == before


@every_kind
def test_what_is_not_stated_stays(host: Host, web: str, case: Case) -> None:
    """Some updates reset what they do not get."""
    host.ok(case.operation, **WEB, **case.new)
    (before,) = rows(host, case, web)
    host.ok(case.operation, **WEB, **case.key, **case.other)
    (after,) = rows(host, case, web)
    (option,) = case.other
    changed = {key for key in before if before[key] != after[key]}
    assert changed - {"updatedAt"} == {next(f.api for f in case.child.fields if f.name == option)}


@every_kind
def test_an_id_addresses_it_and_lets_the_key_be_changed(host: Host, web: str, case: Case) -> None:
    made = host.ok(case.operation, **WEB, **case.new)[case.name]
    resource_id = {case.child.id_option: made[case.child.id_option]}
    # Without a word on the destination its name is not looked for.
    (row,) = rows(host, case, web)
    made.update({f.name: row[f.api] for f in case.child.fields if f.reference})
    for check in (True, False):
        result = host.ok(case.operation, check=check, **WEB, **resource_id, **case.moved)
        assert result["changed"]
        assert result[case.name] == {**made, **case.moved}
        (option,) = case.moved
        (before,) = result["diff"]["before"][case.child.option].values()
        assert before == {option: made[option]}
        (after,) = result["diff"]["after"][case.child.option].values()
        assert after == case.moved
    (row,) = rows(host, case, web)
    assert row[case.child.id_key] == made[case.child.id_option]
    assert not host.ok(case.operation, **WEB, **resource_id, **case.moved)["changed"]
    # By an id the key is not managed, so nothing is there to do.
    assert not host.ok(case.operation, **WEB, **resource_id)["changed"]
    assert host.ok(case.operation, **WEB, **resource_id, state="absent")["changed"]
    assert rows(host, case, web) == []


@every_kind
def test_an_unknown_id(host: Host, web: str, case: Case) -> None:
    resource_id = {case.child.id_option: "none"}
    result = host.failed(case.operation, **WEB, **resource_id, **case.new)
    assert result["error"]["kind"] == "not_found"
    assert case.child.id_option in result["msg"]
    assert not result["changed"]
    result = host.ok(case.operation, **WEB, **resource_id, state="absent")
    assert not result["changed"]
    assert result[case.name] is None


@every_kind
def test_an_id_of_another_application_is_unknown(host: Host, web: str, case: Case) -> None:
    host.sim.seed(project="shop", applications=1, name="other")
    made = host.ok(case.operation, **{**WEB, "application": "other"}, **case.new)[case.name]
    again(host)
    resource_id = {case.child.id_option: made[case.child.id_option]}
    assert host.failed(case.operation, **WEB, **resource_id, **case.other)["error"]["kind"] == "not_found"
    assert not host.ok(case.operation, **WEB, **resource_id, state="absent")["changed"]
    assert host.sim.stats()["writes"] == 0


@every_kind
def test_absent_from_an_application_that_does_not_exist(host: Host, web: str, case: Case) -> None:
    for place in (
        {"project": "shop", "application": "none"},
        {"project": "shop", "environment": "none", "application": "web"},
        {"project": "none", "application": "web"},
        {"application_id": "none"},
    ):
        result = host.ok(case.operation, **place, **case.key, state="absent")
        assert (result["changed"], result["application_id"], result[case.name]) == (False, None, None)
    assert host.sim.stats()["writes"] == 0


@every_kind
def test_an_unknown_application_is_an_error_with_similar_names(host: Host, web: str, case: Case) -> None:
    wrong = {**WEB, "application": "wbe"}
    result = host.failed(case.operation, **wrong, **case.new)
    assert result["error"]["kind"] == "reference"
    assert "application:" in result["msg"]
    assert "'web'" in result["msg"]
    assert not result["changed"]
    # In check mode an earlier task may have promised it, but not under an ID that check mode has not made up.
    result = host.ok(case.operation, check=True, **wrong, **case.new)
    assert result["changed"]
    assert result["application_id"] == GENERATED
    assert result[case.name][case.child.id_option] == GENERATED
    assert "wbe" in result["warnings"][0]
    by_id = {"application_id": GENERATED, **case.new}
    again = host.ok(case.operation, check=True, **by_id)
    assert again["changed"] and again[case.name] == result[case.name] and "application_id" in again["warnings"][0]
    assert host.failed(case.operation, **by_id)["error"]["kind"] == "reference"
    result = host.failed(case.operation, check=True, application_id="none", **case.new)
    assert result["error"]["kind"] == "not_found"
    assert "application_id" in result["msg"]


@every_kind
def test_check_mode_writes_nothing_and_predicts_the_result(host: Host, web: str, case: Case) -> None:
    own = case.child.id_option
    for stated in (case.new, {**case.key, **case.other}, {**case.key, **case.late}):
        host.sim.reset_stats()
        predicted = host.ok(case.operation, check=True, **WEB, **stated)
        assert host.sim.stats()["writes"] == 0
        real = host.ok(case.operation, **WEB, **stated)
        assert predicted["diff"] == real["diff"]
        assert predicted["changed"] == real["changed"]
        # What the server takes of itself, a prediction of something new leaves out.
        known = {key for key, value in predicted[case.name].items() if value not in (None, "", [], False, 0, GENERATED)}
        assert {key: predicted[case.name][key] for key in known} == {key: real[case.name][key] for key in known}
        assert predicted[case.name][own] in (GENERATED, real[case.name][own])
    host.sim.reset_stats()
    predicted = host.ok(case.operation, check=True, **WEB, **case.key, state="absent")
    assert host.sim.stats()["writes"] == 0
    assert predicted == host.ok(case.operation, **WEB, **case.key, state="absent")


# What a new child states, and what it then has, by its creation or by the server's own defaults.
UNSTATED: list[tuple[Child, Row, Row]] = [
    (
        DOMAINS,
        {"host": "a.example.com"},
        {"path": "/", "port": 3000, "https": False, "certificate": "none", "strip_path": False, "enabled": True},
    ),
    (PORTS, {"published_port": 53, "target_port": 53}, {"protocol": "tcp", "publish_mode": "ingress"}),
    (REDIRECTS, {"regex": "^a$", "replacement": "b"}, {"permanent": False}),
    (SCHEDULES, {"name": "a", "cron": "@daily", "command": "true"}, {"shell": "bash", "enabled": True}),
    (
        VOLUME_BACKUPS,
        {"name": "a", "volume": "v", "destination": "s3", "cron": "@daily"},
        {"prefix": "", "stop_service": False, "enabled": True},
    ),
    (PATCHES, {"path": "a", "content": "first\n"}, {"type": "update", "enabled": True}),
]


@pytest.mark.parametrize(("child", "stated", "unstated"), UNSTATED, ids=lambda value: getattr(value, "singular", ""))
def test_a_new_child_is_as_usual_where_nothing_is_stated(
    host: Host, web: str, child: Child, stated: Row, unstated: Row
) -> None:
    case = of_child(child)
    made = host.ok(case.operation, **WEB, **stated)[case.name]
    assert {name: made[name] for name in unstated} == unstated


@pytest.mark.parametrize("case", [case for case in CASES if case.late], ids=lambda case: case.name)
def test_options_that_a_creation_ignores_follow_in_an_update(host: Host, web: str, case: Case) -> None:
    assert host.ok(case.operation, **WEB, **case.new, **case.late)["changed"]
    assert host.sim.calls("mutation") == [case.child.create, case.child.update]
    assert not host.ok(case.operation, **WEB, **case.new, **case.late)["changed"]
    (row,) = rows(host, case, web)
    assert row["enabled"] is False
    # What it stores of itself needs none.
    again(host)
    host.ok(case.operation, **WEB, **case.sibling, enabled=True)
    assert host.sim.calls("mutation") == [case.child.create]


# The server refuses a second user, and a second patch, of the same name itself.
ALIKE = [case for case in CASES if case.child not in (BASIC_AUTH, PATCHES)]


@pytest.mark.parametrize("case", ALIKE, ids=lambda case: case.name)
def test_two_children_of_one_key_are_an_error_with_their_ids(host: Host, web: str, case: Case) -> None:
    host.ok(case.operation, **WEB, **case.new)
    (row,) = rows(host, case, web)
    body = {f.api: row[f.api] for f in case.child.fields if row.get(f.api) is not None}
    parent = {key: web if value == "$parent" else value for key, value in case.child.parent.items()}
    taken = {key: value for key, value in body.items() if key not in case.child.create_ignores}
    host.call(case.child.create, **{**parent, **taken})
    twins = sorted(str(one[case.child.id_key]) for one in rows(host, case, web))
    again(host)
    for state in ("present", "absent") + (("executed",) if case.child.run else ()):
        result = host.failed(case.operation, **WEB, **case.key, state=state)
        assert result["error"]["kind"] == "ambiguous"
        assert result["ids"] == twins
        assert all(one in result["msg"] for one in (*twins, case.child.id_option))
    assert host.sim.stats()["writes"] == 0
    assert host.ok(case.operation, **WEB, **{case.child.id_option: twins[0]}, state="absent")["changed"]
    assert not host.ok(case.operation, **WEB, **case.new)["changed"]


# A domain can do with its host.
@pytest.mark.parametrize("case", [case for case in CASES if case.child is not DOMAINS], ids=lambda case: case.name)
def test_a_new_child_needs_its_options(host: Host, web: str, case: Case) -> None:
    result = host.failed(case.operation, **WEB, **case.key)
    assert result["error"]["kind"] == "option"
    assert "needs" in result["msg"]
    assert not result["changed"]
    assert host.sim.stats()["writes"] == 0


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
def test_a_certificate_without_https_is_warned_of(host: Host, web: str, check: bool) -> None:
    domain = {"host": "a.example.com", "certificate": "letsencrypt"}
    words = "certificate has no effect: https is not true, so Traefik serves no certificate."
    assert host.ok(children.DOMAIN_OPERATION, **WEB, **domain, check=check)["warnings"] == [words]
    assert "warnings" not in host.ok(children.DOMAIN_OPERATION, **WEB, **domain, https=True)
    assert "warnings" not in host.ok(children.DOMAIN_OPERATION, **WEB, **domain, check=check)
    assert "warnings" not in host.ok(children.DOMAIN_OPERATION, **WEB, **domain, state="absent", https=False)


@pytest.mark.parametrize("option", ["application_id", "compose_id", "application", "compose"])
def test_an_empty_text_names_no_parent(host: Host, web: str, option: str) -> None:
    result = host.failed(children.DOMAIN_OPERATION, **{option: ""}, host="a.example.com")
    assert result["msg"] == f"{option} must not be empty"


def test_a_domain_needs_a_host_an_id_or_generate(host: Host, web: str) -> None:
    for state in ("present", "absent"):
        result = host.failed(children.DOMAIN_OPERATION, **WEB, state=state, port=80, generate=False)
        assert result["msg"] == "one of host, domain_id and generate=true is needed"
    assert host.sim.stats()["writes"] == 0


def test_a_mount_in_docker_s_words_is_the_same_mount(host: Host, web: str) -> None:
    volume = {"target": "/data", "type": "volume", "source": "webdata"}
    bind = {"target": "/etc/localtime", "type": "bind", "source": "/etc/localtime"}
    made = [host.ok(children.MOUNT_OPERATION, **WEB, **item) for item in (volume, bind)]
    assert [(one["mount"]["name"], one["mount"]["host_path"]) for one in made] == [
        ("webdata", ""),
        ("", "/etc/localtime"),
    ]
    assert made[0]["diff"]["after"]["mounts"]["/data"] == {"path": "/data", "type": "volume", "name": "webdata"}
    again = host.ok(MANAGED, application_id=web, mounts=[volume, bind])
    assert not again["changed"] and "source" not in again["application"]["mounts"][0]
    own = [{"path": "/data", "type": "volume", "name": "webdata"}, {**bind, "source": "/srv"}]
    changed = host.ok(MANAGED, application_id=web, mounts=own)
    assert changed["diff"]["after"] == {"mounts": {"/etc/localtime": {"host_path": "/srv"}}}


def test_a_mount_of_another_type_is_replaced(host: Host, web: str) -> None:
    case = of_child(MOUNTS)
    made = host.ok(case.operation, **WEB, **case.new)["mount"]
    again(host)
    result = host.ok(case.operation, **WEB, path="/a", type="volume", name="v")
    assert host.sim.calls("mutation") == ["mounts.remove", "mounts.create"]
    assert result["mount"]["mount_id"] != made["mount_id"]
    (row,) = rows(host, case, web)
    assert (row["mountPath"], row["type"], row["volumeName"], row["filePath"]) == ("/a", "volume", "v", None)


@pytest.mark.parametrize("check", [True, False])
def test_a_mount_that_is_addressed_by_its_id_keeps_its_type(host: Host, web: str, check: bool) -> None:
    """A replaced mount has another ID, so that the same task would not find this one again."""
    case = of_child(MOUNTS)
    made = host.ok(case.operation, **WEB, **case.new)["mount"]
    again(host)
    resource_id = made["mount_id"]
    result = host.failed(case.operation, check=check, **WEB, mount_id=resource_id, type="volume", name="v")
    assert result["msg"] == (
        f"type of mount {resource_id!r} cannot be changed. It needs a new mount: leave out mount_id, and the one at /a"
        " is replaced."
    )
    assert host.sim.calls("mutation") == []


@pytest.mark.parametrize("check", [True, False])
@every_kind
def test_a_child_is_not_renamed_to_the_key_of_another(host: Host, web: str, case: Case, check: bool) -> None:
    made = host.ok(case.operation, **WEB, **case.new)[case.child.singular]
    key = {**case.new, **case.moved}
    other = host.ok(case.operation, **WEB, **key)[case.child.singular]
    again(host)
    id_option = case.child.id_option
    result = host.failed(case.operation, check=check, **WEB, **{id_option: made[id_option]}, **case.moved)
    assert f"{other[id_option]} is. Remove one of them first." in result["msg"]
    assert host.sim.calls("mutation") == []


def test_a_deployment_is_needed_where_it_is(host: Host, web: str) -> None:
    host.call("application.update", applicationId=web, sourceType="docker", dockerImage="nginx:1")
    for case in CASES:
        result = host.ok(case.operation, **WEB, **case.new)
        assert ("deploy_needed" in result) == (not case.child.applies_immediately)
        assert result.get("deploy_needed", True)
        assert "deploy_needed" not in host.ok(case.operation, **WEB, **case.key, state="absent")


def test_after_a_deployment_only_a_change_needs_another_one(host: Host, web: str) -> None:
    host.call("application.update", applicationId=web, sourceType="docker", dockerImage="nginx:1")
    stated = of_child(PORTS).new
    host.ok(DEPLOYMENT, **WEB, verify=False)
    assert host.ok(application.PORT_OPERATION, check=True, **WEB, **stated)["deploy_needed"]
    assert host.ok(application.PORT_OPERATION, **WEB, **stated)["deploy_needed"]
    # Until it is deployed.
    assert host.ok(application.PORT_OPERATION, **WEB, **stated)["deploy_needed"]
    host.new_task()
    host.ok(DEPLOYMENT, **WEB, verify=False)
    host.new_task()
    assert not host.ok(application.PORT_OPERATION, **WEB, **stated)["deploy_needed"]


# --- names that the server makes up ---


def test_a_name_is_generated_once(host: Host, web: str) -> None:
    first = host.ok(children.DOMAIN_OPERATION, **WEB, generate=True, port=80)
    assert host.sim.calls() == [
        "project.all",
        "application.one",
        "domain.generateDomain",
        "domain.create",
        "application.one",
    ]
    again(host)
    second = host.ok(children.DOMAIN_OPERATION, **WEB, generate=True, port=80)
    assert host.sim.calls() == ["project.all", "application.one"]
    assert not second["changed"]
    assert second["domain"] == first["domain"]
    assert first["domain"]["host"].endswith(".sslip.io")


def test_the_diff_shows_the_generated_name(host: Host, web: str) -> None:
    predicted = host.ok(children.DOMAIN_OPERATION, check=True, **WEB, generate=True, port=80)
    assert host.sim.calls("mutation") == []
    made = host.ok(children.DOMAIN_OPERATION, **WEB, generate=True, port=80)
    for result, name in ((predicted, "generated.sslip.io"), (made, made["domain"]["host"])):
        assert result["diff"]["after"] == {"domains": {f"{name}/": {"host": name, "path": "/", "port": 80}}}
        assert result["domain"]["host"] == name


def test_no_name_is_generated_before_the_plan_is_complete(host: Host, web: str) -> None:
    host.sim.config(version="0.29.8")
    failed = host.failed(children.DOMAIN_OPERATION, **WEB, generate=True, enabled=False)
    assert "enabled needs Dokploy 0.30.0" in failed["msg"]
    assert host.sim.calls("mutation") == []


@pytest.mark.parametrize("took", [False, True])
def test_a_lost_creation_leaves_one_generated_name(host: Host, web: str, took: bool) -> None:
    host.connection["max_retries"] = 1
    host.sim.fault("html", "domain.create", status=502, times=1, after=took)
    made = host.ok(children.DOMAIN_OPERATION, **WEB, generate=True)
    (row,) = rows(host, of_child(DOMAINS), web)
    assert made["changed"] and made["domain"]["host"] == row["host"]
    assert list(made["diff"]["after"]["domains"]) == [f"{row['host']}/"]
    once = ["domain.generateDomain", "domain.create"]
    assert host.sim.calls("mutation") == (once if took else [*once, *once])


def test_a_name_that_a_user_chose_is_not_taken_for_a_generated_one(host: Host, web: str) -> None:
    host.ok(children.DOMAIN_OPERATION, **WEB, host="web-sslip-io.example.com")
    app_name = host.read("application.one", applicationId=web)["appName"]
    host.ok(children.DOMAIN_OPERATION, **WEB, host=f"{app_name}x-012345-127-0-0-1.sslip.io")
    assert host.ok(children.DOMAIN_OPERATION, **WEB, generate=True)["changed"]
    assert len(rows(host, of_child(DOMAINS), web)) == 3


def test_a_name_of_an_older_server_and_a_long_one_are_recognized(host: Host) -> None:
    long = "a" * 60
    made = host.sim.seed(project="shop", applications=1, name="web", fields={"appName": long})["applicationIds"][0]
    older = f"{long[:40]}-0123ab-10-0-0-1.traefik.me"
    host.call("domain.create", host=older, applicationId=made, domainType="application")
    result = host.ok(children.DOMAIN_OPERATION, **WEB, generate=True)
    assert not result["changed"]
    assert result["domain"]["host"] == older


def test_no_name_is_generated_for_an_absent_domain(host: Host, web: str) -> None:
    assert not host.ok(children.DOMAIN_OPERATION, **WEB, generate=True, state="absent")["changed"]
    assert host.sim.calls() == ["project.all", "application.one", "application.readTraefikConfig"]


def test_a_name_cannot_be_stated_and_generated(host: Host, web: str) -> None:
    for option in ("host", "domain_id"):
        result = host.failed(children.DOMAIN_OPERATION, **WEB, generate=True, **{option: "a.example.com"})
        assert result["msg"] == f"generate and {option} are mutually exclusive"
    assert host.sim.stats()["writes"] == 0


# --- older servers ---


OLDER = [
    ((0, 27, 1), application.PATCH_OPERATION, of_child(PATCHES).new, "patches needs Dokploy 0.28.0"),
    ((0, 29, 8), children.DOMAIN_OPERATION, {"host": "a.b", "enabled": False}, "enabled needs Dokploy 0.30.0"),
    (
        (0, 28, 8),
        children.DOMAIN_OPERATION,
        {"host": "a.b", "middlewares": ["x"]},
        "middlewares needs Dokploy 0.29.0",
    ),
    ((0, 28, 8), children.DOMAIN_OPERATION, {"host": "a.b", "entrypoint": "x"}, "entrypoint needs Dokploy 0.29.0"),
    (
        (0, 29, 2),
        children.DOMAIN_OPERATION,
        {"host": "a.b", "forward_auth": True},
        "forward_auth needs Dokploy 0.29.8",
    ),
    (
        (0, 25, 6),
        children.SCHEDULE_OPERATION,
        {**of_child(SCHEDULES).new, "timezone": "UTC"},
        "timezone needs Dokploy 0.26.0",
    ),
    (
        (0, 28, 8),
        children.SCHEDULE_OPERATION,
        {**of_child(SCHEDULES).new, "description": "x"},
        "description needs Dokploy 0.29.3",
    ),
]


@pytest.mark.parametrize(("version", "operation", "stated", "words"), OLDER, ids=[one[3] for one in OLDER])
def test_an_older_server_is_not_asked_for_what_it_does_not_know(
    version: tuple[int, int, int], operation: Operation, stated: Row, words: str
) -> None:
    with Simulator(version="%d.%d.%d" % version) as older:
        host = Host(older)
        try:
            older.seed(project="shop", applications=1, name="web")
            older.reset_stats()
            result = host.failed(operation, **WEB, **stated)
            assert words in result["msg"]
            assert result["error"]["kind"] == "refused"
            assert older.stats()["writes"] == 0
        finally:
            host.close()


@pytest.mark.parametrize("case", [case for case in CASES if case.child is not PATCHES], ids=lambda case: case.name)
def test_the_oldest_server_does_the_rest(case: Case) -> None:
    with Simulator(version="0.25.0") as older:
        host = Host(older)
        try:
            web = older.seed(project="shop", applications=1, name="web")["applicationIds"][0]
            host.call("destination.create", name="s3", **DESTINATION)
            for stated in (case.new, {**case.key, **case.other}):
                assert host.ok(case.operation, **WEB, **stated)["changed"]
                assert not host.ok(case.operation, **WEB, **stated)["changed"]
            assert host.ok(case.operation, **WEB, **case.key, state="absent")["changed"]
            assert rows(host, case, web) == []
        finally:
            host.close()


# --- one writer at a time ---


@every_kind
def test_writes_of_traefik_files_follow_each_other(
    host: Host, web: str, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[tuple[int, str]] = []
    write_locks = execute.write_locks

    @contextlib.contextmanager
    def in_flight(server: str, limit: int) -> Iterator[None]:
        # One for a server, whatever the application: some of it is in one file for all.
        assert server == host.api().base_url
        before = len(host.sim.calls("mutation"))
        monkeypatch.setattr(execute, "write_locks", None)
        yield
        # Who holds a place waits for no other lock.
        monkeypatch.setattr(execute, "write_locks", write_locks)
        held.extend((limit, name) for name in host.sim.calls("mutation")[before:])

    for module in (routing, execute):
        monkeypatch.setattr(module, "in_flight", in_flight)
    for stated in ({**case.new, **case.late}, {**case.key, **case.other}, {**case.key, "state": "absent"}):
        host.ok(case.operation, **WEB, **stated)
    in_a_file = case.child in (DOMAINS, REDIRECTS, BASIC_AUTH)
    limits = [(1 if in_a_file else 4 if name == "mounts.update" else 0, name) for name in host.sim.calls("mutation")]
    assert held == [one for one in limits if one[0]]


# --- requests, in their order ----------------------------------------------------------------------------------------


class Scripted(ScriptedClient):
    base_url = "http://script.example.com"


def play(operation: Operation, *script: Expect, check: bool = False, **params: Any) -> Row:
    """The result of one operation for the application web, when exactly these calls are made after the tree's."""
    client = Scripted(reads("project.all", sample_rows.tree("web")), *script)
    given = {"dokploy_url": client.base_url, "dokploy_api_key": "key-of-the-script", **params}
    clock = FakeClock()
    result = run(
        operation,
        validated(operation, **WEB, **given),
        lambda _params: Session(client),  # type: ignore[arg-type]
        check_mode=check,
        diff_mode=True,
        waiter=Waiter(clock, clock.sleep),
    )
    client.done()
    return result


def one(**embedded: Any) -> Expect:
    row = sample_rows.application(**{"applicationId": APPLICATION_ID, **embedded})
    return reads("application.one", row, applicationId=APPLICATION_ID)


DOMAIN: Row = sample_rows.domain(1)
PORT: Row = {
    "portId": "p1",
    "publishedPort": 53,
    "publishMode": "host",
    "targetPort": 5353,
    "protocol": "udp",
    "applicationId": APPLICATION_ID,
}
SCHEDULE: Row = {
    "scheduleId": "c1",
    "name": "a",
    "cronExpression": "0 3 * * *",
    "command": "true",
    "shellType": "sh",
    "timezone": None,
    "description": None,
    "enabled": False,
}
PATCH: Row = {"patchId": "h1", "type": "create", "filePath": "a", "enabled": False, "content": "first\n"}
OF_APPLICATION = {"applicationId": APPLICATION_ID}


def test_removing_what_was_removed_meanwhile_succeeds() -> None:
    gone = NotFoundError("Domain not found", procedure="domain.delete", status=404)
    gone.what = "Domain"
    result = play(
        children.DOMAIN_OPERATION,
        one(domains=[DOMAIN]),
        writes("domain.delete", gone, domainId=DOMAIN["domainId"]),
        one(domains=[]),
        host=DOMAIN["host"],
        state="absent",
    )
    assert result["changed"]
    assert result["domain"] is None


def test_what_is_still_there_after_its_removal_is_an_error() -> None:
    result = play(
        children.DOMAIN_OPERATION,
        one(domains=[DOMAIN]),
        writes("domain.delete", DOMAIN, domainId=DOMAIN["domainId"]),
        one(domains=[DOMAIN]),
        host=DOMAIN["host"],
        state="absent",
    )
    assert result["failed"]
    assert result["error"]["kind"] == "not_applied"


def test_what_did_not_stick_is_an_error_that_says_which_one() -> None:
    result = play(
        application.PORT_OPERATION,
        one(ports=[PORT]),
        writes(
            "port.update",
            PORT,
            portId="p1",
            publishedPort=53,
            targetPort=80,
            protocol="udp",
            publishMode="host",
        ),
        one(ports=[PORT]),
        port_id="p1",
        target_port=80,
    )
    assert result["failed"]
    assert result["changed"]
    assert result["error"]["kind"] == "not_applied"
    assert "53/udp" in result["msg"]


def test_a_lost_connection_says_that_it_may_have_worked() -> None:
    lost = ConnectionFailed("lost", procedure="security.create", details={"effect_unknown": True})
    result = play(
        application.BASIC_AUTH_OPERATION,
        one(domains=[DOMAIN], security=[]),
        writes("security.create", lost, **OF_APPLICATION, username="anna", password="first-password"),
        username="anna",
        password="first-password",
    )
    assert result["failed"]
    assert result["changed"]
    assert result["effect_unknown"]
    assert "first-password" not in str(result)


def test_check_mode_generates_no_name() -> None:
    result = play(children.DOMAIN_OPERATION, one(domains=[DOMAIN]), check=True, generate=True, port=80)
    assert result["changed"]
    assert result["domain"]["host"] == "generated.sslip.io"


def test_a_name_is_generated_for_the_server_of_the_application() -> None:
    name = sample_rows.application()["appName"]
    made = {**DOMAIN, "host": f"{name}-0a1b2c-192-0-2-1.sslip.io", "path": "/"}
    play(
        children.DOMAIN_OPERATION,
        one(domains=[], serverId="remote"),
        writes("domain.generateDomain", made["host"], appName=name, serverId="remote"),
        writes("domain.create", made, **OF_APPLICATION, domainType="application", host=made["host"], path="/"),
        one(domains=[made], serverId="remote"),
        generate=True,
    )


# --- children that a read of the parent does not hold ----------------------------------------------------------------

PARENT = {"applicationId": "a1"}
LISTED = {"id": "a1", "scheduleType": "application"}


def test_children_that_are_not_wanted_are_not_listed() -> None:
    client = ScriptedClient()
    assert with_children([(APPLICATION, ("domains",), PARENT)], client) == [PARENT]  # type: ignore[arg-type]


def test_one_list_is_read_by_the_documented_way() -> None:
    client = ScriptedClient(reads("schedule.list", [SCHEDULE], **LISTED))
    (row,) = with_children([(APPLICATION, ("schedules",), PARENT)], client)  # type: ignore[arg-type]
    assert row == {**PARENT, "schedules": [SCHEDULE]}
    # The row that came in may be in a cache.
    assert "schedules" not in PARENT
    client.done()


def test_many_lists_come_in_one_batch() -> None:
    other = {"id": "a2", "scheduleType": "application"}
    patches = [{"id": one, "type": "application"} for one in ("a1", "a2")]
    client = ScriptedClient(
        batch(
            ("schedule.list", LISTED, [SCHEDULE]),
            ("patch.byEntityId", patches[0], []),
            ("schedule.list", other, []),
            ("patch.byEntityId", patches[1], [PATCH]),
        )
    )
    parents = [PARENT, {"applicationId": "a2"}]
    found = with_children(
        [(APPLICATION, ("patches", "schedules"), parent) for parent in parents],
        client,  # type: ignore[arg-type]
    )
    assert found == [
        {"applicationId": "a1", "schedules": [SCHEDULE], "patches": []},
        {"applicationId": "a2", "schedules": [], "patches": [PATCH]},
    ]
    client.done()


@pytest.mark.parametrize("many", [False, True])
def test_a_server_without_such_children_is_too_old(many: bool) -> None:
    unknown = UnknownProcedure("patch.byEntityId is unknown", procedure="patch.byEntityId")
    asked = [{"id": one, "type": "application"} for one in ("a1", "a2")]
    script = (
        batch(*(("patch.byEntityId", one, unknown) for one in asked))
        if many
        else reads("patch.byEntityId", unknown, **asked[0])
    )
    wanted = [(APPLICATION, ("patches",), parent) for parent in [PARENT, {"applicationId": "a2"}][: 2 if many else 1]]
    with pytest.raises(Refused, match=r"patches needs Dokploy 0\.28\.0 or newer"):
        with_children(wanted, ScriptedClient(script))  # type: ignore[arg-type]


def test_other_errors_of_a_list_are_what_they_are() -> None:
    denied = PermissionDenied("no", procedure="schedule.list", status=401)
    client = ScriptedClient(reads("schedule.list", denied, **LISTED))
    with pytest.raises(PermissionDenied):
        with_children([(APPLICATION, ("schedules",), PARENT)], client)  # type: ignore[arg-type]
