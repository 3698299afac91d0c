# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Schedule of an application: a command that runs in its container, by cron or now."""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._deployment.job_runs import run_now
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import BOOLEAN
from ansible_collections.community.dokploy.plugins.module_utils._values.cron import CRON
from ansible_collections.community.dokploy.plugins.module_utils._values.timezone import timezone

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
        Field(
            "timezone",
            "timezone",
            since=(0, 26, 0),
            pattern=(r"[A-Za-z]+[A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*\Z", "is no time zone, as Europe/Berlin is"),
            grammar=timezone,
        ),
        Field("description", "description", since=(0, 29, 3)),
        Field("enabled", "enabled", BOOLEAN),
    ),
    create="schedule.create",
    update="schedule.update",
    remove="schedule.delete",
    parent={"applicationId": "$parent", "scheduleType": "application"},
    resend=("name", "cronExpression", "command"),
    live=True,
    listing=("schedule.list", "id", {"scheduleType": "application"}),
    run=("schedule.runManually", "schedule"),
    actions={"executed": run_now},
)
