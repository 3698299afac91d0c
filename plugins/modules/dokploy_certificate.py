#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_certificate
short_description: Manage a TLS certificate of Dokploy
version_added: 1.0.0
description:
  - Creates, updates and removes a TLS certificate of your own, which Traefik then uses for the domains that it is
    valid for. In the web interface it is listed under B(Certificates). Certificates that Traefik gets from Let's
    Encrypt are no part of it.
  - Dokploy shows the private key to every API key that may read certificates, so it is compared with what it stores.
    It is never returned, except by M(community.dokploy.dokploy_certificate_info) on request.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.names
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.unstated
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - For this module, Dokploy 0.29.0 or newer.
notes:
  - Dokploy stores any text as a certificate. The module refuses texts that are not PEM, and a key that is not the key
    of the certificate, before anything is written. It warns if the certificate is not valid at the time on the host
    that runs the module.
  - Traefik does not notice what Dokploy writes of a certificate. After a change of a certificate or its key, and after
    its removal, the module writes a file that Traefik watches again as it is, so that Traefik reads all. It warns if
    the API key may not write such files.
  - Dokploy writes the files on a remote server after it has answered, and does not report that it cannot reach the
    server. The module waits for them, and fails if they are not there.
options:
  # Written by make generate, but for what is described below.
  name:
    description:
      - Name of the certificate, 1 to 255 characters. Case is significant.
      - One of O(name) and O(certificate_id) is required.
    type: str
  certificate_id:
    description:
      - ID of an existing certificate. Use it instead of O(name), or with it to rename the certificate.
      - If it does not exist, O(state=present) fails, and O(state=absent) changes nothing.
    type: str
  # Written by hand.
  state:
    description:
      - V(present) creates the certificate, or updates it where it differs.
      - V(absent) removes the certificate and its files.
    type: str
    choices:
      - present
      - absent
    default: present
  certificate:
    description:
      - Certificate in PEM, followed by those of the intermediate authorities. Required for a new certificate.
      - Certificates are compared, not the text between them.
    type: str
  private_key:
    description:
      - Private key of the certificate in PEM, without a passphrase. Required for a new certificate. Treated as a
        secret.
    type: str
  server:
    description:
      - Name or ID of the server whose Traefik uses the certificate. The default for a new certificate is the host of
        Dokploy itself. It cannot be changed.
    type: str
seealso:
  - module: community.dokploy.dokploy_certificate_info
  - module: community.dokploy.dokploy_domain
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Use a certificate of your own
  community.dokploy.dokploy_certificate:
    name: shop.example.com
    certificate: "{{ shop_certificate_chain }}"
    private_key: "{{ vault_shop_certificate_key }}"
  register: stored

- name: Show until when it is valid
  ansible.builtin.debug:
    msg: "{{ stored.certificate.not_after }}"

- name: Renew it with the same key
  community.dokploy.dokploy_certificate:
    name: shop.example.com
    certificate: "{{ shop_renewed_certificate_chain }}"

- name: Remove it
  community.dokploy.dokploy_certificate:
    name: shop.example.com
    state: absent
"""

RETURN = r"""
certificate:
  description:
    - The certificate after the module ran, or as predicted in check mode. It never contains the private key.
    - For O(state=absent), only its ID and name, or null if it did not exist.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the certificate.
      type: str
      sample: shop.example.com
    certificate:
      description: See O(certificate).
      returned: O(state=present)
      type: str
      sample: |
        -----BEGIN CERTIFICATE-----
        ...
        -----END CERTIFICATE-----
    server:
      description: See O(server). The ID if the option is not set.
      returned: O(state=present)
      type: str
      sample: worker-1
    fingerprint:
      description: SHA-256 of the certificate. Null if Dokploy stores a text that is not a certificate.
      returned: O(state=present)
      type: str
      sample: FB:D3:F6:0A:DD:A1:57:68:E7:CF:6B:74:11:EF:04:4E:D5:3C:61:52:9B:4B:75:28:CB:F8:84:32:7F:60:0D:EA
    not_before:
      description: From when it is valid, in UTC. Null if Dokploy stores a text that is not a certificate.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T00:00:00Z'
    not_after:
      description: Until when it is valid, in UTC. Null if Dokploy stores a text that is not a certificate.
      returned: O(state=present)
      type: str
      sample: '2026-06-12T23:59:59Z'
    path:
      description: Name of the folder with its files, below Traefik's folder C(dynamic/certificates). V((generated\)) if
        check mode would create it.
      returned: O(state=present)
      type: str
      sample: certificate-index-mobile-matrix-4zd7vu
    certificate_id:
      description: ID of the certificate. V((generated\)) if check mode would create it.
      type: str
      sample: Jw7PbXc3nVk9sQy5TrLm2
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      name: shop.example.com
    after:
      name: www.example.com
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.certificate import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
