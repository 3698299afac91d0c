# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the server is new enough for a change, what has no effect, and whether a change waits for a deployment."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import (
    Fingerprint,
    config_hash,
    fingerprint_write,
    source_hash,
)
from ansible_collections.community.dokploy.plugins.module_utils._deployment.state import deploy_needed
from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import desire
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import Judgement, compare
from ansible_collections.community.dokploy.plugins.module_utils._engine.flow import REQUIREMENTS, without_effect
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import Target
from ansible_collections.community.dokploy.plugins.module_utils._engine.state import State
from ansible_collections.community.dokploy.plugins.module_utils._errors import Refused
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from tests.support import sample_rows
from tests.support.fake_clients import FakeClock, ScriptedClient, TimedClient, context_of


def asked(version: tuple[int, int, int], row: Any, **params: Any) -> int:
    """How often the version was asked for."""
    client: Any = ScriptedClient(version=version)
    desired = desire(APPLICATION, params)
    state, diff = State(APPLICATION, Target("web"), desired, {}, row), compare(APPLICATION, desired, row)
    needs_version = REQUIREMENTS[0]
    known = needs_version.observe(state, diff, params, Reads(client))
    assert needs_version.judge(state, diff, params, known) == Judgement(diff)
    return int(client.versions_asked)


def old(row: Any, *columns: str) -> Any:
    return {key: value for key, value in row.items() if key not in columns}


