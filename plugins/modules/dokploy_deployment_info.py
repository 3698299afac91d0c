#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_deployment_info
short_description: List deployments of applications and Compose stacks of Dokploy
version_added: 1.0.0
description:
  - Lists the deployments of one application or Compose stack, of all those of an environment, or of all those of a
    project, and the state of the queue. Dokploy keeps about ten deployments of each, with their logs.
  - A whole project takes few requests, since the module reads about a hundred applications or stacks with each.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.location.compose
options:
  project:
    description:
      - Name or ID of the project. If several projects have this name, the module fails and lists their IDs.
      - Without O(environment), O(application) and O(compose), the deployments of all applications and Compose stacks of
        the project are listed.
      - Required unless O(application_id) or O(compose_id) is set.
    type: str
  environment:
    description:
      - Name or ID of the environment in the project. Without O(application) and O(compose), the deployments of all its
        applications and Compose stacks are listed.
      - With O(application) or O(compose), the default is the default environment of the project.
    type: str
  application:
    description:
      - Name or ID of the application. If several applications in the environment have this name, the module fails and
        lists their IDs.
      - The options of an application and those of a Compose stack are mutually exclusive.
    type: str
  deployment_id:
    description:
      - Only the deployment with this ID, for example to read its log with O(log_lines).
    type: str
  status:
    description:
      - Only deployments with one of these statuses. If the list is empty, all deployments.
      - With Dokploy before 0.25.4 there is no V(cancelled).
    type: list
    elements: str
    choices:
      - running
      - done
      - error
      - cancelled
    default: []
  since:
    description:
      - Only deployments that Dokploy started at this time or later, not counting the time in the queue.
      - An age is a number with V(s), V(m), V(h), V(d) or V(w), such as V(30m) or V(7d). It is relative to the clock of
        the host that runs the task.
      - A date, or a date with a time, is written as in ISO 8601, such as V(2026-03-14), V(2026-03-14T09:30) or
        V(2026-03-14T09:30:00+01:00). The default time zone is UTC.
    type: str
  limit:
    description:
      - Maximum number of deployments of each application or Compose stack, the newest ones that match
        O(deployment_id), O(status) and O(since). At least V(1). The default is all.
    type: int
  log_lines:
    description:
      - Number of lines from the end of the build log of the newest listed deployment of each application or Compose
        stack. V(0) returns none, and V(10000) is the maximum.
      - The values of the variables, build arguments, build secrets and registry password, the content of file mounts
        and patches, and the variables of the environment and the project are masked. Other output of a build is shown.
      - The log needs Dokploy 0.29.5 or newer.
    type: int
    default: 0
seealso:
  - module: community.dokploy.dokploy_deployment
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_compose_info
  - module: community.dokploy.dokploy_logs_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the deployments of an application
  community.dokploy.dokploy_deployment_info:
    project: shop
    environment: production
    application: web
  register: history

- name: Show the status of the newest one
  ansible.builtin.debug:
    msg: "{{ history.deployments[0].status }} after {{ history.deployments[0].duration }} seconds"

- name: Show the commit of the newest successful one
  ansible.builtin.debug:
    msg: "{{ history.applications[0].newest_good.commit | default('none', true) }}"

- name: List the deployments of a Compose stack
  community.dokploy.dokploy_deployment_info:
    project: shop
    environment: production
    compose: metrics
  register: stack

- name: Show the status of its newest one
  ansible.builtin.debug:
    msg: "{{ stack.compose_stacks[0].newest.status | default('never deployed') }}"

- name: Find the deployments in an environment that failed in the last day
  community.dokploy.dokploy_deployment_info:
    project: shop
    environment: staging
    status: error
    since: 1d
    limit: 1
    log_lines: 20
  register: failed

- name: Show the errors
  ansible.builtin.debug:
    msg: "{{ [(item.application or item.compose) ~ ' failed at ' ~ item.created_at] + item.log }}"
  loop: "{{ failed.deployments }}"
  loop_control:
    label: "{{ item.application or item.compose }}"

