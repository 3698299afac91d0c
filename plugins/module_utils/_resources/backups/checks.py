# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The checks of a backup set: commands that look at the data of a service, such as a count of its rows.

A check runs as a job beside the service, on the saved server and on the one to which the data comes back. It gets what
it needs to know of the service from the service, so that the same script runs on both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from ..._engine.state import Node
from ..._errors import OptionError
from ..._model.argspec import Spec
from ..databases.database import DATABASES
from ..jobs.run import job_node, job_options
from .archives_file import AT_LEAST, BETWEEN, EQUAL
from .coverage import BIND, DATABASE, VOLUME, Service
from .stack_data import StackData

#: What a check is, for options.
SPEC: Spec = {
    "name": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "script": {"type": "str", "required": True},
    "image": {"type": "str"},
    "compare": {"type": "str", "choices": [EQUAL, AT_LEAST, BETWEEN], "default": EQUAL},
    "looks_at": {"type": "list", "elements": "str", "default": []},
}
# How much of an output a message has.
_LONGEST = 100
# Docker's network of all services.
_SHARED_NETWORK = "dokploy-network"
_DEFAULTS = {name: option.get("default") for name, option in job_options().items()}
_PORTS: Mapping[str, Any] = {database.kind: dict(database.reading.facts)["internal_port"] for database in DATABASES}
# The variables of the clients of databases, beside those that all kinds have.
_VARIABLES: Mapping[str, Mapping[str, str]] = {
    "postgres": {
        "PGHOST": "DB_HOST",
        "PGPORT": "DB_PORT",
        "PGUSER": "DB_USER",
        "PGPASSWORD": "DB_PASSWORD",
        "PGDATABASE": "DB_NAME",
    },
    "mysql": {"MYSQL_PWD": "DB_PASSWORD"},
    "mariadb": {"MYSQL_PWD": "DB_PASSWORD"},
    "redis": {"REDISCLI_AUTH": "DB_PASSWORD"},
}


@dataclass(frozen=True)
class Check:
    """What a check is.

    :param name: tells it from other checks of its service. :param script: what C(/bin/sh -e) of the image runs.
    :param image: C(None) for that of the service. :param compare: C(EQUAL), C(AT_LEAST) or C(BETWEEN).
    :param looks_at: patterns of the data that it looks at.
    """

    name: str
    script: str
    image: Optional[str] = None
    compare: str = EQUAL
    looks_at: Sequence[str] = ()


def check_node(check: Check, service: Service, key: str, prefix: str = "check", timeout: float = 600.0) -> Node:
    """The job that runs a check beside a service.

    :param service: with its row, of which the environment tells where the job is made.
    :param prefix: what the name of the job begins with.
    :raises OptionError: it needs an image.
    """
    return beside(service, "%s-%s-%s" % (prefix, service.app_name, check.name), image_of(check, service), key).node(
        script=check.script, env=variables(service), mounts=mounts_of(service), timeout=timeout
    )


def image_of(check: Check, service: Service) -> str:
    """The image in which a check runs.

    :raises OptionError: none is stated, and the service has none, or several.
    """
    own = service.row.get("dockerImage") if service.row.get("sourceType", "docker") == "docker" else None
    image = check.image or own
    if not image or (service.kind == "compose" and not check.image):
        message = "checks: %r of %s %s needs image, since the service has no image of its own"
        raise OptionError(message % (check.name, service.kind, service.path))
    return str(image)


@dataclass(frozen=True)
class Beside:
    """A job in the environment of a service, on its server and in its networks.

    :param params: those that locate it. :param attachments: the networks of a stack, by their names in Docker.
    """

    params: Mapping[str, Any]
    attachments: Tuple[str, ...]
    key: str

    def node(self, **params: Any) -> Node:
        """:param params: further parameters of a job."""
        node = job_node({**_DEFAULTS, **self.params, **params}, self.key)
        if not self.attachments:
            return node
        attached = [{"target": name, "aliases": None, "driver_opts": None} for name in self.attachments]
        return replace(node, params={**node.params, "network_attachments": attached})


def beside(service: Service, name: str, image: str, key: str) -> Beside:
    """:param name: that of the job. Its application has C(job-) before it."""
    row = service.row
    environment: Mapping[str, Any] = row.get("environment") or {}
    params = {
        "name": name,
        "project": str(environment.get("projectId") or (environment.get("project") or {}).get("projectId")),
        "environment": str(row.get("environmentId") or environment.get("environmentId")),
        "server": row.get("serverId") or None,
        "image": image,
        "networks": list(row.get("networkIds") or ()) or None,
    }
    stack = service.stack
    own = stack.networks if isinstance(stack, StackData) and row.get("composeType") == "stack" else []
    return Beside(params, (_SHARED_NETWORK, *own) if own else (), key)


def without_networks(service: Service) -> Service:
    """A service without the networks of its stack, which Docker has only while that is deployed in the swarm."""
    stack = service.stack
    return replace(service, stack=replace(stack, networks=[])) if isinstance(stack, StackData) else service


def variables(service: Service) -> Dict[str, str]:
    """The variables with which a script reaches a database; none of another service."""
    if service.kind != DATABASE:
        return {}
    row = service.row
    own = {
        "DB_HOST": service.app_name,
        "DB_PORT": _PORTS[service.type](row),
        "DB_NAME": row.get("databaseName"),
        "DB_USER": row.get("databaseUser"),
        "DB_PASSWORD": row.get("databasePassword"),
    }
    known = {name: str(value) for name, value in own.items() if value not in (None, "")}
    further = _VARIABLES.get(service.type, {})
    return {**known, **{name: known[source] for name, source in further.items() if source in known}}


