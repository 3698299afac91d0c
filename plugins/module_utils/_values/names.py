# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Values with a grammar: images, paths, URLs of Git repositories, hosts, labels, Docker's templates in variables.

Dokploy stores any text for an image and a URL, and the next deployment fails.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import Any, Dict, Iterable, List, Mapping, Optional

from .._secrets.patterns import hide_credentials
from . import dotenv
from .codec import ENV, TEXT, Codec, text_map
from .schema import SCALAR, map_of

# The grammar of github.com/distribution/reference.
_HOST_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_REGISTRY = re.compile(r"(?:%s(?:\.%s)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?\Z" % (_HOST_PART, _HOST_PART))
_REPOSITORY_PART = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\Z")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}\Z")
_DIGEST = re.compile(r"(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})\Z")

_GIT = re.compile(
    r"(?:(?:https?|ssh|git)://[^\s/]+/\S+"
    # The form of scp, user@host:path.
    r"|(?!(?:https?|ssh|file):)(?:[^\s/:@]+@)?[^\s/:@]+:(?!//)\S+)\Z"
)


def image_reference(value: Any) -> None:
    """Check a reference of an image, as C(docker pull) accepts it; raises C(ValueError)."""
    text = str(value)
    name, at, digest = text.partition("@")
    folder, slash, last = name.rpartition("/")
    last, colon, tag = last.partition(":")
    path = folder + slash + last
    registry, _slash, rest = path.partition("/")
    # A first part that cannot be part of a repository name is a registry.
    has_registry = rest and (re.search(r"[.:A-Z\[]", registry) or registry == "localhost")
    path = rest if has_registry else path
    part = next((part for part in path.split("/") if not _REPOSITORY_PART.match(part)), None)
    for wrong, why in (
        ("://" in text, "leave out the scheme"),
        (re.search(r"\s", text), "it contains whitespace"),
        (at and not _DIGEST.match(digest), "%r is not a digest (sha256: and 64 hexadecimal digits)" % digest),
        (colon and not _TAG.match(tag), "%r is not a tag (1 to 128 letters, digits, '_', '.' and '-')" % tag),
        (has_registry and not _REGISTRY.match(registry), "%r is not the host of a registry" % registry),
        (part and _REPOSITORY_PART.match(part.lower()), "%r must be lower case" % part),
        (
            part is not None,
            "%r is not part of a repository name (letters and digits, separated by . _ or -)" % part,
        ),
        (len(path) > 255, "the name of the repository has %d characters; at most 255 are allowed" % len(path)),
    ):
        if wrong:
            raise ValueError("%r is not a valid image reference: %s" % (text, why))


def inner_path(value: Any) -> None:
    """Check a path that Dokploy joins to a folder; raises C(ValueError) if it leads out of it.

    Dokploy resolves C(..) and writes there (C(services/mount.ts); rclone does it in a bucket).
    """
    if posixpath.normpath(str(value).strip("/")).split("/")[0] == "..":
        raise ValueError("%r leads out of its folder" % str(value))


def git_address(value: Any) -> None:
    """Check a URL from which Git clones over a network; Dokploy does not clone from others. Raises C(ValueError)."""
    text = str(value)
    if not _GIT.match(text):
        raise ValueError(
            "%r is not an address that Dokploy can clone from; use for example https://host/owner/name.git, "
            "ssh://git@host/owner/name.git or git@host:owner/name.git" % hide_credentials(text)
        )


def _lower(value: Any) -> str:
    return str(value or "").lower()


# Dokploy runs it as "docker <command>" and refuses it at the deployment otherwise (read in 0.30.2).
_SHELL = re.compile(r"[;|`$(){}<>\n\\]|(?<!&)&(?!&)|&&&")


def compose_command(value: Any) -> None:
    """Check a command that deploys a Compose stack, as Dokploy does; raises C(ValueError)."""
    first, *chained = str(value).split("&&")
    if _SHELL.search(str(value)):
        raise ValueError("Dokploy refuses ; | ` $ \\ brackets, line breaks and a single & in it")
    if first.split()[:1] == ["docker"]:
        raise ValueError('Dokploy runs "docker" before it: begin with compose or stack')
    if not all(part.strip().startswith(("docker compose ", "docker-compose ")) for part in chained):
        raise ValueError("each command after && must begin with docker compose")


# DNS and Traefik ignore case; Dokploy stores what it is sent.
HOST = Codec("str", to_api=_lower, same=lambda wanted, current: _lower(wanted) == _lower(current), shown=TEXT.shown)


# The label with the fingerprint of the last deployment (see C(_deployment.fingerprint)).
FINGERPRINT_LABEL = "community.dokploy.deployment"