- name: List the deployments of all applications and Compose stacks of a project
  community.dokploy.dokploy_deployment_info:
    project: shop
    since: 2w
  register: shop

- name: Show the applications whose newest deployment failed
  ansible.builtin.debug:
    msg: "{{ item.application }}, last success: {{ item.newest_good.created_at | default('never') }}"
  loop: "{{ shop.applications | selectattr('newest') | selectattr('newest.status', 'equalto', 'error') }}"
  loop_control:
    label: "{{ item.application }}"

- name: Show the applications with waiting deployments
  ansible.builtin.debug:
    msg: "{{ shop.applications | selectattr('queue') | selectattr('queue.waiting') | map(attribute='application') }}"

- name: Wait until the application has no running or waiting deployment
  community.dokploy.dokploy_deployment_info:
    application_id: "{{ history.application_id }}"
  register: queued
  until: queued.queue.waiting + queued.queue.active == 0
  retries: 30
  delay: 10

- name: Read the whole log of one deployment
  community.dokploy.dokploy_deployment_info:
    application_id: "{{ history.application_id }}"
    deployment_id: "{{ history.deployments[-1].deployment_id }}"
    log_lines: 10000
  register: first
"""

RETURN = r"""
application_id:
  description: ID of the application. Null for a Compose stack, and if O(project) or O(environment) selects several.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
compose_id:
  description: ID of the Compose stack. Null for an application, and if O(project) or O(environment) selects several.
  returned: success
  type: str
  sample: mB7wR2xK9cVtQ4nLzHdPa
deployments:
  description:
    - The deployments of all selected applications and Compose stacks, the newest first. Deployments in the queue are
      not included.
  returned: success
  type: list
  elements: dict
  contains:
    deployment_id:
      description: ID of the deployment.
      type: str
      sample: w8Er5Ty2Ui9Op3As6Df1G
    application_id:
      description: ID of the application. Null for a Compose stack.
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    application:
      description: Name of the application. Null for a Compose stack.
      type: str
      sample: web
    compose_id:
      description: ID of the Compose stack. Null for an application.
      type: str
      sample: mB7wR2xK9cVtQ4nLzHdPa
    compose:
      description: Name of the Compose stack. Null for an application.
      type: str
      sample: metrics
    environment:
      description: Name of its environment.
      type: str
      sample: production
    project:
      description: Name of its project.
      type: str
      sample: shop
    title:
      description: Title of the deployment. For a repository, the message of the commit.
      type: str
      sample: Add the winter sale
    description:
      description: Description of the deployment. For a repository, it contains the hash of the commit.
      type: str
      sample: 'Commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f'
    status:
      description: V(running), V(done), V(error) or V(cancelled).
      type: str
      sample: done
    commit:
      description: Hash of the commit that was built. Null if Dokploy does not name one.
      type: str
      sample: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f
    created_at:
      description: When Dokploy created the deployment, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    started_at:
      description: When the build began, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.587Z'
    finished_at:
      description: When the deployment ended, in UTC. Null while it runs.
      type: str
      sample: '2026-03-14T09:27:41.020Z'
    duration:
      description: Seconds from the beginning to the end. Null while it runs.
      type: float
      sample: 47.4
    error_message:
      description: Why the deployment could not begin. Only the log says why a build failed.
      type: str
      sample: ''
    log_path:
      description: Path of the log on the server.
      type: str
      sample: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-14:09:26:53.log
    log:
      description: The end of its build log, as a list of lines.
      returned: for the newest deployment, when O(log_lines) is greater than V(0)
      type: list
      elements: str
      sample:
        - Docker build completed.
