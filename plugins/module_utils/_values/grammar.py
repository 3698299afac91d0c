# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Values with a grammar: images, paths, URLs, cron expressions, Docker's templates in variables.

Dokploy stores any text (measured on 0.30.2), so each is checked before it is written.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, List, Mapping, Sequence, Tuple

from .._errors import with_article
from . import dotenv
from .codec import Codec

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


#: A pattern, and the message if it does not match.
HTTP_URL = (r"https?://[^\s/@]+(?:/\S*)?\Z", "is not a URL that begins with http:// or https://, without credentials")

# Name, smallest and largest number, names of numbers (the first one stands for the smallest number).
_FIELDS: Tuple[Tuple[str, int, int, Sequence[str]], ...] = (
    ("second", 0, 59, ()),
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec".split()),
    # 7 is Sunday, too.
    ("day of the week", 0, 7, "sun mon tue wed thu fri sat".split()),
)
_NICKNAMES = ("@yearly", "@monthly", "@weekly", "@daily", "@hourly")
_ITEM = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?\Z")
# The last Friday of a month, and the first.
_WEEKDAY_OF_MONTH = re.compile(r"(\w+?)(?:L|#[1-5])\Z")
_DAYS_OF_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def cron(value: Any) -> str:
    """A cron expression as it is; raises C(ValueError) if the scheduler could not read it, or it never occurs.

    Dokploy's scheduler accepts five fields, or six with seconds in front, and drops a job that it cannot read without
    an error (measured on 0.30.2).
    """
    text = str(value)
    nickname = text.strip().lower()
    if nickname in _NICKNAMES:
        return nickname
    fields = text.split()
    if len(fields) not in (5, 6):
        raise ValueError("%r is not a cron expression; it requires five fields, not %d" % (text, len(fields)))
    numbers = []
    for given, (name, low, high, words) in zip(fields, _FIELDS[6 - len(fields) :]):
        numbers.append([number for item in given.split(",") for number in _numbers(text, item, name, low, high, words)])
    days, months = numbers[-3:-1]
    if fields[-1] in ("*", "?") and min(days) > max(_DAYS_OF_MONTHS[month - 1] for month in months):
        raise ValueError("%r never occurs; no such month has a day %s" % (text, fields[-3]))
    return text


def _numbers(text: str, item: str, name: str, low: int, high: int, words: Sequence[str]) -> Sequence[int]:
    """The numbers that an item of a field stands for."""
    if (item == "?" and high in (31, 7)) or (item == "L" and high == 31):
        return range(low, high + 1)
    weekday = _WEEKDAY_OF_MONTH.match(item) if high == 7 else None
    match = _ITEM.match(item if weekday is None else weekday.group(1))
    first, last, step = match.groups() if match is not None else ("", None, None)
    start = low if first is None else _number(first, low, words)
    end = _number(last, low, words) if last is not None else high if first is None or step is not None else start
    if not low <= start <= end <= high or int(step or 1) < 1:
        raise ValueError("%r is not a cron expression; %r is not %s" % (text, item, with_article(name)))
    return range(start, end + 1, int(step or 1))


def _number(text: str, low: int, words: Sequence[str]) -> int:
    if text.lower() in words:
        return words.index(text.lower()) + low
    return int(text) if text.isdigit() and text.isascii() else -1


CRON = Codec(type="str", to_api=cron)


# Docker expands Go templates in the environment of a service, and Dokploy does not escape them (measured on 0.30.2):
# {{.Node.Hostname}} becomes the name of the host, {{"{{"}} becomes {{, {{/* c */}} becomes nothing, and a deployment
# with {{ name }} fails. Builds read the same variables without expansion, so the collection cannot escape them.

Row = Mapping[str, Any]

# Intended templates: they refer to the service, the node or the task, or stand for the two braces themselves.
_INTENDED = re.compile(r"""\{\{-?\s*(?:[^{}]*\.(?:Service|Node|Task)\b[^{}]*|"\{\{"|`\{\{`)\s*-?\}\}""")
_REFERENCE = re.compile(r"\$\{\{(?:(project|environment)\.)?(.*?)\}\}")

#: Column -> option, for the texts that become the environment of a service.
TEXTS = {"env": "env", "previewEnv": "preview.env"}


def template_warnings(row: Row, label: str, column: str = "env") -> List[str]:
    """The warning about values in a column of a service that Docker would change or refuse, if it has such."""
    names = ", ".join(map(dotenv.shown_name, _expanded(row, column)))
    warning = (
        "%s: Docker takes {{ for the beginning of a template in %s of %s. It changes the value or refuses the "
        'deployment. Write {{"{{"}} where the container is to get {{.'
    )
    return [warning % (label, TEXTS[column], names)] if names else []


def _expanded(row: Row, column: str) -> List[str]:
    environment = row.get("environment") or {}
    project = environment.get("project") or {}
    own = dotenv.parse(row.get(column))
    tables = {"project": dotenv.parse(project.get("env")), "environment": dotenv.parse(environment.get("env")), "": own}

    def value_of(match: Any) -> str:
        # Without such a variable Dokploy fails the deployment.
        return tables[match.group(1) or ""].get(match.group(2), "")

    return [name for name, value in own.items() if "{{" in _INTENDED.sub("", _REFERENCE.sub(value_of, value))]
