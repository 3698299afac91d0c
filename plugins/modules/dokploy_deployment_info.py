#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_deployment_info
short_description: Get information on deployments of Dokploy applications
version_added: 0.1.0
description:
  - Lists the deployments of one application, of all applications of an environment, or of all of a project, and says
    what of them waits in the queue. Dokploy keeps the last ten deployments or so of each application, and their logs.
  - Many applications need no more requests than one does, since they are read together, about a hundred at a time.
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
      - Without O(environment) and O(application), the applications of all its environments are meant.
      - Required unless O(application_id) is given.
    type: str
  environment:
    description:
      - Name or id of the environment in the project. Without O(application), all its applications are meant.
      - When it is absent and O(application) is given, the project's default environment is meant.
    type: str
  application:
    description:
      - Name or id of the application. Two applications of this name in one environment are an error that lists their
        ids.
    type: str
  application_id:
    description:
      - Id of the application, to be used instead of O(project), O(environment) and O(application).
    type: str
  deployment_id:
    description:
      - Only the deployment of this id, for example for its log with O(log_lines).
    type: str
  status:
    description:
      - Only deployments of one of these states. When the list is empty, those of any state.
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
      - Only deployments with which Dokploy began at this time or later. One that waited counts from when its turn came.
      - An age is a number with V(s), V(m), V(h), V(d) or V(w), such as V(30m) or V(7d). It is counted back from the
        time of the machine that the task runs on.
      - A date, or a date with a time, is written as in ISO 8601, such as V(2026-03-14), V(2026-03-14T09:30) or
        V(2026-03-14T09:30:00+01:00). Without a time zone, UTC is meant.
    type: str
  limit:
    description:
      - Only so many deployments of each application, the newest ones of those that O(deployment_id), O(status) and
        O(since) leave. At least V(1). When it is absent, there are all that Dokploy keeps.
    type: int
  log_lines:
    description:
      - How many lines from the end of the build log to return, of the newest deployment of each application that is
        listed. V(0) returns none, and V(10000) is the most.
      - The values of the application's variables, build arguments, build secrets and registry password are masked
        in it, the text of its file mounts and patches, and the variables of its environment and project, too. What else
        a build prints is shown.
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

- name: Show the commit of the newest one that went well, wherever it stands in the list
  ansible.builtin.debug:
    msg: "{{ history.applications[0].newest_good.commit | default('none', true) }}"

- name: Wait until nothing of the application is built or waits
  community.dokploy.dokploy_deployment_info:
    application_id: "{{ history.application_id }}"
  register: queued
  until: queued.queue.waiting + queued.queue.active == 0
  retries: 30
  delay: 10

- name: Look for what failed in an environment in the last day
  community.dokploy.dokploy_deployment_info:
    project: shop
    environment: staging
    status: error
    since: 1d
    limit: 1
    log_lines: 20
  register: failed

- name: Say what it was
  ansible.builtin.debug:
    msg: "{{ [item.application ~ ' failed at ' ~ item.created_at] + item.log }}"
  loop: "{{ failed.deployments }}"
  loop_control:
    label: "{{ item.application }}"

- name: Read the whole log of one deployment
  community.dokploy.dokploy_deployment_info:
    application_id: "{{ history.application_id }}"
    deployment_id: "{{ history.deployments[-1].deployment_id }}"
    log_lines: 10000
  register: first

- name: Look at all applications of a project
  community.dokploy.dokploy_deployment_info:
    project: shop
    since: 2w
  register: shop

- name: Show those of which something waits
  ansible.builtin.debug:
    msg: "{{ shop.applications | selectattr('queue') | selectattr('queue.waiting') | map(attribute='application') }}"

- name: Show those whose newest deployment failed
  ansible.builtin.debug:
    msg: "{{ item.application }}, which went well on {{ item.newest_good.created_at | default('no occasion') }}"
  loop: "{{ shop.applications | selectattr('newest') | selectattr('newest.status', 'equalto', 'error') }}"
  loop_control:
    label: "{{ item.application }}"
"""

RETURN = r"""
application_id:
  description: Id of the application. Null when several were asked for, by O(project) or O(environment) alone.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
