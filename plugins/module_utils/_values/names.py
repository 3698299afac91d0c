# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Names that have a grammar of their own: images, addresses of git repositories, hosts.

Dokploy stores any text for an image and an address, and the next deployment fails.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import hide_credentials
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import TEXT, Codec, text_map
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import SCALAR, map_of

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


# --- labels ---
# The labels of a service: those of the user, and the one in which a deployment stores its fingerprint.


FINGERPRINT_LABEL = "community.dokploy.deployment"


def _labels(value: Any) -> Dict[str, str]:
    labels = text_map(value)
    if FINGERPRINT_LABEL in labels:
        raise ValueError("%s is the label that dokploy_deployment keeps for itself; leave it out" % FINGERPRINT_LABEL)
    return labels


def stated_labels(value: Any) -> Dict[str, str]:
    """The labels without that of the fingerprint."""
    return {name: text for name, text in (value or {}).items() if name != FINGERPRINT_LABEL}


def fingerprint_label(value: Any) -> str:
    """The fingerprint among the labels, C("") without one."""
    return str((value or {}).get(FINGERPRINT_LABEL) or "")


def with_fingerprint_label(value: Any, text: str) -> Optional[Dict[str, str]]:
    """The labels with this fingerprint, without one for C("")."""
    return {**stated_labels(value), **({FINGERPRINT_LABEL: text} if text else {})} or None


LABELS = Codec(
    type="dict",
    to_api=_labels,
    same=lambda wanted, current: stated_labels(wanted) == stated_labels(current),
    shown=stated_labels,
    empty=None,
    kept=lambda wanted, current: with_fingerprint_label(wanted, fingerprint_label(current)),
    stored=map_of(SCALAR),
)


# --- templates ---
# Variables whose values Docker takes for templates.
#
# Docker expands Go templates in the environment of a service, and Dokploy does not escape them (measured on 0.30.2):
# C({{.Node.Hostname}}) arrives as the name of the host, C({{"{{"}}) as C({{), C({{/* c */}}) as nothing, and a
# deployment with C({{ name }}) fails. Builds read the same variables and expand nothing, so an escape that is written
# for the user would be wrong there.


Row = Mapping[str, Any]

# What is meant as a template: it refers to the service, the node or the task, or stands for the two braces themselves.
_MEANT = re.compile(r"""\{\{-?\s*(?:[^{}]*\.(?:Service|Node|Task)\b[^{}]*|"\{\{"|`\{\{`)\s*-?\}\}""")
_REFERENCE = re.compile(r"\$\{\{(?:(project|environment)\.)?(.*?)\}\}")

#: Column -> option, of the texts that become the environment of a service.
TEXTS = {"env": "env", "previewEnv": "preview.env"}


def template_warnings(row: Row, columns: Iterable[str], words: str) -> List[str]:
    """A warning for each text with values that Docker would change or refuse.

    :param row: the answer of C(application.one). :param columns: of C(TEXTS), those to look at.
    """
    told = []
    for column in columns:
        names = _expanded(row, column)
        if names:
            told.append(
                "%s: Docker takes {{ for the beginning of a template in %s of %s. It changes the value or refuses the "
                'deployment. Write {{"{{"}} where the container is to get {{.'
                % (words, TEXTS[column], ", ".join(dotenv.shown_name(name) for name in names))
            )
    return told


def _expanded(row: Row, column: str) -> List[str]:
    environment = row.get("environment") or {}
    own = dotenv.parse(row.get(column))
    tables: Mapping[str, Mapping[str, str]] = {
        "project": dotenv.parse((environment.get("project") or {}).get("env")),
        "environment": dotenv.parse(environment.get("env")),
        "": own,
    }

    def value_of(match: Any) -> str:
        # Dokploy fails the deployment where there is no such variable.
        return tables[match.group(1) or ""].get(match.group(2), "")

    return [name for name, value in own.items() if "{{" in _MEANT.sub("", _REFERENCE.sub(value_of, value))]
