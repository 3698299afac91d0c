# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option and suboption in the argument specs, with a run in which only that option varies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from tests.support.builders import REFERENCE_NAMES
from tests.support.examples import COMPANIONS, EXAMPLES, REQUIRED_VALUES, child_example, example_of, named
from tests.support.operations import MANAGED, MANAGED_CHILDREN, OPERATIONS, ManagedChild, ManagedResource

Path = tuple[str, ...]
Params = dict[str, Any]

WEB: Params = {"project": "shop", "application": "web"}
# The name of a Git provider of each kind.
PROVIDERS = {
    label.partition(" ")[0].lower(): names[0] for label, names in REFERENCE_NAMES.items() if label.endswith(" provider")
}
# What each module for an operation is called with when nothing is odd; an info module reads everything.
MINIMAL_PARAMS: dict[str, Params] = {
    "dokploy_api": {"procedure": "project.all"},
    "dokploy_application_action": {"action": "mark_running", **WEB},
    "dokploy_bootstrap": {"email": "admin@example.com", "password": "simulator", "include_secrets": True},
    "dokploy_backup_info": {"destination": REFERENCE_NAMES["destination"][0]},
    # Of what there is, nothing has a backup.
    "dokploy_backup_set": {"scope": {"kinds": ["application"]}, "leave_out": ["*"]},
    # The tests put a file there.
    "dokploy_restore": {
        **WEB,
        "destination": REFERENCE_NAMES["destination"][0],
        "folder": "dumps",
        "volume": "data",
        "force": True,
    },
    "dokploy_deployment": {**WEB, "trigger": "always", "wait": False, "verify": False},
    "dokploy_deployment_info": WEB,
    "dokploy_job": {"project": "shop", "name": "count", "image": "nginx", "args": ["true"]},
    "dokploy_logs_info": WEB,
    "dokploy_preview_deployment": {"project": "shop", "application": "web", "pull_request": 1, "state": "absent"},
    "dokploy_preview_deployment_info": WEB,
    "dokploy_export": {},
    "dokploy_manifest": {"tags": []},
    "dokploy_settings": {},
    "dokploy_traefik_config": {"content": {}, **WEB},
}
# Of what is given instead, and would only be in the way.
REPLACES: dict[str, tuple[str, ...]] = {
    **{one.resource.id_option: ("project", "name") for one in MANAGED if one.name in ("project", "environment")},
    "generate": ("host",),
    "domain_id": ("host",),
    "src": ("content",),
    "prefix": ("folder",),
    "preview_deployment_id": ("pull_request",),
    "branch": ("pull_request",),
    "script": ("args",),
    **dict.fromkeys(("scope", "set_destination", "max_age", "sizes", "sets"), ("destination",)),
}
# Modules in which the second run has nothing left to do.
IDEMPOTENT_MODULES = {
    "dokploy_traefik_config",
    *(one.operation.name for one in MANAGED),
    *(one.operation.name for one in MANAGED_CHILDREN),
}


def minimal_params(module: str, option: str) -> Params:
    """The parameters beside which an option is stated: of a kind, or with a parent, that has it."""
    for one in MANAGED:
        if one.operation.name == module and _has(one, option):
            home = dict(
                zip([up.label for up in one.resource.parents if not up.optional], ("shop", "production"), strict=False)
            )
            existing = {"project": "shop", "environment": "production"}.get(one.name, "web")
            return {**home, **one.kind, **named(one.resource, existing), **example_of(one.resource).item}
    for child in MANAGED_CHILDREN:
        if child.operation.name == module and _has_child(child, option):
            parent = child.parent.as_parent({**child.parent.kind, "name": "web"})
            return {"project": "shop", **parent, **child_example(child.parent.resource, child.child).beside(option)}
    return MINIMAL_PARAMS.get(module, {})


def _has(managed: ManagedResource, option: str) -> bool:
    """Whether this kind has the option, as far as one of the kinds has it and another has not."""
    kinds = [one for one in MANAGED if one.operation is managed.operation]
    having = [one for one in kinds if option in {*(path[0] for path, _f, _g in one.resource.fields())}]
    return managed is (having or kinds)[0]


def _has_child(managed: ManagedChild, option: str) -> bool:
    """The same for a child: an option that names the parent, or one that the children of this parent have."""
    every = [one for one in MANAGED_CHILDREN if one.operation is managed.operation]
    named = [one for one in every if option.startswith(one.parent.name)]
    having = [one for one in every if option in {field.name for field in one.child.fields}]
    return managed is (named or having or every)[0]


_SERVICES = {one.name for one in MANAGED if one.resource.runs}


