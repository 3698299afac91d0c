#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_preview_deployment_info
short_description: List preview deployments of a Dokploy application
version_added: 1.0.0
description:
  - Lists the preview deployments of an application, the newest first, each with its deployments.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.location
options:
  pull_request:
    description:
      - Number of the pull request whose preview to list.
    type: int
  branch:
    description:
      - Name of the branch whose previews to list.
    type: str
  status:
    description:
      - Only the previews with this status.
    type: str
    choices:
      - idle
      - running
      - done
      - error
seealso:
  - module: community.dokploy.dokploy_preview_deployment
  - module: community.dokploy.dokploy_application_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the previews of an application
  community.dokploy.dokploy_preview_deployment_info:
    project: shop
    environment: production
    application: previewed
  register: found

- name: Show their URLs
  ansible.builtin.debug:
    msg: "{{ item.pull_request.title }}: {{ item.url }}"
  loop: "{{ found.preview_deployments }}"

- name: Find the previews whose build fails
  community.dokploy.dokploy_preview_deployment_info:
    project: shop
    application: previewed
    status: error
"""

RETURN = r"""
application_id:
  description: ID of the application.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
preview_deployments:
  description: The previews, the newest first.
  returned: success
  type: list
  elements: dict
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
    status:
      description: Status of its last deployment, V(idle), V(running), V(done) or V(error).
      type: str
      sample: done
    deployments:
      description: Its deployments, the newest first, as in
        RV(community.dokploy.dokploy_deployment_info#module:deployments). Dokploy keeps about ten.
      type: list
      elements: dict
      sample:
        - deployment_id: w8Er5Ty2Ui9Op3As6Df1G
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.preview_deployments import (
    INFO_OPERATION,
)


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
