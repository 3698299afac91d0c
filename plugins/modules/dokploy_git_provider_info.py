#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_git_provider_info
short_description: List the Git providers of Dokploy
version_added: 1.0.0
description:
  - Lists the accounts from which Dokploy clones repositories. Without options, it lists all providers that the API key
    can use.
  - One of a kind that this collection does not know, such as a fork of Dokploy has, is listed with its ID, its name and
    its RV(git_providers[].type), and without anything else.
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
  type:
    description:
      - Only git providers of this kind.
    type: str
    choices:
      - bitbucket
      - gitea
      - github
      - gitlab
  # Written by hand.
  git_provider_id:
    description:
      - Only the provider with this ID, as applications refer to it.
    type: str
  include_secrets:
    description:
      - Whether to also return the secrets and tokens. They are then visible in the result of the task, so use
        C(no_log).
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_git_provider
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all providers
  community.dokploy.dokploy_git_provider_info:
  register: all_providers

- name: Show those that a user has to authorize
  ansible.builtin.debug:
    msg: "{{ item.name }} ({{ item.type }})"
  loop: "{{ all_providers.git_providers | rejectattr('authorized') }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
git_providers:
  description: The providers, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    bitbucket:
      description: See O(community.dokploy.dokploy_git_provider#module:bitbucket). C(api_token) and C(app_password) are
        returned with O(include_secrets=true) only.
      returned: when RV(git_providers[].type=bitbucket)
      type: dict
      sample:
        username: acme-bot
        email: bot@example.com
        api_token: token of the account
        app_password: password of the app
        workspace: acme
    gitea:
      description: See O(community.dokploy.dokploy_git_provider#module:gitea). C(client_secret), C(access_token) and
        C(refresh_token) are returned with O(include_secrets=true) only.
      returned: when RV(git_providers[].type=gitea)
      type: dict
      sample:
        url: https://git.example.com
        internal_url: http://gitea:3000
        client_id: 1b8ff0cb-1e2a-4c4d-9d7f-4f3f3c9f0a11
        client_secret: secret of the application
        redirect_uri: https://dokploy.example.com/api/providers/gitea/callback
        access_token: token of the user
        refresh_token: token that renews it
        expires_at: 1795625569
        scopes: repo,repo:status,read:user,read:org
    gitlab:
      description: See O(community.dokploy.dokploy_git_provider#module:gitlab). C(secret) is returned with
        O(include_secrets=true) only.
      returned: when RV(git_providers[].type=gitlab)
      type: dict
      sample:
        url: https://gitlab.example.com
        internal_url: http://gitlab:8080
        application_id: 4f1c9d0e7b
        secret: secret of the application
        redirect_uri: https://dokploy.example.com/api/providers/gitlab/callback
        group_name: acme
    type:
      description: The kind of provider.
      type: str
      sample: bitbucket
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    authorized:
      description: 'Whether it has what Dokploy needs to use it: tokens, or an installation of the app of GitHub. Always
        true for O(community.dokploy.dokploy_git_provider#module:bitbucket), whose token only a test can judge.'
      type: bool
      sample: true
    git_provider_id:
      description: ID of the git provider.
      type: str
      sample: gP-SkwxLQ2-co6eGjXQYQ
    name:
      description: See O(community.dokploy.dokploy_git_provider#module:name).
      type: str
      sample: acme
    shared:
      description: See O(community.dokploy.dokploy_git_provider#module:shared).
      type: bool
      sample: false
    github:
      description: See O(community.dokploy.dokploy_git_provider#module:github).
      returned: when RV(git_providers[].type=github)
      type: dict
      sample:
        app_name: https://github.com/apps/dokploy-acme
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.git_provider import (
    INFO_OPERATION,
)


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
