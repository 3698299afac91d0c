# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a service is built from: one of several sources, which C(sourceType) selects, patches of its repository,
and the token with which a webhook starts a deployment.

The server retains the columns of the other sources when the source changes. All git sources share C(watchPaths) and
C(enableSubmodules) (measured on 0.30.2).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Mapping, Optional, Tuple

from ..._engine.diff import Diff, Judgement
from ..._engine.state import State
from ..._engine.view import in_force
from ..._model.child import child
from ..._model.field import Field, Group
from ..._model.resource import ChangeCheck
from ..._secrets.masking import hide_credentials
from ..._values.codec import BOOLEAN, IDENTIFIER, INTEGER, PATH_LIST, TEXT, URL, Codec, file_text
from ..._values.grammar import image_reference
from ..infrastructure.listings import SSH_KEYS, git_providers

# Dokploy makes a token of 21 random characters.
_MADE_TOKEN = re.compile(r"[A-Za-z0-9_-]{21}\Z")
WEBHOOK_TOKEN = Field(
    "webhook_token",
    "refreshToken",
    secret=True,
    limits=(1, 255),
    # It is part of the webhook's address.
    pattern=(r"[A-Za-z0-9_-]+\Z", "may hold only letters, digits, '_' and '-'"),
    # Another server has its own.
    unexported=lambda token: "" if _MADE_TOKEN.match(str(token or "")) else None,
)

_ADDRESS = re.compile(
    r"(?:(?:https?|ssh|git)://[^\s/]+/\S+"
    # The form of scp, user@host:path.
    r"|(?!(?:https?|ssh|file):)(?:[^\s/:@]+@)?[^\s/:@]+:(?!//)\S+)\Z"
)


def git_address(value: Any) -> None:
    """Check a URL from which Git clones over a network; Dokploy does not clone from others. Raises C(ValueError)."""
    text = str(value)
    if not _ADDRESS.match(text):
        raise ValueError(
            "%r is not an address that Dokploy can clone from; use for example https://host/owner/name.git, "
            "ssh://git@host/owner/name.git or git@host:owner/name.git" % hide_credentials(text)
        )


def _ended(value: Any) -> str:
    return "%s\n" % str(value).removesuffix("\n") if value else ""


def _same_lines(wanted: Any, current: Any) -> bool:
    return _ended(wanted) == _ended(current)


# Text to which the server adds a line break on an update, but not on a creation (measured on 0.30.2).
LINES = Codec(type="str", to_api=_ended, same=_same_lines, shown=TEXT.shown)
# The text of a file, read on the host that runs the module.
LINES_FILE = Codec(type="path", to_api=lambda path: _ended(file_text(path)), same=_same_lines)

# The rules of git-check-ref-format for single characters; application.update accepts any text.
_BRANCH = (r"(?!-)[^\s~^:?*\[\\]+\Z", "is not a valid branch name")
# Each server joins owner and repository with "/".
_REPOSITORY = (r"[^/]+\Z", "contains an owner: set owner and repository separately")


def text_or(usual: str) -> Codec:
    """A text whose empty form Dokploy reads as another one (source of 0.30.2). Forms of the web interface empty it."""
    return replace(TEXT, same=lambda wanted, current: (wanted or usual) == (current or usual))


_FOLDER = text_or("/")
_GIT = (Field("watch_paths", "watchPaths", PATH_LIST), Field("submodules", "enableSubmodules", BOOLEAN))


def _provider(selector: Field, path: Optional[Field], label: str, prefix: str, *more: Field) -> Group:
    """A git provider that is connected in Dokploy. GitHub's columns have no prefix."""

    def column(word: str) -> str:
        return prefix + word if prefix else word[0].lower() + word[1:]

    name = label.lower()
    id_key = "%sId" % name
    # That of GitHub is created in the browser.
    module = "" if label == "GitHub" else "dokploy_git_provider"
    listing = replace(git_providers(name), label="%s provider" % label, module=module)
    fields = (
        Field("provider", id_key, IDENTIFIER, reference=listing, needed=True),
        Field("owner", column("Owner"), needed=True),
        Field("repository", column("Repository"), needed=True, pattern=_REPOSITORY),
        Field("branch", column("Branch"), needed=True, pattern=_BRANCH),
        path or Field("build_path", column("BuildPath"), _FOLDER),
        *more,
        *_GIT,
    )
    return Group(name, fields, selects=(selector, name))


