#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_preview_deployment
short_description: Redeploy or remove preview deployments of pull requests
version_added: 1.0.0
description:
  - Redeploys a preview deployment and waits for it to end, or removes it.
  - Most tasks set O(project), O(environment) and O(application), and O(pull_request) or O(branch).
  - 'A short example: C(community.dokploy.dokploy_preview_deployment: {project: shop, application: web, pull_request:
    42}).'
  - GitHub's webhook creates preview deployments when a pull request against the branch of an application is opened or
    updated, and previews are enabled. They cannot be created in another way. They are removed when the pull request is
    closed.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.location
attributes:
  check_mode:
    support: full
    details:
      - The preview deployment must exist, also in check mode.
  diff_mode:
    support: full
    details:
      - Shows the newest deployment, or whether the preview exists.
  idempotent:
    support: partial
    details:
      - O(state=redeployed) builds each time.
      - O(state=absent) is idempotent.
options:
  state:
    description:
      - V(redeployed) builds the same commit again, and starts the service. It does not clone. A new commit is built
        when GitHub's webhook reports it. Needs Dokploy 0.26.4 or newer.
      - V(absent) removes the preview with its service, its domain, its deployments and their logs. The module waits for
        a running build, which would start the service again. The pull request does not change, and its next commit
        creates a new preview.
    type: str
    choices:
      - redeployed
      - absent
    default: redeployed
  project:
    description:
      - Name or ID of the project. If several projects have this name, the module fails and lists their IDs.
      - Required unless O(application_id) or O(preview_deployment_id) is set.
    type: str
  application:
    description:
      - Name or ID of the application. If several applications in the environment have this name, the module fails and
        lists their IDs.
      - One of O(application), O(application_id) and O(preview_deployment_id) is required.
    type: str
  preview_deployment_id:
    description:
      - ID of the preview deployment. Use it instead of the application.
    type: str
  pull_request:
    description:
      - Number of the pull request of the preview.
      - One of O(pull_request), O(branch) and O(preview_deployment_id) is required.
    type: int
  branch:
    description:
      - Name of the branch of the preview. If the branch has several pull requests, the module fails and lists the IDs
        of their previews.
    type: str
  title:
    description:
      - Title of the deployment in Dokploy. Dokploy's default is V(Rebuild Preview Deployment).
    type: str
  description:
    description:
      - Description of the deployment in Dokploy.
    type: str
  wait:
    description:
      - Whether to wait for the deployment to end. If it fails, the module fails with the end of the build log.
      - With V(false), the module returns as soon as Dokploy has queued the deployment, and RV(deployment) is null.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait for the deployment to end, including the time in the queue. For O(state=absent), seconds to wait
        for a running build. After that, the module fails.
    type: float
    default: 900.0
  log_lines:
    description:
      - Number of lines from the end of the build log that a failed deployment shows. V(0) shows none.
      - The values of the application's own variables, including those for previews, are masked. Other output of a build
        is shown.
      - The log needs Dokploy 0.29.5 or newer.
    type: int
    default: 50
seealso:
  - module: community.dokploy.dokploy_preview_deployment_info
  - module: community.dokploy.dokploy_deployment
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Build the preview of a pull request again
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
  description: ID of the application. Null if there was no preview to remove.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
preview_deployment:
  description: The preview deployment. Null if there was none to remove.
  returned: success
  type: dict
  contains:
    preview_deployment_id:
      description: ID of the preview deployment.
      type: str
      sample: nB4cX7vZ2qW9eR5tY8uIo
    application_id:
      description: ID of the application.
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    branch:
      description: The branch of the pull request.
      type: str
      sample: feature/cart
    pull_request:
      description: The pull request of the preview.
      type: dict
      contains:
        number:
          description: Number of the pull request.
          type: int
          sample: 42
        title:
          description: Title of the pull request.
          type: str
          sample: A cart that remembers
        url:
          description: URL of the pull request.
          type: str
          sample: https://github.com/acme/shop/pull/42
    app_name:
      description: Name of its service in Docker.
      type: str
      sample: preview-web-k3f9zq-x7rk2p
    host:
      description: The host of its domain. Null if it has none.
      type: str
      sample: preview-web-k3f9zq-x7rk2p.preview.example.com
    url:
      description: The URL of the preview. Null if it has no domain.
      type: str
      sample: https://preview-web-k3f9zq-x7rk2p.preview.example.com/
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:29:12.345Z'
deployment:
  description:
    - The deployment that was started, in its last known state, as
      RV(community.dokploy.dokploy_deployment#module:deployment). Null in check mode, with O(wait=false), and if Dokploy
      has not started it.
  returned: O(state=redeployed), also when the deployment failed or did not end in time
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
log:
  description: The end of the build log, as a list of at most O(log_lines) lines.
  returned: when the deployment failed
  type: list
  elements: str
  sample:
    - 'ERROR: failed to solve: exit code: 1'
    - Error occurred, check the logs for details.
status:
  description:
    - The last known status of the deployment. V(running), V(queued behind N), V(unknown), or V(lost) if it is neither
      in the queue nor in the list, as after a restart of Dokploy.
  returned: when the deployment did not end in time
  type: str
  sample: running
diff:
  description: The newest deployment, or whether the preview exists.
  returned: success and in diff mode
  type: dict
  sample:
    before:
      deployment: Rebuild Preview Deployment, 2026-07-09T20:23:16.000Z, done
    after:
      deployment: '(a new one: redeployment requested)'
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.preview_deployments import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
