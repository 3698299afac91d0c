# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Jobs of an application, run by cron or on request: schedules and volume backups."""

from __future__ import annotations

from .._deployment.job_runs import run_now
from .._model.field import Field, Listing
from .._model.resource import Child
from .._values.codec import BOOLEAN, COUNT, IDENTIFIER
from .._values.cron import CRON, timezone
from .swarm import VOLUME_NAME

_TIMEZONE = (r"[A-Za-z]+[A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*\Z", "is not a valid time zone, such as Europe/Berlin")
# Dokploy inserts it into shell commands, once without quotes.
_PREFIX = (r"[^\"'$`\\\s;&|<>()*?\[\]{}~#!]*\Z", "is not a prefix that Dokploy can use")

DESTINATION = Listing("destination", ("destination.all",), "destinationId")

SCHEDULES = Child(
    option="schedules",
    singular="schedule",
    embedded="schedules",
    id_key="scheduleId",
    fields=(
        Field("name", "name", key=True, needed=True, limits=(1, 255)),
        Field("cron", "cronExpression", CRON, needed=True),
        Field("command", "command", needed=True),
        Field("shell", "shellType", choices=("bash", "sh")),
        Field("timezone", "timezone", since=(0, 26, 0), pattern=_TIMEZONE, grammar=timezone),
        Field("description", "description", since=(0, 29, 3)),
        Field("enabled", "enabled", BOOLEAN),
    ),
    create="schedule.create",
    update="schedule.update",
    remove="schedule.delete",
    parent={"applicationId": "$parent", "scheduleType": "application"},
    always_sent=("name", "cronExpression", "command"),
    applies_immediately=True,
    listing=("schedule.list", "id", {"scheduleType": "application"}),
    run=("schedule.runManually", "schedule"),
    actions={"executed": run_now},
)

VOLUME_BACKUPS = Child(
    option="volume_backups",
    singular="volume_backup",
    embedded="volumeBackups",
    id_key="volumeBackupId",
    fields=(
        Field("name", "name", key=True, needed=True, limits=(1, 255)),
        Field("volume", "volumeName", needed=True, pattern=VOLUME_NAME),
        Field("destination", "destinationId", IDENTIFIER, reference=DESTINATION, needed=True),
        Field("cron", "cronExpression", CRON, needed=True),
        Field("prefix", "prefix", pattern=_PREFIX),
        Field("keep", "keepLatestCount", COUNT, limits=(0, 100000)),
        Field("stop_service", "turnOff", BOOLEAN),
        Field("enabled", "enabled", BOOLEAN),
    ),
    create="volumeBackups.create",
    update="volumeBackups.update",
    remove="volumeBackups.delete",
    # The server requires a prefix. Its default for enabled is null, with which the backup never runs.
    parent={"applicationId": "$parent", "serviceType": "application", "prefix": "", "enabled": True},
    always_sent=("name", "volumeName", "prefix", "cronExpression", "destinationId"),
    applies_immediately=True,
    listing=("volumeBackups.list", "id", {"volumeBackupType": "application"}),
    run=("volumeBackups.runManually", "volumeBackup"),
    actions={"executed": run_now},
)
