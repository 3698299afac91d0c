#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_certificate_info
short_description: List the TLS certificates of Dokploy
version_added: 1.0.0
description:
  - Lists the certificates. Without O(name) and O(certificate_id), it lists all certificates that the API key can
    access.
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
  certificate_id:
    description:
      - Only the certificate with this ID.
    type: str
  include_secrets:
    description:
      - Whether to also return the private key. It is then visible in the result of the task, so use C(no_log).
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_certificate
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all certificates
  community.dokploy.dokploy_certificate_info:
  register: all_certificates

- name: Show until when they are valid
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.not_after }}"
  loop: "{{ all_certificates.certificates }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
certificates:
  description: The certificates, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    private_key:
      description: See O(community.dokploy.dokploy_certificate#module:private_key).
      returned: O(include_secrets=true)
      type: str
      sample: |
        -----BEGIN PRIVATE KEY-----
        ...
        -----END PRIVATE KEY-----
    fingerprint:
      description: SHA-256 of the certificate. Null if Dokploy stores a text that is not a certificate.
      type: str
      sample: FB:D3:F6:0A:DD:A1:57:68:E7:CF:6B:74:11:EF:04:4E:D5:3C:61:52:9B:4B:75:28:CB:F8:84:32:7F:60:0D:EA
    not_before:
      description: From when it is valid, in UTC. Null if Dokploy stores a text that is not a certificate.
      type: str
      sample: '2026-03-14T00:00:00Z'
    not_after:
      description: Until when it is valid, in UTC. Null if Dokploy stores a text that is not a certificate.
      type: str
      sample: '2026-06-12T23:59:59Z'
    path:
      description: Name of the folder with its files, below Traefik's folder C(dynamic/certificates).
      type: str
      sample: certificate-index-mobile-matrix-4zd7vu
    certificate_id:
      description: ID of the certificate.
      type: str
      sample: Jw7PbXc3nVk9sQy5TrLm2
    name:
      description: See O(community.dokploy.dokploy_certificate#module:name).
      type: str
      sample: shop.example.com
    certificate:
      description: See O(community.dokploy.dokploy_certificate#module:certificate).
      type: str
      sample: |
        -----BEGIN CERTIFICATE-----
        ...
        -----END CERTIFICATE-----
    server:
      description: See O(community.dokploy.dokploy_certificate#module:server). The ID.
      type: str
      sample: fLdjvz_GFr-f4uCHC9Vc3
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.certificate import (
    INFO_OPERATION,
)


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
