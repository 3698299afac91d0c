# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fingerprint of a deployment: its text, what is in it and what is not, and why a service needs a deployment."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import (
    Fingerprint,
    config_hash,
    deploy_reason,
    fingerprint_write,
    new_fingerprint,
    patches_hash,
    source_hash,
    stored_fingerprint,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.state import newest_first
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Group
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import FINGERPRINT_LABEL
from tests.support import sample_rows

DOCKER = {"sourceType": "docker", "dockerImage": "nginx:1"}
IDS = st.text("ABCxyz019_-", min_size=1, max_size=21)
HEX = st.text("0123456789abcdef", min_size=1, max_size=64)


def stored(row: dict[str, Any]) -> Fingerprint | None:
    return stored_fingerprint(Service(APPLICATION, row))


def written(row: dict[str, Any], fingerprint: Fingerprint | None) -> Any:
    return fingerprint_write(Service(APPLICATION, row), fingerprint)


def home(project: str = "", environment: str = "") -> dict[str, Any]:
    return {"name": "production", "env": environment, "project": {"name": "shop", "env": project}}


def row(**values: Any) -> dict[str, Any]:
    return sample_rows.application(**{**DOCKER, "environment": home(), **values})


def printed(**values: Any) -> tuple[str, str]:
    return prints(row(**values))


def prints(whole: dict[str, Any]) -> tuple[str, str]:
    return source_hash(service(whole)), config_hash(service(whole))


def service(whole: dict[str, Any]) -> Service:
    return Service(APPLICATION, whole)


# --- the text --------------------------------------------------------------------------------------------------------


@given(HEX, HEX, HEX | st.just(""), HEX | st.just(""), IDS | st.just(""), st.lists(IDS, max_size=3))
def test_a_fingerprint_is_read_as_it_was_written(
    source: str, config: str, patches: str, archive: str, after: str, bad: list[str]
) -> None:
    fingerprint = Fingerprint(source, config, patches, archive, after, tuple(bad))
    request = written({"applicationId": "a", "labelsSwarm": {"own": "1"}}, fingerprint)
    labels = request.body["labelsSwarm"]
    assert (request.procedure, request.body["applicationId"]) == ("application.update", "a")
    assert labels["own"] == "1"
    assert stored({"labelsSwarm": labels}) == fingerprint
    assert written({"labelsSwarm": labels}, None).body["labelsSwarm"] == {"own": "1"}
    assert written({"labelsSwarm": {FINGERPRINT_LABEL: fingerprint.text}}, None).body["labelsSwarm"] is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1 source=a",
        "1 source=a config=",
        "2 source=a config=b",
        "source=a config=b",
        "1 source=a config=b more=x",
        "1 source=a config=b\n",
        "1 config=b source=a",
    ],
)
def test_an_unknown_format_is_no_fingerprint(text: str) -> None:
    assert stored({"labelsSwarm": {FINGERPRINT_LABEL: text}}) is None


@pytest.mark.parametrize("labels", [None, {}, {"own": "1"}, {FINGERPRINT_LABEL: None}])
def test_an_application_without_a_fingerprint(labels: Any) -> None:
    assert stored({"labelsSwarm": labels}) is None


# --- fingerprints ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"dockerImage": "nginx:2"},
        {"env": "A=1"},
        {"buildSecrets": "A=1"},
        {"memoryLimit": "536870912"},
        {"replicas": 2},
        {"createEnvFile": False},
        {"command": "sleep 1"},
        {"args": ["a", "b"]},
        {"labelsSwarm": {"own": "1"}},
        {"healthCheckSwarm": {"Test": ["CMD", "true"]}},
        {"mounts": [sample_rows.mount(1)]},
        {"registryId": "r"},
        {"networkIds": ["n"]},
        {"password": "p"},
        {"sourceType": "git", "customGitUrl": "https://git.example.com/x.git", "customGitBranch": "main"},
    ],
)
def test_a_change_that_needs_a_deployment_changes_the_fingerprint(values: dict[str, Any]) -> None:
    assert printed(**values) != printed()


@pytest.mark.parametrize(
    "values",
    [
        # What applies immediately, or at its own event.
        {"name": "other"},
        {"description": "d"},
        {"autoDeploy": False},
        {"refreshToken": "other"},
        {"previewPort": 4000},
        {"rollbackActive": True},
        {"domains": [sample_rows.domain(1)]},
        # What Dokploy sets itself.
        {"applicationStatus": "error"},
        {"deployments": [sample_rows.deployment(1)]},
        {"a_column_of_a_newer_release": "x"},
        # Sources that are not selected.
        {"customGitUrl": "https://git.example.com/x.git", "gitlabBranch": "main"},
        # Equivalent values.
        {"env": ""},
        {"env": "# a comment\n"},
        {"networkIds": None},
        {"labelsSwarm": {}},
        {"labelsSwarm": {FINGERPRINT_LABEL: "1 config=abc"}},
        {"cleanCache": True},
        # Shared variables without a reference.
        {"environment": home("A=1", "B=2")},
    ],
)
def test_other_changes_keep_the_fingerprint(values: dict[str, Any]) -> None:
    assert printed(**values) == printed()