applications:
  description:
    - The selected applications, including those without any deployment, sorted by project, environment and name.
  returned: success
  type: list
  elements: dict
  contains:
    application_id:
      description: ID of the application.
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    application:
      description: Name of the application.
      type: str
      sample: web
    environment:
      description: Name of its environment.
      type: str
      sample: production
    project:
      description: Name of its project.
      type: str
      sample: shop
    newest:
      description: Its newest deployment as in RV(deployments), regardless of O(deployment_id), O(status), O(since) and
        O(limit). Null if there is none.
      type: dict
      sample:
        deployment_id: w8Er5Ty2Ui9Op3As6Df1G
        application_id: kX3vQ9mT2bWcZ7rLdPfYs
        title: Add the winter sale
        description: 'Commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f'
        status: done
        commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f
        created_at: '2026-03-14T09:26:53.589Z'
        started_at: '2026-03-14T09:26:53.587Z'
        finished_at: '2026-03-14T09:27:41.020Z'
        duration: 47.4
        error_message: ''
        log_path: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-14:09:26:53.log
    newest_good:
      description: Its newest deployment with RV(deployments[].status=done) as in RV(deployments), regardless of
        O(deployment_id), O(status), O(since) and O(limit). Null if Dokploy keeps none.
      type: dict
      sample:
        deployment_id: w8Er5Ty2Ui9Op3As6Df1G
        application_id: kX3vQ9mT2bWcZ7rLdPfYs
        title: Add the winter sale
        description: 'Commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f'
        status: done
        commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f
        created_at: '2026-03-14T09:26:53.589Z'
        started_at: '2026-03-14T09:26:53.587Z'
        finished_at: '2026-03-14T09:27:41.020Z'
        duration: 47.4
        error_message: ''
        log_path: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-14:09:26:53.log
    queue:
      description: Its deployments in the queue, as RV(queue). Null with Dokploy before 0.28.3.
      type: dict
      sample:
        waiting: 1
        active: 1
        ahead: 1
compose_stacks:
  description:
    - The selected Compose stacks, including those without any deployment, sorted by project, environment and name.
  returned: success
  type: list
  elements: dict
  contains:
    compose_id:
      description: ID of the Compose stack.
      type: str
      sample: mB7wR2xK9cVtQ4nLzHdPa
    compose:
      description: Name of the Compose stack.
      type: str
      sample: metrics
    environment:
      description: Name of its environment.
      type: str
      sample: production
    project:
      description: Name of its project.
      type: str
      sample: shop
    newest:
      description: Its newest deployment as in RV(deployments), regardless of O(deployment_id), O(status), O(since) and
        O(limit). Null if there is none.
      type: dict
      sample:
        deployment_id: w8Er5Ty2Ui9Op3As6Df1G
        compose_id: mB7wR2xK9cVtQ4nLzHdPa
        title: Add the winter sale
        description: 'Commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f'
        status: done
        commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f
        created_at: '2026-03-14T09:26:53.589Z'
        started_at: '2026-03-14T09:26:53.587Z'
        finished_at: '2026-03-14T09:27:41.020Z'
        duration: 47.4
        error_message: ''
        log_path: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-14:09:26:53.log
    newest_good:
      description: Its newest deployment with RV(deployments[].status=done) as in RV(deployments), regardless of
        O(deployment_id), O(status), O(since) and O(limit). Null if Dokploy keeps none.
      type: dict
      sample:
        deployment_id: w8Er5Ty2Ui9Op3As6Df1G
        compose_id: mB7wR2xK9cVtQ4nLzHdPa
        title: Add the winter sale
        description: 'Commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f'
        status: done
        commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f
        created_at: '2026-03-14T09:26:53.589Z'
        started_at: '2026-03-14T09:26:53.587Z'
        finished_at: '2026-03-14T09:27:41.020Z'
        duration: 47.4
        error_message: ''
        log_path: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-14:09:26:53.log
    queue:
      description: Its deployments in the queue, as RV(queue). Null with Dokploy before 0.28.3.
      type: dict
      sample:
        waiting: 1
        active: 1
        ahead: 1
queue:
  description:
    - The deployments of the application or the Compose stack in the queue. Null with Dokploy before 0.28.3, and if
      O(project) or O(environment) selects several.
  returned: success
  type: dict
  contains:
    waiting:
      description: The number of deployments of the application that wait.
      type: int
      sample: 1
    active:
      description: The number of deployments of the application that are built.
      type: int
      sample: 1
    ahead:
      description: The number of deployments, of any application, before the last one of the application.
      type: int
      sample: 1
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment_history import (
    INFO_OPERATION,
)


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
