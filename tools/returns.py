# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generates the C(RETURN) blocks of the modules from the descriptions of resources and the texts in C(returns.yml).

What stays as it is written in a module: values that are only its own, samples, and descriptions that do not begin with
C(See O\\(). Modules that list resources have the samples of the modules that manage them.

A record whose keys are suboptions, or those of a child, is described in one sentence that links to the option. Its
sample has every key.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from typing import Any

import yaml

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import label_of
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._swarm.states import RUN_STATE
from tools import subsets
from tools.documents import documented, dump, module_path
from tools.workspace import ROOT

MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("dokploy_*.py"))
SHARED = yaml.safe_load((ROOT / "tools/returns.yml").read_text())
ALWAYS = ("error", "effect_unknown")
# What the guide explains links to it.
GUIDE = "community.dokploy.docsite.results)"
KEYS = ("description", "returned", "type", "elements", "contains", "sample")

Values = dict[str, Any]


def operation_of(module: str) -> Operation:
    """What a module runs."""
    names = vars(importlib.import_module(f"ansible_collections.community.dokploy.plugins.modules.{module}"))
    operation: Operation = names["INFO_OPERATION" if module.endswith("_info") else "OPERATION"]
    return operation


def resources_of(module: str) -> tuple[Resource, ...]:
    """What a module is about, or what one of its options selects from."""
    return operation_of(module).resources


def united(values: Iterable[Values]) -> Values:
    """The values of several kinds, each with what it contains in any of them."""
    result: Values = {}
    for values_of_kind in values:
        for name, value in values_of_kind.items():
            known = result.setdefault(name, dict(value))
            for inner in value.keys() & {"contains", "record"}:
                known[inner] = united((known[inner], value[inner]))
            # That of the kind with the most keys that differ from their suboptions.
            known["description"] = max(known["description"], value["description"], key=len)
    return result


