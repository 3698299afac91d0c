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
      - The others are V(tree), which returns RV(projects), and V(registries), V(ssh_keys), V(certificates),
        V(destinations), V(git_providers), V(notifications), V(servers), V(networks), V(tags), V(users),
        V(organizations), V(api_keys), V(vault_providers), V(dns_providers), V(ai_providers) and V(settings).
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
  description: How many records there are of what is returned.
  returned: success
  type: dict
  contains:
    projects:
      description: How many projects there are.
      returned: when they are returned
      type: int
      sample: 2
    environments:
      description: How many environments of all projects there are.
      returned: when they are returned
      type: int
      sample: 3
    services:
      description: How many services of all projects there are.
      returned: when they are returned
      type: int
      sample: 12
    registries:
      description: How many registries there are.
      returned: when they are returned
      type: int
      sample: 1
    ssh_keys:
      description: How many SSH keys there are.
      returned: when they are returned
      type: int
      sample: 1
    certificates:
      description: How many certificates there are.
      returned: when they are returned
      type: int
      sample: 1
    destinations:
      description: How many destinations there are.
      returned: when they are returned
      type: int
      sample: 1
    git_providers:
      description: How many Git providers there are.
      returned: when they are returned
      type: int
      sample: 1
    notifications:
      description: How many notifications there are.
      returned: when they are returned
      type: int
      sample: 2
    servers:
      description: How many remote servers there are.
      returned: when they are returned
      type: int
      sample: 2
    networks:
      description: How many networks there are.
      returned: when they are returned
      type: int
      sample: 1
    tags:
      description: How many tags there are.
      returned: when they are returned
      type: int
      sample: 3
    users:
      description: How many users there are.
      returned: when they are returned
      type: int
      sample: 4
    organizations:
      description: How many organizations there are.
      returned: when they are returned
      type: int
      sample: 1
    api_keys:
      description: How many API keys of the user there are.
      returned: when they are returned
      type: int
      sample: 2
    vault_providers:
      description: How many vaults there are.
      returned: when they are returned
      type: int
      sample: 0
    dns_providers:
      description: How many DNS providers there are.
      returned: when they are returned
      type: int
      sample: 0
    ai_providers:
      description: How many AI providers there are.
      returned: when they are returned
      type: int
      sample: 0
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
  description: The projects, sorted by name.
  returned: when O(gather_subset) selects V(tree), and it is readable
  type: list
  elements: dict
  contains:
    project_id:
      description: ID of the project.
      type: str
      sample: 1CksJdNMCHsJ6rbtiEgyC
    name:
      description: Name of the project.
      type: str
      sample: shop
    environments:
      description: The environments of the project, sorted by name.
      type: list
      elements: dict
      contains:
        environment_id:
          description: ID of the environment.
          type: str
          sample: 5IqLWn0cBWK2hoy1bxeGz
        name:
          description: Name of the environment.
          type: str
          sample: production
        is_default:
          description: Whether it is the environment that Dokploy created with the project.
          type: bool
          sample: true
        services:
          description: The services in the environment.
          type: list
          elements: dict
          contains:
            type:
              description: Kind of the service, such as V(application), V(compose) or V(postgres).
              type: str
              sample: application
            id:
              description: ID of the service.
              type: str
              sample: GcgaNU4vdX6FzE6BAxTD8
            name:
              description: Name of the service.
              type: str
              sample: web
registries:
  description: The registries, sorted by name.
  returned: when O(gather_subset) selects V(registries), and it is readable
  type: list
  elements: dict
  contains:
    registry_id:
      description: ID of the registry.
      type: str
      sample: JKCyBrWcsZYCh0_ecCckR
    name:
      description: Name of the registry.
      type: str
      sample: acme-registry
    url:
      description: Address of the registry. Empty for Docker Hub.
      type: str
      sample: registry.example.com
    username:
      description: Name of the user that Dokploy logs in as.
      type: str
      sample: deployer
    image_prefix:
      description: What Dokploy puts before the names of images.
      type: str
      sample: acme
