# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The differences between releases: each behaviour that Dokploy changed, and the release that brought it.

``facts.json`` says which procedures, fields and columns a release has; this file says how it behaves.
``Config.has(NAME)`` tests whether the simulated release has the newer behaviour. Measured on the releases of
``MEASURED``; the release in between that brought a change was read in Dokploy's source, and so was all that came after
the last one of them (``later_facts.py``)."""

from __future__ import annotations

import re

RELEASE = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+")
OLDEST = "0.25.0"
NEWEST_MEASURED = "0.30.2"
NEWEST = "0.30.8"
MEASURED = (OLDEST, "0.25.6", "0.26.7", "0.27.1", "0.28.8", "0.29.8", NEWEST_MEASURED)

BEHAVIOURS: dict[str, str] = {
    # --- protocol, validation, errors --------------------------------------------------------------------------------
    # zod 4: its words; a required nullable field must be there; nullable fields are coerced too. Before, zod 3: what is
    # absent of a plain boolean is false, of a plain number NaN, and ports are converted from text.
    "zod_4": "0.28.0",
    # tRPC 11: 405 for the wrong method, one 400 for a mixed batch. Before, tRPC 10: 404 in either case, item by item.
    "trpc_11": "0.28.0",
    # REST errors have ``data``. Before, an unknown procedure differs from an unknown id by its text alone.
    "error_data": "0.28.0",
    # A POST must be JSON, else 415. Before, no content type was an empty body, and forms were read.
    "json_only": "0.28.0",
    # Errors of the database show the statement and its values. Before, the constraint alone.
    "raw_sql": "0.28.0",
    "command_execution_failed": "0.25.11",  # the first words of an error of Docker's
    "health_ok": "0.27.0",
    "key_reference": "0.28.7",  # keys have referenceId and configId in place of userId
    "sign_up_without_code": "0.28.7",
    "user_columns": "0.27.0",  # sign-in shows role, lastName and more
    "user_bans": "0.29.9",  # and whether one is banned (measured on 0.30.2, not on 0.29.8)
    "members_of_organizations": "0.25.7",
    # --- projects and environments -----------------------------------------------------------------------------------
    "default_environment": "0.26.1",  # isDefault; before, it was known by its name
    "lone_environment_errors": "0.25.5",  # create and remove: in their own words, not inside of another 400
    "environments_with_services_stay": "0.27.1",  # before, their removal deleted the applications' rows
    # Trees show a few columns of each service. Before, complete rows: env, passwords and refresh tokens.
    "environments_show_deployments": "0.26.0",  # environment.one, as long as it showed complete rows
    "slim_trees": "0.28.3",  # project.all, environment.one
    "slim_lists": "0.29.14",  # environment.byProjectId
    "slim_joins": "0.29.14",  # what mounts.one, port.one, domain.* and schedule.list show of the service
    "slim_projects": "0.30.1",  # project.one
    "docker_ids": "0.30.3",  # a network's row has Docker's ID of it, and network.networksToSync what has another one
    "tags": "0.29.0",
    "libsql": "0.29.0",
    "slim_git_providers": "0.29.8",  # gitProvider.getAll shows a few columns; before, complete rows
    # --- applications ------------------------------------------------------------------------------------------------
    "app_names_checked": "0.26.7",  # before, anything went, blanks became -
    "servers_checked": "0.29.0",  # an unknown server is 401; before, 400 at creation and 500 by update
    "railpack_0_15_4": "0.26.4",
    "dockerfile_default": "0.28.0",
    "branches_checked": "0.29.3",
    "branches_with_hash": "0.29.9",  # names with #
    # Before, stopGracePeriodSwarm was a bigint, which REST can neither take (until 0.28.0) nor show: 500 for all that
    # holds it.
    "grace_period": "0.29.0",
    # What is asked of an unknown application: 400 by update and for a child, an empty list. Before, 404 for all.
    "unknown_ids_late": "0.28.7",
    # --- children and other resources --------------------------------------------------------------------------------
    "mount_rows": "0.28.4",  # mounts.create answers the row; before, true
    "port_rows": "0.28.7",
    "security_transaction": "0.28.0",  # security.update reads inside a transaction, as security.create did before
    "security_true": "0.28.7",  # create true and update empty; before, empty and the row
    "hosts_checked": "0.29.9",
    "database_rows": "0.26.3",  # postgres.create, mysql.create ...; before, true
    # A run answers its status. Before, true, and one that fails a 500 with what the command wrote.
    "schedule_results": "0.29.14",
    "schedules_of_organizations": "0.29.7",  # organizationId; before, userId
    "compose_deploy_says": "0.25.7",
    # --- deployments -------------------------------------------------------------------------------------------------
    "commit_titles": "0.25.7",  # the title of a git deployment becomes that of its commit
    "bare_webhook_description": "0.25.7",  # before, "Hash: " without one
    "databases_converge": "0.30.5",  # a deployment waits for its tasks; before, it is done as soon as Docker took it
    # --- settings in one object --------------------------------------------------------------------------------------
    "phase_vaults": "0.30.5",
    "parameter_store_vaults": "0.30.6",
    "more_record_types": "0.30.5",
    "porkbun": "0.30.5",
    "infomaniak_and_ovh": "0.30.6",
    # --- the queue ---------------------------------------------------------------------------------------------------
    "queue_in_memory": "0.29.9",  # before, in Redis: one for all servers, outlives a restart, bare numbers as ids
}

# Types of facts.json that were others once: type -> (the behaviour that changed it, the type before), oldest first.
ONCE = {
    "branch": (("branches_checked", "string1"), ("branches_with_hash", "branchWithoutHash")),
    "host": (("hosts_checked", "anyHost"),),
    "appName": (("app_names_checked", "string"),),
    "recordType": (("more_record_types", "recordTypeOnce"),),
    "dnsConfig": (("porkbun", "dnsConfigOnce"), ("infomaniak_and_ovh", "dnsConfigPorkbun")),
    "vaultConfig": (("phase_vaults", "vaultConfigOnce"), ("parameter_store_vaults", "vaultConfigPhase")),
}


def version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.lstrip("v").split("."))


def check_version(version: str) -> None:
    """Raises ``ValueError`` for a text that is no release from ``OLDEST`` to ``NEWEST``.

    A release in between whose facts are not stored has those of the stored one before it."""
    if not RELEASE.fullmatch(version) or not version_key(OLDEST) <= version_key(version) <= version_key(NEWEST):
        raise ValueError(f"setting version is a release from {OLDEST} to {NEWEST}, got {version!r}")


def has(version: str, behaviour: str) -> bool:
    """Whether a release behaves in the newer way. Raises ``KeyError`` for a name that is not in the table."""
    return version_key(version) >= version_key(BEHAVIOURS[behaviour])
