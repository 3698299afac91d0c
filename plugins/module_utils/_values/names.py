# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Values with a grammar: images, paths, URLs, the label of the fingerprint, Docker's templates in variables."""

from __future__ import annotations

import posixpath
import re
from typing import Any, Dict, Iterable, List, Mapping, Optional

from . import dotenv

# The grammar of github.com/distribution/reference. Dokploy stores any text, and the next deployment fails.
_HOST_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_REGISTRY = re.compile(r"(?:%s(?:\.%s)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?\Z" % (_HOST_PART, _HOST_PART))
_REPOSITORY_PART = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\Z")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}\Z")
_DIGEST = re.compile(r"(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})\Z")


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


# The label with the fingerprint of the last deployment (see C(_deployment.fingerprint)).
FINGERPRINT_LABEL = "community.dokploy.deployment"


def stated_labels(value: Any) -> Dict[str, str]:
    """The labels without the one of the fingerprint."""
    return {name: text for name, text in (value or {}).items() if name != FINGERPRINT_LABEL}


def fingerprint_label(value: Any) -> str:
    """The fingerprint in the labels, C("") if there is none."""
    return str((value or {}).get(FINGERPRINT_LABEL) or "")


def with_fingerprint_label(value: Any, text: str) -> Optional[Dict[str, str]]:
    """The labels with another fingerprint, or without one if C(text) is empty."""
    return {**stated_labels(value), **({FINGERPRINT_LABEL: text} if text else {})} or None


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