@pytest.mark.parametrize(
    ("version", "params", "words"),
    [
        (
            (0, 26, 0),
            {"create_env_file": False},
            "create_env_file needs Dokploy 0.26.1 or newer; this server is 0.26.0",
        ),
        ((0, 25, 12), {"args": ["x"]}, "args needs Dokploy 0.26.0 or newer; this server is 0.25.12"),
        (
            (0, 26, 6),
            {
                "bitbucket": {
                    "provider": "id",
                    "owner": "o",
                    "repository": "r",
                    "branch": "b",
                    "repository_slug": "s",
                }
            },
            "bitbucket.repository_slug needs Dokploy 0.26.7 or newer; this server is 0.26.6",
        ),
        ((0, 28, 8), {"domains": [{"host": "a", "entrypoint": "web"}]}, "domains[0].entrypoint needs Dokploy 0.29.0"),
    ],
)
def test_too_old(version: tuple[int, int, int], params: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as caught:
        asked(version, None, name="web", **params)
    assert str(caught.value).startswith(words)
    assert "Nothing was written." in str(caught.value)


def test_new_enough_by_version_or_by_the_row() -> None:
    assert asked((0, 26, 0), None, name="web", args=["x"]) == 1
    assert asked((0, 30, 2), None, name="web", args=["x"]) == 1
    # A server that knows the field shows it.
    assert asked((0, 0, 0), sample_rows.application(), args=["x"]) == 0
    with pytest.raises(Refused):
        asked((0, 25, 6), old(sample_rows.application(), "args"), args=["x"])


# --- what has no effect ----------------------------------------------------------------------------------------------

GITHUB = {"provider": "id", "owner": "o", "repository": "r", "branch": "b"}
NO_GITHUB = "preview.enabled has no effect: Dokploy deploys pull requests only for applications with a GitHub source."
NO_HTTPS = "%s has no effect: https is not true, so Traefik serves no certificate."
NO_RAILPACK = "build.railpack_version has no effect: build.type is not railpack."


def certified(**columns: Any) -> Any:
    return sample_rows.application(domains=[{**sample_rows.domain(), "host": "a", **columns}])


@pytest.mark.parametrize(
    ("row", "params", "warnings"),
    [
        (None, {"preview": {"enabled": True}}, [NO_GITHUB]),
        (None, {"preview": {"enabled": True}, "docker": {"image": "a"}}, [NO_GITHUB]),
        (None, {"preview": {"enabled": True}, "github": GITHUB}, []),
        (None, {"preview": {"enabled": False}, "docker": {"image": "a"}}, []),
        (None, {"preview": {"port": 80}, "docker": {"image": "a"}}, []),
        ({"sourceType": "github", "githubId": "id"}, {"preview": {"enabled": True}}, []),
        ({"sourceType": "github", "githubId": "id"}, {"preview": {"enabled": True}, "drop": {}}, [NO_GITHUB]),
        ({"sourceType": "github", "githubId": None}, {"preview": {"enabled": True}}, [NO_GITHUB]),
        # The columns of another source stay when it changes.
        ({"sourceType": "docker", "githubId": "id"}, {"preview": {"enabled": True}}, [NO_GITHUB]),
        ({"sourceType": "docker", "isPreviewDeploymentsActive": True}, {"preview": {"port": 80}}, []),
        (None, {"build": {"railpack_version": "0.2.2"}}, [NO_RAILPACK]),
        ({"buildType": "railpack"}, {"build": {"railpack_version": "0.2.2"}}, []),
        (None, {"build": {"railpack_version": ""}}, []),
        (None, {"env": "A=1\n# c\n\nsecret"}, ["env: line 4 sets no variable, and Dokploy ignores it."]),
        (
            None,
            {"preview": {"env": "a\nb"}},
            ["preview.env: lines 1, 2 set no variables, and Dokploy ignores them."],
        ),
        (None, {"env": {"A": "a\nb"}}, []),
        (None, {"preview": {"certificate": "letsencrypt"}}, [NO_HTTPS % "preview.certificate"]),
        (None, {"preview": {"certificate": "letsencrypt", "https": True}}, []),
        ({"previewHttps": True}, {"preview": {"certificate": "letsencrypt"}}, []),
        (None, {"domains": [{"host": "a", "certificate": "letsencrypt"}]}, [NO_HTTPS % "domains[0].certificate"]),
        (
            None,
            {"domains": [{"host": "b"}, {"host": "a", "certificate": "custom", "certificate_resolver": "r"}]},
            [NO_HTTPS % "domains[1].certificate"],
        ),
        (None, {"domains": [{"host": "a", "certificate": "letsencrypt", "https": True}]}, []),
        (None, {"domains": [{"host": "a", "certificate": "none"}]}, []),
        (certified(https=True), {"domains": [{"host": "A", "certificate": "letsencrypt"}]}, []),
        (
            certified(https=True),
            {"domains": [{"host": "b", "certificate": "letsencrypt"}]},
            [NO_HTTPS % "domains[0].certificate"],
        ),
        (
            certified(https=True),
            {"domains": [{"host": "a", "certificate": "letsencrypt", "https": False}]},
            [NO_HTTPS % "domains[0].certificate"],
        ),
        (certified(https=False, certificateType="letsencrypt"), {"domains": [{"host": "a"}]}, []),
    ],
)
def test_what_has_no_effect(row: Any, params: dict[str, Any], warnings: list[str]) -> None:
    state = State(APPLICATION, Target("web"), desire(APPLICATION, params), {}, row)
    assert list(without_effect(state)) == warnings


# --- what changes nothing --------------------------------------------------------------------------------------------


def test_what_does_not_change_needs_nothing() -> None:
    assert asked((0, 0, 0), sample_rows.application(), name="web", create_env_file=True) == 0
    assert asked((0, 0, 0), None, name="web", replicas=2) == 0
    row = sample_rows.application(domains=[old(sample_rows.domain(), "middlewares", "customEntrypoint")])
    assert asked((0, 0, 0), row, domains=[]) == 0


DONE = [sample_rows.deployment(1)]
DOCKER = {"sourceType": "docker", "dockerImage": "nginx", "applicationStatus": "done"}


@pytest.mark.parametrize(
    ("row", "params", "needed"),
    [
        # Nothing to deploy yet.
        ({}, {}, False),
        ({"sourceType": "docker"}, {"replicas": 2}, False),
        ({"sourceType": "drop"}, {"replicas": 2}, False),
        # Never deployed.
        (DOCKER, {}, True),
        # Deployed, and nothing changed.
        ({**DOCKER, "deployments": DONE}, {}, False),
        ({**DOCKER, "deployments": DONE}, {"replicas": 1}, False),
        # What only a deployment brings to the service.
        ({**DOCKER, "deployments": DONE}, {"replicas": 2}, True),
        ({**DOCKER, "deployments": DONE}, {"env": {"A": "1"}}, True),
        ({**DOCKER, "deployments": DONE}, {"mounts": [{"path": "/d", "type": "volume", "name": "v"}]}, True),
        # What takes effect at once.
        ({**DOCKER, "deployments": DONE}, {"description": "d", "auto_deploy": False}, False),
        ({**DOCKER, "deployments": DONE}, {"domains": [{"host": "a"}]}, False),
        # The last one failed; the order of the rows means nothing.
        ({**DOCKER, "deployments": [sample_rows.deployment(2, status="error"), *DONE]}, {}, True),
        ({**DOCKER, "deployments": [*DONE, sample_rows.deployment(2, status="error")]}, {}, True),
        ({**DOCKER, "deployments": [*DONE, sample_rows.deployment(2, status="cancelled")]}, {}, True),
        ({**DOCKER, "deployments": [sample_rows.deployment(2), sample_rows.deployment(1, status="error")]}, {}, False),
        ({**DOCKER, "deployments": [*DONE, sample_rows.deployment(2, status="running")]}, {}, False),
        # A source that was sent as an archive has been deployed by that.
        ({"sourceType": "drop", "deployments": DONE}, {"replicas": 2}, True),
        # It was stopped, and nothing of it runs.
        ({**DOCKER, "applicationStatus": "idle", "deployments": DONE}, {}, True),
        ({**DOCKER, "applicationStatus": "idle", "replicas": 0, "deployments": DONE}, {}, False),
    ],
)
def test_deploy_needed(row: dict[str, Any], params: dict[str, Any], needed: bool) -> None:
    before = sample_rows.application(**row)
    service = Service(APPLICATION, before)
    fingerprint = Fingerprint(source_hash(service), config_hash(service))
    before["labelsSwarm"] = fingerprint_write(service, fingerprint).body["labelsSwarm"]
    diff = compare(APPLICATION, desire(APPLICATION, params), before)
    after = {**before, **{change.field.api: change.after for change in diff.changes}}
    client = TimedClient(FakeClock(), docker__getServiceContainersByAppName=[])
    assert deploy_needed(APPLICATION, diff, after, "web", context_of(client)) is needed