@dataclass(frozen=True)
class ArgspecOption:
    """One option: its module, and its names from the outermost one on."""

    module: str
    path: Path
    spec: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.module[len('dokploy_') :]}:{'.'.join(self.path)}"

    def params(self, value: Any, application_id: str) -> Params:
        """A run of the module in which this option has this value and all else is in order.

        :param application_id: of an application that is deployed.
        """
        gone = set(REPLACES.get(self.path[0], ()))
        own = self.path[0].removesuffix("_id")
        if self.path[0].endswith("_id") and own in _SERVICES:
            gone = {"project", "environment", *_SERVICES, "name" if self.module == f"dokploy_{own}" else ""}
        minimal = minimal_params(self.module, self.path[0])
        base = {name: item for name, item in minimal.items() if name not in gone}
        if self.path[0] == "handles":
            base = {"state": "finished", "verify": False}
            if len(self.path) > 1 and self.path[1] != "application_id":
                value = {"application_id": application_id, self.path[1]: value}
                return {**base, "handles": [value]}
        return {**base, **_beside(self.path), self.path[0]: self._inside(1, self.path[:1], self._spec(1), value)}

    def _spec(self, depth: int) -> Mapping[str, Any]:
        spec: Mapping[str, Any] = {"options": {**CONNECTION, **OPERATIONS[self.module].options}}
        for name in self.path[:depth]:
            spec = spec["options"][name]
        return spec

    def _inside(self, depth: int, path: Path, spec: Mapping[str, Any], value: Any) -> Any:
        if depth == len(self.path):
            return value
        name = self.path[depth]
        deeper = self._inside(depth + 1, self.path[: depth + 1], self._spec(depth + 1), value)
        item = {**_needed(self.module, path, spec, name), **COMPANIONS.get(".".join((*path, name)), {}), name: deeper}
        for other in REPLACES.get(name, ()):
            if len(path) == 1 and path[0] in ("mounts", "patches") and value is not None:
                item.pop(other, None)
        return [item] if spec.get("type") == "list" else item


def _beside(path: Path) -> Params:
    """What an option at the top needs beside it."""
    if path[0] == "kill_every_build":
        return {"action": "kill_build"}
    return {}


def _needed(module: str, path: Path, spec: Mapping[str, Any], but: str) -> Params:
    """What else a mapping of suboptions must hold."""
    dotted = ".".join(path)
    for one in MANAGED:
        if one.operation.name == module and one.resource.kind == dotted and one.resource.by_suboption:
            item = example_of(one.resource).item.get(dotted, {})
            return {name: value for name, value in item.items() if name != but}
    for name in (f"{module.removeprefix('dokploy_')}.{dotted}", dotted):
        if name in EXAMPLES:
            return EXAMPLES[name].beside(but)
        outer, _dot, inner = name.rpartition(".")
        if outer in EXAMPLES and isinstance(EXAMPLES[outer].beside(inner).get(inner), dict):
            return dict(EXAMPLES[outer].beside(inner)[inner])
    if dotted == "http_check":
        return {"url": "http://127.0.0.1:9/", "retries": 0, "delay": 0}
    if dotted == "masks":
        mask = {"name": "customers", "service": "shop/production/web", "script": "echo", "image": "nginx"}
        return {name: value for name, value in mask.items() if name != but}
    if dotted == "checks":
        check = {"name": "rows", "service": "shop/production/web", "script": "echo 12", "image": "nginx"}
        return {name: value for name, value in check.items() if name != but}
    if dotted == "locked_for":
        return {} if but == "purpose" else {"purpose": "move"}
    if dotted == "traefik.files":
        return {name: value for name, value in (("path", "dynamic/a.yml"), ("content", {})) if name != but}
    needed = {name for name, one in spec["options"].items() if one.get("required")}
    needed |= {
        "git": {"url", "branch"},
        "docker": {"image"},
        "mode": {"type"},
        **dict.fromkeys(("github", "gitlab", "bitbucket", "gitea"), {"provider", "owner", "repository", "branch"}),
    }.get(dotted, set())
    return {name: PROVIDERS[path[0]] if name == "provider" else REQUIRED_VALUES[name] for name in needed if name != but}


def _walk(module: str, spec: Mapping[str, Any], path: Path = ()) -> Iterator[ArgspecOption]:
    for name, one in spec.items():
        yield ArgspecOption(module, (*path, name), one)
        if one.get("options"):
            yield from _walk(module, one["options"], (*path, name))


ARGSPEC_OPTIONS: list[ArgspecOption] = [
    *(place for module, operation in OPERATIONS.items() for place in _walk(module, operation.options)),
    # Those of the connection are the same everywhere.
    *_walk("dokploy_project", CONNECTION),
]
