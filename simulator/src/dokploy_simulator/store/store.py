# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows in memory, with the ids, dates and defaults Dokploy's database gives."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ..api.services import SERVICES
from .randomness import RANDOM
from .volumes import Volume

Row = dict[str, Any]

NANOID = string.ascii_letters + string.digits + "_-"
ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits

# Dokploy names what was sent without an appName after random words of faker's hacker vocabulary.
VERBS = "connect hack back-up navigate program reboot copy input generate index quantify compress parse bypass".split()
ADJECTIVES = "multi-byte mobile bluetooth neural redundant open-source primary virtual auxiliary cross-platform".split()
NOUNS = "port alarm driver feed monitor protocol transmitter bus microchip panel array card pixel matrix".split()


def new_id() -> str:
    """A nanoid: 21 characters of ``A-Za-z0-9_-``."""
    return "".join(RANDOM.choices(NANOID, k=21))


def long_id() -> str:
    """The 32 alphanumerics of users, sessions and API keys."""
    return "".join(RANDOM.choices(ALNUM, k=32))


def task_id() -> str:
    """The 25 characters by which Docker names services, tasks and networks."""
    return "".join(RANDOM.choices(LOWER, k=25))


def token(length: int = 64) -> str:
    return "".join(RANDOM.choices(ALNUM, k=length))


def iso(moment: datetime) -> str:
    """ISO 8601 with milliseconds and Z, as all of Dokploy's dates are."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now() -> str:
    return iso(datetime.now(UTC))


def short_id() -> str:
    """Six lower case characters, as they stand at the end of generated names."""
    return "".join(RANDOM.choices(LOWER, k=6))


def generate_app_name(prefix: str) -> str:
    """What a table's own default gives: random words behind the prefix, whose case stays (``volumeBackup-...``)."""
    return "-".join((prefix, RANDOM.choice(VERBS), RANDOM.choice(ADJECTIVES), RANDOM.choice(NOUNS), short_id()))


def build_app_name(prefix: str, sent: str | None) -> str:
    """``appName`` is never what was sent: lower case, with six random characters behind it."""
    # Releases that do not check it put - for blanks.
    return f"{sent.lower().replace(' ', '-')}-{short_id()}" if sent else generate_app_name(prefix)


class Table:
    """Rows by id, in order of creation, with lists by each of a few parent columns.

    ``owners``: the kinds of services whose rows have its rows, under the name of the table.
    """

    def __init__(self, key: str, *parents: str, owners: tuple[str, ...] = ()) -> None:
        self.key = key
        self.parents = parents
        self.owners = owners
        self.rows: dict[str, Row] = {}
        self._by: dict[str, dict[str, dict[str, Row]]] = {parent: {} for parent in parents}

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, row_id: object) -> bool:
        return row_id in self.rows

    def get(self, row_id: str) -> Row | None:
        return self.rows.get(row_id)

    def of(self, parent: str, parent_id: str | None) -> list[Row]:
        """The rows whose column ``parent`` is ``parent_id``, oldest first."""
        rows = self._by[parent].get(parent_id or "")
        return list(rows.values()) if rows else []

    def insert(self, row: Row) -> Row:
        self.rows[row[self.key]] = row
        for parent in self.parents:
            if row[parent] is not None:
                self._by[parent].setdefault(row[parent], {})[row[self.key]] = row
        return row

    def update(self, row: Row, values: Row) -> Row:
        for parent in self.parents:
            if parent in values and values[parent] != row[parent]:
                self._by[parent].get(row[parent] or "", {}).pop(row[self.key], None)
                if values[parent] is not None:
                    self._by[parent].setdefault(values[parent], {})[row[self.key]] = row
        row.update(values)
        # PostgreSQL writes a changed row again, so that an unsorted read finds it last.
        self.rows[row[self.key]] = self.rows.pop(row[self.key])
        for parent in self.parents:
            if row[parent] is not None:
                siblings = self._by[parent][row[parent]]
                siblings[row[self.key]] = siblings.pop(row[self.key])
        return row

    def delete(self, row: Row) -> Row:
        del self.rows[row[self.key]]
        for parent in self.parents:
            self._by[parent].get(row[parent] or "", {}).pop(row[self.key], None)
        return row


