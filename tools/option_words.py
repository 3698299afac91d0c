# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words for options that modules have by their kind: the same ones but for nouns, which the descriptions have.

Each function gives the sentences of options by their names, C({"tag_id": ["Only the tag with this ID."]}). It says
nothing of what it has no words for, such as a state that only one resource has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import manage
from ansible_collections.community.dokploy.plugins.module_utils._engine.apply_child import manage_child
from ansible_collections.community.dokploy.plugins.module_utils._engine.info import list_resources
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._errors import with_article
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.references import (
    removal_unless_used,
)

Words = dict[str, list[str]]

ALIKE = "If several {plural}{place} have this name, the module fails and lists their IDs."
# What a word of an option's name is in a sentence.
SPELLED = {"api": "API", "ssh": "SSH", "id": "ID", "url": "URL", "env": "variables"}


def words_of(operation: Operation) -> Words:
    """The sentences of the options of a module for which there are words."""
    kinds, performs = operation.resources, getattr(operation.perform, "func", None)
    states = [str(state) for state in operation.options.get("state", {}).get("choices", ())]
    if performs is manage and not kinds[0].single:
        return of_resource(kinds, states)
    if performs is manage_child:
        singular = operation.name.removeprefix("dokploy_")
        child = next(child for kind in kinds for child in kind.children if child.singular == singular)
        return of_child(child, states)
    return of_list(kinds) if performs is list_resources else {}


def of_resource(kinds: Sequence[Resource], states: Sequence[str]) -> Words:
    """Those of a module that manages a resource."""
    resource, noun = kinds[0], kinds[0].listing.singular
    where = _listed([*(listing.label for listing in resource.parents), resource.name_option], "and")
    renames = bool(resource.updating.procedure) and not (resource.name_field and resource.name_field.create_only)
    it = "it" if not resource.parents else f"O({resource.name_option})"
    rename = f", or with {it} to rename the {noun}" if renames else ""
    moves = resource.scope in ("project", "environment")
    rename = ", or with them to move or rename it" if moves else rename
    words = {
        **_of_removal(resource, states),
        **_parents(resource),
        **_name(kinds, renames),
        resource.id_option: [f"ID of an existing {noun}. Use it instead of {where}{rename}.", _missing(states)],
        "update_secrets": [
            f"When the secrets that Dokploy never shows are sent: only when the {noun} is created (V(on_create)), or"
            " each time (V(always)), which is a change each time."
        ],
    }
    if resource.updating.replacement is not None:
        fixed = [".".join(path) for kind in kinds for path, field, _group in kind.fields() if field.replaces]
        what = _listed(dict.fromkeys(fixed), "or") if fixed else "an option"
        words["replace"] = [f"Whether to create the {noun} again if {what} differs. Otherwise the module fails."]
    return words


def of_child(child: Child, states: Sequence[str]) -> Words:
    """Those of a module that manages what belongs to another resource."""
    noun, keys = child.singular.replace("_", " "), [field.name for field in child.key_fields]
    first = f"One of O({keys[0]}) and O({child.id_option}) is required."
    change = "with them to change them in place" if len(keys) > 1 else "with it to change it in place"
    change = f"with it to rename the {noun}" if keys == ["name"] else change
    using = f"Use it instead of {_listed(keys, 'and')}, or {change}."
    return {
        **_state(noun, states, updates=bool(child.update)),
        child.id_option: [f"ID of an existing {noun}. {using}", _missing(states), first],
    }


def of_list(kinds: Sequence[Resource]) -> Words:
    """Those of a module that lists resources."""
    resource = kinds[0]
    words = {resource.id_option: [f"Only the {resource.listing.singular} with this ID."]}
    if resource.kind:
        words["type"] = [f"Only {resource.listing.plural} of this kind."]
    fields = [field for kind in kinds for _path, field, _group in kind.fields()]
    fields += [field for kind in kinds for child in kind.children for field in child.fields]
    secrets = dict.fromkeys(_spelled(field.name) for field in fields if field.secret and field.returned)
    if secrets:
        *others, last = [f"the {secret}" for secret in secrets]
        listed = f"{', '.join(others)} and {last}" if others else last
        are = "They are" if others or last.endswith("s") else "It is"
        words["include_secrets"] = [
            f"Whether to also return {listed}. {are} then visible in the result of the task, so use C(no_log)."
        ]
    return words


