# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wanted commit, digest or tag: valid values, and comparison with what is or was deployed."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.revision import (
    Revision,
    deployed_revision,
    revision_of,
    tag_and_digest,
)
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, Refused
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import (
    OPERATION as DEPLOYMENT,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    APPLICATION as RESOURCE,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from tests.support import sample_rows
from tests.support.builders import finish_on, wait_until_building, wait_until_idle
from tests.support.effort import slow
from tests.support.fake_clients import ScriptedClient, reads
from tests.support.host import Host

COMMIT, OTHER = "55535fa801027e9db17c59d2b403bd9691fad457", "96f72772da26afc8be1858081dcca7ce604e36ca"
DIGEST = "sha256:" + "a" * 64
PLACE: dict[str, Any] = {"project": "shop", "environment": "production"}
WEB: dict[str, Any] = {**PLACE, "application": "web", "verify": False}
GIT = {"git": {"url": "https://git.example.com/web.git", "branch": "main"}, "build": {"type": "dockerfile"}}


def docker(image: str) -> dict[str, Any]:
    return {"sourceType": "docker", "dockerImage": image}


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "ends"),
    [
        ("nginx", ("latest", None)),
        ("nginx:1.27", ("1.27", None)),
        ("localhost:5000/nginx", ("latest", None)),
        ("localhost:5000/a/nginx:1", ("1", None)),
        (f"nginx@{DIGEST}", (None, DIGEST)),
        (f"localhost:5000/nginx:1@{DIGEST}", ("1", DIGEST)),
        ("", ("latest", None)),
    ],
)
def test_the_ends_of_an_image(image: str, ends: tuple[str | None, str | None]) -> None:
    assert tag_and_digest(image) == ends


@pytest.mark.parametrize(
    ("row", "text", "revision"),
    [
        ({"sourceType": "git"}, COMMIT, Revision("commit", COMMIT)),
        ({"sourceType": "github"}, "55535FA", Revision("commit", "55535fa")),
        (docker("nginx:1.27"), "1.27", Revision("tag", "1.27")),
        (docker("nginx"), "latest", Revision("tag", "latest")),
        (docker("nginx"), DIGEST, Revision("digest", DIGEST)),
        (docker(f"nginx@{DIGEST}"), DIGEST, Revision("digest", DIGEST)),
    ],
)
def test_revisions(row: dict[str, Any], text: str, revision: Revision) -> None:
    assert revision_of(Service(RESOURCE, row, "web"), text) == revision


@pytest.mark.parametrize(
    ("row", "text", "kind", "message"),
    [
        ({"sourceType": "git"}, "main", OptionError, "'main' is no commit"),
        ({"sourceType": "git"}, "55535f", OptionError, "at least 7 digits of it"),
        ({"sourceType": "git"}, "", OptionError, "is no commit"),
        ({"sourceType": "git"}, COMMIT + "\n", OptionError, "is no commit"),
        ({"sourceType": "drop"}, COMMIT, OptionError, "made of uploaded files"),
        (docker("nginx:1"), "2", Refused, "the image of web is 'nginx:1', and the tag 2 is wanted"),
        (docker(f"nginx@{DIGEST}"), "1", Refused, "the tag 1 is wanted"),
        (docker(f"nginx@{DIGEST}"), "sha256:" + "b" * 64, Refused, "is pinned to"),
        (docker("nginx"), "sha256:abc", OptionError, "is no digest"),
        (docker("nginx"), "a b", OptionError, "neither the tag nor the digest"),
        (docker("nginx"), "", OptionError, "neither the tag nor the digest"),
    ],
)
def test_invalid_revisions(row: dict[str, Any], text: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as caught:
        revision_of(Service(RESOURCE, row, "web"), text)
    assert str(caught.value).startswith("revision: ")
    assert message in str(caught.value)


# --- the deployed revision -------------------------------------------------------------------------------------------


def of(number: int, commit: str = "", **values: Any) -> dict[str, Any]:
    return sample_rows.deployment(number, description=f"Commit: {commit}" if commit else "", **values)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], None),
        ([of(1, COMMIT)], COMMIT),
        ([of(2, OTHER), of(1, COMMIT)], OTHER),
        # A failed deployment does not count.
        ([of(2, OTHER, status="error"), of(1, COMMIT)], COMMIT),
        ([of(2, OTHER, status="running"), of(1, COMMIT)], COMMIT),
        # A rebuild builds the last clone, that of a failed deployment, too.
        ([of(2), of(1, COMMIT)], COMMIT),
        ([of(3), of(2, OTHER, status="error"), of(1, COMMIT)], OTHER),
        ([of(1)], None),
        ([of(1, COMMIT, status="error")], None),
    ],
)
def test_the_commit_that_is_deployed(rows: list[Any], found: str | None) -> None:
    assert deployed_revision(Revision("commit", "x"), ScriptedClient(), {"sourceType": "git"}, rows) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("log", "found"),
    [
        (f"Pulling nginx\nDigest: {DIGEST}\nStatus: x\n", DIGEST),
        # A push prints it in small letters.
        (f"latest: digest: sha256:{'b' * 64} size: 1\nDigest: {DIGEST}\n", DIGEST),
        ("Pulling nginx\n", None),
        (None, None),
    ],
)
def test_the_digest_that_was_pulled(log: str | None, found: str | None) -> None:
    client: Any = ScriptedClient(reads("deployment.readLogs", log, deploymentId=of(1)["deploymentId"], tail=10000))
    assert (
        deployed_revision(Revision("digest", DIGEST), client, docker("nginx"), [of(2, status="error"), of(1)]) == found
    )
    client.done()