ssh_keys:
  description: The SSH keys, sorted by name.
  returned: when O(gather_subset) selects V(ssh_keys), and it is readable
  type: list
  elements: dict
  contains:
    ssh_key_id:
      description: ID of the SSH key.
      type: str
      sample: UmUPDssuKtkuDCJlcDhNB
    name:
      description: Name of the SSH key.
      type: str
      sample: deploy
    description:
      description: Description of the SSH key.
      type: str
      sample: For the servers
    public_key:
      description: The public key.
      type: str
      sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILqkVjlAuWeG0+yHpBopwYnADxPgVk0BlXKoxOYKtQpP dokploy
certificates:
  description: The certificates, sorted by name.
  returned: when O(gather_subset) selects V(certificates), and it is readable
  type: list
  elements: dict
  contains:
    certificate_id:
      description: ID of the certificate.
      type: str
      sample: J9PKs2_widGqoTCsrjZK3
    name:
      description: Name of the certificate.
      type: str
      sample: shop.example.com
    path:
      description: Folder of its files in the folder of certificates.
      type: str
      sample: certificate-input-primary-array-1f5lv6
    server:
      description: Name of the server, or its ID if the servers are not returned. Null for Dokploy's own host.
      type: str
      sample: worker-1
destinations:
  description: The destinations of backups, sorted by name.
  returned: when O(gather_subset) selects V(destinations), and it is readable
  type: list
  elements: dict
  contains:
    destination_id:
      description: ID of the destination.
      type: str
      sample: kQ4ixQTo6LwWpnNijhaTz
    name:
      description: Name of the destination.
      type: str
      sample: offsite
    provider:
      description: Name of the provider.
      type: str
      sample: AWS
    bucket:
      description: Name of the bucket.
      type: str
      sample: shop-backups
    region:
      description: Region of the bucket.
      type: str
      sample: eu-central-1
    endpoint:
      description: URL of the storage.
      type: str
      sample: https://s3.eu-central-1.amazonaws.com
git_providers:
  description: The Git providers, sorted by name.
  returned: when O(gather_subset) selects V(git_providers), and it is readable
  type: list
  elements: dict
  contains:
    git_provider_id:
      description: ID of the Git provider.
      type: str
      sample: FiuTHJGujzacevi7UkkLd
    name:
      description: Name of the Git provider.
      type: str
      sample: acme-gitlab
    type:
      description: Kind of the Git provider.
      type: str
      sample: gitlab
    shared:
      description: Whether other users of the organization can use it.
      type: bool
      sample: false
notifications:
  description: The notifications, sorted by name.
  returned: when O(gather_subset) selects V(notifications), and it is readable
  type: list
  elements: dict
  contains:
    notification_id:
      description: ID of the notification.
      type: str
      sample: Lt2i2rTePqCv3BxgvIKM4
    name:
      description: Name of the notification.
      type: str
      sample: ops
    type:
      description: Kind of the notification.
      type: str
      sample: slack
servers:
  description: The remote servers, sorted by name.
  returned: when O(gather_subset) selects V(servers), and it is readable
  type: list
  elements: dict
  contains:
    server_id:
      description: ID of the server.
      type: str
      sample: fLdjvz_GFr-f4uCHC9Vc3
    name:
      description: Name of the server.
      type: str
      sample: worker-1
    description:
      description: Description of the server.
      type: str
      sample: Frankfurt
    type:
      description: V(deploy) for a server that runs services, V(build) for one that builds images.
      type: str
      sample: deploy
    ip_address:
      description: Address of the server.
      type: str
      sample: 192.0.2.7
    port:
      description: Port of its SSH service.
      type: int
      sample: 22
    user:
      description: Name of the user that Dokploy logs in as.
      type: str
      sample: root
    ssh_key:
      description: Name of the SSH key, or its ID if the SSH keys are not returned.
      type: str
      sample: deploy
    services:
      description: How many services are on the server.
      type: int
      sample: 3
