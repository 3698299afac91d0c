# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The export of what the forms of the web interface store (source of 0.30.2): they send every input, also untouched
ones, which they empty, and null for what belongs to another choice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import with_secrets
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION as MANIFEST
from dokploy_simulator import Simulator
from tests.support.certificates import CERTIFICATES, KEYS
from tests.support.host import Host

Result = dict[str, Any]
GIT = {"url": "https://git.example.com/a.git", "branch": "main"}
_REPOSITORY = {
    "customGitBranch": "main",
    "customGitBuildPath": "/",
    "customGitUrl": GIT["url"],
    "watchPaths": [],
    "enableSubmodules": False,
}
_OTHER_TYPES = dict.fromkeys(
    "publishDirectory dockerfile dockerContextPath dockerBuildStage herokuVersion isStaticSpa railpackVersion".split()
)
_LIMITS = dict.fromkeys(("cpuLimit", "cpuReservation", "memoryLimit", "memoryReservation", "ulimitsSwarm"))


def _built(**form: Any) -> list[Any]:
    """The forms of a Git source and of the builder."""
    return [("application.saveGitProvider", _REPOSITORY), ("application.saveBuildType", {**_OTHER_TYPES, **form})]


def _updated(**form: Any) -> list[Any]:
    return [("application.update", form)]


def _domain(host: str, **form: Any) -> Any:
    sent = {"host": host, "stripPath": False, "customEntrypoint": None, "https": False, "middlewares": []}
    return "domain.create", {**sent, "domainType": "application", **form}


#: The requests for an application, and what the document says of it.
FORMS: dict[str, tuple[list[Any], Result]] = {
    "nixpacks": (_built(buildType="nixpacks", isStaticSpa=False), {"git": GIT}),
    "emptied folder": (_built(buildType="nixpacks", publishDirectory="", isStaticSpa=False), {"git": GIT}),
    "dockerfile": (
        _built(buildType="dockerfile", dockerfile="", dockerContextPath="", dockerBuildStage=""),
        {"git": GIT, "build": {"type": "dockerfile"}},
    ),
    "heroku": (
        _built(buildType="heroku_buildpacks", herokuVersion=""),
        {"git": GIT, "build": {"type": "heroku_buildpacks"}},
    ),
    "railpack": (
        _built(buildType="railpack", railpackVersion="0.2.2"),
        {"git": GIT, "build": {"type": "railpack", "railpack_version": "0.2.2"}},
    ),
    "static": (
        _built(buildType="static", isStaticSpa=True),
        {"git": GIT, "build": {"type": "static", "static_spa": True}},
    ),
    "docker": (
        [
            (
                "application.saveDockerProvider",
                {"dockerImage": "nginx", "password": None, "username": None, "registryUrl": None},
            ),
            (
                "application.saveEnvironment",
                {
                    "env": "# from Windows\r\nA=1  \r\n\r\nB=\r\n",
                    "buildArgs": "",
                    "buildSecrets": "",
                    "createEnvFile": True,
                },
            ),
        ],
        {"docker": {"image": "nginx"}, "env": {"A": "1", "B": ""}},
    ),
    "advanced": (
        [
            *_updated(command="", args=[]),
            *_updated(registryId=None, replicas=1),
            *_updated(rollbackActive=False, rollbackRegistryId=None),
            *_updated(**_LIMITS),
            *_updated(modeSwarm={"Replicated": {}}, labelsSwarm=None, stopGracePeriodSwarm=None),
            *_updated(placementSwarm={"Constraints": ["node.role==manager"], "Preferences": [], "Platforms": []}),
            *_updated(updateConfigSwarm={"Parallelism": 1, "Order": "start-first"}),
            *_updated(name="advanced", description=""),
        ],
        {
            "mode": {"type": "replicated"},
            "placement": {"constraints": ["node.role==manager"]},
            "update_config": {"order": "start-first"},
        },
    ),
    "domains": (
        [
            _domain("Shop.Example.com", https=True, certificateType="letsencrypt", port=80),
            _domain("a.example.com", https=True, certificateType="none"),
            # The certificate stays when HTTPS is switched off.
            _domain("b.example.com", certificateType="letsencrypt"),
        ],
        {
            "domains": [
                {"host": "a.example.com", "https": True},
                {"host": "b.example.com", "certificate": "letsencrypt"},
                {"host": "shop.example.com", "port": 80, "https": True, "certificate": "letsencrypt"},
            ]
        },
    ),
}