class Place:
    """The return value of a module that shows what a description describes."""

    def __init__(self, root: str, managed: str = "", secrets: bool = False, states: Iterable[str] = ()) -> None:
        """
        :param managed: the module with the options, if this one only lists resources.
        :param secrets: whether it can show secrets.
        :param states: the states besides C(present) whose result shows all of it.
        """
        self.secrets = secrets or bool(managed)
        self.root = root + "[]" if managed else root
        self.listed = bool(managed)
        self.options = f"community.dokploy.{managed}#module:" if managed else ""
        self.returned = "success" if managed else " or ".join(f"O(state={state})" for state in ("present", *states))

    def field(self, path: str, field: Field, returned: str) -> Values:
        """:param path: the option, as C(O()) names it."""
        kind, elements = field.codec.type, field.codec.elements
        remark = referred = ""
        if field.reference is not None:
            ids = "The IDs" if kind == "list" else "The ID"
            remark = f" {ids}." if self.listed else f" {ids} if the option is not set."
            # GitHub providers are only created in the web interface.
            referred = field.reference.module or "dokploy_git_provider"
        elif field.parts and kind == "dict":
            remark = " Null if it does not apply." if field.needed else " V({}) if it is not set."
        value: Values = {
            "description": f"See O({self.options}{path}).{remark}",
            "returned": "O(include_secrets=true)" if field.secret else returned,
        }
        if referred and self.listed:
            value["referred"] = referred
        # The options of type raw show values of one type.
        if kind != "raw":
            value["type"] = kind
        if elements:
            value["elements"] = elements
        if field.parts:
            inner = f"{path}[]." if kind == "list" else f"{path}."
            value["record"] = self.fields(field.parts, inner)
            value["description"] += self.remarks(field.parts)
        return value

    def whole(self, described: Resource | Child, contents: Values) -> Values:
        """The value itself, which a module may describe in another way."""
        label = described.singular if isinstance(described, Child) else described.name
        label = label.replace("_", " ")
        value: Values = {
            "description": f"The {label} after the module ran, or as predicted in check mode. Its keys are the options."
            " Null for O(state=absent).",
            "returned": "success",
            "type": "dict",
        }
        if self.listed:
            value = {"description": f"The {label}s.", "returned": "success", "type": "list", "elements": "dict"}
        own = self.id(described.id_option, label)
        if isinstance(described, Resource):
            # It is also shown of what is removed.
            own[described.id_option]["returned"] = "success"
        return {**value, "contains": {**own, **contents}}

    def id(self, option: str, label: str) -> Values:
        unknown = "" if self.listed else " V((generated\\)) if check mode would create it."
        return {option: {"description": f"ID of the {label}.{unknown}", "returned": self.returned, "type": "str"}}

    def fields(self, fields: tuple[Field, ...], prefix: str = "", returned: str = "") -> Values:
        return {
            field.name: self.field(prefix + field.name, field, returned or self.returned)
            for field in fields
            if field.returned and (self.secrets or not field.secret)
        }

    def remarks(self, fields: tuple[Field, ...]) -> str:
        """How the values of a record differ from the suboptions that it shows, in further sentences."""
        fields = tuple(field for field in fields if field.returned)
        text = ""
        named = [field.name for field in fields if field.reference is not None and field.codec.type != "list"]
        if named:
            are, them = ("is an ID", "it") if len(named) == 1 else ("are IDs", "them")
            text += f" {_listed(named)} {are}{'' if self.listed else f' unless the task sets {them}'}."
        secret = [field.name for field in fields if field.secret]
        if secret and self.secrets:
            text += (
                f" {_listed(secret)} {'is' if len(secret) == 1 else 'are'} returned with O(include_secrets=true) only."
            )
        return text

    def resource(self, resource: Resource) -> Values:
        values: Values = {}
        for option in resource.options:
            if isinstance(option, Group):
                condition = self.returned
                kind = resource.by_suboption and option.name == resource.kind
                if option.selects is not None or kind:
                    selector = "type" if option.selects is None else option.selects[0].name
                    condition = f"when RV({self.root}.{selector}={option.name})"
                    condition += "" if self.listed else f", {self.returned}"
                values[option.name] = {
                    "description": f"See O({self.options}{option.name}).{self.remarks(option.fields)}",
                    "returned": condition,
                    "type": "dict",
                    "record": self.fields(option.fields, option.name + "."),
                }
            else:
                values.update(self.fields((option,)))
        for child in resource.children:
            contents = self.fields(child.fields, f"{child.option}[].")
            values[child.option] = {
                "description": f"See O({self.options}{child.option}). Sorted by"
                f" {_listed(field.name for field in child.key_fields)}, each with its C({child.id_option})."
                + self.remarks(child.fields),
                "returned": self.returned,
                "type": "list",
                "elements": "dict",
                "record": {**self.id(child.id_option, child.singular), **contents},
            }
        return values


def merged(
    written: Values,
    wanted: Values,
    samples: Values,
    shared: bool = False,
    lacking: list[str] | None = None,
    at: str = "",
) -> Values:
    """Return values with what is generated of them.

    :param samples: return values whose samples count instead of those that are written.
    :param shared: what is generated replaces any description.
    :param lacking: gets the values without a sample, by their dotted paths. :param at: the path of what contains them.
    """
    lacking = [] if lacking is None else lacking
    values: Values = {}
    for name in (*written, *(name for name in wanted if name not in written)):
        own, new, sample = written.get(name, {}), wanted.get(name, {}), samples.get(name, {})
        by_hand = _is_own(own, new) if shared else not _first(own.get("description", "See O(")).startswith("See O(")
        # By hand, no condition is the one of what contains the value.
        value = {**new, "returned": None, **own} if by_hand else {**own, **new}
        if "record" in new:
            record = _record(at + name, new["record"], lacking, sample.get("sample"), own.get("sample"))
            value["sample"] = [record] if new["type"] == "list" else record
            value.pop("contains", None)
        elif "contains" in new:
            inner = (own.get("contains", {}), new["contains"], sample.get("contains", {}))
            value["contains"] = merged(*inner, shared, lacking, f"{at}{name}.")
        elif new:
            value.update({key: sample[key] for key in ("sample", "type") if key in sample})
            if "sample" in value:
                value["sample"] = _listed_sample(new, value["sample"])
            else:
                lacking.append(at + name)
        values[name] = value
    return values


