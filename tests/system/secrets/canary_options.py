# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every operation of the collection with a canary in each of its secret options.

The secret options are found by walking the argument specs, so that a new one is covered by itself. What must stand
around them for the operation to reach its write comes from the examples of resources and children, or from ``BASE``.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import SECTIONS, Section
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.ssh_key_format import (
    check_key,
)
from tests.support.builders import REFERENCE_NAMES
from tests.support.certificates import KEYS
from tests.support.examples import child_example, example_of, named
from tests.support.operations import MANAGED, MANAGED_CHILDREN, OPERATIONS, ManagedResource, managed
from tests.support.ssh_keys import openssh_key
from tests.support.strategies.resource_params import SECRET_MARK
from tests.system.secrets.canaries import AFTER, BEFORE, Canaries

Options = dict[str, Any]
OptionPath = tuple[str, ...]

MODULES = sorted(OPERATIONS)
DOCUMENT = "dokploy_manifest"

_APP: Options = {"project": "shop", "environment": "production", "application": "web"}
_TRAEFIK = {"http": {"middlewares": {"login": {"headers": {"customRequestHeaders": {"X-Auth-Token": "<secret>"}}}}}}

# Names of references as ``conftest.py`` creates them.
_BOX = {"destination": "box"}
# Of the logins that exclude each other one is enough.
_OTHER_LOGINS = ("mariadb", "mongo")


def _of_example(one: ManagedResource) -> Options:
    """A resource as its example says, with an item in the list of a child for each secret of the child."""
    resource = one.resource
    parents = [listing.label for listing in resource.parents if not listing.optional]
    home = dict(zip(parents, ("shop", "production"), strict=False))
    options: Options = {**home, **one.kind, **named(resource, "more"), **example_of(resource).item}
    for child in resource.children:
        secret = [field.name for field in child.fields if field.secret and field.name not in _OTHER_LOGINS]
        items = [child_example(resource, child).beside(name) for name in secret]
        key = next((field.name for field in child.key_fields if field.codec.type == "str" and not field.reference), "")
        if items and key:
            options[child.option] = [
                {name: value for name, value in item.items() if name not in secret} | {key: f"{item[key]}{number}"}
                for number, item in enumerate(items)
            ]
    return options


def _base(module: str) -> Options:
    """What an operation needs beside its secrets."""
    for resource in MANAGED:
        if resource.operation.name == module:
            return _of_example(resource)
    for one in MANAGED_CHILDREN:
        if one.operation.name == module:
            parent = one.parent.as_parent({**one.parent.kind, "name": "web"})
            item = child_example(one.parent.resource, one.child).beside("mysql")
            known = {name: value for name, value in _BOX.items() if name in one.operation.options}
            return {"project": "shop", "environment": "production", **parent, **item, **known}
    return {"project": "shop"} if "project" in OPERATIONS[module].options else {}


