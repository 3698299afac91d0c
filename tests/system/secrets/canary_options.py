# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every operation of the collection with a canary in each of its secret options.

The secret options are found by walking the argument specs, so that a new one is covered by itself. ``BASE`` holds what
must stand around them for the operation to reach its write.
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from tests.system.secrets.canaries import AFTER, BEFORE, Canaries
from tools.workspace import ROOT

Options = dict[str, Any]
OptionPath = tuple[str, ...]

MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("dokploy_*.py"))


def operation_of(module: str) -> Operation:
    """The operation that a module runs, as its action names it."""
    found = importlib.import_module(f"ansible_collections.community.dokploy.plugins.action.{module}")
    operation: Operation = found.ActionModule.operation
    return operation


OPERATIONS: dict[str, Operation] = {module: operation_of(module) for module in MODULES}

_APP: Options = {"project": "shop", "environment": "production", "application": "web"}
_TRAEFIK = {"http": {"middlewares": {"login": {"headers": {"customRequestHeaders": {"X-Auth-Token": "<secret>"}}}}}}

# What each operation needs beside its secrets; "<secret>" stands for a canary that is not the whole of an option.
BASE: dict[str, Options] = {
    "dokploy_api": {"procedure": "application.update", "input": {"applicationId": "x", "env": "A=<secret>", "b": 1}},
    "dokploy_application": {
        "project": "shop",
        "environment": "production",
        "name": "web",
        "docker": {"image": "nginx", "registry_url": "HTTPS://u:<secret>@r.example.com/v2"},
        "mounts": [{"path": "/f", "type": "file", "file_path": "f"}, {"path": "/g", "type": "file", "file_path": "g"}],
        "basic_auth": [{"username": "u"}],
    },
    "dokploy_application_action": {**_APP, "action": "refresh_token"},
    "dokploy_application_info": {"project": "shop", "include": ["traefik_config"]},
    "dokploy_basic_auth": {**_APP, "username": "u"},
    "dokploy_deployment": {
        **_APP,
        "health_check": {
            "url": "HTTP://u:<secret>@127.0.0.1:1/?token=<secret>",
            "retries": 0,
            "delay": 0,
            "timeout": 1,
        },
    },
    "dokploy_deployment_info": {**_APP, "log_lines": 10},
    "dokploy_domain": {**_APP, "host": "a.example.com"},
    "dokploy_environment": {"project": "shop", "name": "more"},
    "dokploy_environment_info": {"project": "shop"},
    "dokploy_mount": {**_APP, "path": "/m", "type": "file", "file_path": "m"},
    "dokploy_patch": {**_APP, "path": "a.txt", "content": "x"},
    "dokploy_port": {**_APP, "published_port": 8080, "target_port": 80},
    "dokploy_preview_deployment": {**_APP, "pull_request": 1, "state": "absent"},
    "dokploy_preview_deployment_info": {**_APP},
    "dokploy_project": {"name": "shop2"},
    "dokploy_project_info": {"name": "shop"},
    "dokploy_redirect": {**_APP, "regex": "^/a$", "replacement": "/b"},
    "dokploy_schedule": {**_APP, "name": "n", "cron": "0 3 * * *", "command": "c"},
    "dokploy_traefik_config": {**_APP, "content": _TRAEFIK},
    "dokploy_volume_backup": {**_APP, "name": "n", "volume": "v", "destination": "box", "cron": "0 3 * * *"},
}
# Ways to state the same that exclude each other: one of them is in one variant, the other in another.
EXCLUDES = {("dokploy_mount", ("content",)): ("src",)}
# Names of files with a secret in them.
FILES = (("dokploy_mount", ("src",)), ("dokploy_application", ("mounts", "src")))
# Options whose value is limited to a few characters.
PLAIN_ONLY = {"webhook_token"}
# Options of which the canary is within the base.
WITHIN = {("dokploy_api", ("input",)), ("dokploy_traefik_config", ("content",))}


def walk(spec: Options, above: OptionPath = ()) -> Iterator[tuple[OptionPath, Options]]:
    """Every option and suboption, with its description in the argument spec."""
    for name, described in spec.items():
        yield (*above, name), described
        yield from walk(described.get("options") or {}, (*above, name))


def secret_paths(operation: Operation) -> list[OptionPath]:
    """The options with a secret in them, or in the file that they name."""
    names = [path for path, described in walk(operation.options) if described.get("no_log")]
    return names + [path for name, path in FILES if name == operation.name]


def kind_of(operation: Operation, path: OptionPath) -> str:
    return str(dict(walk(operation.options))[path].get("type", "str"))


@dataclass(frozen=True)
class Case:
    """One way to call an operation with all its secrets."""

    operation: Operation
    options: Options
    name: str


def cases(canaries: Canaries, folder: Path, modules: tuple[str, ...] = ()) -> Iterator[Case]:
    """Every operation; twice where two secret options exclude each other, and where environment text has two forms."""
    for module in modules or MODULES:
        operation = OPERATIONS[module]
        paths = secret_paths(operation)
        others = [other for (name, _path), other in EXCLUDES.items() if name == module]
        variants = [[path for path in paths if path not in others]]
        variants += [[other] for other in others]
        raw = [path for path in paths if kind_of(operation, path) == "raw" and (module, path) not in WITHIN]
        for number, chosen in enumerate([*variants, *([raw] if raw else [])]):
            as_text = bool(raw) and number == len(variants)
            options = _filled(copy.deepcopy(BASE[module]), canaries, f"{module} base")
            for path in chosen:
                if (module, path) not in WITHIN:
                    _put(options, path, _value(operation, path, canaries, folder, as_text))
            yield Case(operation, options, f"{module} {number}")


def _filled(value: Any, canaries: Canaries, what: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, canaries, what) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, canaries, what) for item in value]
    if isinstance(value, str):
        while "<secret>" in value:
            value = value.replace("<secret>", canaries.plain(what), 1)
    return value


def _value(operation: Operation, path: OptionPath, canaries: Canaries, folder: Path, as_text: bool) -> Any:
    what = f"{operation.name}:{'.'.join(path)}"
    kind = kind_of(operation, path)
    if kind == "raw":
        one, two, three = (canaries.plain(what) for _number in range(3))
        if as_text:
            return f"A={one}\n# {two}\nB='{three} # of it'"
        return {"A": BEFORE + one + AFTER, "B": f"one\n{two}\nthree", "C": three, "SHORT": "1", "MODE": "production"}
    if kind == "path":
        file = folder / f"{len(canaries.made)}.txt"
        file.write_text(f"first\n{canaries.rich(what)}\n", "utf-8")
        return str(file)
    return canaries.plain(what) if path[-1] in PLAIN_ONLY else canaries.rich(what)


def _put(options: Options, path: OptionPath, value: Any) -> None:
    """Into the base at the place of a path; of a list into the item that has no other way to state it yet."""
    for step in path[:-1]:
        inner = options.setdefault(step, {})
        if isinstance(inner, list):
            inner = next(item for item in inner if "content" not in item and path[-1] not in item)
        options = inner
    options[path[-1]] = value