def _record(at: str, wanted: Values, lacking: list[str], *samples: Any) -> Values:
    """The sample of a record that the options describe.

    :param at: its dotted path. :param lacking: gets those of its keys that no sample has.
    :param samples: the ones that are written, of which the first with a key counts.
    """
    known = [sample[0] if isinstance(sample, list) and sample else sample or {} for sample in samples]
    record: Values = {}
    for key, described in wanted.items():
        written = [sample[key] for sample in known if key in sample]
        if "record" in described:
            inner = _record(f"{at}.{key}", described["record"], lacking, *written)
            record[key] = [inner] if described["type"] == "list" else inner
        elif written:
            record[key] = _listed_sample(described, written[0])
        else:
            lacking.append(f"{at}.{key}")
    return record


def _listed_sample(wanted: Values, sample: Any) -> Any:
    """The sample of a value, which is an ID where a list shows what an option refers to by its name."""
    if not sample or "referred" not in wanted:
        return sample
    module = wanted["referred"]
    name = module.removeprefix("dokploy_")
    resource_id = documented(module, "RETURN")[name]["contains"][f"{name}_id"]["sample"]
    return [resource_id] if isinstance(sample, list) else resource_id


def _listed(names: Iterable[str]) -> str:
    """Names in a sentence, each in C(C(\\))."""
    *first, last = [f"C({name})" for name in names]
    return " and ".join([", ".join(first), last] if first else [last])


def _is_own(own: Values, shared: Values) -> bool:
    """Whether a module describes a value itself that the guide to results explains."""
    return bool(own) and GUIDE in shared.get("description", "") and GUIDE not in str(own.get("description"))


def _first(description: Any) -> str:
    return description if isinstance(description, str) else str(description[0])


def _with_contents(values: Values, outer: str | None = None) -> Values:
    """What values contain that modules share, and the order of keys.

    :param outer: when the value that contains them is returned, which they need not repeat.
    """
    result: Values = {}
    for name, value in values.items():
        if "contains" in value:
            contents = value["contains"]
            for block in SHARED["contents"].values():
                if block.keys() <= contents.keys():
                    contents = merged(contents, block, {}, shared=True)
            value = {**value, "contains": _with_contents(contents, value.get("returned") or outer)}
            # The samples of what it contains say the same.
            value.pop("sample", None)
        # Without it, the documentation site says that a value is returned on success.
        repeats = False
        if outer is not None and "failure" not in outer:
            repeats = _conditions(value.get("returned") or "") <= _conditions(outer)
        result[name] = {key: value[key] for key in KEYS if key in value and (key != "returned" or not repeats)}
    return result


def _conditions(returned: str) -> set[str]:
    """The conditions of a value besides success: C({"O(state=present)", "when it is set"})."""
    return set(returned.split(", ")) - {"success", ""}