def git_sources(selector: Field, path: Optional[Field] = None) -> Tuple[Group, ...]:
    """The sources with a repository.

    :param selector: the field that they select. :param path: what is built there, if it is not a folder that each
        source has a column for.
    """
    gitlab = (
        Field("project_id", "gitlabProjectId", INTEGER, limits=(0, 2**31 - 1)),
        Field("path_namespace", "gitlabPathNamespace"),
    )
    git = (
        Field("url", "customGitUrl", URL, needed=True, grammar=git_address),
        Field("branch", "customGitBranch", needed=True, pattern=_BRANCH),
        path or Field("build_path", "customGitBuildPath", _FOLDER),
        Field("ssh_key", "customGitSSHKeyId", IDENTIFIER, reference=SSH_KEYS),
        *_GIT,
    )
    slug = Field("repository_slug", "bitbucketRepositorySlug", since=(0, 26, 7))
    return (
        _provider(selector, path, "GitHub", "", Field("trigger", "triggerType", choices=("push", "tag"))),
        _provider(selector, path, "GitLab", "gitlab", *gitlab),
        _provider(selector, path, "Bitbucket", "bitbucket", slug),
        _provider(selector, path, "Gitea", "gitea"),
        Group("git", git, selects=(selector, "git")),
    )


def _has_key(state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    """With a warning of a repository that Dokploy clones over SSH and refuses to clone without a key.

    Its rule is that of C(cloneGitRepository) in 0.28 and 0.30.2: whatever does not begin with http:// or https://.
    """
    after = diff.fields_after(state.row)
    url = str(after.get("customGitUrl") or "")
    if not url or re.match("https?://", url) or after.get("customGitSSHKeyId"):
        return Judgement(diff)
    text = "git.url: Dokploy clones %s over SSH, and refuses to without git.ssh_key, so that a deployment fails"
    return Judgement(diff, ("%s. dokploy_ssh_key creates a key." % (text % hide_credentials(url)),))


KEY_FOR_SSH = ChangeCheck(_has_key, about=("git",))
GIT_SOURCES = ("github", "gitlab", "bitbucket", "gitea", "git")
SOURCE = Field("source", "sourceType", choices=(*GIT_SOURCES, "docker", "drop"))
SOURCES: Tuple[Group, ...] = (
    *git_sources(SOURCE),
    Group(
        "docker",
        (
            Field("image", "dockerImage", needed=True, grammar=image_reference),
            Field("registry_url", "registryUrl", URL),
            Field("username", "username"),
            Field("password", "password", secret=True),
        ),
        selects=(SOURCE, "docker"),
    ),
    Group("drop", (Field("build_path", "dropBuildPath", _FOLDER),), selects=(SOURCE, "drop")),
)

# Dokploy inserts it into a shell script between double quotes.
_PATCHED = (
    r"(?!/)(?!(?:.*/)?\.\.(?:/|\Z))[^\"$`\\\r\n]*[^\"$`\\\r\n/]\Z",
    "is not a path inside the repository that Dokploy can write (without quotes, '$', '`' and backslashes)",
)


def _has_repository(row: Mapping[str, Any]) -> bool:
    return any(in_force(group, row) for group in SOURCES if group.name in GIT_SOURCES)


PATCHES = child(
    "patch",
    "patch",
    Field("path", "filePath", key=True, needed=True, pattern=_PATCHED),
    Field("type", "type", choices=("update", "create", "delete")),
    Field("content", "content", LINES, needed=("type", "update", "create"), blank=True),
    Field("src", "content", LINES_FILE, input_only=True),
    Field("enabled", "enabled", BOOLEAN),
    option="patches",
    embedded="patches",
    parent={"applicationId": "$parent", "type": "update", "content": ""},
    # patch.create accepts enabled, but always stores true.
    create_ignores={"enabled": True},
    listing=("patch.byEntityId", "id", {"type": "application"}),
    since=(0, 28, 0),
    effective=_has_repository,
)
