#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_dns_provider_info
short_description: List the DNS providers of Dokploy
version_added: 1.0.0
description:
  - Lists DNS providers.
  - One of a kind that this collection does not know, such as a fork of Dokploy has, is listed with its ID, its name and
    its RV(dns_providers[].type), and without anything else.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.listed
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.listing
requirements:
  - For this module, Dokploy 0.30.0 or newer.
options:
  # Written by make generate, but for what is described below.
  dns_provider_id:
    description:
      - Only the DNS provider with this ID.
    type: str
  type:
    description:
      - Only DNS providers of this kind.
    type: str
    choices:
      - cloudflare
      - route53
      - porkbun
      - infomaniak
      - ovh
  # Written by hand.
  include_secrets:
    description:
      - Whether to also return what Dokploy shows of logins, which are the ID of an access key at Route 53, the API key
        at Porkbun and the key of an application at OVHcloud. It never shows the other secrets. They are then visible in
        the result of the task, so use C(no_log).
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_dns_provider
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all DNS providers
  community.dokploy.dokploy_dns_provider_info:
  register: all_providers

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ all_providers.dns_providers | map(attribute='name') | list }}"
"""

RETURN = r"""
dns_providers:
  description: The DNS providers, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    cloudflare:
      description: See O(community.dokploy.dokploy_dns_provider#module:cloudflare).
      returned: when RV(dns_providers[].type=cloudflare)
      type: dict
      sample: {}
    route53:
      description: See O(community.dokploy.dokploy_dns_provider#module:route53). C(access_key_id) is returned with
        O(include_secrets=true) only.
      returned: when RV(dns_providers[].type=route53)
      type: dict
      sample:
        access_key_id: AKIAIOSFODNN7EXAMPLE
    porkbun:
      description: See O(community.dokploy.dokploy_dns_provider#module:porkbun). C(api_key) is returned with
        O(include_secrets=true) only.
      returned: when RV(dns_providers[].type=porkbun)
      type: dict
      sample:
        api_key: pk1_example
    infomaniak:
      description: See O(community.dokploy.dokploy_dns_provider#module:infomaniak).
      returned: when RV(dns_providers[].type=infomaniak)
      type: dict
      sample: {}
    ovh:
      description: See O(community.dokploy.dokploy_dns_provider#module:ovh). C(application_key) is returned with
        O(include_secrets=true) only.
      returned: when RV(dns_providers[].type=ovh)
      type: dict
      sample:
        endpoint: ovh-eu
        application_key: example
    type:
      description: The kind of provider.
      type: str
      sample: cloudflare
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    dns_provider_id:
      description: ID of the dns provider.
      type: str
      sample: i-fcFeuwaZ47OT0TdZo7i
    name:
      description: See O(community.dokploy.dokploy_dns_provider#module:name).
      type: str
      sample: main
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.dns_provider import (
    INFO_OPERATION,
)


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