def values_of(module: str, written: Values) -> Values:
    """The return values of a module.

    :param written: what its C(RETURN) contains.
    :raises ValueError: values have no sample; the message names all of them.
    """
    name = module.removeprefix("dokploy_")
    managed = name.removesuffix("_info")
    written = subsets.returned(written) if module == "dokploy_info" else written
    wanted: Values = {}
    samples: Values = {}
    resources = resources_of(module)
    children = [child for resource in resources for child in resource.children if child.singular == name]
    if name in {resource.name for resource in resources}:
        # A service that is started or stopped is shown by its names.
        states = {
            state: how
            for resource in resources
            for state, how in resource.states.transitions.items()
            if how is not RUN_STATE
        }
        further = [state for state in states if state not in ("present", "absent")]
        place = Place(
            name, secrets=any(resource.reading.secret_facts is not None for resource in resources), states=further
        )
        wanted[name] = place.whole(resources[0], united(map(place.resource, resources)))
        samples[name] = {"contains": _of_children(resources, written.get(name, {}).get("contains", {}))}
    elif children:
        place = Place(name)
        wanted[name] = place.whole(children[0], united(place.fields(child.fields) for child in children))
    elif name != managed and managed in {resource.name for resource in resources}:
        root = resources[0].listing.results
        place = Place(root, f"dokploy_{managed}")
        wanted[root] = place.whole(resources[0], united(map(place.resource, resources)))
        samples[root] = documented(f"dokploy_{managed}", "RETURN")[managed]
    lacking: list[str] = []
    values = merged(written, wanted, samples, lacking=lacking)
    if lacking:
        raise ValueError(f"write a sample of {', '.join(lacking)}")
    named = {*values, *ALWAYS, *_implied(name, resources, children)}
    shared = {key: value for key, value in SHARED["values"].items() if key in named}
    if "diff" in shared and "diff" not in values:
        shared["diff"] = {**shared["diff"], "sample": _changed(children[0] if children else resources[0], values[name])}
    return _with_contents(merged(values, shared, {}, shared=True))


def _of_children(resources: Iterable[Resource], written: Values) -> Values:
    """The samples of children that a module lacks, by those of their own modules."""
    samples: Values = {}
    for child in (
        candidate for resource in resources for candidate in resource.children if candidate.option not in written
    ):
        module = f"dokploy_{child.singular}"
        if module in MODULES:
            contents = documented(module, "RETURN").get(child.singular, {}).get("contains", {})
            record = {name: value["sample"] for name, value in contents.items() if "sample" in value}
            samples[child.option] = {"sample": [record]}
    return samples


def _changed(described: Resource | Child, value: Values) -> Values:
    """A sample of a diff, in which one option changes.

    :param value: the return value with what is described.
    """
    known = {name: content["sample"] for name, content in value["contains"].items() if "sample" in content}
    fields = described.fields if isinstance(described, Child) else described.options
    plain = [
        option
        for option in fields
        if isinstance(option, Field) and option.name in known and not (option.key or option.replaces)
    ]
    before: Values = {"state": "absent"}
    after: Values = {"state": "present"}
    for field in plain[-1:]:
        other = next((choice for choice in field.choices if choice != known[field.name]), field.shown(None))
        before, after = {field.name: other}, {field.name: known[field.name]}
    if not isinstance(described, Child):
        return {"before": before, "after": after}
    label = label_of(described, [known.get(field.name) for field in described.key_fields])
    return {name: {described.option: {label: options}} for name, options in (("before", before), ("after", after))}


def _implied(name: str, resources: tuple[Resource, ...], children: list[Child]) -> Iterable[str]:
    """What every module has that creates and changes a record."""
    managed = [resource for resource in resources if resource.name == name and not resource.single]
    if managed or children:
        yield "diff"
        if children or any(resource.updating.procedure for resource in managed):
            yield "options"
        # Parents and children can have the name of another one.
        if children or any(not resource.unique for resource in managed):
            yield "ids"


def generated(module: str, text: str) -> str:
    """The text of a module with its generated C(RETURN).

    :raises ValueError: a value has no sample; the message names the file and the place in it.
    """
    try:
        values = dump(values_of(module, documented(module, "RETURN")))
    except ValueError as error:
        raise ValueError(f"{module_path(module).relative_to(ROOT)}: RETURN: {error}") from None
    return re.sub(r'(?s)(?<=^RETURN = r""").*?(?=""")', lambda _found: "\n" + values, text, flags=re.M)


def main() -> None:
    # Modules that list resources come after those that manage them, and what lists all of them is last.
    for module in sorted(MODULES, key=lambda name: (name == "dokploy_info", name)):
        path = module_path(module)
        path.write_text(generated(module, path.read_text()))
