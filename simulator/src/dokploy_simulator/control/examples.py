# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server with examples has: registries, keys, servers and providers, and two projects that use them.

All of it is made by Dokploy's own procedures or by the events of ``external_events``, and no request is counted. Names
under ``example.com`` and addresses for documentation; secrets are of no use elsewhere. Projects and hosts have other
names than in the collection's documentation, so that its playbooks run beside them.
"""

from __future__ import annotations

from typing import Any

from ..http.server import Server
from ..jobs import database_engines
from ..routers.services.databases import joined
from ..store.database_kinds import KINDS
from ..store.store import Row
from ..world.docker.database_spec import database_spec
from . import data_events, external_events

STATUS_FILE = """\
services:
  page:
    image: docker.io/louislam/uptime-kuma:1
    restart: unless-stopped
    volumes:
      - data:/app/data
volumes:
  data: {}
"""
OFF = dict.fromkeys(("databaseBackup", "volumeBackup", "dokployRestart", "dockerCleanup", "serverThreshold"), False)


class Examples:
    """Makes the examples on one server, which must have its owner. What a release does not have is left out."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.store = server.store
        self.owner = external_events.as_owner(server)
        self.deploy = server.queue.build_at_once

    def make(self) -> None:
        """Make all of it."""
        self._integrations()
        self._bakery()
        self._office()

    def call(self, wanted: str, /, **values: Any) -> Any:
        """Call a procedure as the owner; None when the release does not have it."""
        procedure = self.server.procedures.get(wanted)
        if procedure is None:
            return None
        return self.server.handler(procedure.name)(self.owner, procedure.parse(values))

    def _integrations(self) -> None:
        self.call("sshKey.create", name="deploy-key", organizationId="", **self.call("sshKey.generate", type="ed25519"))
        key = next(iter(self.store.ssh_keys))["sshKeyId"]
        external_events.registry(
            self.server, "company-registry", registryUrl="registry.example.com", username="deploy", imagePrefix="acme"
        )
        external_events.registry(self.server, "mirror", registryUrl="mirror.example.com", username="reader")
        external_events.remote_server(self.server, "worker-1", ipAddress="192.0.2.11", sshKeyId=key)
        external_events.remote_server(
            self.server, "builder-1", ipAddress="192.0.2.12", sshKeyId=key, serverType="build"
        )
        for kind in ("github", "gitlab", "gitea", "bitbucket"):
            external_events.git_provider(self.server, kind, f"acme-{kind}")
        external_events.destination(
            self.server, "backups", provider="AWS", bucket="acme-backups", endpoint="https://s3.example.com"
        )
        vault = {"providerType": "hashicorp", "url": "https://vault.example.com", "token": "vault-token"}
        self.call("vaultProvider.create", name="acme-vault", config=vault, assignments=[])
        dns = {"providerType": "cloudflare", "apiToken": "dns-token"}
        self.call("dnsProvider.create", name="acme-dns", config=dns)
        self.call(
            "notification.createSlack",
            name="team-chat",
            webhookUrl="https://hooks.example.com/example",
            channel="#deployments",
            **OFF,
            appBuildError=True,
            appDeploy=True,
            dokployBackup=False,
        )

    def _bakery(self) -> None:
        made = self.call("project.create", name="bakery", description="What customers see", env="CURRENCY=EUR")
        production = made["environment"]["environmentId"]
        tag = self.call("tag.create", name="customers", color="#2563eb")
        if tag:
            self.call("tag.assignToProject", projectId=made["project"]["projectId"], tagId=tag["tagId"])
        staging = self.call(
            "environment.create", name="staging", description="To try things", projectId=made["project"]["projectId"]
        )["environmentId"]
        orders = self.database("postgres", production, "orders", "docker.io/library/postgres:17", databaseUser="bakery")
        self.call(
            "backup.create",
            schedule="0 3 * * *",
            enabled=True,
            prefix="orders",
            destinationId=next(iter(self.store.destinations))["destinationId"],
            database="bakery",
            databaseType="postgres",
            postgresId=orders["postgresId"],
        )
        self.database("redis", production, "cache", "docker.io/library/redis:7")
        image = "docker.io/library/nginx:1.27"
        web = self.application(production, "web", sourceType="docker", dockerImage=image, replicas=2)
        for host, port in (("bakery.example.com", 80), ("www.bakery.example.com", 80)):
            self.domain(web, host, port)
        self.deploy("application", web, "Manual deployment")
        self.deploy("application", web, "Two replicas")
        repository = {"customGitUrl": "https://git.example.com/acme/api.git", "customGitBranch": "main"}
        api = self.application(production, "api", sourceType="git", buildType="dockerfile", **repository)
        self.domain(api, "api.bakery.example.com", 8000)
        self.deploy("application", api, "Manual deployment")
        # An image that the registry does not have, so that there is a deployment that failed.
        broken = "registry.example.com/acme/web:missing"
        trial = self.application(staging, "web", sourceType="docker", dockerImage=broken)
        self.domain(trial, "staging.bakery.example.com", 80)
        self.deploy("application", trial, "Try the next release")

    def _office(self) -> None:
        made = self.call("project.create", name="office", description="For those who run the bakery")
        home = made["environment"]["environmentId"]
        self.call("compose.create", name="status", environmentId=home, composeType="docker-compose")
        _kind, status = data_events.service(self.server, "status")
        self.store.services["compose"].update(status, {"sourceType": "raw", "composeFile": STATUS_FILE})
        self.call(
            "domain.create",
            host="status.office.example.com",
            port=3001,
            https=True,
            certificateType="letsencrypt",
            composeId=status["composeId"],
            serviceName="page",
            domainType="compose",
        )
        self.deploy("compose", status, "Manual deployment")
        # Never deployed.
        self.application(home, "wiki", sourceType="docker", dockerImage="docker.io/requarks/wiki:2")

    def application(self, environment_id: str, name: str, **columns: Any) -> Row:
        """An application with these columns."""
        made = self.call("application.create", name=name, environmentId=environment_id)
        row = self.store.applications.rows[made["applicationId"]]
        return self.store.applications.update(row, {"env": "LOG_LEVEL=info", **columns})

    def database(self, kind: str, environment_id: str, name: str, image: str, **fields: Any) -> Row:
        """A database that runs."""
        values = {"databaseName": "bakery", "databasePassword": f"{name}-password", "dockerImage": image, **fields}
        # Releases up to 0.26.7 insist on appName.
        self.call(f"{kind}.create", name=name, appName=name, environmentId=environment_id, **values)
        row = next(row for row in self.store.services[kind] if row["name"] == name)
        self.server.docker.apply(database_spec(self.store, KINDS[kind], joined(self.owner, KINDS[kind], row)))
        database_engines.initialise(self.server, KINDS[kind], row["appName"])
        row["applicationStatus"] = "done"
        return row

    def domain(self, application: Row, host: str, port: int) -> None:
        """A domain with a certificate of Let's Encrypt."""
        self.call(
            "domain.create",
            host=host,
            port=port,
            https=True,
            certificateType="letsencrypt",
            applicationId=application["applicationId"],
            domainType="application",
        )