def test_a_missing_column_of_an_older_server_counts_as_its_default() -> None:
    old = row()
    for column in ("createEnvFile", "networkIds", "detachDokployNetwork", "ulimitsSwarm"):
        del old[column]
    assert prints(old) == printed()


def test_order_and_notation_without_a_meaning_do_not_count() -> None:
    assert printed(env="A=1\nB='2'") == printed(env="B=2\r\n\r\nA=1")
    assert printed(networkIds=["a", "b"]) == printed(networkIds=["b", "a"])
    mounts = [sample_rows.mount(1), sample_rows.mount(2, mountPath="/other")]
    assert printed(mounts=mounts) == printed(mounts=mounts[::-1])
    assert printed(args=["a", "b"]) != printed(args=["b", "a"])
    limits = [{"Name": "nofile", "Soft": 1, "Hard": 2}, {"Name": "nproc", "Soft": 3, "Hard": 4}]
    assert printed(ulimitsSwarm=limits) == printed(ulimitsSwarm=limits[::-1])


def test_the_password_in_an_address_counts() -> None:
    git = {"sourceType": "git", "customGitBranch": "main"}
    assert printed(**git, customGitUrl="https://u:one@git.example.com/x") != printed(
        **git, customGitUrl="https://u:two@git.example.com/x"
    )


@pytest.mark.parametrize("column", ["env", "buildArgs", "buildSecrets"])
def test_shared_variables_with_a_reference_count(column: str) -> None:
    text = {column: "A=${{project.ONE}}\nB=${{environment.TWO}}"}
    before = printed(**text, environment=home("ONE=1\nOTHER=1", "TWO=2"))
    assert printed(**text, environment=home("OTHER=2\nONE=1", "TWO=2")) == before
    assert printed(**text, environment=home("ONE=2\nOTHER=1", "TWO=2")) != before
    assert printed(**text, environment=home("ONE=1\nOTHER=1", "TWO=3")) != before


def test_equal_applications_have_different_fingerprints() -> None:
    """The fingerprint of one reveals nothing about another."""
    assert printed(applicationId="other") != printed()


@given(st.text(min_size=1, max_size=30))
def test_it_contains_no_secret(secret: str) -> None:
    found = printed(password=secret, buildSecrets="A=%s" % json.dumps(secret))
    assert [len(one) for one in found] == [32, 32]
    assert set("".join(found)) <= set("0123456789abcdef")


def test_every_option_that_needs_a_deployment_is_in_the_fingerprint() -> None:
    """A new field of the description is in it from the beginning."""
    for path, field, group in APPLICATION.fields():
        if field.api in APPLICATION.deployable.applies_immediately or field.create_only or field.presets:
            continue
        chosen = {group.selects[0].api: group.selects[1]} if isinstance(group, Group) and group.selects else {}
        before, after = row(**chosen), row(**chosen)
        after[field.api] = _another(field.codec.type, before.get(field.api))
        assert prints(before) != prints(after), path