APPLICATION, DEPLOYED = ("application",), ("application", "compose")
SERVICE_KEYS = tuple(f"{kind}Id" for kind in SERVICES)
BACKUP_PARENTS = tuple(f"{kind}Id" for kind in ("compose", "postgres", "mariadb", "mysql", "mongo", "libsql"))
DEPLOYMENT_PARENTS = tuple(
    f"{parent}Id" for parent in "application compose server schedule backup volumeBackup previewDeployment".split()
)


class Store:
    """Everything one simulated Dokploy remembers. ``services`` maps a service kind to its table."""

    def __init__(self) -> None:
        self.projects = Table("projectId")
        self.environments = Table("environmentId", "projectId")
        self.services = {kind: Table(f"{kind}Id", "environmentId") for kind in SERVICES}
        self.applications = self.services["application"]
        self.domains = Table("domainId", "applicationId", "composeId", "previewDeploymentId", owners=DEPLOYED)
        self.mounts = Table("mountId", *SERVICE_KEYS, owners=DEPLOYED)
        self.ports = Table("portId", "applicationId", owners=APPLICATION)
        self.redirects = Table("redirectId", "applicationId", owners=APPLICATION)
        self.security = Table("securityId", "applicationId", owners=APPLICATION)
        self.schedules = Table("scheduleId", "applicationId", "composeId", "serverId")
        self.volume_backups = Table("volumeBackupId", *SERVICE_KEYS, "destinationId")
        self.backups = Table("backupId", *BACKUP_PARENTS, "destinationId", "userId")
        self.patches = Table("patchId", "applicationId", "composeId")
        self.previews = Table("previewDeploymentId", "applicationId", "domainId")
        self.deployments = Table("deploymentId", *DEPLOYMENT_PARENTS, "rollbackId", owners=DEPLOYED)
        self.rollbacks = Table("rollbackId", "deploymentId")
        self.destinations = Table("destinationId")
        self.networks = Table("networkId", "serverId")
        self.ssh_keys = Table("sshKeyId")
        self.servers = Table("serverId")
        self.registries = Table("registryId")
        self.certificates = Table("certificateId", "serverId")
        self.tags = Table("tagId")
        self.project_tags = Table("id", "projectId", "tagId")
        self.git_providers = Table("gitProviderId")
        self.notifications = Table("notificationId")
        self.vault_providers = Table("vaultProviderId")
        self.dns_providers = Table("dnsProviderId")
        self.ais = Table("aiId")
        # zone -> its records, once something has looked at it
        self.dns_records: dict[str, list[Row]] = {}
        self.users = Table("id")
        self.organizations = Table("id")
        self.members = Table("id", "userId", "organizationId")
        self.invitations = Table("id")
        self.api_keys = Table("id")
        self.keys_by_secret: dict[str, Row] = {}
        self.sessions: dict[str, Row] = {}
        # The users who have ended the tour for new ones.
        self.onboarded: set[str] = set()
        self.logs: dict[str, str] = {}
        # appName -> what lies in its code folder: ``clone`` or ``upload``
        self.code: dict[str, str] = {}
        # appName -> the files in the code folder of a compose
        self.compose_files: dict[str, dict[str, str]] = {}
        # applicationId -> what was uploaded last
        self.uploads: dict[str, Row] = {}
        # branch -> (message, hash) of what a user has pushed
        self.pushes: dict[str, tuple[str, str]] = {}
        self.patch_repos: dict[str, dict[str, str]] = {}
        # name -> the text of a dynamic file of Traefik's, without ``.yml``; the middlewares are a table of their own.
        self.traefik: dict[str, str] = {}
        # path -> the text of other files in Traefik's folder
        self.traefik_files: dict[str, str] = {}
        self.main_file = ""
        self.settings: Row = {}
        self.enterprise = False
        # What Traefik's container was made with, and what it is being made with: from when, environment, ports.
        self.traefik_environment = ""
        self.traefik_ports: list[Row] = []
        self.traefik_runs = True
        self.traefik_pending: tuple[float, str, list[Row]] | None = None
        self.middlewares: dict[str, Row] = {}
        # serverId -> the same of a server that is reached by SSH
        self.remote_middlewares: dict[str, dict[str, Row]] = {}
        # Whose files of middlewares one who writes now has changed, a serverId or None; None: nobody asks.
        self.rewritten: set[str | None] | None = None
        # What else is in the file of the middlewares.
        self.beside_middlewares: Row = {}
        # What one who writes now has read of Traefik's files; None: what there is.
        self.traefik_read: dict[str, str] | None = None
        self.files: dict[str, str] = {}
        self.folders: set[str] = set()
        self.counters: dict[str, int] = {}
        self.volumes: dict[str, Volume] = {}
        # path on Dokploy's host -> the data in a folder that containers mount
        self.host_folders: dict[str, Volume] = {}
        # path below /etc/dokploy/volume-backups -> bytes of an archive that a volume was restored from
        self.kept_archives: dict[str, int] = {}

    def tables_of(self, kind: str) -> Iterator[tuple[str, Table]]:
        """The tables of which the row of a service shows its own rows, by their names."""
        for name, table in vars(self).items():
            if isinstance(table, Table) and kind in table.owners:
                yield name, table

    def count(self, name: str) -> int:
        """A serial of the database, such as ``uniqueConfigKey``."""
        self.counters[name] = self.counters.get(name, 0) + 1
        return self.counters[name]

    def add_key(self, row: Row, secret: str) -> Row:
        self.keys_by_secret[secret] = row
        return self.api_keys.insert(row)

    def drop_key(self, row: Row) -> None:
        self.api_keys.delete(row)
        self.keys_by_secret = {secret: key for secret, key in self.keys_by_secret.items() if key is not row}

    def drop(self, table: Table, row: Row) -> Row:
        """Delete a row with everything the database cascades to: all rows that name it as a parent."""
        if row[table.key] not in table:
            return row
        table.delete(row)
        if table is self.deployments:
            self.logs.pop(row["deploymentId"], None)
        for child_table in self.children:
            if table.key in child_table.parents:
                for child in child_table.of(table.key, row[table.key]):
                    self.drop(child_table, child)
        return row

    @property
    def children(self) -> tuple[Table, ...]:
        return (
            *(self.domains, self.mounts, self.ports, self.redirects, self.security, self.deployments, self.rollbacks),
            *(self.schedules, self.backups, self.volume_backups, self.patches, self.previews, self.networks),
            *(self.certificates, self.project_tags),
        )

    def drop_service(self, kind: str, row: Row) -> None:
        self.drop(self.services[kind], row)

    def drop_environment(self, row: Row) -> None:
        for kind, table in self.services.items():
            for service in table.of("environmentId", row["environmentId"]):
                self.drop_service(kind, service)
        self.environments.delete(row)

    def services_of(self, environment_id: str) -> Iterator[tuple[str, Row]]:
        for kind, table in self.services.items():
            for row in table.of("environmentId", environment_id):
                yield kind, row

    def exists(self, column: str, value: Any) -> bool:
        """Whether a foreign key points at something. Unknown columns are no foreign keys."""
        tables = {
            "environmentId": self.environments,
            "projectId": self.projects,
            "organizationId": self.organizations,
            "serverId": self.servers,
            "buildServerId": self.servers,
            "registryId": self.registries,
            "buildRegistryId": self.registries,
            "rollbackRegistryId": self.registries,
            "customGitSSHKeyId": self.ssh_keys,
            "sshKeyId": self.ssh_keys,
            "destinationId": self.destinations,
            "userId": self.users,
            **{f"{kind}Id": table for kind, table in self.services.items()},
        }
        if value is None:
            return True
        if column in ("githubId", "gitlabId", "giteaId", "bitbucketId"):
            kind = column.removesuffix("Id")
            return any((row[kind] or {}).get(column) == value for row in self.git_providers)
        return column not in tables or value in tables[column]
