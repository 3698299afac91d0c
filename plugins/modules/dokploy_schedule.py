#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_schedule
short_description: Manage a schedule of a service or a server of Dokploy, or run it
version_added: 1.0.0
description:
  - Manages a command that Dokploy runs on a schedule in a container of an application or of a service of a Compose
    stack, or a script that it runs on a remote server or on its own host. It can also run it now.
  - Most tasks set O(project), O(environment) and O(application) or O(compose), O(name), O(cron) and O(command).
  - 'A short example: C(community.dokploy.dokploy_schedule: {project: shop, application: web, name: clean up, cron: 30 3
    * * *, command: find /tmp -mtime +7 -delete}).'
  - A schedule is identified by O(name). Dokploy does not enforce that it is unique. If several schedules of an
    application, a stack or a server have the same name, the module fails and lists their IDs.
  - The module manages one schedule and does not change the others.
    O(community.dokploy.dokploy_application#module:schedules) and O(community.dokploy.dokploy_compose#module:schedules)
    manage the whole list and remove the others. Use one of the two for a service.
  - Only owners and administrators of the organization can manage schedules of servers.
  - Takes effect at once, without a deployment.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes
  - community.dokploy.notes.cleared
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.location.compose
  - community.dokploy.jobs.run
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - For O(state=executed), it only shows that there is a new run.
  idempotent:
    support: partial
    details:
      - O(state=executed) runs the schedule each time.
notes:
  - Dokploy writes the script of a schedule to the remote server when it stores the schedule, and keeps the schedule
    if it cannot connect. So the module checks the connection before it writes, and fails if there is none.
options:
  # Written by make generate, but for what is described below.
  schedule_id:
    description:
      - ID of an existing schedule. Use it instead of O(name), or with it to rename the schedule.
      - If it does not exist, O(state=present) and O(state=executed) fail, and O(state=absent) changes nothing.
      - One of O(name) and O(schedule_id) is required.
    type: str
  # Written by hand.
  application:
    description:
      - Name or ID of the application. If several applications in the environment have this name, the module fails and
        lists their IDs.
      - One of O(application), O(application_id), O(compose), O(compose_id), O(server), O(server_id) and
        O(dokploy_host=true) is required.
    type: str
  server:
    description:
      - Name or ID of the remote server that runs O(script). If several servers have this name, the module fails and
        lists their IDs.
    type: str
  server_id:
    description:
      - ID of the remote server. Use it instead of O(server).
    type: str
  dokploy_host:
    description:
      - Whether Dokploy's own host runs O(script).
    type: bool
  state:
    description:
      - V(present) creates the schedule, or updates it where it differs.
      - V(absent) removes the schedule.
      - V(executed) runs the command of an existing schedule now, even if the schedule is disabled, and waits for it to
        end. If the run fails, the module fails with the end of its log. Nothing else is compared or written. If it
        belongs to a service, the service must run.
    type: str
    choices:
      - present
      - absent
      - executed
    default: present
  name:
    description:
      - Name of the schedule, 1 to 255 characters. Case is significant.
    type: str
  service:
    description:
      - Name of the service of the Compose stack whose container runs the command. Required for a new schedule of a
        stack, and not supported otherwise.
      - A name that the Compose file does not have is refused. Of a repository the services are known once it was
        deployed.
    type: str
  cron:
    description:
      - When the command runs, as a cron expression. Required for a new schedule.
      - Five fields, for minute, hour, day of the month, month and day of the week, or six with the second first, or one
        of V(@hourly), V(@daily), V(@weekly), V(@monthly) and V(@yearly). The module validates it, since Dokploy accepts
        any text and never runs what it cannot parse.
    type: str
  command:
    description:
      - The command for the shell. Required for a new schedule of a service, and not supported for a server. It can have
        several lines.
      - The log of each run shows it, so do not include a password. The container has the variables of the application.
    type: str
  script:
    description:
      - The script for C(bash). Required for a new schedule of a server, and not supported for a service.
      - Dokploy keeps it in a file on the host, so do not include a password. Begin it with C(set -e) to fail with the
        first command that fails.
    type: str
  shell:
    description:
      - The shell, which the image must contain. The default for a new schedule is V(bash). Not supported for a server.
    type: str
    choices:
      - bash
      - sh
  timezone:
    description:
      - Time zone of O(cron), for example V(Europe/Berlin). Needs Dokploy 0.26.0 or newer.
      - A time zone that does not exist is refused, if the host that runs the module has the data. Dokploy would accept
        the schedule and never run it.
      - V("") clears it. The default is UTC.
    type: str
  description:
    description:
      - Text that the web interface shows below the name. V("") clears it. Needs Dokploy 0.29.3 or newer.
    type: str
  enabled:
    description:
      - Whether it runs at the times of O(cron). The default for a new schedule is V(true).
    type: bool
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_compose
  - module: community.dokploy.dokploy_server
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

- name: Run it now, and fail if the run fails
  community.dokploy.dokploy_schedule:
    project: shop
    application: web
    name: daily report
    state: executed
    wait_timeout: 300
  register: ran

- name: Show its log
  ansible.builtin.debug:
    var: ran.run.log

- name: Run a command in a service of a Compose stack every night
  community.dokploy.dokploy_schedule:
    project: shop
    compose: monitoring
    service: web
    name: reload
    cron: "0 3 * * *"
    command: nginx -s reload

- name: Remove unused volumes of Dokploy's own host every Sunday
  community.dokploy.dokploy_schedule:
    dokploy_host: true
    name: prune volumes
    cron: 0 4 * * sun
    script: |
      set -e
      docker volume prune --force

- name: Report the free space of a remote server every hour
  community.dokploy.dokploy_schedule:
    server: worker-1
    name: free space
    cron: "@hourly"
    script: df -h /

- name: Disable it
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
  description: ID of the application. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success, for an application
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
compose_id:
  description: ID of the Compose stack. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success, for a stack
  type: str
  sample: mB7wR2xK9cVtQ4nLzHdPa
server_id:
  description: ID of the remote server. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success, for a remote server
  type: str
  sample: fLdjvz_GFr-f4uCHC9Vc3
dokploy_host_id:
  description: ID of the user of the API key, to whom schedules of Dokploy's own host belong on older releases.
  returned: with O(dokploy_host=true)
  type: str
  sample: LhvpKPbBpKZK1dcmI1NN6RbJPSOZoCyU
schedule:
  description:
    - The schedule after the module ran, or as predicted in check mode. Its keys are the options. Null for
      O(state=absent).
  returned: O(state=present) or O(state=absent)
  type: dict
  contains:
    schedule_id:
      description: ID of the schedule. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: Lk1Jh2Gf3Ds4Ap5Oi6Uy7
    name:
      description: See O(name).
      returned: O(state=present)
      type: str
      sample: daily report
    service:
      description: See O(service).
      returned: O(state=present)
      type: str
      sample: web
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
    script:
      description: See O(script).
      returned: O(state=present)
      type: str
      sample: df -h /
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
  description: ID of the schedule that ran. V((generated\)) in check mode if it does not exist yet.
  returned: O(state=executed)
  type: str
  sample: Lk1Jh2Gf3Ds4Ap5Oi6Uy7
run:
  description: The run in its last known state. Null in check mode.
  returned: O(state=executed), also when the run failed
  type: dict
  contains:
    deployment_id:
      description: ID of the run among Dokploy's deployments.
      returned: always
      type: str
      sample: w8Er5Ty2Ui9Op3As6Df1G
    status:
      description: V(done), V(error) or V(cancelled).
      returned: always
      type: str
      sample: done
    created_at:
      description: When Dokploy created the run, in UTC.
      returned: always
      type: str
      sample: '2026-03-14T09:30:00.120Z'
    started_at:
      description: When the run began, in UTC.
      returned: always
      type: str
      sample: '2026-03-14T09:30:00.118Z'
    finished_at:
      description: When the run ended, in UTC.
      returned: always
      type: str
      sample: '2026-03-14T09:30:02.618Z'
    log:
      description: The end of the log, as a list of at most O(log_lines) lines.
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
    - The last known status of the run, V(running), or V(unknown) if Dokploy has not started it.
  returned: when the run did not end in time
  type: str
  sample: running
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      schedules:
        daily report:
          cron: 0 3 * * *
    after:
      schedules:
        daily report:
          cron: 30 4 * * *
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
error:
  description: The error in a form for conditions. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: failure
  type: dict
  sample:
    kind: validation
    procedure: application.update
    status: 400
effect_unknown:
  description: Whether it is unknown if a write took effect, because the connection failed after it was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.operations import (
    SCHEDULE_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