deployments:
  description:
    - The deployments of all applications that were asked for, the newest one first. One that still waits in the queue
      is not among them.
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
    application:
      description: Name of the application.
      returned: success
      type: str
      sample: web
    environment:
      description: Name of its environment.
      returned: success
      type: str
      sample: production
    project:
      description: Name of its project.
      returned: success
      type: str
      sample: shop
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
      application: web
      environment: production
      project: shop
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
applications:
  description:
    - The applications that were asked for, also those without any deployment, sorted by the names of their project,
      their environment and their own.
  returned: success
  type: list
  elements: dict
  contains:
    application_id:
      description: Id of the application.
      returned: success
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    application:
      description: Name of the application.
      returned: success
      type: str
      sample: web
    environment:
      description: Name of its environment.
      returned: success
      type: str
      sample: production
    project:
      description: Name of its project.
      returned: success
      type: str
      sample: shop
    newest:
      description:
        - Its newest deployment, whatever O(deployment_id), O(status), O(since) and O(limit) leave. Null when there is
          none.
      returned: success
      type: dict
      contains:
        deployment_id:
          description: As RV(deployments[].deployment_id).
          returned: success
          type: str
          sample: w8Er5Ty2Ui9Op3As6Df1G
        application_id:
          description: As RV(deployments[].application_id).
          returned: success
          type: str
          sample: kX3vQ9mT2bWcZ7rLdPfYs
        title:
          description: As RV(deployments[].title).
          returned: success
          type: str
          sample: Release 1.4.2
        description:
          description: As RV(deployments[].description).
          returned: success
          type: str
          sample: "Commit: 55535fa801027e9db17c59d2b403bd9691fad457"
        status:
          description: As RV(deployments[].status).
          returned: success
          type: str
          sample: error
        commit:
          description: As RV(deployments[].commit).
          returned: success
          type: str
          sample: 55535fa801027e9db17c59d2b403bd9691fad457
        created_at:
          description: As RV(deployments[].created_at).
          returned: success
          type: str
          sample: "2026-03-14T09:30:00.120Z"
        started_at:
          description: As RV(deployments[].started_at).
          returned: success
          type: str
          sample: "2026-03-14T09:30:00.118Z"
        finished_at:
          description: As RV(deployments[].finished_at).
          returned: success
          type: str
          sample: "2026-03-14T09:31:12.618Z"
        duration:
          description: As RV(deployments[].duration).
          returned: success
          type: float
          sample: 72.5
        error_message:
          description: As RV(deployments[].error_message).
          returned: success
          type: str
          sample: ""
        log_path:
          description: As RV(deployments[].log_path).
          returned: success
          type: str
          sample: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-14:09:30:00.log
    newest_good:
      description:
        - Its newest deployment with RV(deployments[].status=done), whatever O(deployment_id), O(status), O(since) and
          O(limit) leave. Null when Dokploy keeps none.
      returned: success
      type: dict
      contains:
        deployment_id:
          description: As RV(deployments[].deployment_id).
          returned: success
          type: str
          sample: a3Sd6Fg9Hj2Kl5Zx8Cv1B
        application_id:
          description: As RV(deployments[].application_id).
          returned: success
          type: str
          sample: kX3vQ9mT2bWcZ7rLdPfYs
        title:
          description: As RV(deployments[].title).
          returned: success
          type: str
          sample: Release 1.4.1
        description:
          description: As RV(deployments[].description).
          returned: success
          type: str
          sample: "Commit: d2d98c504c946f7dcf5e4be63f0ff14153717daf"
        status:
          description: As RV(deployments[].status).
          returned: success
          type: str
          sample: done
        commit:
          description: As RV(deployments[].commit).
          returned: success
          type: str
          sample: d2d98c504c946f7dcf5e4be63f0ff14153717daf
        created_at:
          description: As RV(deployments[].created_at).
          returned: success
          type: str
          sample: "2026-03-09T14:02:31.407Z"
        started_at:
          description: As RV(deployments[].started_at).
          returned: success
          type: str
          sample: "2026-03-09T14:02:31.405Z"
        finished_at:
          description: As RV(deployments[].finished_at).
          returned: success
          type: str
          sample: "2026-03-09T14:03:36.655Z"
        duration:
          description: As RV(deployments[].duration).
          returned: success
          type: float
          sample: 65.25
        error_message:
          description: As RV(deployments[].error_message).
          returned: success
          type: str
          sample: ""
        log_path:
          description: As RV(deployments[].log_path).
          returned: success
          type: str
          sample: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-09:14:02:31.log
    queue:
      description: Its deployments in the queue. Null with Dokploy before 0.28.3, which does not show it.
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
queue:
  description:
    - The application's deployments in the queue. Null with Dokploy before 0.28.3, which does not show it, and when
      several were asked for, by O(project) or O(environment) alone.
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

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.deployment import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
