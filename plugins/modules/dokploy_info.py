#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_info
short_description: List everything that a Dokploy instance has
version_added: 1.0.0
description:
  - Returns the version and the health of Dokploy, and names, IDs and the most important properties of everything that
    the API key can access, from projects and their services to servers, users and settings.
  - Sends one request whatever O(gather_subset) selects, and a second one for the names of databases and the networks on
    servers. O(check_api) needs one or two more.
  - The result never has passwords, private keys, tokens or variables. The modules of the resources have options for
    these.
  - What the API key may not read, and what this version of Dokploy does not have, is listed in RV(not_readable). It is
    not an error.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
options:
  gather_subset:
    description:
      - What to return, by the rules of M(ansible.builtin.setup). V(all) is everything, V(min) is RV(version) and
        RV(health), which are returned unless they are left out.
      - The others are V(tree), which returns RV(projects), and the names of the other results, such as V(servers) and
        V(settings).
      - An exclamation mark before a name leaves it out. V(!all) leaves out everything but V(min). If only names with
        an exclamation mark are given, everything else is returned.
    type: list
    elements: str
    default:
      - all
  check_api:
    description:
      - Whether to compare the API of the server with what the collection uses of it, for example after an update of
        Dokploy. The differences are in RV(api_differences).
      - The server describes its API in one answer of about 750 KB.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_server_info
  - module: community.dokploy.dokploy_project_info
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_api
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List everything
  community.dokploy.dokploy_info:
  register: dokploy_info

- name: Show how much there is
  ansible.builtin.debug:
    msg: "Dokploy {{ dokploy_info.version }} has {{ dokploy_info.counts.services }} services"

- name: Read only the version and the servers
  community.dokploy.dokploy_info:
    gather_subset:
      - servers
  register: dokploy_info

- name: Require a version of Dokploy
  ansible.builtin.assert:
    that: dokploy_info.version is version("0.25.0", ">=")
    fail_msg: This play needs Dokploy 0.25.0 or newer.

- name: List everything but the users
  community.dokploy.dokploy_info:
    gather_subset:
      - "!users"
  register: dokploy_info

- name: Compare the API of a new version of Dokploy with what the collection uses
  community.dokploy.dokploy_info:
    gather_subset:
      - min
    check_api: true
  register: dokploy_api

- name: Show what to report
  ansible.builtin.debug:
    msg: "Dokploy {{ dokploy_api.version }}: {{ dokploy_api.api_differences }}"

- name: Require an API key that may read all of it
  ansible.builtin.assert:
    that: dokploy_info.not_readable | selectattr("kind", "equalto", "permission") | length == 0
"""

RETURN = r"""
version:
  description: Version of Dokploy.
  returned: success
  type: str
  sample: 0.30.2
api_differences:
  description:
    - What the collection calls or sends and the server does not take, sorted. V([]) if there is nothing. What came with
      a newer version than that of the server is left out.
    - Null if the API key may not read the description of the API. RV(not_readable) has the reason.
    - Please report what is found in a version of Dokploy that the collection does not know yet.
  returned: when O(check_api=true)
  type: list
  elements: dict
  contains:
    procedure:
      description: The procedure of the API.
      type: str
      sample: notification.createGotify
    field:
      description: The field of its input. Null if the whole procedure is unknown to the server.
      type: str
      sample: serverThreshold
    difference:
      description:
        - V(unknown_procedure) if the server does not have the procedure, so that calls of it fail.
        - V(unknown_field) if it does not take the field. Dokploy drops such a field without an error.
        - V(new_required_field) if it requires a field that the collection does not send.
      type: str
      sample: new_required_field
api_known_until:
  description: The newest version of Dokploy whose API the collection knows.
  returned: when O(check_api=true)
  type: str
  sample: 0.30.8
health:
  description: The health of Dokploy.
  returned: unless O(gather_subset) has V(!min) or V(!health)
  type: dict
  contains:
    status:
      description: The status, V(ok) if Dokploy can use its database.
      type: str
      sample: ok
counts:
  description: How many records there are of each kind that is returned. C(environments) and C(services) are those of
    all projects.
  returned: success
  type: dict
  sample:
    projects: 2
    environments: 3
    services: 12
    registries: 1
    ssh_keys: 1
    certificates: 1
    destinations: 1
    git_providers: 1
    notifications: 2
    servers: 2
    networks: 1
    tags: 3
    users: 4
    organizations: 1
    api_keys: 2
    vault_providers: 0
    dns_providers: 0
    ai_providers: 0
