#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_logs_info
short_description: Read or follow the logs of applications, Compose stacks and databases of Dokploy
version_added: 1.0.0
description:
  - Returns the last lines that the containers of an application, a Compose stack or a database wrote, or follows them
    until a line matches, a time is over, or nothing runs any more.
  - Most tasks set O(project), O(environment) and O(application), O(compose) or O(database), and O(lines), O(since) or
    O(search).
  - 'A short example: C(community.dokploy.dokploy_logs_info: {project: shop, application: web, lines: 50}).'
  - Of an application or a stack of which no deployment has succeeded, it warns of that, and names where its failure is.
  - For the log of a build, use M(community.dokploy.dokploy_deployment_info), or
    O(community.dokploy.dokploy_deployment#module:follow).
  - For the logs of many applications or databases in one task, use
    O(community.dokploy.dokploy_application_info#module:include=logs) or
    O(community.dokploy.dokploy_database_info#module:include=logs).
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.location.database
  - community.dokploy.location.database_type
requirements:
  - For this module, Dokploy 0.29.0 or newer.
options:
  service:
    description:
      - Only this service of a Compose stack, or the container of this name. The default is all containers of the stack.
    type: str
  lines:
    description:
      - Number of lines from the end of the log, 1 to 10000, of each container of a stack. With O(follow=true), the
        number of lines that were written before.
    type: int
    default: 100
  since:
    description:
      - Only recent lines, such as V(30m). A number with V(s), V(m), V(h) or V(d), or V(all). With O(follow=true),
        V(0s) leaves out all that was written before.
    type: str
  search:
    description:
      - Only lines that contain this text, among the last 10000 lines. Case is not significant. Letters, digits, spaces,
        V(.), V(_) and V(-), at most 500 characters.
    type: str
  follow:
    description:
      - Whether to wait for new lines until a line matches O(until), O(wait_timeout) is over, or nothing runs any more.
        What does not run yet is waited for, as is what was stopped.
      - The lines are shown while they are written if the task runs in Ansible's own process, see
        R(the guide, ansible_collections.community.dokploy.docsite.in_process). On another host, or with C(async),
        they are only in the result, which is the same.
    type: bool
    default: false
  until:
    description:
      - With O(follow=true), stop at the first line in which this regular expression of Python is found. It is compared
        with the lines as they are returned, with those that were written before, too.
      - If no line matches in time, or before nothing runs any more, the module fails. In check mode, it warns instead.
    type: str
  wait_timeout:
    description:
      - Seconds for which O(follow=true) waits at most. Without O(until), this is no failure.
    type: float
    default: 60.0
notes:
  - The values of the variables and passwords of the service, the content of its file mounts and patches, and the
    variables of the environment and the project are masked. Other output of the containers is shown.
  - While an application or a database runs, Dokploy reads the log of one of its containers. With several replicas, this
    is any one of them.
  - Dokploy has no procedure that runs a command in a container.
seealso:
  - module: community.dokploy.dokploy_deployment_info
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_compose_info
  - module: community.dokploy.dokploy_database_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Read the last lines of an application
  community.dokploy.dokploy_logs_info:
    project: shop
    application: web
    lines: 50
  register: log

- name: Show them
  ansible.builtin.debug:
    msg: "{{ log.lines }}"

# PostgreSQL is "ready to accept connections" twice when it creates its data, first without a network.
- name: Wait until a new PostgreSQL database listens on the network
  community.dokploy.dokploy_logs_info:
    project: shop
    database: orders
    follow: true
    until: listening on IPv4 address
    wait_timeout: 120

- name: Look for errors of the last hour in one service of a Compose stack
  community.dokploy.dokploy_logs_info:
    project: shop
    compose: blog
    service: db
    since: 1h
    search: error

- name: Show what an application writes for half a minute
  community.dokploy.dokploy_logs_info:
    project: shop
    application: web
    follow: true
    since: 0s
    wait_timeout: 30
"""

RETURN = r"""
application_id:
  description: ID of the application, null for other services.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
compose_id:
  description: ID of the Compose stack, null for other services.
  returned: success
  type: str
  sample: mB7wR2xK9cVtQ4nLzHdPa
database_id:
  description: ID of the database, null for other services.
  returned: success
  type: str
  sample: hT6YbN3vRf8KmWqZ1xCdE
lines:
  description:
    - The lines, with the time of each, without colours and secrets. Those of several containers are in the order of
      their times. With O(follow=true) at most the last 10000.
    - Empty if nothing has run yet.
  returned: success, or if no line matched O(until)
  type: list
  elements: str
  sample:
    - 2026-03-14T09:27:41.020408512Z Listening on port 3000
containers:
  description:
    - The containers of a Compose stack, sorted by name, those that have ended included. Empty for applications and
      databases, since Dokploy does not say which container wrote a line.
  returned: success, or if no line matched O(until)
  type: list
  elements: dict
  contains:
    name:
      description: Name of the container, or of the task of a stack in the swarm.
      type: str
      sample: shop-metrics-k3f9zq-grafana-1
    service:
      description: Name of the service in the Compose file. Null if the container has a name of its own.
      type: str
      sample: grafana
    lines:
      description: The lines of this container.
      type: list
      elements: str
      sample:
        - 2026-03-14T09:27:41.020408512Z HTTP Server Listen
ended_by:
  description:
    - With O(follow=true), V(pattern) if a line matched O(until), V(timeout) if O(wait_timeout) is over, or V(end) if
      nothing runs any more. Otherwise null.
  returned: success, or if no line matched O(until)
  type: str
  sample: pattern
matched:
  description: The line that matched O(until). Otherwise null.
  returned: success
  type: str
  sample: 2026-03-14T09:27:41.020408512Z Listening on port 3000
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.logs import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
