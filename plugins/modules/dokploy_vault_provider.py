#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_vault_provider
short_description: Manage a vault that Dokploy reads secrets from
version_added: 1.0.0
description:
  - Creates, updates and removes a vault provider, which is an external store of secrets that the services of assigned
    projects can refer to.
  - Most tasks set O(name), the suboptions of one kind, and O(assignments).
  - 'A short example: C(community.dokploy.dokploy_vault_provider: {name: main, doppler: {service_token: "{{ vault_token
    }}", project: shop, config: prd}, assignments: [{project: shop}]}).'
  - 'The kind of provider is the one whose suboptions are set: one of O(aws), O(aws_parameter_store), O(azure),
    O(doppler), O(hashicorp), O(infisical), O(phase) and O(scaleway). A new provider needs one of them. The kind of an
    existing provider is known. To change it, remove the provider first.'
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
  - An assignment outlives its project. The module leaves assignments to projects and environments that do not exist any
    more out of each update, since Dokploy would refuse it.
options:
  # Written by make generate, but for what is described below.
  state:
    description:
      - V(present) creates the vault provider, or updates it where it differs.
      - V(absent) removes the vault provider.
    type: str
    choices:
      - present
      - absent
    default: present
  vault_provider_id:
    description:
      - ID of an existing vault provider. Use it instead of O(name), or with it to rename the vault provider.
      - If it does not exist, O(state=present) fails, and O(state=absent) changes nothing.
    type: str
  update_secrets:
    description:
      - 'When the secrets that Dokploy never shows are sent: only when the vault provider is created (V(on_create)), or
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
      - One of O(name) and O(vault_provider_id) is required.
    type: str
  assignments:
    description:
      - 'The projects and environments whose services can use the secrets, as a whole and in any order: assignments that
        are not listed are removed. V([]) removes all. The default for a new provider is none.'
      - Each assignment is stated as a whole. Parts that you leave out are not set.
    type: list
    elements: dict
    suboptions:
      project:
        description:
          - Name or ID of the project.
        type: str
        required: true
      environments:
        description:
          - Names or IDs of environments of the project, in any order. Without them, the assignment is for the whole
            project.
        type: list
        elements: str
  aws:
    description:
      - AWS Secrets Manager.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      region:
        description:
          - Region of the secrets. 1 to 255 characters. Required for a new one.
        type: str
      access_key_id:
        description:
          - ID of the access key, 1 to 255 characters. Treated as a secret, and compared. Required for a new one.
        type: str
      secret_access_key:
        description:
          - 'Its secret. Treated as a secret. Dokploy never shows it, so it is not compared: it is sent to a new
            provider, and later with O(update_secrets=always). 1 to 4096 characters. Required for a new one.'
        type: str
      endpoint:
        description:
          - Address of another service with this API, beginning with C(http://) or C(https://). V("") clears it.
        type: str
  aws_parameter_store:
    description:
      - Parameter Store of AWS Systems Manager.
      - Needs Dokploy 0.30.6 or newer.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      region:
        description:
          - Region of the parameters. 1 to 255 characters. Required for a new one.
        type: str
      access_key_id:
        description:
          - ID of the access key, 1 to 255 characters. Treated as a secret, and compared. Required for a new one.
        type: str
      secret_access_key:
        description:
          - 'Its secret. Treated as a secret. Dokploy never shows it, so it is not compared: it is sent to a new
            provider, and later with O(update_secrets=always). 1 to 4096 characters. Required for a new one.'
        type: str
      endpoint:
        description:
          - Address of another service with this API, beginning with C(http://) or C(https://). V("") clears it.
        type: str
      path:
        description:
          - Path of the parameters that Dokploy lists, such as V(/shop/production), up to 1024 characters. It begins
            with a slash. V("") clears it.
        type: str
  azure:
    description:
      - Azure Key Vault.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      vault_uri:
        description:
          - Address of the vault. 1 to 1024 characters, beginning with C(http://) or C(https://). Required for a new
            one.
        type: str
      tenant_id:
        description:
          - ID of the tenant. 1 to 255 characters. Required for a new one.
        type: str
      client_id:
        description:
          - ID of the client. 1 to 255 characters. Required for a new one.
        type: str
      client_secret:
        description:
          - 'Secret of the client. Treated as a secret. Dokploy never shows it, so it is not compared: it is sent to a
            new provider, and later with O(update_secrets=always). 1 to 4096 characters. Required for a new one.'
        type: str
  doppler:
    description:
      - Doppler.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      service_token:
        description:
          - 'Service token. Treated as a secret. Dokploy never shows it, so it is not compared: it is sent to a new
            provider, and later with O(update_secrets=always). 1 to 4096 characters. Required for a new one.'
        type: str
      project:
        description:
          - Project in Doppler. V("") clears it.
        type: str
      config:
        description:
          - Config of the project. V("") clears it.
        type: str
  hashicorp:
    description:
      - HashiCorp Vault, with a key-value store of version 2.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      url:
        description:
          - Address of the vault. 1 to 1024 characters, beginning with C(http://) or C(https://). Required for a new
            one.
        type: str
      token:
        description:
          - 'Token. Treated as a secret. Dokploy never shows it, so it is not compared: it is sent to a new provider,
            and later with O(update_secrets=always). 1 to 4096 characters. Required for a new one.'
        type: str
      namespace:
        description:
          - Namespace. V("") clears it.
        type: str
      mount:
        description:
          - Path of the store, 1 to 1024 characters. The default for a new provider is V(secret).
        type: str
  infisical:
    description:
      - Infisical, with a machine identity.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      site_url:
        description:
          - Address of Infisical. 1 to 1024 characters, beginning with C(http://) or C(https://). The default for a new
            provider is V(https://app.infisical.com).
        type: str
      client_id:
        description:
          - ID of the client. 1 to 255 characters. Required for a new one.
        type: str
      client_secret:
        description:
          - 'Secret of the client. Treated as a secret. Dokploy never shows it, so it is not compared: it is sent to a
            new provider, and later with O(update_secrets=always). 1 to 4096 characters. Required for a new one.'
        type: str
      project_id:
        description:
          - ID of the project. 1 to 255 characters. Required for a new one.
        type: str
      environment_slug:
        description:
          - Slug of the environment. 1 to 255 characters. Required for a new one.
        type: str
      folder:
        description:
          - Folder of the secrets, 1 to 1024 characters. The default for a new provider is V(/).
        type: str
  phase:
    description:
      - Phase, with the token of a service account. The app must have server-side encryption.
      - Needs Dokploy 0.30.5 or newer.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      token:
        description:
          - 'Token. Treated as a secret. Dokploy never shows it, so it is not compared: it is sent to a new provider,
            and later with O(update_secrets=always). 1 to 4096 characters. Required for a new one.'
        type: str
      app_id:
        description:
          - ID of the app. 1 to 255 characters. Required for a new one.
        type: str
      environment:
        description:
          - Environment of the app, such as V(Production). 1 to 255 characters. Required for a new one.
        type: str
      path:
        description:
          - Path of the secrets, 1 to 1024 characters. The default for a new provider is V(/).
        type: str
      api_url:
        description:
          - Address of the API. 1 to 1024 characters, beginning with C(http://) or C(https://). The default for a new
            provider is V(https://api.phase.dev).
        type: str
  scaleway:
    description:
      - Scaleway Secret Manager.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      project_id:
        description:
          - ID of the project. 1 to 255 characters. Required for a new one.
        type: str
      secret_key:
        description:
          - 'Secret key. Treated as a secret. Dokploy never shows it, so it is not compared: it is sent to a new
            provider, and later with O(update_secrets=always). 1 to 4096 characters. Required for a new one.'
        type: str
      region:
        description:
          - Region, 1 to 255 characters. The default for a new provider is V(fr-par).
        type: str
      api_url:
        description:
          - Address of the API. 1 to 1024 characters, beginning with C(http://) or C(https://). The default for a new
            provider is V(https://api.scaleway.com).
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
  - module: community.dokploy.dokploy_vault_provider_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Let a project read secrets from HashiCorp Vault
  community.dokploy.dokploy_vault_provider:
    name: main
    hashicorp:
      url: https://vault.example.com
      token: "{{ vault_token }}"
      mount: kv
    assignments:
      - project: shop
        environments:
          - production
    test_connection: true

- name: Replace the token
  community.dokploy.dokploy_vault_provider:
    name: main
    hashicorp:
      token: "{{ vault_new_token }}"
    update_secrets: always

- name: Remove the provider
  community.dokploy.dokploy_vault_provider:
    name: main
    state: absent
"""

RETURN = r"""
vault_provider:
  description:
    - The provider after the module ran, or as predicted in check mode. It never contains secrets.
    - For O(state=absent), only its ID and name, or null if it did not exist.
  returned: success
  type: dict
  contains:
    vault_provider_id:
      description: ID of the vault provider. V((generated\)) if check mode would create it.
      type: str
      sample: i-fcFeuwaZ47OT0TdZo7i
    type:
      description: The kind of provider.
      returned: O(state=present)
      type: str
      sample: hashicorp
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    name:
      description: Name of the provider.
      type: str
      sample: main
    assignments:
      description: See O(assignments). C(project) is an ID unless the task sets it.
      returned: O(state=present)
      type: list
      elements: dict
      sample:
        - project: p1g1eZId8nfQM27cbfd9S
          environments:
            - PTa-UaNbNUmuooHmDgtiZ
    aws:
      description: See O(aws).
      returned: when RV(vault_provider.type=aws), O(state=present)
      type: dict
      sample:
        region: eu-central-1
        endpoint: https://secrets.example.com
    aws_parameter_store:
      description: See O(aws_parameter_store).
      returned: when RV(vault_provider.type=aws_parameter_store), O(state=present)
      type: dict
      sample:
        region: eu-central-1
        endpoint: https://ssm.example.com
        path: /shop/production
    azure:
      description: See O(azure).
      returned: when RV(vault_provider.type=azure), O(state=present)
      type: dict
      sample:
        vault_uri: https://acme.vault.azure.net
        tenant_id: 9f3c
        client_id: 7d1e
    doppler:
      description: See O(doppler).
      returned: when RV(vault_provider.type=doppler), O(state=present)
      type: dict
      sample:
        project: shop
        config: prd
    hashicorp:
      description: See O(hashicorp).
      returned: when RV(vault_provider.type=hashicorp), O(state=present)
      type: dict
      sample:
        url: https://vault.example.com
        namespace: team
        mount: secret
    infisical:
      description: See O(infisical).
      returned: when RV(vault_provider.type=infisical), O(state=present)
      type: dict
      sample:
        site_url: https://app.infisical.com
        client_id: 7d1e
        project_id: 4b2a
        environment_slug: prod
        folder: /
    phase:
      description: See O(phase).
      returned: when RV(vault_provider.type=phase), O(state=present)
      type: dict
      sample:
        app_id: 72b9ddd5-8fce-49ab-89d9-c431d53a9552
        environment: Production
        path: /backend
        api_url: https://api.phase.dev
    scaleway:
      description: See O(scaleway).
      returned: when RV(vault_provider.type=scaleway), O(state=present)
      type: dict
      sample:
        project_id: 4b2a
        region: fr-par
        api_url: https://api.scaleway.com
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
      hashicorp:
        mount: secret
    after:
      hashicorp:
        mount: kv
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.vault_provider import (
    OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