def mounts_of(service: Service) -> List[Dict[str, Any]]:
    """The volumes and folders of an application or a stack as mounts of a job; a database is reached by its network.

    What another service of a stack has at the same path is below a folder with the name of that service.
    """
    if service.kind == DATABASE:
        return []
    taken: Dict[str, str] = {}
    for inside, path, source in _mounted(service):
        if taken.setdefault(path, source) != source:
            taken.setdefault("/%s%s" % (inside, path), source)
    return [_mount(path, source) for path, source in taken.items()]


def _mounted(service: Service) -> Iterator[Tuple[str, str, str]]:
    """The service of a stack that has a mount, its path in the container, and its volume or folder."""
    if service.kind == "compose":
        mounts = service.stack.mounts if isinstance(service.stack, StackData) else ()
        yield from ((mount.service, mount.target, mount.source) for mount in mounts)
        return
    for mount in service.row.get("mounts") or ():
        source = {VOLUME: mount.get("volumeName"), BIND: mount.get("hostPath")}.get(str(mount.get("type")))
        if source:
            yield "", str(mount.get("mountPath")), str(source)


def _mount(path: str, source: str) -> Dict[str, Any]:
    named = {"type": BIND, "host_path": source} if source.startswith("/") else {"type": VOLUME, "name": source}
    return {"path": path, **named}


def difference(compare: str, expected: str, output: str, expected_after: Optional[str] = None) -> Optional[str]:
    """Why an output is not what a check expects, as the end of a sentence; C(None) if it is.

    :param compare: C(EQUAL): the same text. C(AT_LEAST): line by line, no number is smaller, and other words are equal.
        C(BETWEEN): line by line, each number is between those of two outputs, and another word is that of one of them.
    :param expected_after: the second output of C(BETWEEN).
    """
    if compare == BETWEEN:
        return _outside(expected, expected if expected_after is None else expected_after, output)
    if compare == EQUAL:
        if expected.strip() == output.strip():
            return None
        return "its output is %r, not %r" % (_short(output), _short(expected))
    return _less(expected, output)


def _less(expected: str, output: str) -> Optional[str]:
    """What of an output is less than another one, as C(difference) says it."""
    before, after = _lines(expected), _lines(output)
    if len(before) != len(after):
        return "its output has %d lines, not %d" % (len(after), len(before))
    for number, (expected_words, words) in enumerate(zip(before, after), 1):
        if len(words) != len(expected_words):
            return "line %d of its output has %d words, not %d" % (number, len(words), len(expected_words))
        for wanted, word in zip(map(_as_number, expected_words), map(_as_number, words)):
            if isinstance(wanted, str) or isinstance(word, str):
                if wanted != word:
                    return "line %d of its output has %s, not %s" % (number, word, wanted)
            elif word < wanted:
                return "line %d of its output has %s, which is less than %s" % (number, word, wanted)
    return None


def _outside(first: str, second: str, output: str) -> Optional[str]:
    """Why an output is not between two others, as C(difference) says it."""
    firsts, seconds, lines = (_lines(text) for text in (first, second, output))
    if len(firsts) != len(seconds):
        # Such as a list that grows: which of its lines belongs to which is not known.
        low, high = sorted((len(firsts), len(seconds)))
        within = low <= len(lines) <= high and all(line in (*firsts, *seconds) for line in lines)
        return None if within else "its output is %s" % _not_between(output, first, second)
    if len(lines) != len(firsts):
        return "its output is %s" % _not_between(output, first, second)
    for number, bounds in enumerate(zip(lines, firsts, seconds), 1):
        if not _line_is_within(*bounds):
            place = "line %d of its output" % number if len(lines) > 1 else "its output"
            return "%s is %s" % (place, _not_between(*(" ".join(words) for words in bounds)))
    return None


def _lines(output: str) -> List[List[str]]:
    """The words of each line."""
    return [line.split() for line in output.strip().split("\n")]


def _line_is_within(line: List[str], first: List[str], second: List[str]) -> bool:
    if line in (first, second):
        return True
    if not len(line) == len(first) == len(second):
        return False
    return all(_word_is_within(*words) for words in zip(line, first, second))


def _word_is_within(word: str, first: str, second: str) -> bool:
    if word in (first, second):
        return True
    number, *bounds = (_as_number(text) for text in (word, first, second))
    numbers = [bound for bound in bounds if not isinstance(bound, str)]
    return len(numbers) == 2 and not isinstance(number, str) and min(numbers) <= number <= max(numbers)


def _not_between(output: str, first: str, second: str) -> str:
    if first.strip() == second.strip():
        return "%r, not %r" % (_short(output), _short(first))
    return "%r, not between %r and %r" % (_short(output), _short(first), _short(second))


def _short(output: str) -> str:
    """An output for a message, which has its beginning."""
    text = output.strip()
    return text if len(text) <= _LONGEST else "%s..." % text[:_LONGEST]


def proves_nothing(compare: str, output: str) -> bool:
    """Whether no later output could be less than this one."""
    return compare == AT_LEAST and all(isinstance(_as_number(word), str) for word in output.split())


def _as_number(word: str) -> Union[str, int, float]:
    for convert in (int, float):
        try:
            number: Union[int, float] = convert(word)
        except ValueError:
            continue
        return number
    return word