def _labels(value: Any) -> Dict[str, str]:
    labels = text_map(value)
    if FINGERPRINT_LABEL in labels:
        raise ValueError("%s is the label that dokploy_deployment keeps for itself; leave it out" % FINGERPRINT_LABEL)
    return labels


def stated_labels(value: Any) -> Dict[str, str]:
    """The labels without the one of the fingerprint."""
    return {name: text for name, text in (value or {}).items() if name != FINGERPRINT_LABEL}


def fingerprint_label(value: Any) -> str:
    """The fingerprint in the labels, C("") if there is none."""
    return str((value or {}).get(FINGERPRINT_LABEL) or "")


def with_fingerprint_label(value: Any, text: str) -> Optional[Dict[str, str]]:
    """The labels with another fingerprint, or without one if C(text) is empty."""
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

# A Compose stack has no labels. A comment in its variables survives updates and deployments, and reaches neither the
# file that Dokploy writes nor a container (measured on 0.30.2).
_FINGERPRINT_LINE = re.compile(r"^# %s=(.*?)\r?(?:\n|\Z)" % re.escape(FINGERPRINT_LABEL), re.MULTILINE)


def fingerprint_comment(value: Any) -> str:
    """The fingerprint in environment text, C("") if there is none."""
    found = _FINGERPRINT_LINE.search(value or "")
    return found.group(1) if found else ""


def with_fingerprint_comment(value: Any, text: str) -> str:
    """The environment text with another fingerprint, or without one if C(text) is empty."""
    line = "# %s=%s\n" % (FINGERPRINT_LABEL, text) if text else ""
    return line + _FINGERPRINT_LINE.sub("", value or "")


STACK_ENV = replace(
    ENV,
    to_api=lambda value: with_fingerprint_comment(ENV.to_api(value), ""),
    kept=lambda wanted, current: with_fingerprint_comment(wanted, fingerprint_comment(current)),
    # Docker Compose reads the text itself.
    ignored=lambda value: "",
)


# Docker expands Go templates in the environment of a service, and Dokploy does not escape them (measured on 0.30.2):
# {{.Node.Hostname}} becomes the name of the host, {{"{{"}} becomes {{, {{/* c */}} becomes nothing, and a deployment
# with {{ name }} fails. Builds read the same variables without expansion, so the collection cannot escape them.

Row = Mapping[str, Any]

# Intended templates: they refer to the service, the node or the task, or stand for the two braces themselves.
_INTENDED = re.compile(r"""\{\{-?\s*(?:[^{}]*\.(?:Service|Node|Task)\b[^{}]*|"\{\{"|`\{\{`)\s*-?\}\}""")
_REFERENCE = re.compile(r"\$\{\{(?:(project|environment)\.)?(.*?)\}\}")

#: Column -> option, for the texts that become the environment of a service.
TEXTS = {"env": "env", "previewEnv": "preview.env"}


def template_warnings(row: Row, columns: Iterable[str], label: str) -> List[str]:
    """A warning for each of the C(columns) of an application with values that Docker would change or refuse."""
    expanded = ((column, ", ".join(map(dotenv.shown_name, _expanded(row, column)))) for column in columns)
    return [
        "%s: Docker takes {{ for the beginning of a template in %s of %s. It changes the value or refuses the "
        'deployment. Write {{"{{"}} where the container is to get {{.' % (label, TEXTS[column], names)
        for column, names in expanded
        if names
    ]


def _expanded(row: Row, column: str) -> List[str]:
    environment = row.get("environment") or {}
    project = environment.get("project") or {}
    own = dotenv.parse(row.get(column))
    tables = {"project": dotenv.parse(project.get("env")), "environment": dotenv.parse(environment.get("env")), "": own}

    def value_of(match: Any) -> str:
        # Without such a variable Dokploy fails the deployment.
        return tables[match.group(1) or ""].get(match.group(2), "")

    return [name for name, value in own.items() if "{{" in _INTENDED.sub("", _REFERENCE.sub(value_of, value))]


#: A pattern, and the message if it does not match.
HTTP_URL = (r"https?://[^\s/@]+(?:/\S*)?\Z", "is not a URL that begins with http:// or https://, without credentials")

_ADDRESS = re.compile(r"[^@<>\s]+@[^@<>\s]+\Z|[^<>]*<[^@<>\s]+@[^@<>\s]+>\Z")


def mail_address(value: Any) -> None:
    """Raises C(ValueError) for what is no email address; a name may stand before it, as in C(Me <me@example.com>)."""
    if not _ADDRESS.match(str(value)):
        raise ValueError("%r is not an email address" % str(value))