networks:
  description: The Docker networks that Dokploy manages, sorted by name.
  returned: when O(gather_subset) selects V(networks), and it is readable
  type: list
  elements: dict
  contains:
    network_id:
      description: ID of the network.
      type: str
      sample: HvDccgmQvZK7PvM-PflgR
    name:
      description: Name of the network.
      type: str
      sample: shop-internal
    driver:
      description: Driver of the network.
      type: str
      sample: overlay
    internal:
      description: Whether the network has no access to the outside.
      type: bool
      sample: false
    server:
      description: Name of the server, or its ID if the servers are not returned. Null for Dokploy's own host.
      type: str
      sample: worker-1
tags:
  description: The tags of projects, sorted by name.
  returned: when O(gather_subset) selects V(tags), and it is readable
  type: list
  elements: dict
  contains:
    tag_id:
      description: ID of the tag.
      type: str
      sample: U3ueD17NFxnXfZqcVFYjn
    name:
      description: Name of the tag.
      type: str
      sample: critical
    color:
      description: Color of the tag.
      type: str
      sample: '#ff0000'
users:
  description: The users of the organization, sorted by email address.
  returned: when O(gather_subset) selects V(users), and it is readable
  type: list
  elements: dict
  contains:
    user_id:
      description: ID of the user.
      type: str
      sample: LhvpKPbBpKZK1dcmI1NN6RbJPSOZoCyU
    email:
      description: Email address of the user.
      type: str
      sample: admin@example.com
    role:
      description: Role of the user in the organization.
      type: str
      sample: owner
organizations:
  description: The organizations of the user of the API key, sorted by name.
  returned: when O(gather_subset) selects V(organizations), and it is readable
  type: list
  elements: dict
  contains:
    organization_id:
      description: ID of the organization.
      type: str
      sample: N6EaRfhO-D4_62HCeLafW
    name:
      description: Name of the organization.
      type: str
      sample: My Organization
api_keys:
  description: The API keys of the user of the API key, sorted by name.
  returned: when O(gather_subset) selects V(api_keys), and it is readable
  type: list
  elements: dict
  contains:
    api_key_id:
      description: ID of the API key.
      type: str
      sample: GOQPqZCdYy6IEjoXBnluLDvqplc0Wlyh
    name:
      description: Name of the API key.
      type: str
      sample: ansible
    prefix:
      description: The text that the API key starts with.
      type: str
      sample: ci_
    enabled:
      description: Whether the API key can be used.
      type: bool
      sample: true
    expires_at:
      description: When the API key expires, in UTC. Null if it does not.
      type: str
      sample: '2026-12-25T15:54:16.996Z'
vault_providers:
  description: The vaults, sorted by name.
  returned: when O(gather_subset) selects V(vault_providers), and it is readable
  type: list
  elements: dict
  contains:
    vault_provider_id:
      description: ID of the vault.
      type: str
      sample: 6Rb9HS_et5UhDsMgbucE8
    name:
      description: Name of the vault.
      type: str
      sample: secrets
    type:
      description: Kind of the vault.
      type: str
      sample: hashicorp
dns_providers:
  description: The DNS providers, sorted by name.
  returned: when O(gather_subset) selects V(dns_providers), and it is readable
  type: list
  elements: dict
  contains:
    dns_provider_id:
      description: ID of the DNS provider.
      type: str
      sample: XflXAF8YMyhLsZBQ9w3vE
    name:
      description: Name of the DNS provider.
      type: str
      sample: zones
    type:
      description: Kind of the DNS provider.
      type: str
      sample: cloudflare
ai_providers:
  description: The AI providers, sorted by name.
  returned: when O(gather_subset) selects V(ai_providers), and it is readable
  type: list
  elements: dict
  contains:
    ai_provider_id:
      description: ID of the AI provider.
      type: str
      sample: vS9_RE1EyOVJ5Ov-Exuk6
    name:
      description: Name of the AI provider.
      type: str
      sample: assistant
    url:
      description: URL of the API of the AI provider.
      type: str
      sample: https://ai.example.com/v1
    model:
      description: Name of the model.
      type: str
      sample: small
    enabled:
      description: Whether Dokploy uses it.
      type: bool
      sample: true
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
