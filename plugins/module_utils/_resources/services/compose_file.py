# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Compose files, stated as text, as a file or as a mapping, their variables, and the command that deploys them.

Dokploy stores any text, and the next deployment fails (measured on 0.30.2).
"""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import replace
from typing import Any, List, Mapping, Optional

from ..._model.deployable import OwnText
from ..._values import yaml_text
from ..._values.codec import OWN_LABELS, TEXT, Codec, file_text
from ..._values.env import ENV

# Dokploy writes the file of a raw stack under this name; the variables go into the folder of the path that is stored.
DEFAULT_PATH = "./docker-compose.yml"


def _checked(text: str) -> str:
    """The text, after a check where PyYAML is available; raises C(ValueError)."""
    if yaml_text.HAS_YAML:
        _check(text)
    return text


# A task checks the text of an option several times, and PyYAML takes milliseconds for each.
@functools.lru_cache(maxsize=1024)
def _check(text: str) -> None:
    """:raises ValueError: Docker Compose refuses it."""
    try:
        content = yaml_text.mapping_of(text, "Docker Compose", "{services: ...}")
    except ValueError as error:
        raise ValueError("it %s" % error) from error
    services = content.get("services")
    if not isinstance(services, dict) or not services:
        raise ValueError("it has no services")
    for name, service in services.items():
        if not isinstance(service, dict):
            raise ValueError("the service %s must be a mapping such as {image: nginx}" % name)


def service_names(text: Optional[str]) -> Optional[List[str]]:
    """The names of the services in a Compose file; C(None) if they cannot be found out here."""
    try:
        services = yaml_text.mapping_of(text or "", "", "")["services"] if yaml_text.HAS_YAML else None
        return None if services is None else [str(name) for name in services]
    except (ValueError, KeyError, TypeError):
        return None


def reads_env_file(text: Optional[str]) -> bool:
    """Whether a service gets its variables from the file C(.env), as far as that can be found out here."""
    try:
        services = yaml_text.mapping_of(text or "", "", "").get("services") if yaml_text.HAS_YAML else None
    except ValueError:
        return False
    values = [service.get("env_file") for service in services.values() if isinstance(service, dict)] if services else []
    files = [item for value in values for item in (value if isinstance(value, list) else [value])]
    paths = (item.get("path") if isinstance(item, dict) else item for item in files)
    return any(str(path).removeprefix("./") == ".env" for path in paths)


CONTENT = Codec(type="str", to_api=lambda value: _checked(str(value)), same=yaml_text.same, shown=TEXT.shown)
CONTENT_FILE = Codec(type="path", to_api=lambda path: _checked(file_text(path)), same=yaml_text.same, shown=TEXT.shown)


def _written(value: Mapping[Any, Any]) -> str:
    return _checked(yaml_text.yaml_of(value))


DEFINITION = Codec(type="dict", to_api=_written, same=yaml_text.same, shown=TEXT.shown)


def _same_path(wanted: Any, current: Any) -> bool:
    return str(wanted or "").removeprefix("./") == str(current or "").removeprefix("./")


# The server refuses an empty path.
PATH = Codec(type="str", empty=DEFAULT_PATH, same=_same_path, shown=TEXT.shown)


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


# What a command has that starts containers, and what one has that only makes images of them.
_STARTING = frozenset(("up", "create", "start", "restart", "run", "deploy"))
_PREPARING = frozenset(("pull", "build"))
# How a command of Docker Compose begins.
_COMPOSE = frozenset(("docker", "compose", "docker-compose"))


def starts_containers(row: Mapping[str, Any]) -> bool:
    """Whether a deployment of a stack starts containers: its command does more than to pull and to build."""
    parts = [set(part.split()) for part in str(row.get("command") or "").split("&&")]
    return not all(words & _PREPARING and not words & _STARTING for words in parts)


def preparing_command(command: str, path: str) -> str:
    """The command that pulls and builds the images of a stack and starts nothing.

    Without C(-p), the name of the project is that of the C(.env) file, which Dokploy writes.

    :param command: the one that deploys the stack, whose files and other options count; empty for that of Dokploy.
    :param path: the Compose file, unless the command names one.
    """
    options = " ".join(_global_options(command) or ("-f", path.removeprefix("./")))
    # What is there is not pulled again: a deployment does not do so either.
    pull = "pull --ignore-buildable --policy missing"
    return "compose %s %s && docker compose %s build" % (options, pull, options)


def _global_options(command: str) -> List[str]:
    """The options of C(docker compose) of the command that starts the containers; those of C(docker stack) alike."""
    for part in command.split("&&"):
        words = part.split()
        if words[:2] == ["stack", "deploy"]:
            named = zip(words, words[1:])
            return [text for word, file in named if word in ("-c", "--compose-file") for text in ("-f", file)]
        if "up" in words:
            return list(itertools.dropwhile(_COMPOSE.__contains__, words[: words.index("up")]))
    return []


# A Compose stack has no labels. Comments in its variables survive updates and deployments, and reach neither the
# file that Dokploy writes nor a container (measured on 0.30.2).
_OWN_LINES = {name: re.compile(r"^# %s=(.*?)\r?(?:\n|\Z)" % re.escape(name), re.MULTILINE) for name in OWN_LABELS}


def own_comment(name: str, value: Any) -> str:
    """The text of one of C(OWN_LABELS) in environment text, C("") if there is none."""
    match = _OWN_LINES[name].search(value or "")
    return match.group(1) if match else ""


def with_own_comment(name: str, value: Any, text: str) -> str:
    """The environment text with another text of one of C(OWN_LABELS), or without it if C(text) is empty."""
    line = "# %s=%s\n" % (name, text) if text else ""
    return line + _OWN_LINES[name].sub("", value or "")


#: The fingerprint of the last deployment of a stack, the mark of its restored data, the content that ran before, and
#: the lock.
FINGERPRINT, DATA_MARK, EARLIER, LOCK = (
    OwnText("env", functools.partial(own_comment, name), functools.partial(with_own_comment, name))
    for name in OWN_LABELS
)


def without_own(text: str) -> str:
    """Environment text without the comments that the collection keeps in it."""
    for name in OWN_LABELS:
        text = with_own_comment(name, text, "")
    return text


def _keeping_own(wanted: Any, current: Any) -> str:
    text = without_own(wanted or "")
    for name in OWN_LABELS:
        text = with_own_comment(name, text, own_comment(name, current))
    return text


STACK_ENV = replace(
    ENV,
    to_api=lambda value: without_own(ENV.to_api(value)),
    kept=_keeping_own,
    # Docker Compose reads the text itself.
    ignored=lambda value: "",
)
