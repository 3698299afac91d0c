#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_deployment
short_description: Deploy applications of Dokploy
version_added: 0.1.0
description:
  - Starts a deployment of an application and waits for its end, or drops those that wait in the queue.
  - A deployment brings the configuration that Dokploy has stored to the running service.
    RV(community.dokploy.dokploy_application#module:deploy_needed) tells whether one is needed.
  - Unless it is told otherwise, Dokploy builds one thing after the other on each server. So a deployment may have to
    wait for those of other applications.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
attributes:
  check_mode:
    support: full
    details:
      - The application has to exist, also in check mode.
  diff_mode:
    support: full
    details:
      - Shows which deployment was the newest one, and for O(state=cancelled) how many waited.
  idempotent:
    support: partial
    details:
      - O(state=deployed) and O(state=redeployed) start a deployment each time. Use them with
        RV(community.dokploy.dokploy_application#module:deploy_needed) as a condition.
      - O(state=cancelled) is idempotent.
options:
  state:
    description:
      - V(deployed) takes the newest commit of the branch, or pulls the image, and builds and starts the service.
      - V(redeployed) builds again what was taken the last time. There is no clone and no pull.
      - V(cancelled) drops the deployments of the application that wait in the queue. A build that runs cannot be
        stopped without hitting those of others, so it goes on, and a warning says so.
    type: str
    choices:
      - deployed
      - redeployed
      - cancelled
    default: deployed
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
  title:
    description:
      - Title of the deployment in Dokploy's list. Without it, Dokploy takes V(Manual deployment) or V(Rebuild
        deployment).
      - With O(state=deployed) and a repository as source, Dokploy puts the commit's message in its place.
    type: str
  description:
    description:
      - Description of the deployment in Dokploy's list.
      - With O(state=deployed) and a repository as source, Dokploy puts the commit's hash in its place.
    type: str
  wait:
    description:
      - Whether to wait until the deployment has ended. One that does not end well is then a failure, whose message ends
        with the end of the build log.
      - With V(false) the module ends as soon as Dokploy has queued the deployment, and RV(deployment) is null.
      - A deployment has ended well when there is an image and Docker has accepted the service. Whether its containers
        stay up is for a health check to tell.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait for the end, including the time in the queue. When they have passed the module fails, and the
        deployment goes on.
    type: float
    default: 900.0
  log_lines:
    description:
      - How many lines from the end of the build log a failed deployment shows. V(0) shows none.
      - The values of the application's own variables, build arguments, build secrets and registry password are masked
        in it. What else a build prints is shown.
      - The log is only there with Dokploy 0.29.5 or newer.
    type: int
    default: 50
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_deployment_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Deploy an application and wait for it
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    application: web
    title: Release 1.4.2
  register: release

- name: Say how long it took
  ansible.builtin.debug:
    msg: "{{ release.deployment.title }} took {{ release.deployment.duration }} seconds"

- name: Deploy once more what was taken the last time
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    application: web
    state: redeployed

- name: Start deployments of several applications without waiting for each
  community.dokploy.dokploy_deployment:
    project: shop
    application: "{{ item }}"
    wait: false
  loop:
    - web
    - worker

- name: Drop what still waits
  community.dokploy.dokploy_deployment:
    project: shop
    application: worker
    state: cancelled

- name: Deploy, and show the end of the build log when it fails
  block:
    - name: Deploy a branch that does not build
      community.dokploy.dokploy_deployment:
        project: shop
        environment: staging
        application: broken
        log_lines: 20
  rescue:
    - name: Show the log
      ansible.builtin.debug:
        var: ansible_failed_result.log
"""

RETURN = r"""
application_id:
  description: Id of the application.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
deployment:
  description:
    - The deployment that was started, as it ended, or as it was last seen when it failed or did not end in time. Null
      in check mode, with O(wait=false), and when Dokploy has not begun with it.
    - For O(state=cancelled) the deployment that runs and goes on, and null when none does.
  returned: success, or when the deployment failed or did not end in time
  type: dict
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
  sample:
    deployment_id: w8Er5Ty2Ui9Op3As6Df1G
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
cancelled:
  description: How many waiting deployments were dropped, or would be in check mode.
  returned: O(state=cancelled)
  type: int
  sample: 1
log:
  description: The end of the build log, line by line. At most O(log_lines) lines.
  returned: when the deployment failed
  type: list
  elements: str
  sample:
    - "ERROR: failed to solve: exit code: 1"
    - "Error occurred, check the logs for details."
status:
  description:
    - What the deployment was doing when the time was up. V(running), V(queued behind N), V(unknown), or V(lost) when it
      is neither in the queue nor in the list, as after a restart of Dokploy.
  returned: when the deployment did not end in time
  type: str
  sample: running
diff:
  description: Which deployment is the newest one, and for O(state=cancelled) how many wait.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: What was there.
      returned: success
      type: dict
      sample:
        newest_deployment: w8Er5Ty2Ui9Op3As6Df1G
    after:
      description: What is there now, or would be in check mode.
      returned: success
      type: dict
      sample:
        newest_deployment: (a new one, deployed)
    before_header:
      description: What it is about.
      returned: success
      type: str
      sample: application 'web' in shop/production
    after_header:
      description: What it is about.
      returned: success
      type: str
      sample: application 'web' in shop/production
  sample:
    before:
      newest_deployment: w8Er5Ty2Ui9Op3As6Df1G
    after:
      newest_deployment: (a new one, deployed)
    before_header: application 'web' in shop/production
    after_header: application 'web' in shop/production
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
      sample: reference
    procedure:
      description: The procedure of Dokploy's API that failed. Null when the server was not at fault.
      returned: failure
      type: str
      sample: application.deploy
    status:
      description: The HTTP status of the server's answer. Null when there was none.
      returned: failure
      type: int
      sample: 400
  sample:
    kind: validation
    procedure: application.deploy
    status: 400
effect_unknown:
  description:
    - Whether it is unknown if the request that failed had an effect, since it was a write and the connection broke
      after it was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.deployment import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
