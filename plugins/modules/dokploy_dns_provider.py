#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_dns_provider
short_description: Manage a DNS provider of Dokploy
version_added: 1.0.0
description:
  - Creates, updates and removes a DNS provider, which is an account with which Dokploy creates the DNS records of
    domains.
  - Most tasks set O(name) and the suboptions of one kind, such as O(cloudflare).
  - 'A short example: C(community.dokploy.dokploy_dns_provider: {name: zones, cloudflare: {api_token:
    "{{ vault_dns_token }}"}}).'
  - 'The kind of provider is the one whose suboptions are set: one of O(cloudflare), O(route53), O(porkbun),
    O(infomaniak) and O(ovh). A new provider needs one of them. The kind of an existing provider is known. To change it,
    remove the provider first.'
  - A provider is identified by O(name), which is unique in an organization. A name that is taken is refused before
    anything is sent, since Dokploy would repeat all secrets in its error.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes
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
    support: partial
    details:
      - With O(update_secrets=always) and a secret, each run is a change.
requirements:
  - For this module, Dokploy 0.30.0 or newer.
notes:
  - Dokploy stores a provider without testing it. Set O(test_connection=true) to test it before.
options:
  # Written by make generate, but for what is described below.
  state:
    description:
      - V(present) creates the DNS provider, or updates it where it differs.
      - V(absent) removes the DNS provider.
    type: str
    choices:
      - present
      - absent
    default: present
  dns_provider_id:
    description:
      - ID of an existing DNS provider. Use it instead of O(name), or with it to rename the DNS provider.
      - If it does not exist, O(state=present) fails, and O(state=absent) changes nothing.
    type: str
  update_secrets:
    description:
      - 'When the secrets that Dokploy never shows are sent: only when the DNS provider is created (V(on_create)), or
        each time (V(always)), which is a change each time.'
    type: str
    choices:
      - on_create
      - always
    default: on_create
  # Written by hand.
  name:
    description:
      - Name of the provider, 1 to 64 letters, digits, V(-) and V(_). Unique in an organization.
      - One of O(name) and O(dns_provider_id) is required.
    type: str
  cloudflare:
    description:
      - Cloudflare.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      api_token:
        description:
          - 'API token that may edit the zones. Treated as a secret. Dokploy never shows it, so it is not compared: it
            is sent to a new provider, and later with O(update_secrets=always). 1 to 4096 characters. Required for a new
            one.'
        type: str
  route53:
    description:
      - Amazon Route 53.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      access_key_id:
        description:
          - ID of the access key, 1 to 255 characters. Treated as a secret, and compared. Required for a new one.
        type: str
      secret_access_key:
        description:
          - 'Its secret. Treated as a secret. Dokploy never shows it, so it is not compared: it is sent to a new
            provider, and later with O(update_secrets=always). 1 to 4096 characters. Required for a new one.'
        type: str
  porkbun:
    description:
      - Porkbun.
      - Needs Dokploy 0.30.5 or newer.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      api_key:
        description:
          - API key, 1 to 255 characters. Treated as a secret, and compared. Required for a new one.
        type: str
      secret_api_key:
        description:
          - 'Its secret. Treated as a secret. Dokploy never shows it, so it is not compared: it is sent to a new
            provider, and later with O(update_secrets=always). 1 to 4096 characters. Required for a new one.'
        type: str
  infomaniak:
    description:
      - Infomaniak.
      - Needs Dokploy 0.30.6 or newer.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      api_token:
        description:
          - 'API token that may edit the zones. Treated as a secret. Dokploy never shows it, so it is not compared: it
            is sent to a new provider, and later with O(update_secrets=always). 1 to 4096 characters. Required for a new
            one.'
        type: str
  ovh:
    description:
      - OVHcloud, Kimsufi or So you Start.
      - Needs Dokploy 0.30.6 or newer.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      endpoint:
        description:
          - The API of the account. The default for a new one is V(ovh-eu).
        type: str
        choices:
          - ovh-eu
          - ovh-ca
          - ovh-us
          - kimsufi-eu
          - kimsufi-ca
          - soyoustart-eu
          - soyoustart-ca
      application_key:
        description:
          - Key of the application, 1 to 255 characters. Treated as a secret, and compared. Required for a new one.
        type: str
      application_secret:
        description:
          - 'Its secret. Treated as a secret. Dokploy never shows it, so it is not compared: it is sent to a new
            provider, and later with O(update_secrets=always). 1 to 4096 characters. Required for a new one.'
        type: str
      consumer_key:
        description:
          - 'Key of the consumer, which may edit the zones. Treated as a secret. Dokploy never shows it, so it is not
            compared: it is sent to a new provider, and later with O(update_secrets=always). 1 to 4096 characters.
            Required for a new one.'
        type: str
  test_connection:
    description:
      - Whether to test, before anything is written, that the provider accepts the options as they will be. If not, the
        module fails with the reason, and nothing is written.
      - The test runs each time, also if nothing differs, and takes up to about 15 seconds if the provider does not
        answer. It reads O(state=present) only.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_dns_provider_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Add an account at Cloudflare, and test its token
  community.dokploy.dokploy_dns_provider:
    name: cloudflare
    cloudflare:
      api_token: "{{ vault_cloudflare_token }}"
    test_connection: true

- name: Replace the token
  community.dokploy.dokploy_dns_provider:
    name: cloudflare
    cloudflare:
      api_token: "{{ vault_cloudflare_new_token }}"
    update_secrets: always

- name: Add an account at OVHcloud in Canada
  community.dokploy.dokploy_dns_provider:
    name: ovh
    ovh:
      endpoint: ovh-ca
      application_key: "{{ vault_ovh_application_key }}"
      application_secret: "{{ vault_ovh_application_secret }}"
      consumer_key: "{{ vault_ovh_consumer_key }}"

- name: Add an account at Porkbun
  community.dokploy.dokploy_dns_provider:
    name: porkbun
    porkbun:
      api_key: "{{ vault_porkbun_api_key }}"
      secret_api_key: "{{ vault_porkbun_secret_api_key }}"

- name: Remove the provider
  community.dokploy.dokploy_dns_provider:
    name: cloudflare
    state: absent
"""

RETURN = r"""
dns_provider:
  description:
    - The provider after the module ran, or as predicted in check mode. It never contains secrets.
    - For O(state=absent), only its ID and name, or null if it did not exist.
  returned: success
  type: dict
  contains:
    dns_provider_id:
      description: ID of the dns provider. V((generated\)) if check mode would create it.
      type: str
      sample: i-fcFeuwaZ47OT0TdZo7i
    type:
      description: The kind of provider.
      returned: O(state=present)
      type: str
      sample: cloudflare
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    name:
      description: Name of the provider.
      type: str
      sample: main
    cloudflare:
      description: See O(cloudflare).
      returned: when RV(dns_provider.type=cloudflare), O(state=present)
      type: dict
      sample: {}
    route53:
      description: See O(route53).
      returned: when RV(dns_provider.type=route53), O(state=present)
      type: dict
      sample: {}
    porkbun:
      description: See O(porkbun).
      returned: when RV(dns_provider.type=porkbun), O(state=present)
      type: dict
      sample: {}
    infomaniak:
      description: See O(infomaniak).
      returned: when RV(dns_provider.type=infomaniak), O(state=present)
      type: dict
      sample: {}
    ovh:
      description: See O(ovh).
      returned: when RV(dns_provider.type=ovh), O(state=present)
      type: dict
      sample:
        endpoint: ovh-eu
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
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      name: cloudflare
    after:
      name: dns
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.dns_provider import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
