#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_preview_deployment
short_description: Deploy previews of pull requests again, or remove them
version_added: 0.1.0
description:
  - Builds a preview deployment again and waits for its end, or removes it.
  - Preview deployments are made by GitHub's webhook, when a pull request against the branch of an application is opened
    or pushed to, and previews are switched on. Nothing else can make them. They are removed when the pull request is
    closed.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
attributes:
  check_mode:
    support: full
    details:
      - The preview deployment has to exist, also in check mode.
  diff_mode:
    support: full
    details:
      - Shows which deployment was the newest one, or whether there is a preview.
  idempotent:
    support: partial
    details:
      - O(state=redeployed) builds each time.
      - O(state=absent) is idempotent.
options:
  state:
    description:
      - V(redeployed) builds again what was cloned the last time, and brings the service up with it. There is no clone.
        A new commit is built when GitHub's webhook tells of it. Needs Dokploy 0.26.4 or newer.
      - V(absent) removes the preview with its service, its domain, its deployments and their logs. A build of it that
        runs is waited for, since it would bring the service up again. The pull request stays, and its next commit makes
        a new preview.
    type: str
    choices:
      - redeployed
      - absent
    default: redeployed
  project:
    description:
      - Name or id of the project. A name that several projects bear is an error that lists their ids.
      - Required unless O(application_id) or O(preview_deployment_id) is given.
    type: str
  environment:
    description:
      - Name or id of the environment in the project. Without it, the project's default environment is meant.
    type: str
  application:
    description:
      - Name or id of the application. Two applications of this name in one environment are an error that lists their
        ids.
      - One of O(application), O(application_id) and O(preview_deployment_id) is required.
    type: str
  application_id:
    description:
      - Id of the application, to be used instead of O(project), O(environment) and O(application).
    type: str
  preview_deployment_id:
    description:
      - Id of the preview deployment, to be used instead of the application.
    type: str
  pull_request:
    description:
      - Number of the pull request whose preview is meant.
      - One of O(pull_request), O(branch) and O(preview_deployment_id) is required.
    type: int
  branch:
    description:
      - Name of the branch whose preview is meant. A branch with several pull requests is an error that lists the ids of
        their previews.
    type: str
  title:
    description:
      - Title of the deployment in Dokploy's list. Without it, Dokploy takes V(Rebuild Preview Deployment).
    type: str
  description:
    description:
      - Description of the deployment in Dokploy's list.
    type: str
  wait:
    description:
      - Whether to wait until the deployment has ended. One that does not end well is then a failure, whose message ends
        with the end of the build log.
      - With V(false) the module ends as soon as Dokploy has queued the deployment, and RV(deployment) is null.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait for the end, including the time in the queue. For O(state=absent), seconds to wait for a build
        that runs. When they have passed the module fails.
    type: float
    default: 900.0
  log_lines:
    description:
      - How many lines from the end of the build log a failed deployment shows. V(0) shows none.
      - The values of the application's own variables, also those for previews, are masked in it. What else a build
        prints is shown.
      - The log is only there with Dokploy 0.29.5 or newer.
    type: int
    default: 50
seealso:
  - module: community.dokploy.dokploy_preview_deployment_info
  - module: community.dokploy.dokploy_deployment
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Build the preview of a pull request once more
  community.dokploy.dokploy_preview_deployment:
    project: shop
    environment: production
    application: previewed
    pull_request: 42

- name: Remove the preview of a branch
  community.dokploy.dokploy_preview_deployment:
    project: shop
    environment: production
    application: previewed
    branch: feature/old-cart
    state: absent
"""

RETURN = r"""
application_id:
  description: Id of the application. Null when there was no preview to remove.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
preview_deployment:
  description: The preview deployment. Null when there was none to remove.
  returned: success
  type: dict
  contains:
    preview_deployment_id:
      description: Id of the preview deployment.
      returned: success
      type: str
      sample: nB4cX7vZ2qW9eR5tY8uIo
    application_id:
      description: Id of the application.
      returned: success
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    branch:
      description: The branch that is built.
      returned: success
      type: str
      sample: feature/cart
    pull_request:
      description: The pull request that the preview is of.
      returned: success
      type: dict
      contains:
        number:
          description: Its number.
          returned: success
          type: int
          sample: 42
        title:
          description: Its title.
          returned: success
          type: str
          sample: A cart that remembers
        url:
          description: Its address.
          returned: success
          type: str
          sample: https://github.com/acme/shop/pull/42
    app_name:
      description: The name of its service in Docker.
      returned: success
      type: str
      sample: preview-web-k3f9zq-x7rk2p
    host:
      description: The host of its domain. Null when it has none.
      returned: success
      type: str
      sample: preview-web-k3f9zq-x7rk2p.preview.example.com
    url:
      description: The address under which it is seen. Null when it has no domain.
      returned: success
      type: str
      sample: https://preview-web-k3f9zq-x7rk2p.preview.example.com/
    created_at:
      description: When it was made, in UTC.
      returned: success
      type: str
      sample: '2026-03-14T09:29:12.345Z'
deployment:
  description:
    - The deployment that was started, as it ended, or as it was last seen when it failed or did not end in time. Null
      in check mode, with O(wait=false), and when Dokploy has not begun with it.
  returned: O(state=redeployed), also when the deployment failed or did not end in time
  type: dict
  contains:
    deployment_id:
      description: ID of the deployment.
      returned: success
      type: str
      sample: w8Er5Ty2Ui9Op3As6Df1G
    application_id:
      description: ID of the application.
      returned: success
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    title:
      description: Title of the deployment. For a repository, the message of the commit.
      returned: success
      type: str
      sample: Add the winter sale
    description:
      description: Description of the deployment. For a repository, it contains the hash of the commit.
      returned: success
      type: str
      sample: 'Commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f'
    status:
      description: V(running), V(done), V(error) or V(cancelled).
      returned: success
      type: str
      sample: done
    commit:
      description: Hash of the commit that was built. Null if Dokploy does not name one.
      returned: success
      type: str
      sample: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f
    created_at:
      description: When Dokploy created the deployment, in UTC.
      returned: success
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    started_at:
      description: When the build began, in UTC.
      returned: success
      type: str
      sample: '2026-03-14T09:26:53.587Z'
    finished_at:
      description: When the deployment ended, in UTC. Null while it runs.
      returned: success
      type: str
      sample: '2026-03-14T09:27:41.020Z'
    duration:
      description: Seconds from the beginning to the end. Null while it runs.
      returned: success
      type: float
      sample: 47.4
    error_message:
      description: Why the deployment could not begin. Only the log says why a build failed.
      returned: success
      type: str
      sample: ''
    log_path:
      description: Path of the log on the server.
      returned: success
      type: str
      sample: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-14:09:26:53.log
log:
  description: The end of the build log, line by line. At most O(log_lines) lines.
  returned: when the deployment failed
  type: list
  elements: str
  sample:
    - 'ERROR: failed to solve: exit code: 1'
    - Error occurred, check the logs for details.
status:
  description:
    - What the deployment was doing when the time was up. V(running), V(queued behind N), V(unknown), or V(lost) when it
      is neither in the queue nor in the list, as after a restart of Dokploy.
  returned: when the deployment did not end in time
  type: str
  sample: running
diff:
  description: Which deployment is the newest one, or whether there is a preview.
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
        newest_deployment: (a new one, redeployed)
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.deployment import (
    PREVIEW_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
