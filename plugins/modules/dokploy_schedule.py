#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_schedule
short_description: Manage a schedule of an application of Dokploy, or run it
version_added: 0.1.0
description:
  - Runs a command in a container of an application again and again, or now.
  - A schedule is recognized by O(name). Dokploy does not keep it unique. Two schedules of an application with the same
    name are an error that lists their ids.
  - The module manages one schedule and leaves its siblings alone.
    O(community.dokploy.dokploy_application#module:schedules) is the list of all of them instead, and removes those that
    it does not hold. Use one of the two for an application.
  - An option that is not stated is not managed. It is neither compared nor changed, and a new schedule gets what
    Dokploy takes of itself. V("") clears a text.
  - Takes effect at once, without a deployment.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - For O(state=executed) it says no more than that there is a new run.
  idempotent:
    support: partial
    details:
      - O(state=executed) runs the schedule each time.
options:
  state:
    description:
      - V(present) makes sure that the schedule exists and is as stated.
      - V(absent) makes sure that there is no such schedule.
      - V(executed) runs the command of an existing schedule now, whether it is enabled or not, and waits for its end. A
        run that fails is a failure, whose message ends with the end of its log. Nothing else is compared or written.
        The application has to run.
    type: str
    choices:
      - present
      - absent
      - executed
    default: present
  project:
    description:
      - Name or id of the project. A name that several projects bear is an error that lists their ids.
      - Required unless O(application_id) is given.
    type: str
  environment:
    description:
      - Name or id of the environment in the project. Without it, the project's default environment is meant.
    type: str
  application:
    description:
      - Name or id of the application. Two applications of this name in one environment are an error that lists their
        ids.
      - One of O(application) and O(application_id) is required.
    type: str
  application_id:
    description:
      - Id of the application, to be used instead of O(project), O(environment) and O(application).
    type: str
  schedule_id:
    description:
      - Id of an existing schedule, to be used instead of O(name), or together with it to rename it.
      - Where it leads to nothing, O(state=present) and O(state=executed) are errors and O(state=absent) is fulfilled.
      - One of O(name) and O(schedule_id) is required.
    type: str
  name:
    description:
      - Name of the schedule, 1 to 255 characters. Case matters.
    type: str
  cron:
    description:
      - When the command runs, as a cron expression. Required for a new schedule.
      - Five fields, for minute, hour, day of the month, month and day of the week, or six with the second before them,
        or one of V(@hourly), V(@daily), V(@weekly), V(@monthly) and V(@yearly). Dokploy does not look at it, and never
        runs what it cannot read, so the module does.
    type: str
  command:
    description:
      - What runs, as the shell takes it. Required for a new schedule. It may have several lines.
      - It is shown in the log of each run, so do not put a password into it. The container has the application's
        variables.
    type: str
  shell:
    description:
      - The shell that runs it, which has to be in the image. A new schedule gets V(bash).
    type: str
    choices:
      - bash
      - sh
  timezone:
    description:
      - Time zone of O(cron), for example V(Europe/Berlin). Needs Dokploy 0.26.0 or newer.
      - A name that no time zone has is refused, as far as the data of the host that runs the module tell. Dokploy would
        accept the schedule and never run it.
      - V("") clears it, and it is UTC then, as it is for a new schedule.
    type: str
  description:
    description:
      - Text that the web page shows below the name. V("") clears it. Needs Dokploy 0.29.3 or newer.
    type: str
  enabled:
    description:
      - Whether it runs by O(cron). A new schedule gets V(true).
    type: bool
  wait_timeout:
    description:
      - Seconds for which O(state=executed) waits for the run to end. When they have passed the module fails, and the
        run goes on.
    type: float
    default: 600.0
  log_lines:
    description:
      - How many lines from the end of the run's log are returned. V(0) returns none.
      - The values of the application's variables, build arguments, build secrets and registry password are masked
        in it, the text of its file mounts and patches, too. What else the run prints is shown.
      - The log is only there with Dokploy 0.29.5 or newer.
    type: int
    default: 50
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_volume_backup
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Send a report every morning
  community.dokploy.dokploy_schedule:
    project: shop
    environment: production
    application: web
    name: daily report
    cron: 30 4 * * *
    timezone: Europe/Berlin
    shell: sh
    command: echo 412 orders
  register: report

- name: Run it now, and fail when it fails
  community.dokploy.dokploy_schedule:
    project: shop
    application: web
    name: daily report
    state: executed
    wait_timeout: 300
  register: ran

- name: Show what it said
  ansible.builtin.debug:
    var: ran.run.log

- name: Suspend it
  community.dokploy.dokploy_schedule:
    project: shop
    application: web
    name: daily report
    enabled: false

- name: Rename it
  community.dokploy.dokploy_schedule:
    project: shop
    application: web
    schedule_id: "{{ report.schedule.schedule_id }}"
    name: report

- name: Remove it
  community.dokploy.dokploy_schedule:
    project: shop
    application: web
    name: report
    state: absent
"""

RETURN = r"""
application_id:
  description: Id of the application. Null when there is none, which only check mode and O(state=absent) put up with.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
schedule:
  description:
    - The schedule as it is after the module ran, or as it would be in check mode. The keys are those of the options.
      Null for O(state=absent).
  returned: O(state=present) or O(state=absent)
  type: dict
  contains:
    schedule_id:
      description: Id of the schedule. Null when check mode would create it.
      returned: O(state=present)
      type: str
      sample: Lk1Jh2Gf3Ds4Ap5Oi6Uy7
    name:
      description: See O(name).
      returned: O(state=present)
      type: str
      sample: daily report
    cron:
      description: See O(cron).
      returned: O(state=present)
      type: str
      sample: 30 4 * * *
    command:
      description: See O(command).
      returned: O(state=present)
      type: str
      sample: bin/report --daily
    shell:
      description: See O(shell).
      returned: O(state=present)
      type: str
      sample: sh
    timezone:
      description: See O(timezone).
      returned: O(state=present)
      type: str
      sample: Europe/Berlin
    description:
      description: See O(description).
      returned: O(state=present)
      type: str
      sample: ''
    enabled:
      description: See O(enabled).
      returned: O(state=present)
      type: bool
      sample: true
schedule_id:
  description: Id of the schedule that ran. Null when check mode assumes that it will exist.
  returned: O(state=executed)
  type: str
  sample: Lk1Jh2Gf3Ds4Ap5Oi6Uy7
run:
  description: The run as it ended. Null in check mode.
  returned: O(state=executed), also when the run failed
  type: dict
  contains:
    deployment_id:
      description: Id of the run among Dokploy's deployments.
      returned: always
      type: str
      sample: w8Er5Ty2Ui9Op3As6Df1G
    status:
      description: V(done), V(error) or V(cancelled).
      returned: always
      type: str
      sample: done
    created_at:
      description: When Dokploy began with it, in UTC.
      returned: always
      type: str
      sample: '2026-03-14T09:30:00.120Z'
    started_at:
      description: When it began, in UTC.
      returned: always
      type: str
      sample: '2026-03-14T09:30:00.118Z'
    finished_at:
      description: When it ended, in UTC.
      returned: always
      type: str
      sample: '2026-03-14T09:30:02.618Z'
    log:
      description: The end of its log, line by line. At most O(log_lines) lines.
      returned: always
      type: list
      elements: str
      sample:
        - Initializing schedule
        - docker exec 9d3c6c5f6a0e sh -c bin/report --daily
        - 412 orders
        - ✅ Command executed successfully
status:
  description:
    - What the run was doing when the time was up. V(running), or V(unknown) when Dokploy had not begun with it.
  returned: when the run did not end in time
  type: str
  sample: running
diff:
  description:
    - What changed, or would change in check mode.
    - It holds the differing options only, below C(schedules) and the schedule's name. With O(state=executed) only that
      there is a new run.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: The differing options as they were.
      returned: success
      type: dict
      sample:
        schedules:
          daily report:
            cron: 0 3 * * *
    after:
      description: The differing options as they are to be.
      returned: success
      type: dict
      sample:
        schedules:
          daily report:
            cron: 30 4 * * *
    before_header:
      description: The resource that changes.
      returned: success
      type: str
      sample: application 'web' in shop/production
    after_header:
      description: The resource that changes.
      returned: success
      type: str
      sample: application 'web' in shop/production
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
error:
  description: The error in a form for conditions in a playbook. The message is in C(msg).
  returned: failure, except for options of a wrong name or type
  type: dict
  contains:
    kind:
      description:
        - The kind of error. R(The guide to errors, ansible_collections.community.dokploy.docsite.errors) lists all
          kinds.
      returned: failure
      type: str
      sample: validation
    procedure:
      description: The procedure of Dokploy's API that failed. Null if the error did not come from the server.
      returned: failure
      type: str
      sample: application.update
    status:
      description: The HTTP status of the answer. Null if there was no answer.
      returned: failure
      type: int
      sample: 400
effect_unknown:
  description:
    - Whether it is unknown if a write took effect, because the connection failed after the request was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import (
    SCHEDULE_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
