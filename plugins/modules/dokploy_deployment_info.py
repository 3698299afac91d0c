#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_deployment_info
short_description: Get information on deployments of a Dokploy application
version_added: 0.1.0
description:
  - Lists the deployments of an application and says what of it waits in the queue. Dokploy keeps the last ten
    deployments or so, and their logs.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
options:
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
  log_lines:
    description:
      - How many lines from the end of the newest deployment's build log to return. V(0) returns none.
      - The values of the application's own variables, build arguments, build secrets and registry password are masked
        in it. What else a build prints is shown.
      - The log is only there with Dokploy 0.29.5 or newer.
    type: int
    default: 0
seealso:
  - module: community.dokploy.dokploy_deployment
  - module: community.dokploy.dokploy_application_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the deployments of an application
  community.dokploy.dokploy_deployment_info:
    project: shop
    environment: production
    application: web
    log_lines: 20
  register: history

- name: Show how the newest one went
  ansible.builtin.debug:
    msg: "{{ history.deployments[0].status }} after {{ history.deployments[0].duration }} seconds"

- name: Wait until nothing of the application is built or waits
  community.dokploy.dokploy_deployment_info:
    application_id: "{{ history.application_id }}"
  register: now
  until: now.queue.waiting + now.queue.active == 0
  retries: 30
  delay: 10
"""

RETURN = r"""
application_id:
  description: Id of the application.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
deployments:
  description: The deployments, the newest one first. One that still waits in the queue is not among them.
  returned: success
  type: list
  elements: dict
  contains:
    deployment_id:
      description: Id of the deployment.
      returned: success
      type: str
      sample: w8Er5Ty2Ui9Op3As6Df1G
    application_id:
      description: Id of the application.
      returned: success
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    title:
      description: Its title. For one of a repository the message of the commit.
      returned: success
      type: str
      sample: Release 1.4.2
    description:
      description: Its description. For one of a repository V(Commit:) and the hash of the commit.
      returned: success
      type: str
      sample: "Commit: 55535fa801027e9db17c59d2b403bd9691fad457"
    status:
      description: V(running), V(done), V(error) or V(cancelled).
      returned: success
      type: str
      sample: done
    commit:
      description: The hash of the commit that was built, null where Dokploy does not say.
      returned: success
      type: str
      sample: 55535fa801027e9db17c59d2b403bd9691fad457
    created_at:
      description: When Dokploy began with it, in UTC.
      returned: success
      type: str
      sample: "2026-03-14T09:30:00.120Z"
    started_at:
      description: When its build began, in UTC.
      returned: success
      type: str
      sample: "2026-03-14T09:30:00.118Z"
    finished_at:
      description: When it ended, in UTC. Null while it runs.
      returned: success
      type: str
      sample: "2026-03-14T09:31:12.618Z"
    duration:
      description: Seconds from its beginning to its end. Null while it runs.
      returned: success
      type: float
      sample: 72.5
    error_message:
      description: Why it could not even begin. Why a build failed is only in its log.
      returned: success
      type: str
      sample: ""
    log_path:
      description: Path of its log on the server.
      returned: success
      type: str
      sample: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-14:09:30:00.log
    log:
      description: The end of its build log, line by line.
      returned: for the newest deployment, when O(log_lines) is greater than V(0)
      type: list
      elements: str
      sample:
        - "Docker build completed."
  sample:
    - deployment_id: w8Er5Ty2Ui9Op3As6Df1G
      application_id: kX3vQ9mT2bWcZ7rLdPfYs
      title: Release 1.4.2
      description: "Commit: 55535fa801027e9db17c59d2b403bd9691fad457"
      status: done
      commit: 55535fa801027e9db17c59d2b403bd9691fad457
      created_at: "2026-03-14T09:30:00.120Z"
      started_at: "2026-03-14T09:30:00.118Z"
      finished_at: "2026-03-14T09:31:12.618Z"
      duration: 72.5
      error_message: ""
      log_path: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-14:09:30:00.log
queue:
  description: The application's deployments in the queue. Null with Dokploy before 0.28.3, which does not show it.
  returned: success
  type: dict
  contains:
    waiting:
      description: How many deployments of the application wait.
      returned: success
      type: int
      sample: 1
    active:
      description: How many deployments of the application are built.
      returned: success
      type: int
      sample: 0
    ahead:
      description: How many deployments, of any application, come before the application's last one.
      returned: success
      type: int
      sample: 2
  sample:
    waiting: 1
    active: 0
    ahead: 2
ids:
  description: The ids of all that bear a name which was to mean a single one.
  returned: when a name is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
error:
  description: What went wrong, for conditions in a playbook. The words for people are in C(msg).
  returned: failure, except for options of a wrong name or type
  type: dict
  contains:
    kind:
      description:
        - The kind of error. R(The guide to errors, ansible_collections.community.dokploy.docsite.errors) lists them
          all.
      returned: failure
      type: str
      sample: authentication
    procedure:
      description: The procedure of Dokploy's API that failed. Null when the server was not at fault.
      returned: failure
      type: str
      sample: project.all
    status:
      description: The HTTP status of the server's answer. Null when there was none.
      returned: failure
      type: int
      sample: 401
  sample:
    kind: authentication
    procedure: project.all
    status: 401
effect_unknown:
  description:
    - Whether it is unknown if the request that failed had an effect, since it was a write and the connection broke
      after it was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.deployment import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
