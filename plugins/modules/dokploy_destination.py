#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_destination
short_description: Manage an S3 destination of Dokploy for backups
version_added: 1.0.0
description:
  - Creates, updates and removes a destination, which is a bucket of an S3 storage that backups and volume backups are
    uploaded to. In the web interface it is listed under B(S3 Destinations).
  - Most tasks set O(name), O(provider), O(bucket), O(region), O(endpoint), O(access_key) and O(secret_access_key).
  - 'A short example: C(community.dokploy.dokploy_destination: {name: backups, bucket: shop, region: eu-central-1,
    endpoint: "https://s3.example.com", access_key: "{{ vault_s3_access_key }}", secret_access_key: "{{
    vault_s3_secret_access_key }}"}).'
  - Dokploy shows both keys to every API key that may read destinations, so they are compared with what it stores. They
    are never returned, except by M(community.dokploy.dokploy_destination_info) on request.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.names
  - community.dokploy.notes
  - community.dokploy.notes.cleared
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.unstated
attributes:
  check_mode:
    support: full
    details:
      - The connection is not tested in check mode.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Dokploy stores a destination without testing it. A backup to a bucket that does not answer fails after about 90
    seconds. Set O(test_connection=true) to find out before.
  - Dokploy uses the bucket with C(rclone), in path style, and does not create it.
options:
  # Written by make generate, but for what is described below.
  name:
    description:
      - Name of the destination, 1 to 255 characters. Case is significant.
      - One of O(name) and O(destination_id) is required.
    type: str
  destination_id:
    description:
      - ID of an existing destination. Use it instead of O(name), or with it to rename the destination.
      - If it does not exist, O(state=present) fails, and O(state=absent) changes nothing.
    type: str
  # Written by hand.
  state:
    description:
      - V(present) creates the destination, or updates it where it differs.
      - V(absent) removes the destination. Dokploy removes the backups and volume backups that use it as well. The files
        in the bucket are kept. If something uses the destination, the module fails and lists it, unless O(force=true).
    type: str
    choices:
      - present
      - absent
    default: present
  provider:
    description:
      - Provider of the storage, as C(rclone) names it, for example V(AWS), V(Cloudflare), V(DigitalOcean), V(Minio) or
        V(Other). Case matters. A name that C(rclone) does not know is an error, since C(rclone) takes it for V(Other)
        without a word. V("") clears it. The default for a new destination is none.
    type: str
  bucket:
    description:
      - Name of the bucket. Required for a new destination.
      - A folder in the bucket may follow, as in V(backups/dokploy).
    type: str
  region:
    description:
      - Region of the bucket. V("") clears it. The default for a new destination is none.
    type: str
  endpoint:
    description:
      - Address of the storage, for example V(https://s3.eu-central-1.amazonaws.com). V("") clears it. The default for
        a new destination is none, which is only enough for V(AWS).
    type: str
  access_key:
    description:
      - ID of the access key. Required for a new destination. Treated as a secret.
    type: str
  secret_access_key:
    description:
      - Its secret. Required for a new destination.
    type: str
  additional_flags:
    description:
      - Further flags for each command of C(rclone), in this order, for example V(--s3-sign-accept-encoding=false). A
        flag starts with two dashes, and its value, after V(=), consists of letters, digits and V(._:/@-).
      - V([]) removes all.
      - Needs Dokploy 0.29.0 or newer.
    type: list
    elements: str
  test_connection:
    description:
      - Whether to test, before anything is written, that Dokploy can list the bucket with the options as they will be.
        If not, the module fails with the reason, and nothing is written.
      - The test runs each time, also if nothing differs, and takes up to about 20 seconds if the storage does not
        answer. It reads O(state=present) only.
    type: bool
    default: false
  force:
    description:
      - Whether O(state=absent) also removes a destination that backups or volume backups use, and these with it.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_destination_info
  - module: community.dokploy.dokploy_volume_backup
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Upload backups to a bucket, and test that it answers
  community.dokploy.dokploy_destination:
    name: offsite
    provider: AWS
    bucket: shop-backups
    region: eu-central-1
    endpoint: https://s3.eu-central-1.amazonaws.com
    access_key: "{{ vault_s3_access_key }}"
    secret_access_key: "{{ vault_s3_secret_access_key }}"
    test_connection: true

- name: Replace the key
  community.dokploy.dokploy_destination:
    name: offsite
    access_key: "{{ vault_s3_new_access_key }}"
    secret_access_key: "{{ vault_s3_new_secret_access_key }}"

- name: Set a flag for a storage that does not support a header
  community.dokploy.dokploy_destination:
    name: offsite
    additional_flags:
      - --s3-sign-accept-encoding=false

- name: Remove the destination, unless a backup uses it
  community.dokploy.dokploy_destination:
    name: offsite
    state: absent
"""

RETURN = r"""
destination:
  description:
    - The destination after the module ran, or as predicted in check mode. It never contains the keys.
    - For O(state=absent), only its ID and name, or null if it did not exist.
  returned: success
  type: dict
  contains:
    destination_id:
      description: ID of the destination. V((generated\)) if check mode would create it.
      type: str
      sample: kQ4ixQTo6LwWpnNijhaTz
    name:
      description: Name of the destination.
      type: str
      sample: offsite
    provider:
      description: See O(provider).
      returned: O(state=present)
      type: str
      sample: AWS
    bucket:
      description: See O(bucket).
      returned: O(state=present)
      type: str
      sample: shop-backups
    region:
      description: See O(region).
      returned: O(state=present)
      type: str
      sample: eu-central-1
    endpoint:
      description: See O(endpoint).
      returned: O(state=present)
      type: str
      sample: https://s3.eu-central-1.amazonaws.com
    additional_flags:
      description: See O(additional_flags).
      returned: O(state=present)
      type: list
      elements: str
      sample:
        - --s3-sign-accept-encoding=false
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      region: ''
    after:
      region: eu-central-1
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.destination import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