# What some operations need beside their secrets; "<secret>" stands for a canary that is not the whole of an option.
BASE: dict[str, Options] = {
    **{module: _base(module) for module in MODULES},
    "dokploy_api": {"procedure": "application.update", "input": {"applicationId": "x", "env": "A=<secret>", "b": 1}},
    "dokploy_application": {
        **_of_example(next(one for one in MANAGED if one.name == "application")),
        "name": "web",
        "docker": {"image": "nginx", "registry_url": "HTTPS://u:<secret>@r.example.com/v2"},
    },
    "dokploy_application_action": {**_APP, "action": "refresh_token"},
    "dokploy_application_info": {"project": "shop", "include": ["traefik_config"]},
    "dokploy_bootstrap": {"email": "admin@example.com", "include_secrets": True},
    "dokploy_deployment": {
        **_APP,
        "http_check": {
            "url": "HTTP://u:<secret>@127.0.0.1:1/?token=<secret>",
            "retries": 0,
            "delay": 0,
            "timeout": 1,
        },
    },
    "dokploy_deployment_info": {**_APP, "log_lines": 10},
    "dokploy_job": {"project": "shop", "name": "count", "image": "nginx", "args": ["true"]},
    "dokploy_logs_info": _APP,
    "dokploy_mount": {**_APP, "path": "/m", "type": "file", "file_path": "m"},
    "dokploy_preview_deployment": {**_APP, "pull_request": 1, "state": "absent"},
    "dokploy_preview_deployment_info": {**_APP},
    "dokploy_restore": {
        "project": "shop",
        "compose": "web",
        "service": "db",
        "database_type": "mysql",
        "database_name": "shop",
        **_BOX,
        "prefix": "daily",
        "force": True,
    },
    "dokploy_backup_info": _BOX,
    "dokploy_backup_set": {"data": "all", **_BOX},
    "dokploy_traefik_config": {**_APP, "content": _TRAEFIK},
    "dokploy_settings": {
        "traefik": {"middlewares": _TRAEFIK, "files": [{"path": "dynamic/canary.yml", "content": _TRAEFIK}]},
    },
}
# Ways to state the same that exclude each other: one of them is in one variant, the other in another.
EXCLUDES = {("dokploy_mount", ("content",)): ("src",)}
# Names of files with a secret in them.
FILES = [
    (operation, path)
    for operation, path, field in (
        *((one.operation.name, (field.name,), field) for one in MANAGED_CHILDREN for field in one.child.fields),
        *(
            (one.operation.name, (child.option, field.name), field)
            for one in MANAGED
            for child in one.resource.children
            for field in child.fields
        ),
    )
    if field.secret and field.codec.type == "path"
]
# Options whose value is limited to a few characters.
PLAIN_ONLY = {
    (one.operation.name, path)
    for one in MANAGED
    for path, field, _group in one.resource.fields()
    if field.secret and field.pattern is not None
}
# Options that must be private keys of SSH, whose text can hold letters and digits.
SSH_KEYS = {
    (one.operation.name, path)
    for one in MANAGED
    for path, field, _group in one.resource.fields()
    if field.grammar is check_key
}
# Options beside which the base cannot stand.
NOT_TOGETHER = {("dokploy_compose", ("template", "base64"))}
# Options of which the canary is within the base.
WITHIN = {
    ("dokploy_api", ("input",)),
    ("dokploy_traefik_config", ("content",)),
    ("dokploy_settings", ("traefik", "middlewares")),
    ("dokploy_settings", ("traefik", "files", "content")),
}


def walk(spec: Options, above: OptionPath = ()) -> Iterator[tuple[OptionPath, Options]]:
    """Every option and suboption, with its description in the argument spec."""
    for name, described in spec.items():
        yield (*above, name), described
        yield from walk(described.get("options") or {}, (*above, name))


def secret_paths(operation: Operation) -> list[OptionPath]:
    """The options with a secret in them, or in the file that they name."""
    every = [(path, one) for path, one in walk(operation.options) if not {*path} & {*_OTHER_LOGINS}]
    names = [path for path, described in every if described.get("no_log")]
    return names + list(dict.fromkeys(path for name, path in FILES if name == operation.name))


def kind_of(operation: Operation, path: OptionPath) -> str:
    return str(dict(walk(operation.options))[path].get("type", "str"))


@dataclass(frozen=True)
class Case:
    """One way to call an operation with all its secrets."""

    operation: Operation
    options: Options
    name: str


