# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a Git repository as the source of a service."""

from __future__ import annotations

_SOURCES = r"""
options:
  github:
    description:
      - A repository at GitHub. Setting the option of a source, even to an empty mapping, makes it the source. Only one
        can be set.
      - Dokploy retains the settings of the other sources, so you need not repeat them when you change the source back.
        All Git sources share O(github.watch_paths) and O(github.submodules).
      - Changes need a deployment.
    type: dict
    suboptions:
      provider:
        description:
          - Name or ID of the GitHub provider, as listed in Dokploy under B(Git). It represents a GitHub app that is
            installed for the owner.
          - Required unless it is set already.
        type: str
      owner:
        description:
          - The organization or user that owns the repository.
          - Required unless it is set already.
        type: str
      repository: &repository
        description:
          - Name of the repository, without the owner. V(owner/name) is refused.
          - Required unless it is set already.
        type: str
      branch: &branch
        description:
          - Name of the branch.
          - Required unless it is set already.
        type: str
      PATH: &path
        description:
          - MEANING
        type: str
      trigger:
        description:
          - The GitHub event that starts a deployment with O(auto_deploy=true). V(push) is a push to the branch, V(tag)
            is any new tag.
          - Dokploy's default is V(push).
        type: str
        choices:
          - push
          - tag
      watch_paths: &watch_paths
        description:
          - Patterns of paths, such as V(src/**). With O(auto_deploy=true), a push that changes none of them does not
            start a deployment. The order is not significant.
          - V([]) clears them, and every push to the branch starts a deployment.
        type: list
        elements: str
      submodules: &submodules
        description:
          - Whether to also clone Git submodules. Dokploy's default is V(false).
        type: bool
  gitlab:
    description:
      - A repository at GitLab. See O(github) for how the sources exclude each other.
      - Changes need a deployment.
    type: dict
    suboptions:
      provider:
        description:
          - Name or ID of the GitLab provider, as listed in Dokploy under B(Git). It represents an application with
            access to the repository.
          - Required unless it is set already.
        type: str
      owner:
        description:
          - The group or user that owns the repository.
          - Required unless it is set already.
        type: str
      repository: *repository
      branch: *branch
      PATH: *path
      project_id:
        description:
          - ID of the project at GitLab. Dokploy needs it for webhooks and lists of branches.
        type: int
      path_namespace:
        description:
          - Full path of the project at GitLab, with all groups, for example V(acme/web/shop). Dokploy clones this path.
            V("") clears it.
        type: str
      watch_paths: *watch_paths
      submodules: *submodules
  bitbucket:
    description:
      - A repository at Bitbucket. See O(github) for how the sources exclude each other.
      - Changes need a deployment.
    type: dict
    suboptions:
      provider:
        description:
          - Name or ID of the Bitbucket provider, as listed in Dokploy under B(Git). It represents an account with
            access to the repository.
          - Required unless it is set already.
        type: str
      owner:
        description:
          - The workspace that owns the repository.
          - Required unless it is set already.
        type: str
      repository: *repository
      branch: *branch
      PATH: *path
      repository_slug:
        description:
          - Name of the repository in its URL, if it differs from O(bitbucket.repository). Needs Dokploy 0.26.7 or
            newer.
          - V("") clears it, and O(bitbucket.repository) is used.
        type: str
      watch_paths: *watch_paths
      submodules: *submodules
  gitea:
    description:
      - A repository at Gitea or Forgejo. See O(github) for how the sources exclude each other.
      - Changes need a deployment.
    type: dict
    suboptions:
      provider:
        description:
          - Name or ID of the Gitea provider, as listed in Dokploy under B(Git). It represents an application with
            access to the repository.
          - Required unless it is set already.
        type: str
      owner:
        description:
          - The organization or user that owns the repository.
          - Required unless it is set already.
        type: str
      repository: *repository
      branch: *branch
      PATH: *path
      watch_paths: *watch_paths
      submodules: *submodules
  git:
    description:
      - Any other Git repository. See O(github) for how the sources exclude each other.
      - Changes need a deployment.
    type: dict
    suboptions:
      url:
        description:
          - URL to clone, as for C(git clone), for example V(https://git.example.com/acme/shop.git) or
            V(git@git.example.com:acme/shop.git). Logs show it, so do not include a password.
          - A path on the server and a name without a host are refused.
          - Required unless it is set already.
        type: str
      branch: *branch
      PATH: *path
      ssh_key:
        description:
          - Name or ID of the SSH key to clone with, as listed in Dokploy under B(SSH Keys). V("") clears it.
          - Dokploy clones over SSH with a key only. The module warns if an address such as V(git@host:owner/name.git)
            has none.
        type: str
      watch_paths: *watch_paths
      submodules: *submodules
"""


def _sources(path: str, meaning: str) -> str:
    """The options, with the suboption that says what in a repository is used."""
    return _SOURCES.replace("PATH:", f"{path}:").replace("MEANING", meaning)


class ModuleDocFragment:
    # With an annotation, since the yamllint of ansible-test takes a plain assignment for that of a literal.

    # For applications.
    DOCUMENTATION: str = _sources(
        "build_path",
        'Folder in the repository to build, relative to its root. V(/) and V("") mean the root.',
    )

    # For Compose stacks.
    COMPOSE: str = _sources(
        "compose_path",
        'Path of the Compose file in the repository. Dokploy\'s default, and the meaning of V(""), is'
        " V(./docker-compose.yml). All Git sources share it.",
    )
