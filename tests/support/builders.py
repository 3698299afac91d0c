# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create what tests need on a server: objects that options refer to, previews, finished builds."""

from __future__ import annotations

from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Listing
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION as COMPOSE
from tests.support.fake_clients import CallbackOnLine
from tests.support.host import Host
from tests.support.waiting import until

# The names of two records of every kind that an option can refer to, by C(reference_kind).
REFERENCE_NAMES: dict[str, tuple[str, str]] = {
    label: (f"{label} eins", f"{label} größer #2")
    for label in (
        *("GitHub provider", "GitLab provider", "Bitbucket provider", "Gitea provider", "SSH key"),
        *("server", "build server", "registry", "destination", "network", "tag", "organization"),
    )
} | {"project": ("shop", "other"), "environment": ("production", "staging")}
_GIT = {"github": "GitHub", "gitlab": "GitLab", "bitbucket": "Bitbucket", "gitea": "Gitea"}
#: What options can refer to by its path, by the number of names in it.
PATHS: dict[int, tuple[str, str]] = {
    1: ("shop", "other"),
    2: ("shop/production", "shop/staging"),
    3: ("shop/production/api", "other/production/web"),
}
COMMIT = "55535fa801027e9db17c59d2b403bd9691fad457"

PRIVATE_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n"

SERVER: dict[str, Any] = {"description": "", "ipAddress": "192.0.2.1", "port": 22, "username": "root"}
_BUCKET = dict.fromkeys(("provider", "accessKey", "bucket", "region", "endpoint", "secretAccessKey"), "x")
_LOGIN: dict[str, Any] = {
    "username": "u",
    "password": "p",
    "registryUrl": "registry.example.com",
    "registryType": "cloud",
    "imagePrefix": None,
}
_CREATED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "SSH key": (
        "sshKey.create",
        "name",
        {"privateKey": PRIVATE_KEY, "publicKey": "ssh-ed25519 A", "organizationId": ""},
    ),
    "server": ("server.create", "name", {**SERVER, "serverType": "deploy"}),
    "build server": ("server.create", "name", {**SERVER, "serverType": "build"}),
    "registry": ("registry.create", "registryName", _LOGIN),
    "destination": ("destination.create", "name", _BUCKET),
    "network": ("network.create", "name", {"driver": "overlay"}),
    "tag": ("tag.create", "name", {}),
    "organization": ("organization.create", "name", {}),
}


def reference_kind(listing: Listing) -> str:
    """The kind of records that a listing has, in C(REFERENCE_NAMES).

    :raises LookupError: tests create none of this kind.
    """
    found = f"{_GIT[listing.nested]} provider" if listing.nested in _GIT else listing.label
    if found not in REFERENCE_NAMES:
        raise LookupError(
            f"tests create no {listing.label} to which an option can refer: add {found!r} to REFERENCE_NAMES and the"
            " body of its creating procedure to _CREATED in tests/support/builders.py"
        )
    return found


def reference_names(listing: Listing) -> tuple[str, str]:
    """The names of two records that an option can refer to by this listing.

    :raises LookupError: tests create none of this kind.
    """
    return REFERENCE_NAMES[reference_kind(listing)]


def create_references(host: Host, *kinds: str) -> None:
    """Make two of every kind that an option can refer to, or of these, named as ``REFERENCE_NAMES`` says."""
    for kind, word in _GIT.items():
        for name in REFERENCE_NAMES[f"{word} provider"]:
            host.sim.act(git_provider=kind, name=name)
    more: dict[str, Any] = {}
    for kind, (procedure, key, body) in ((kind, _CREATED[kind]) for kind in kinds or _CREATED):
        for name in REFERENCE_NAMES[kind]:
            host.call(procedure, **{**body, **(more if procedure == "server.create" else {}), key: name})
        if kind == "SSH key":
            # A server without a key is not offered for builds.
            more["sshKeyId"] = host.read("sshKey.all")[0]["sshKeyId"]


def create_previews(host: Host, *numbers: int, name: str = "previewed") -> str:
    """shop/production/NAME with a GitHub source and the previews of these pull requests, built; returns its id.

    The branch of pull request 42 is ``feature/42``.
    """
    provider = host.sim.act(git_provider="github", name="previewing")
    fields = {
        "sourceType": "github",
        "githubId": provider["githubId"],
        "owner": "acme",
        "repository": "shop",
        "branch": "main",
        "isPreviewDeploymentsActive": True,
        "previewWildcard": "*.preview.example.com",
        "previewLimit": 100,
        "previewEnv": "TOKEN=of-previews",
    }
    made = host.sim.seed(project="shop", applications=1, name=name, fields=fields)
    for number in numbers:
        title = f"Pull request {number}"
        host.sim.act(preview=name, branch=f"feature/{number}", pull_request=number, title=title, commit=COMMIT)
    wait_until_idle(host)
    return str(made["applicationIds"][0])


