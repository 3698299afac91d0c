#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_backup_info
short_description: List the files in an S3 destination of Dokploy
version_added: 1.0.0
description:
  - Lists one folder of the bucket of a destination, as Dokploy sees it.
  - Backups of a database or Compose stack are in the folder with its name in Docker, and below it in the prefix of the
    backup.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
notes:
  - Dokploy lists at most 100 files and folders, the first ones by name, which are the oldest backups. The module then
    warns.
  - If the list does not come in 10 seconds, the module lets Dokploy test the connection to the bucket, and fails with
    the reason if there is none. The test needs an API key that may create destinations, and is not made in check mode.
    Without it, the module fails after about 90 seconds, without a reason.
options:
  destination:
    description:
      - Name or ID of the destination. If several have this name, the module fails and lists their IDs.
    type: str
    required: true
  folder:
    description:
      - Folder in the bucket. V("") is the topmost one.
    type: str
    default: ""
  search:
    description:
      - Only files and folders whose path contains this text. Case is not significant. V("") lists all.
    type: str
    default: ""
seealso:
  - module: community.dokploy.dokploy_destination
  - module: community.dokploy.dokploy_backup
  - module: community.dokploy.dokploy_restore
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the folders of a bucket
  community.dokploy.dokploy_backup_info:
    destination: backups
  register: top

- name: List the files of one month in each of them
  community.dokploy.dokploy_backup_info:
    destination: backups
    folder: "{{ item.path }}"
    search: 2026-03-
  loop: "{{ top.files | selectattr('is_folder') }}"
  loop_control:
    label: "{{ item.path }}"
"""

RETURN = r"""
files:
  description: The files and folders, sorted by path.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Path in the bucket.
      type: str
      sample: shop-db-x1y2z3/nightly/2026-03-14T02-15-00-120Z.sql.gz
    name:
      description: Last part of the path.
      type: str
      sample: 2026-03-14T02-15-00-120Z.sql.gz
    size:
      description: Size in bytes, 0 for a folder.
      type: int
      sample: 48120
    is_folder:
      description: Whether it is a folder.
      type: bool
      sample: false
    created_at:
      description: When the backup was made, in UTC, as its name says. Null for other names.
      type: str
      sample: '2026-03-14T02:15:00.120Z'
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.backup import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
