# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Names that have a grammar of their own: images, addresses of git repositories, hosts.

Dokploy stores any text for an image and an address, and the next deployment fails.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import hide_credentials
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import TEXT, Codec

# The grammar of github.com/distribution/reference.
_HOST_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_REGISTRY = re.compile(r"(?:%s(?:\.%s)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?\Z" % (_HOST_PART, _HOST_PART))
_REPOSITORY_PART = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\Z")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}\Z")
_DIGEST = re.compile(r"(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})\Z")
_LONGEST_REPOSITORY = 255

_GIT = re.compile(
    r"(?:(?:https?|ssh|git)://[^\s/]+/\S+"
    # As of scp: user@host:path.
    r"|(?!(?:https?|ssh|file):)(?:[^\s/:@]+@)?[^\s/:@]+:(?!//)\S+)\Z"
)


def image_reference(value: Any) -> None:
    """What C(docker pull) takes for an image.

    :raises ValueError: it is none; the words say what is wrong.
    """
    text = str(value)

    def wrong(why: str) -> ValueError:
        return ValueError("%r is not a valid image reference: %s" % (text, why))

    if "://" in text:
        raise wrong("leave out the scheme")
    if re.search(r"\s", text):
        raise wrong("it contains whitespace")
    name, at, digest = text.partition("@")
    if at and not _DIGEST.match(digest):
        raise wrong("%r is not a digest (sha256: and 64 hexadecimal digits)" % digest)
    folder, slash, last = name.rpartition("/")
    last, colon, tag = last.partition(":")
    if colon and not _TAG.match(tag):
        raise wrong("%r is not a tag (1 to 128 letters, digits, '_', '.' and '-')" % tag)
    registry, _slash, path = (folder + slash + last).partition("/")
    # A first part that cannot be one of a repository names a registry.
    if not path or not (re.search(r"[.:A-Z\[]", registry) or registry == "localhost"):
        registry, path = "", folder + slash + last
    if registry and not _REGISTRY.match(registry):
        raise wrong("%r is not the host of a registry" % registry)
    for part in path.split("/"):
        if not _REPOSITORY_PART.match(part):
            if _REPOSITORY_PART.match(part.lower()):
                raise wrong("%r must be lower case" % part)
            raise wrong(
                "%r is not part of a repository name (letters and digits, with '.', '_' or '-' between them)" % part
            )
    if len(path) > _LONGEST_REPOSITORY:
        raise wrong(
            "the name of the repository has %d characters; at most %d are allowed" % (len(path), _LONGEST_REPOSITORY)
        )


def git_address(value: Any) -> None:
    """What git clones from over a network; Dokploy clones from nothing else.

    :raises ValueError: it is none.
    """
    text = str(value)
    if not _GIT.match(text):
        raise ValueError(
            "%r is not an address that Dokploy can clone from; use for example https://host/owner/name.git, "
            "ssh://git@host/owner/name.git or git@host:owner/name.git" % hide_credentials(text)
        )


def _lower(value: Any) -> str:
    return str(value or "").lower()


def _same_host(wanted: Any, current: Any) -> bool:
    return _lower(wanted) == _lower(current)


# DNS and Traefik do not tell capitals from small letters. Dokploy stores what it is sent.
HOST = Codec(type="str", to_api=_lower, same=_same_host, shown=TEXT.shown)
