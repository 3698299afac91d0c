#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_git_provider
short_description: Manage Git providers, from which Dokploy clones repositories
version_added: 1.0.0
description:
  - Creates, updates, tests and removes a Git provider, which is an account from which Dokploy clones the repositories
    of applications and Compose stacks.
  - Most tasks set O(name) and the suboptions of one kind.
  - 'A short example: C(community.dokploy.dokploy_git_provider: {name: acme, bitbucket: {username: acme-bot, email:
    bot@example.com, api_token: "{{ vault_bitbucket_token }}"}}).'
  - 'The kind of provider is the one whose suboptions are set: one of O(bitbucket), O(gitea), O(github) and O(gitlab). A
    new provider needs one of them. The kind of an existing provider is known and cannot change: remove the provider
    first, or give the new one another name.'
  - If providers of different kinds have the same name, the suboptions that are set select one.
  - Dokploy shows the secrets of a provider to API keys that can use it, so they are compared with what it stores,
    except for the tokens of O(gitea). They are never returned, except by M(community.dokploy.dokploy_git_provider_info)
    on request.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.names
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
      - With O(update_secrets=always) and a token of O(gitea), each run is a change.
notes:
  - When a user is removed, Dokploy removes the providers that this user has created.
options:
  # Written by make generate, but for what is described below.
  name:
    description:
      - Name of the git provider, 1 to 255 characters. Case is significant.
      - One of O(name) and O(git_provider_id) is required.
    type: str
  # Written by hand.
  state:
    description:
      - V(present) creates the provider, or updates it where it differs.
      - V(absent) removes it. Dokploy leaves the applications and Compose stacks that use it without a provider. If
        something uses it, the module fails and lists it, unless O(force=true).
      - V(tested) tests the stored provider by listing its repositories, and changes nothing. In check mode nothing is
        tested.
    type: str
    choices:
      - present
      - absent
      - tested
    default: present
  git_provider_id:
    description:
      - ID of an existing provider, as applications refer to it. Use it instead of O(name), or with it to rename the
        provider.
      - If it does not exist, O(state=present) and O(state=tested) fail, and O(state=absent) changes nothing.
    type: str
  shared:
    description:
      - Whether all members of the organization can use the provider. Only the user who has created it can change this.
        The default for a new provider is V(false).
      - Needs Dokploy 0.29.0 or newer.
    type: bool
  bitbucket:
    description:
      - An account at Bitbucket.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      username:
        description:
          - Name of the account. V("") clears it.
        type: str
      email:
        description:
          - Mail address of the account, 1 to 255 characters. Dokploy cannot clear it.
          - Needs Dokploy 0.25.3 or newer.
        type: str
      api_token:
        description:
          - API token of the account. Treated as a secret. V("") clears it.
          - Needs Dokploy 0.25.3 or newer.
        type: str
      app_password:
        description:
          - App password of the account, which API tokens replace. Treated as a secret. V("") clears it.
        type: str
      workspace:
        description:
          - Workspace with the repositories. V("") clears it.
        type: str
  gitea:
    description:
      - An account at a Gitea server, with an OAuth2 application there.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      url:
        description:
          - Address of the server, 1 to 1024 characters, beginning with C(http://) or C(https://). The default for a new
            provider is V(https://gitea.com).
        type: str
      internal_url:
        description:
          - Address under which Dokploy itself reaches the server, if it is another one. V("") clears it.
          - Needs Dokploy 0.27.0 or newer.
        type: str
      client_id:
        description:
          - Client ID of the application. V("") clears it.
        type: str
      client_secret:
        description:
          - Client secret of the application. Treated as a secret. V("") clears it.
        type: str
      redirect_uri:
        description:
          - Redirect URI of the application, which is C(/api/providers/gitea/callback) at the address of Dokploy. V("")
            clears it.
        type: str
      access_token:
        description:
          - 'Access token, with which no authorization in a browser is needed. Treated as a secret. Dokploy replaces it
            when it has expired, so it is not compared: it is sent to a new provider, and later with
            O(update_secrets=always). V("") clears it then.'
        type: str
      refresh_token:
        description:
          - Token to renew the access token with. Treated as a secret, and sent when O(gitea.access_token) is. V("")
            clears it then.
        type: str
      expires_at:
        description:
          - When the access token expires, in seconds since 1970. Sent when O(gitea.access_token) is.
        type: int
      scopes:
        description:
          - Scopes of the access token, separated by commas. V("") clears them. The default for a new provider is
            V(repo,repo:status,read:user,read:org).
        type: str
  github:
    description:
      - 'An app of GitHub. GitHub creates it in the browser, so that this module cannot: it finds, renames, shares,
        tests and removes it.'
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      app_name:
        description:
          - Address of the page of the app at GitHub, 1 to 255 characters.
        type: str
  gitlab:
    description:
      - An account at a GitLab server, with an OAuth application there. A user must authorize it in the web interface of
        Dokploy before it can be used.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      url:
        description:
          - Address of the server, 1 to 1024 characters, beginning with C(http://) or C(https://). The default for a new
            provider is V(https://gitlab.com).
        type: str
      internal_url:
        description:
          - Address under which Dokploy itself reaches the server, if it is another one. V("") clears it.
          - Needs Dokploy 0.27.0 or newer.
        type: str
      application_id:
        description:
          - ID of the application. V("") clears it.
        type: str
      secret:
        description:
          - Secret of the application. Treated as a secret. V("") clears it.
        type: str
      redirect_uri:
        description:
          - Redirect URI of the application, which is C(/api/providers/gitlab/callback) at the address of Dokploy. V("")
            clears it.
        type: str
      group_name:
        description:
          - Groups whose repositories are listed, separated by commas. V("") lists those of the user.
        type: str
  update_secrets:
    description:
      - 'When the suboptions of O(gitea) that are not compared are sent: only when the provider is created
        (V(on_create)), or each time (V(always)), which is a change each time.'
    type: str
    choices:
      - on_create
      - always
    default: on_create
  force:
    description:
      - Whether O(state=absent) also removes a provider that applications or Compose stacks use.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_git_provider_info
  - module: community.dokploy.dokploy_application
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Add an account at Bitbucket
  community.dokploy.dokploy_git_provider:
    name: acme
    bitbucket:
      username: acme-bot
      email: bot@example.com
      api_token: "{{ vault_bitbucket_token }}"
      workspace: acme

- name: Test it
  community.dokploy.dokploy_git_provider:
    name: acme
    state: tested

- name: Add a Gitea server with a token, without a browser
  community.dokploy.dokploy_git_provider:
    name: gitea
    gitea:
      url: https://git.example.com
      client_id: 7c9e6679-7425-40de-944b-e07fc1f90ae7
      client_secret: "{{ vault_gitea_client_secret }}"
      access_token: "{{ vault_gitea_token }}"

- name: Add a GitLab server, which a user then authorizes in the web interface
  community.dokploy.dokploy_git_provider:
    name: gitlab
    gitlab:
      url: https://gitlab.example.com
      application_id: 5d1c0f4ab2
      secret: "{{ vault_gitlab_secret }}"
      redirect_uri: https://dokploy.example.com/api/providers/gitlab/callback

- name: Share a GitHub app with all members, which was created in the web interface
  community.dokploy.dokploy_git_provider:
    name: acme-github-app
    shared: true

- name: Remove a provider that nothing uses
  community.dokploy.dokploy_git_provider:
    name: gitea
    state: absent
"""

RETURN = r"""
git_provider:
  description:
    - The provider after the module ran, or as predicted in check mode. It never contains secrets.
    - For O(state=absent), only its ID and name, or null if it did not exist.
  returned: success
  type: dict
  contains:
    git_provider_id:
      description: ID of the git provider. V((generated\)) if check mode would create it.
      type: str
      sample: gP-SkwxLQ2-co6eGjXQYQ
    type:
      description: The kind of provider.
      returned: O(state=present) or O(state=tested)
      type: str
      sample: bitbucket
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present) or O(state=tested)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    authorized:
      description: 'Whether it has what Dokploy needs to use it: tokens, or an installation of the app of GitHub. Always
        true for O(bitbucket), whose token only a test can judge.'
      returned: O(state=present) or O(state=tested)
      type: bool
      sample: true
    name:
      description: Name of the provider.
      type: str
      sample: acme
    shared:
      description: See O(shared).
      returned: O(state=present) or O(state=tested)
      type: bool
      sample: false
    bitbucket:
      description: See O(bitbucket).
      returned: when RV(git_provider.type=bitbucket), O(state=present) or O(state=tested)
      type: dict
      sample:
        username: acme-bot
        email: bot@example.com
        workspace: acme
    gitea:
      description: See O(gitea).
      returned: when RV(git_provider.type=gitea), O(state=present) or O(state=tested)
      type: dict
      sample:
        url: https://git.example.com
        internal_url: http://gitea:3000
        client_id: 1b8ff0cb-1e2a-4c4d-9d7f-4f3f3c9f0a11
        redirect_uri: https://dokploy.example.com/api/providers/gitea/callback
        expires_at: 1795625569
        scopes: repo,repo:status,read:user,read:org
    github:
      description: See O(github).
      returned: when RV(git_provider.type=github), O(state=present) or O(state=tested)
      type: dict
      sample:
        app_name: https://github.com/apps/dokploy-acme
    gitlab:
      description: See O(gitlab).
      returned: when RV(git_provider.type=gitlab), O(state=present) or O(state=tested)
      type: dict
      sample:
        url: https://gitlab.example.com
        internal_url: http://gitlab:8080
        application_id: 4f1c9d0e7b
        redirect_uri: https://dokploy.example.com/api/providers/gitlab/callback
        group_name: acme
repositories:
  description: The number of repositories that the test has found. Null in check mode.
  returned: O(state=tested)
  type: int
  sample: 12
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      bitbucket:
        workspace: ''
    after:
      bitbucket:
        workspace: acme
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.git_provider import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