def test_a_pinned_digest_needs_no_log() -> None:
    client: Any = ScriptedClient()
    assert deployed_revision(Revision("digest", DIGEST), client, docker(f"nginx@{DIGEST}"), [of(1)]) == DIGEST


# --- on the simulator ------------------------------------------------------------------------------------------------


def web(host: Host, **options: Any) -> str:
    host.ok(PROJECT, name="shop")
    made = host.ok(APPLICATION, **PLACE, name="web", **options)
    host.new_task()
    return str(made["application"]["application_id"])


def push(host: Host, commit: str) -> None:
    host.sim.config(builds=[{"branch": "main", "hash": commit, "message": "work"}])


def deploy(host: Host, **options: Any) -> dict[str, Any]:
    host.new_task()
    host.sim.reset_stats()
    result = host.ok(DEPLOYMENT, **WEB, **options)
    wait_until_idle(host)
    return result


def test_a_commit_is_deployed_once(host: Host) -> None:
    web(host, **GIT)
    push(host, COMMIT)
    first = deploy(host, revision=COMMIT)
    assert (first["changed"], first["deployment"]["commit"]) == (True, COMMIT)
    for revision in (COMMIT, COMMIT[:7], COMMIT.upper()):
        assert not deploy(host, revision=revision)["changed"]
        assert host.sim.calls("mutation") == []
    push(host, OTHER)
    # The new commit is unknown.
    assert not deploy(host)["changed"]
    assert deploy(host, check=True, revision=OTHER)["changed"]
    second = deploy(host, revision=OTHER[:8])
    assert second["reason"] == "revision changed"
    assert second["deployment"]["commit"] == OTHER
    assert not deploy(host, revision=OTHER)["changed"]


def test_another_commit_than_the_wanted_one_is_an_error_with_both(host: Host) -> None:
    web(host, **GIT)
    push(host, OTHER)
    for _run in range(2):
        host.new_task()
        failed = host.failed(DEPLOYMENT, **WEB, revision=COMMIT)
        assert failed["error"]["kind"] == "revision"
        assert failed["changed"]
        assert f"the commit {COMMIT} was wanted, and {OTHER} was deployed" in failed["msg"]
        assert failed["deployment"]["commit"] == OTHER
        wait_until_idle(host)


@slow
def test_a_server_without_commits(host: Host) -> None:
    """Before 0.25.7, title and description stay as they were set."""
    host.sim.config(version="0.25.6")
    web(host, **GIT)
    failed = host.failed(DEPLOYMENT, **WEB, revision=COMMIT)
    assert failed["error"]["kind"] == "revision"
    assert "the server does not tell which one was deployed" in failed["msg"]


def test_a_digest_is_compared_with_what_was_pulled(host: Host) -> None:
    web(host, docker={"image": "nginx:1"})
    pulled = "sha256:" + hashlib.sha256(b"nginx:1").hexdigest()
    host.sim.config(builds=[{"image": "nginx:1", "digest": pulled}])
    assert deploy(host, revision=pulled)["changed"]
    assert not deploy(host, revision=pulled)["changed"]
    host.sim.config(builds=[{"image": "nginx:1", "digest": DIGEST}])
    host.new_task()
    again = deploy(host, revision=DIGEST)
    assert again["reason"] == "revision changed"
    assert not deploy(host, revision=DIGEST)["changed"]
    failed = host.failed(DEPLOYMENT, **WEB, revision=pulled)
    assert f"the digest {pulled} was wanted, and {DIGEST} was deployed" in failed["msg"]


def test_a_tag_must_be_the_configured_one(host: Host) -> None:
    web(host, docker={"image": "nginx:1"})
    assert deploy(host, revision="1")["changed"]
    assert not deploy(host, revision="1")["changed"]
    host.new_task()
    host.sim.reset_stats()
    failed = host.failed(DEPLOYMENT, **WEB, revision="2")
    assert failed["error"]["kind"] == "refused"
    assert "Set docker.image" in failed["msg"]
    assert host.sim.calls("mutation") == []


def test_a_build_of_the_wanted_commit_is_joined(host: Host) -> None:
    """The repository's webhook was faster than the pipeline."""
    resource_id = web(host, **GIT)
    push(host, COMMIT)
    deploy(host)
    finish_on(host)
    push(host, OTHER)
    host.sim.act(deploy="web")
    wait_until_building(host, applicationId=resource_id)
    joined = deploy(host, revision=OTHER)
    assert (joined["changed"], joined["deployment"]["commit"]) == (False, OTHER)
    assert host.sim.calls("mutation") == []
    finish_on(host)
    host.sim.act(deploy="web")
    wait_until_building(host, applicationId=resource_id)
    push(host, COMMIT)
    own = deploy(host, revision=COMMIT)
    assert (own["changed"], own["reason"]) == (True, "another revision is being deployed")
    assert own["deployment"]["commit"] == COMMIT