def _filled(host: Host) -> None:
    """A server on which there is all that."""
    made = host.call("project.create", name="shop", description="", projectId="")
    inside = {"environmentId": made["environment"]["environmentId"]}
    for name, (requests, _options) in FORMS.items():
        own = host.call("application.create", name=name, appName=f"shop-{name.split()[0]}", description="", **inside)
        for procedure, body in requests:
            host.call(procedure, applicationId=own["applicationId"], **body)
    network = {"driver": "bridge", "internal": False, "attachable": False, "enableIPv4": True, "enableIPv6": False}
    ipam = {"config": [{"subnet": "10.98.0.0/24", "gateway": "", "ipRange": ""}]}
    net = host.call("network.create", name="net", **network, ipam=ipam)
    stack = host.call("compose.create", name="stack", description="", composeType="docker-compose", **inside)
    # In the order in which Dokploy's database keeps the keys.
    attached = {"networkIds": [net["networkId"]], "serviceName": "web", "detachDokployNetwork": False}
    host.call("compose.update", composeId=stack["composeId"], serviceNetworks=[attached])
    windows = CERTIFICATES[0].replace("\n", "\r\n")
    key = KEYS[0]
    host.call("certificates.create", name="tls", certificateData=windows, privateKey=key, organizationId="")


def _exported(host: Host, path: Path) -> tuple[Result, Result]:
    """The result, and the document with its secrets."""
    host.new_task()
    path.unlink(missing_ok=True)
    result = host.ok(OPERATION, secrets_file=str(path))
    left = json.loads(path.read_text())
    return result, with_secrets(left["document"], left["secrets"])


def test_what_forms_store_is_said_without_what_means_nothing(sim: Simulator, host: Host, tmp_path: Path) -> None:
    _filled(host)
    result, document = _exported(host, tmp_path / "secrets.json")
    shown = result["document"]
    (shop,) = shown["projects"]
    (production,) = shop["environments"]
    wanted = {name: {"name": name, **options, "deploy": "never"} for name, (_requests, options) in FORMS.items()}
    assert {one["name"]: one for one in production["applications"]} == wanted
    (attached,) = production["compose"][0]["service_networks"]
    assert list(attached.items()) == [("service", "web"), ("networks", ["net"]), ("detach_dokploy_network", False)]
    assert shown["networks"] == [{"name": "net", "ipam": {"config": [{"subnet": "10.98.0.0/24"}]}}]
    assert shown["certificates"][0]["certificate"] == CERTIFICATES[0]
    host.new_task()
    planned = host.ok(MANIFEST, check=True, **document)
    assert planned["plan"]["changes"] == []
    (warning,) = planned["warnings"]
    assert warning.startswith("application shop/production/domains: domains[1].certificate has no effect: ")
    # Nor does what Dokploy reads an empty input as.
    stated = {"git": {**GIT, "build_path": ""}, "build": {"dockerfile": "Dockerfile", "heroku_version": "24"}}
    services = [{"name": name, **stated} for name in ("dockerfile", "heroku")]
    projects = [{"name": "shop", "environments": [{"name": "production", "applications": services}]}]
    assert host.ok(MANIFEST, check=True, deploy="never", projects=projects)["plan"]["changes"] == []
    # On an empty server it makes the same.
    sim.reset()
    host.new_task()
    host.ok(MANIFEST, **document)
    again, _document = _exported(host, tmp_path / "secrets.json")
    assert json.dumps(again["document"]) == json.dumps(shown)
