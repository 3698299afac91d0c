#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_destination_info
short_description: List the S3 destinations of Dokploy
version_added: 1.0.0
description:
  - Lists the destinations of backups. Without O(name) and O(destination_id), it lists all destinations that the API key
    can access.
  - M(community.dokploy.dokploy_backup_info) lists the files in a destination.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.listed
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.listing
options:
  # Written by make generate, but for what is described below.
  destination_id:
    description:
      - Only the destination with this ID.
    type: str
  include_secrets:
    description:
      - Whether to also return the access key and the secret access key. They are then visible in the result of the
        task, so use C(no_log).
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_destination
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all destinations
  community.dokploy.dokploy_destination_info:
  register: all_destinations

- name: Show their buckets
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.bucket }}"
  loop: "{{ all_destinations.destinations }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
destinations:
  description: The destinations, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    access_key:
      description: See O(community.dokploy.dokploy_destination#module:access_key).
      returned: O(include_secrets=true)
      type: str
      sample: AKIAIOSFODNN7EXAMPLE
    secret_access_key:
      description: See O(community.dokploy.dokploy_destination#module:secret_access_key).
      returned: O(include_secrets=true)
      type: str
      sample: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    destination_id:
      description: ID of the destination.
      type: str
      sample: kQ4ixQTo6LwWpnNijhaTz
    name:
      description: See O(community.dokploy.dokploy_destination#module:name).
      type: str
      sample: offsite
    provider:
      description: See O(community.dokploy.dokploy_destination#module:provider).
      type: str
      sample: AWS
    bucket:
      description: See O(community.dokploy.dokploy_destination#module:bucket).
      type: str
      sample: shop-backups
    region:
      description: See O(community.dokploy.dokploy_destination#module:region).
      type: str
      sample: eu-central-1
    endpoint:
      description: See O(community.dokploy.dokploy_destination#module:endpoint).
      type: str
      sample: https://s3.eu-central-1.amazonaws.com
    additional_flags:
      description: See O(community.dokploy.dokploy_destination#module:additional_flags).
      type: list
      elements: str
      sample:
        - --s3-sign-accept-encoding=false
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.destination import (
    INFO_OPERATION,
)


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