def _another(kind: str, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return {"list": [{"Name": "x"}], "dict": {"Mode": "x", "Global": {}, "a": "x"}, "bool": True}.get(kind, "A=x")


def patch(**values: Any) -> dict[str, Any]:
    return {"patchId": "p", "filePath": "a", "type": "update", "content": "x\n", "enabled": True, **values}


def test_patches_have_their_own_hash() -> None:
    assert patches_hash(service(row())) is None
    assert patches_hash(service(row(patches=[]))) == ""
    one = patches_hash(service(row(patches=[patch()])))
    assert one
    assert patches_hash(service(row(patches=[patch(patchId="other", updatedAt="now")]))) == one
    assert patches_hash(service(row(patches=[patch(content="y\n")]))) != one
    assert patches_hash(service(row(patches=[patch(enabled=False)]))) != one
    # What an older server lacks is what a newer one fills in.
    without = {key: value for key, value in patch().items() if key != "enabled"}
    assert patches_hash(service(row(patches=[without]))) == one
    both = [patch(), patch(filePath="b")]
    assert patches_hash(service(row(patches=both))) == patches_hash(service(row(patches=both[::-1])))
    assert printed(patches=both) == printed()


def test_a_new_fingerprint_has_the_hash_of_the_patches() -> None:
    patched = service(row(patches=[patch()]))
    assert new_fingerprint(patched, [], None, False).patches == patches_hash(patched)
    # The server shows no patches of it.
    assert new_fingerprint(service(row()), [], None, False).patches == ""


# --- the reason for a deployment -------------------------------------------------------------------------------------

ONE, TWO = sample_rows.deployment(1), sample_rows.deployment(2)
THIS = printed()


def judged(rows: list[Any], fingerprint: Fingerprint | None, archive: str | None = None, **values: Any) -> str | None:
    whole = row(**values)
    if fingerprint is not None:
        whole["labelsSwarm"] = written(whole, fingerprint).body["labelsSwarm"]
    before = copy.deepcopy(whole)
    found = deploy_reason(service(whole), rows, archive)
    assert whole == before
    return found


@pytest.mark.parametrize(
    ("rows", "fingerprint", "values", "reason"),
    [
        ([], None, {}, "never deployed"),
        ([], Fingerprint(*THIS), {}, "never deployed"),
        ([ONE], None, {}, "no record of the last deployment"),
        ([ONE], Fingerprint(*THIS), {}, None),
        ([TWO, ONE], Fingerprint(*THIS, after=ONE["deploymentId"]), {}, None),
        # The run ended between the fingerprint and the deployment.
        ([ONE], Fingerprint(*THIS, after=ONE["deploymentId"]), {}, "last deployment did not start"),
        (
            [ONE],
            Fingerprint(*THIS, after=ONE["deploymentId"], bad=(ONE["deploymentId"],)),
            {},
            "last deployment failed verification or was rolled back",
        ),
        # The deployment was removed from the list.
        ([], Fingerprint(*THIS, after=ONE["deploymentId"]), {}, "never deployed"),
        ([ONE], Fingerprint(*THIS), {"dockerImage": "nginx:2"}, "source changed"),
        ([ONE], Fingerprint(*THIS), {"env": "A=1"}, "configuration changed"),
        ([sample_rows.deployment(2, status="error"), ONE], Fingerprint(*THIS), {}, "last deployment failed"),
        ([sample_rows.deployment(2, status="cancelled"), ONE], Fingerprint(*THIS), {}, "last deployment was cancelled"),
        ([TWO, sample_rows.deployment(1, status="error")], Fingerprint(*THIS), {}, None),
        ([sample_rows.deployment(2, status="running"), ONE], Fingerprint(*THIS), {}, None),
        # Patches count where they were read.
        ([ONE], Fingerprint(*THIS), {"patches": []}, None),
        ([ONE], Fingerprint(*THIS, patches="abc"), {}, None),
        ([ONE], Fingerprint(*THIS, patches="abc"), {"patches": []}, "patches changed"),
        ([ONE], Fingerprint(*THIS), {"patches": [patch()]}, "patches changed"),
    ],
)
def test_deploy_reason(
    rows: list[Any], fingerprint: Fingerprint | None, values: dict[str, Any], reason: str | None
) -> None:
    assert judged(rows, fingerprint, **values) == reason


def test_files_count_if_there_are_any_to_upload() -> None:
    assert judged([ONE], Fingerprint(*THIS, archive="abc")) is None
    assert judged([ONE], Fingerprint(*THIS, archive="abc"), "abc") is None
    assert judged([ONE], Fingerprint(*THIS, archive="abc"), "def") == "files changed"
    assert judged([ONE], Fingerprint(*THIS), "def") == "files changed"


def test_deployments_are_sorted() -> None:
    assert newest_first([ONE, sample_rows.deployment(10), TWO]) == [sample_rows.deployment(10), TWO, ONE]


def test_what_is_left_to_others_is_in_no_hash_and_named_in_the_text() -> None:
    names = ["replicas", "docker.image", "env.BUILD", "domains", "mounts.path", "no name"]
    before = row(replicas=1, env="A=1\nBUILD=6", mounts=[{"type": "volume", "volumeName": "data", "mountPath": "/a"}])
    fingerprint = new_fingerprint(service(before), [], None, False, names)
    assert " ignored=docker.image,domains,env.BUILD,mounts.path,replicas at=" in fingerprint.text
    assert stored(labelled(before, fingerprint)) == fingerprint
    after = labelled({**before, "replicas": 5, "dockerImage": "nginx:2", "env": "A=1\nBUILD=7"}, fingerprint)
    after["mounts"] = [{**before["mounts"][0], "mountPath": "/b"}]
    rows = [{"deploymentId": "d", "status": "done"}]
    assert deploy_reason(service(after), rows) is None
    # A deployment that says nothing of it leaves out the same.
    again = new_fingerprint(service(after), [], None, False)
    assert again.matches(fingerprint)
    changes: list[dict[str, Any]] = [{"env": "A=2\nBUILD=7"}, {"command": "sleep 1"}, {"mounts": []}]
    for change in changes:
        assert deploy_reason(service({**after, **change}), rows) == "configuration changed"


def labelled(whole: dict[str, Any], fingerprint: Fingerprint) -> dict[str, Any]:
    return {**whole, "labelsSwarm": written(whole, fingerprint).body["labelsSwarm"]}