def create_stack(host: Host, name: str = "metrics", **options: Any) -> str:
    """Create a compose stack with a file in the project C(shop), and return its ID."""
    content = "services:\n  web:\n    image: nginx:1\n  db:\n    image: postgres:15\n"
    made = host.ok(COMPOSE, **{"project": "shop", "name": name, "raw": {"content": content}, **options})
    return str(made["compose"]["compose_id"])


def wait_until_idle(host: Host) -> None:
    """Wait until every build has ended, its last write included."""
    until(lambda: host.read("deployment.queueList") == [])


def wait_until_building(host: Host, **service: str) -> None:
    """Wait until a worker has taken a job of an application (C(applicationId)) or a compose stack (C(composeId))."""
    listing = "deployment.allByCompose" if "composeId" in service else "deployment.all"
    until(lambda: any(row["status"] == "running" for row in host.read(listing, **service)))


def finish_on(host: Host, *endings: str) -> None:
    """Builds run until the next task says a line with one of these endings, or any line; those after it are short."""
    host.sim.config(build_seconds=3600)

    def finish() -> None:
        host.sim.config(build_seconds=0.05)
        host.sim.act(finish=True)

    host.progress = CallbackOnLine(endings or ("",), finish)


#: The keys of the records of C(create_records) that no result may show.
RECORD_SECRETS = {
    "registry": "password-of-registry",
    "ssh_key": "-----BEGIN OPENSSH PRIVATE KEY-----\nkey-of-ssh\n-----END OPENSSH PRIVATE KEY-----\n",
    "certificate": "-----BEGIN PRIVATE KEY-----\nkey-of-certificate\n-----END PRIVATE KEY-----\n",
    "destination": "key-of-destination",
    "notification": "https://hooks.example.com/token-of-notification",
    "vault": "token-of-vault",
    "dns": "token-of-dns",
    "ai": "key-of-ai",
}


def create_records(host: Host) -> None:
    """Make one record of every kind that is not in a project, with secrets, and a network on a server."""
    secret = RECORD_SECRETS
    host.call(
        "sshKey.create",
        **{**_CREATED["SSH key"][2], "name": "deploy", "description": "d", "privateKey": secret["ssh_key"]},
    )
    key = host.read("sshKey.all")[0]["sshKeyId"]
    server = host.call("server.create", **{**SERVER, "name": "worker", "serverType": "deploy", "sshKeyId": key})
    on_server = {"serverId": server["serverId"]}
    host.call(
        "registry.create", **{**_LOGIN, "registryName": "acme", "imagePrefix": "acme", "password": secret["registry"]}
    )
    pair = {"certificateData": "-----BEGIN CERTIFICATE-----", "privateKey": secret["certificate"]}
    host.call("certificates.create", name="shop", organizationId="any", **pair, **on_server)
    host.call("destination.create", **{**_BUCKET, "name": "offsite", "secretAccessKey": secret["destination"]})
    host.sim.act(git_provider="gitlab", name="acme-gitlab")
    events = "appDeploy appBuildError databaseBackup volumeBackup dokployRestart dokployBackup dockerCleanup".split()
    sent = {**dict.fromkeys([*events, "serverThreshold"], True), "webhookUrl": secret["notification"]}
    host.call("notification.createSlack", name="ops", channel="#ops", **sent)
    host.call("network.create", name="local")
    host.call("network.create", name="remote", **on_server)
    host.call("tag.create", name="critical", color="#ff0000")
    vault = {"providerType": "hashicorp", "url": "https://vault.example.com", "token": secret["vault"]}
    host.call("vaultProvider.create", name="secrets", config=vault, assignments=[])
    zones = {"providerType": "cloudflare", "apiToken": secret["dns"]}
    host.call("dnsProvider.create", name="zones", config=zones)
    model = {"apiUrl": "https://ai.example.com/v1", "apiKey": secret["ai"], "model": "small", "isEnabled": True}
    host.call("ai.create", name="assistant", **model)
    organization = host.read("organization.active")["id"]
    host.call("user.createApiKey", name="ci", prefix="ci_", expiresIn=86_400, metadata={"organizationId": organization})