def _of_removal(resource: Resource, states: Sequence[str]) -> Words:
    """C(state), and C(force) where it removes what is used. A removal that forces something else has no words."""
    noun, removal, updates = resource.listing.singular, resource.removal, bool(resource.updating.procedure)
    if "force" not in removal.options or removal.steps is None:
        return _state(noun, states, updates)
    if not removal.steps.__qualname__.startswith(f"{removal_unless_used.__name__}."):
        return {}
    force = [f"Whether O(state=absent) also removes {with_article(noun)} that something uses."]
    keeps = " If something uses it, the module fails and lists it, unless O(force=true)."
    return {**_state(noun, states, updates, keeps), "force": force}


def _state(noun: str, states: Sequence[str], updates: bool, keeps: str = "") -> Words:
    if set(states) != {"present", "absent"}:
        return {}
    otherwise = "updates it where it differs" if updates else "compares it"
    return {"state": [f"V(present) creates the {noun}, or {otherwise}.", f"V(absent) removes the {noun}.{keeps}"]}


def _missing(states: Iterable[str]) -> str:
    """What an ID does that nothing has."""
    failing = [f"O(state={state})" for state in states if state != "absent"]
    if len(failing) > 2:
        return "If it does not exist, O(state=absent) changes nothing, and other states fail."
    fail = "fail" if len(failing) > 1 else "fails"
    return f"If it does not exist, {' and '.join(failing)} {fail}, and O(state=absent) changes nothing."


def _parents(resource: Resource) -> Words:
    """The options for what it is in."""
    noun, option = resource.listing.singular, f"O({resource.id_option})"
    if resource.scope == "server":
        return {
            "server": [f"Name or ID of the server that the {noun} is in. The default is the host of Dokploy itself."]
        }
    project = f"Name or ID of the project. {ALIKE.format(plural='projects', place='')}"
    required = f"Required unless {option} is set."
    if resource.scope == "project":
        return {"project": [project, f"{required} With {option}, the project to move the {noun} to."]}
    if resource.scope == "environment":
        return {
            "project": [project, required],
            "environment": [
                "Name or ID of the environment in the project. The default is the default environment of the project,"
                " V(production).",
                f"With {option}, the environment to move the {noun} to. O(project) is then required unless this is an"
                " ID.",
            ],
        }
    return {}


def _name(kinds: Sequence[Resource], renames: bool) -> Words:
    """The option that names it, if any text of some length is a name."""
    resource, field = kinds[0], kinds[0].name_field
    if field is None or not _is_any_text(field):
        return {}
    noun, option = resource.listing.singular, f"O({resource.id_option})"
    limits = " to ".join(map(str, field.limits or ()))
    said = [f"Name of the {noun}, {limits} characters. Case is significant."]
    if resource.scope in ("project", "environment"):
        same_name = ALIKE.format(plural=resource.listing.plural, place=f" in the {resource.parents[-1].label}")
        said.append(f"Dokploy does not enforce unique names. {same_name} Select one with {option}.")
        said += [f"With {option}, the new name."] if renames else []
    return {field.name: [*said, f"One of O({field.name}) and {option} is required."]}


def _is_any_text(field: Field) -> bool:
    return bool(field.limits) and field.pattern is None and field.grammar is None and field.qualifies is None


def _spelled(name: str) -> str:
    """The name of an option in words, such as C(API key)."""
    return " ".join(SPELLED.get(word, word) for word in name.split("_"))


def _listed(names: Iterable[str], joint: str) -> str:
    *first, last = [f"O({name})" for name in names]
    return f"{', '.join(first)} {joint} {last}" if first else last