def cases(canaries: Canaries, folder: Path, modules: tuple[str, ...] = ()) -> Iterator[Case]:
    """Every operation; twice where two secret options exclude each other, and where environment text has two forms;
    with each of the suboptions that select a kind."""
    for module in modules or MODULES:
        operation = OPERATIONS[module]
        if module == DOCUMENT:
            yield Case(operation, document(canaries, folder), module)
            continue
        paths = secret_paths(operation)
        kinds = [one for one in MANAGED if one.operation is operation and one.resource.by_suboption]
        # Those without a creating procedure cannot be made.
        for kind in (one.resource.kind for one in kinds if one.resource.creation.procedure):
            options = _filled(copy.deepcopy(_of_example(managed(f"{kind} {kinds[0].resource.noun}"))), canaries, module)
            for path in (path for path in paths if path[0] == kind):
                example = options[kind].get(path[-1])
                if str(example).startswith("https://"):
                    value = example.replace(SECRET_MARK, canaries.plain(module))
                else:
                    value = _value(operation, path, canaries, folder, False)
                _put(options, path, value)
            yield Case(operation, options, f"{module} {kind}")
        if kinds:
            continue
        others = [other for (name, _path), other in EXCLUDES.items() if name == module]
        variants = [[path for path in paths if path not in others]]
        variants += [[other] for other in others]
        raw = [path for path in paths if kind_of(operation, path) == "raw" and (module, path) not in WITHIN]
        for number, chosen in enumerate([*variants, *([raw] if raw else [])]):
            as_text = bool(raw) and number == len(variants)
            options = _filled(copy.deepcopy(BASE[module]), canaries, f"{module} base")
            for path in chosen:
                if (module, path) not in WITHIN and (operation.name, path) not in NOT_TOGETHER:
                    _put(options, path, _value(operation, path, canaries, folder, as_text))
            yield Case(operation, options, f"{module} {number}")


def document(canaries: Canaries, folder: Path) -> Options:
    """A document with an entry of every kind, with a canary in each secret option of its module."""
    whole: Options = {}
    for section in SECTIONS:
        if not (section.child or section.inner or section.resource.single):
            whole[section.name] = _entries(section, canaries, folder)
    projects = next(section for section in SECTIONS if section.inner)
    (environments,) = projects.inner
    services = {section.name: _entries(section, canaries, folder) for section in environments.inner}
    inner = [*_entries(environments, canaries, folder), {"name": "production", **services}]
    whole[projects.name] = [{**one, environments.name: inner} for one in _entries(projects, canaries, folder)]
    settings, *_as_text = cases(canaries, folder, ("dokploy_settings",))
    # Dokploy writes the middlewares of services into the same file.
    del settings.options["traefik"]["middlewares"]
    return {**whole, "settings": settings.options, "deploy": "never"}


def _entries(section: Section, canaries: Canaries, folder: Path) -> list[Options]:
    kinds = [one for one in MANAGED if one.resource in section.operation.resources]
    if section.resource.by_suboption:
        found = [case.options for case in cases(canaries, folder, (section.module,))]
    elif len(kinds) == 1:
        found = [next(cases(canaries, folder, (section.module,))).options]
    else:
        found = [_of_example(one) for one in kinds]
        for options, one in zip(found, kinds, strict=True):
            for path in (path for path, field, _group in one.resource.fields() if field.secret):
                _put(options, path, _value(one.operation, path, canaries, folder, False))
    for number, options in enumerate(found):
        for option in ("project", "environment"):
            options.pop(option, None)
        # Other entries refer to some.
        name = REFERENCE_NAMES.get(section.resource.label, ("",))[0] if section.resource.scope == "instance" else ""
        options.update(named(section.resource, name or f"more-{number}"))
    return found


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
    if kind == "dict":
        inner = dict(walk(operation.options))[path].get("options") or {"A": {}}
        return {name: canaries.rich(what) for name in inner}
    if kind == "path":
        file = folder / f"{len(canaries.made)}.txt"
        file.write_text(f"first\n{canaries.rich(what)}\n", "utf-8")
        return str(file)
    if (operation.name, path) == ("dokploy_certificate", ("private_key",)):
        # What stands before the key is a secret as well.
        return f"{canaries.plain(what)}\n{KEYS[0]}"
    if (operation.name, path) in SSH_KEYS:
        return openssh_key("canary", secret=canaries.plain(what).ljust(24, "A"))
    return canaries.plain(what) if (operation.name, path) in PLAIN_ONLY else canaries.rich(what)


def _put(options: Options, path: OptionPath, value: Any) -> None:
    """Into the base at the place of a path; of a list into the item that has no other way to state it yet."""
    for step in path[:-1]:
        inner = options.setdefault(step, {})
        if isinstance(inner, list):
            inner = next(item for item in inner if "content" not in item and path[-1] not in item)
        options = inner
    options[path[-1]] = value
