# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Volume backup of an application: a volume packed and sent to a destination, by cron or now."""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._deployment.job_runs import run_now
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import BOOLEAN, COUNT, IDENTIFIER
from ansible_collections.community.dokploy.plugins.module_utils._values.cron import CRON

VOLUME_BACKUPS = Child(
    option="volume_backups",
    singular="volume_backup",
    embedded="volumeBackups",
    id_key="volumeBackupId",
    fields=(
        Field("name", "name", key=True, needed=True, limits=(1, 255)),
        Field(
            "volume",
            "volumeName",
            needed=True,
            # Docker's rule and, since 0.28.0, the server's.
            pattern=(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*\Z", "is no name of a volume"),
        ),
        Field("destination", "destinationId", IDENTIFIER, reference="destination", needed=True),
        Field("cron", "cronExpression", CRON, needed=True),
        # Dokploy puts it into commands of the shell, once without quotes.
        Field("prefix", "prefix", pattern=(r"[^\"'$`\\\s;&|<>()*?\[\]{}~#!]*\Z", "is no prefix that Dokploy can use")),
        Field("keep", "keepLatestCount", COUNT, limits=(0, 100000)),
        Field("stop_service", "turnOff", BOOLEAN),
        Field("enabled", "enabled", BOOLEAN),
    ),
    create="volumeBackups.create",
    update="volumeBackups.update",
    remove="volumeBackups.delete",
    # Of itself the server leaves enabled null, which never runs, and it wants a prefix.
    parent={"applicationId": "$parent", "serviceType": "application", "prefix": "", "enabled": True},
    resend=("name", "volumeName", "prefix", "cronExpression", "destinationId"),
    live=True,
    listing=("volumeBackups.list", "id", {"volumeBackupType": "application"}),
    run=("volumeBackups.runManually", "volumeBackup"),
    actions={"executed": run_now},
)