not_readable:
  description: What could not be read of what O(gather_subset) selects, and V(api) with O(check_api).
  returned: success
  type: list
  elements: dict
  contains:
    subset:
      description: Name of the subset.
      type: str
      sample: ai_providers
    kind:
      description: Either V(permission), or V(unknown_procedure) if this version of Dokploy does not have it.
      type: str
      sample: permission
    reason:
      description: The reason in words.
      type: str
      sample: ai.getAll on dokploy.example.com is not permitted to this key (HTTP 401). It may be for administrators
        only.
projects:
  description: The projects, sorted by name, with some keys of
    RV(community.dokploy.dokploy_project_info#module:projects).
  returned: when O(gather_subset) selects V(tree), and it is readable
  type: list
  elements: dict
  sample:
    - project_id: 1CksJdNMCHsJ6rbtiEgyC
      name: shop
      environments:
        - environment_id: 5IqLWn0cBWK2hoy1bxeGz
          name: production
          is_default: true
          path: shop/production
          services:
            - type: application
              id: GcgaNU4vdX6FzE6BAxTD8
              name: web
              path: shop/production/web
ai_providers:
  description: The AI providers, sorted by name, with some keys of
    RV(community.dokploy.dokploy_ai_provider_info#module:ai_providers).
  returned: when O(gather_subset) selects V(ai_providers), and it is readable
  type: list
  elements: dict
  sample:
    - ai_provider_id: i-fcFeuwaZ47OT0TdZo7i
      name: main
      url: https://api.openai.com/v1
      model: gpt-5-mini
      enabled: true
      created_at: '2026-03-14T09:26:53.589Z'
api_keys:
  description: The API keys, sorted by name, with some keys of
    RV(community.dokploy.dokploy_api_key_info#module:api_keys).
  returned: when O(gather_subset) selects V(api_keys), and it is readable
  type: list
  elements: dict
  sample:
    - api_key_id: npDUPHDh7vmblnJBwZo1gloxiZ21dHiq
      name: pipeline
      prefix: ci_
      remaining: 50
      refill_amount: 50
      enabled: true
      expires_at: '2026-12-25T15:54:16.996Z'
      created_at: '2026-11-25T15:54:16.996Z'
certificates:
  description: The certificates, sorted by name, with some keys of
    RV(community.dokploy.dokploy_certificate_info#module:certificates). C(server) is a name, or an ID if the servers are
    not returned.
  returned: when O(gather_subset) selects V(certificates), and it is readable
  type: list
  elements: dict
  sample:
    - certificate_id: Jw7PbXc3nVk9sQy5TrLm2
      name: shop.example.com
      server: fLdjvz_GFr-f4uCHC9Vc3
      path: certificate-index-mobile-matrix-4zd7vu
destinations:
  description: The destinations, sorted by name, with some keys of
    RV(community.dokploy.dokploy_destination_info#module:destinations).
  returned: when O(gather_subset) selects V(destinations), and it is readable
  type: list
  elements: dict
  sample:
    - destination_id: kQ4ixQTo6LwWpnNijhaTz
      name: offsite
      provider: AWS
      bucket: shop-backups
      region: eu-central-1
      endpoint: https://s3.eu-central-1.amazonaws.com
      created_at: '2026-03-14T09:26:53.589Z'
dns_providers:
  description: The DNS providers, sorted by name, with some keys of
    RV(community.dokploy.dokploy_dns_provider_info#module:dns_providers).
  returned: when O(gather_subset) selects V(dns_providers), and it is readable
  type: list
  elements: dict
  sample:
    - dns_provider_id: i-fcFeuwaZ47OT0TdZo7i
      name: main
      type: cloudflare
      created_at: '2026-03-14T09:26:53.589Z'
git_providers:
  description: The git providers, sorted by name, with some keys of
    RV(community.dokploy.dokploy_git_provider_info#module:git_providers).
  returned: when O(gather_subset) selects V(git_providers), and it is readable
  type: list
  elements: dict
  sample:
    - git_provider_id: gP-SkwxLQ2-co6eGjXQYQ
      name: acme
      type: bitbucket
networks:
  description: The networks, sorted by name, with some keys of
    RV(community.dokploy.dokploy_network_info#module:networks). C(server) is a name, or an ID if the servers are not
    returned.
  returned: when O(gather_subset) selects V(networks), and it is readable
  type: list
  elements: dict
  sample:
    - network_id: p5NGUUpYVB2x2BYRenZeY
      name: monitoring
      server: worker-1
      driver: overlay
      internal: false
      attachable: false
      ipv4: true
      ipv6: false
      mtu: 1400
      created_at: '2026-03-14T09:26:53.589Z'
notifications:
  description: The notifications, sorted by name, with some keys of
    RV(community.dokploy.dokploy_notification_info#module:notifications).
  returned: when O(gather_subset) selects V(notifications), and it is readable
  type: list
  elements: dict
  sample:
    - notification_id: VfTafv0KGYInbEDEx5sGs
      name: ops
      type: slack
      created_at: '2026-03-14T09:26:53.589Z'
organizations:
  description: The organizations, sorted by name, with some keys of
    RV(community.dokploy.dokploy_organization_info#module:organizations).
  returned: when O(gather_subset) selects V(organizations), and it is readable
  type: list
  elements: dict
  sample:
    - organization_id: 1CksJdNMCHsJ6rbtiEgyC
      name: Acme
      logo: https://acme.example.com/logo.png
      default_role: member
      slug: 88JCVV6NMoOKscYrh4I5a
      owner_id: LhvpKPbBpKZK1dcmI1NN6RbJPSOZoCyU
      created_at: '2026-11-25T15:54:28.814Z'
registries:
  description: The registries, sorted by name, with some keys of
    RV(community.dokploy.dokploy_registry_info#module:registries).
  returned: when O(gather_subset) selects V(registries), and it is readable
  type: list
  elements: dict
  sample:
    - registry_id: Xq3TnV7bKp0sLw9RyEj2M
      name: github
      url: ghcr.io
      image_prefix: acme
      created_at: '2026-03-14T09:26:53.589Z'
servers:
  description: The servers, sorted by name, with some keys of RV(community.dokploy.dokploy_server_info#module:servers).
    C(ssh_key) is a name, or an ID if the SSH keys are not returned.
  returned: when O(gather_subset) selects V(servers), and it is readable
  type: list
  elements: dict
  sample:
    - server_id: fLdjvz_GFr-f4uCHC9Vc3
      name: frankfurt
      description: Runs the shop
      ip_address: 203.0.113.20
      port: 22
      user: root
      ssh_key: Zp4WcT9nLk2sVx7QyRb1D
      type: deploy
      docker_cleanup: true
      builds_concurrency: 1
      command: ''
      created_at: '2026-03-14T09:26:53.589Z'
ssh_keys:
  description: The SSH keys, sorted by name, with some keys of
    RV(community.dokploy.dokploy_ssh_key_info#module:ssh_keys).
  returned: when O(gather_subset) selects V(ssh_keys), and it is readable
  type: list
  elements: dict
  sample:
    - ssh_key_id: Zp4WcT9nLk2sVx7QyRb1D
      name: shop repository
      description: Deploy key of the repository
      public_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEjx6jZ9mBdqJ4cQ8sYd3uPz1oX0tYJYbYhVn2mQ5cRk
      created_at: '2026-03-14T09:26:53.589Z'
tags:
  description: The tags, sorted by name, with some keys of RV(community.dokploy.dokploy_tag_info#module:tags).
  returned: when O(gather_subset) selects V(tags), and it is readable
  type: list
  elements: dict
  sample:
    - tag_id: Rb4kWfVPC8e19CW3EUcXx
      name: production
      color: '#22c55e'
      created_at: '2026-03-14T09:26:53.589Z'
users:
  description: The users, sorted by email, with some keys of RV(community.dokploy.dokploy_user_info#module:users).
  returned: when O(gather_subset) selects V(users), and it is readable
  type: list
  elements: dict
  sample:
    - user_id: wLb_zB-QrcveVtMpcmige
      email: dev@example.com
      role: member
      first_name: ''
      last_name: ''
vault_providers:
  description: The vault providers, sorted by name, with some keys of
    RV(community.dokploy.dokploy_vault_provider_info#module:vault_providers).
  returned: when O(gather_subset) selects V(vault_providers), and it is readable
  type: list
  elements: dict
  sample:
    - vault_provider_id: i-fcFeuwaZ47OT0TdZo7i
      name: main
      type: hashicorp
      created_at: '2026-03-14T09:26:53.589Z'
settings:
  description: The settings of Dokploy's own server.
  returned: when O(gather_subset) selects V(settings), and it is readable
  type: dict
  contains:
    server_ip:
      description: Public IP address of the server.
      type: str
      sample: 203.0.113.7
    host:
      description: Domain of the web interface.
      type: str
      sample: dokploy.example.com
    https:
      description: Whether the web interface is served over HTTPS.
      type: bool
      sample: true
    certificate_type:
      description: Where its certificate comes from.
      type: str
      sample: letsencrypt
    letsencrypt_email:
      description: Email address for Let's Encrypt.
      type: str
      sample: admin@example.com
    docker_cleanup:
      description: Whether Dokploy removes unused Docker images every night.
      type: bool
      sample: true
    log_cleanup:
      description: When Dokploy cleans up its logs. Null if it does not.
      type: str
      sample: 0 0 * * *
    builds_concurrency:
      description: How many builds run at the same time.
      type: int
      sample: 1
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.instance.info import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
