# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The seven places an application comes from; C(sourceType) says which one counts.

The columns of the others are kept by the server when the source changes. C(watchPaths) and C(enableSubmodules) are
shared by all git sources (measured on 0.30.2).
"""

from __future__ import annotations

from typing import Tuple

from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import (
    BOOLEAN,
    IDENTIFIER,
    INTEGER,
    PATH_LIST,
    URL,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.names import git_address, image_reference

SOURCE = Field("source", "sourceType", choices=("github", "gitlab", "bitbucket", "gitea", "git", "docker", "drop"))

# Git's own rule (git-check-ref-format) as far as it concerns single characters; application.update takes any text.
_BRANCH = (r"(?!-)[^\s~^:?*\[\\]+\Z", "is no branch name")
# Each server puts owner, "/" and repository together.
_REPOSITORY = (r"[^/]+\Z", "contains an owner: set owner and repository separately")

_GIT: Tuple[Field, ...] = (
    Field("watch_paths", "watchPaths", PATH_LIST),
    Field("submodules", "enableSubmodules", BOOLEAN),
)


def _source(name: str, *fields: Field) -> Group:
    return Group(name, fields, selects=(SOURCE, name), family="source")


def _provider(name: str, prefix: str, *more: Field) -> Group:
    """A git provider that is connected in Dokploy. GitHub's columns came first and have no prefix."""

    def column(word: str) -> str:
        return prefix + word if prefix else word[0].lower() + word[1:]

    return _source(
        name,
        Field("provider", "%sId" % name, IDENTIFIER, reference=name, needed=True),
        Field("owner", column("Owner"), needed=True),
        Field("repository", column("Repository"), needed=True, pattern=_REPOSITORY),
        Field("branch", column("Branch"), needed=True, pattern=_BRANCH),
        Field("build_path", column("BuildPath")),
        *more,
        *_GIT,
    )


SOURCES: Tuple[Group, ...] = (
    _provider("github", "", Field("trigger", "triggerType", choices=("push", "tag"))),
    _provider(
        "gitlab",
        "gitlab",
        Field("project_id", "gitlabProjectId", INTEGER, limits=(0, 2**31 - 1)),
        Field("path_namespace", "gitlabPathNamespace"),
    ),
    _provider("bitbucket", "bitbucket", Field("repository_slug", "bitbucketRepositorySlug", since=(0, 26, 7))),
    _provider("gitea", "gitea"),
    _source(
        "git",
        Field("url", "customGitUrl", URL, needed=True, grammar=git_address),
        Field("branch", "customGitBranch", needed=True, pattern=_BRANCH),
        Field("build_path", "customGitBuildPath"),
        Field("ssh_key", "customGitSSHKeyId", IDENTIFIER, reference="ssh_key", no_log=False),
        *_GIT,
    ),
    _source(
        "docker",
        Field("image", "dockerImage", needed=True, grammar=image_reference),
        Field("registry_url", "registryUrl", URL),
        Field("username", "username"),
        Field("password", "password", secret=True),
    ),
    _source("drop", Field("build_path", "dropBuildPath")),
)
