# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the JSON Schema of a document, with which an editor completes, explains and checks it.

It follows from the specification of the sections and from the documentation of the modules. What it refuses the module
refuses as well, but for what Ansible converts although it is a mistake, such as a truth value in place of a text. It is
of draft 7, which all editors know. There, nothing can stand beside a C($ref), so that whole schemas are shared.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._manifest.entries import VERSION
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import HEAD, SECTIONS, Section
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import names_of
from tools.documents import documented
from tools.workspace import ROOT

Schema = dict[str, Any]

SCHEMA = ROOT / "docs/manifest.schema.json"
# A value that only Ansible knows can stand for one of any type.
TEMPLATE = r"\{[{%]"
# How text can be written that Ansible converts. YAML 1.2, which editors read, has no `yes`.
CONVERTED = {
    "bool": ("boolean", "true or false", r"^([Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF|[Tt]rue|TRUE|[Ff]alse|FALSE)$"),
    "int": ("integer", "a whole number", r"^[-+]?\d+$"),
    "float": ("number", "a number", r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$"),
}
FORMS = {"object": "a mapping", "array": "a list"}
# What an entry has beside the options of its module; the options of a deployment are those of its module.
OWN = {
    "image_of": "What it runs: that of another service, such as shop/staging/web, by its digest, commit or content.",
    "shared": "What it shares with other services of its server: names of volumes, folders, hosts, ports; patterns.",
    "protect": "Whether `prune` removes nothing that is in the entry.",
    "after": "The services that run before it: names in the same environment, or paths such as shop/staging/web.",
    "new": "Whether it is another service than one that exists under another name and could be it.",
    "moved_from": "The former name, or the former path such as shop/staging/web. What has it is renamed or moved.",
}
WIDTH = 120
# Schemas that are at least this long, as JSON, are shared where they repeat.
SHARED = 200
# O(custom.headers), also of another module; what a reader sees is the option.
MARKUP = re.compile(r"\b([BCEIMOPRV]|RV)\(((?:[^)\\]|\\.)*)\)")


def text() -> str:
    """The file."""
    return _json(document()) + "\n"


def document() -> Schema:
    """The schema of a document."""
    options = documented("dokploy_manifest")["options"]
    sections = {section.name: _section(section, options[section.name]["description"]) for section in SECTIONS}
    version = {"description": _described(options["version"]), "anyOf": [{"enum": [VERSION, str(VERSION)]}, *_OPEN]}
    unstated = _option(HEAD["unstated"], options["unstated"])
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A Dokploy instance",
        "description": "A document of the Ansible module community.dokploy.dokploy_manifest.",
        "type": "object",
        "properties": {"version": version, "unstated": unstated, **sections},
        "additionalProperties": False,
    }
    parts = _Parts(whole)
    return {**parts.without(whole, ""), "definitions": parts.definitions}


# --- sections and options ---


# What can be in place of any value but a text: null, which is the same as leaving it out, and a template.
_OPEN = ({"type": "null"}, {"type": "string", "pattern": TEMPLATE})


def _section(section: Section, description: Any) -> Schema:
    """The schema of a section, in which the entries of inner sections are as well."""
    about = {**documented(section.module)["options"], **({} if section.child else _about_own(section))}
    for inner in section.inner:
        words = f"{_sentence(inner.resource.listing.plural)}, with the options of community.dokploy.{inner.module}."
        about[inner.name] = {"description": words, "section": _section(inner, words)}
    noun = section.child.singular.replace("_", " ") if section.child else section.resource.noun
    entry = {"title": f"{_sentence(noun)}: community.dokploy.{section.module}", **_mapping(section.described, about)}
    if section.described["type"] == "dict":
        return {"description": _plain(description), **entry, **_open("object")}
    return {"description": _plain(description), **_open("array"), "items": entry}


def _about_own(section: Section) -> dict[str, Any]:
    """The documentation of what an entry has beside the options of its module.

    :raises ValueError: there is none.
    """
    known = {**documented("dokploy_deployment")["options"], **documented("dokploy_manifest")["options"]}
    known.update({name: {"description": text} for name, text in OWN.items()})
    missing = section.own_options.keys() - known.keys()
    if missing:
        raise ValueError(f"tools/manifest_schema.py: OWN does not describe {', '.join(sorted(missing))}")
    return {name: known[name] for name in section.own_options}


def _mapping(described: Mapping[str, Any], about: Mapping[str, Any]) -> Schema:
    """The schema of a mapping of options.

    :param described: its specification, with the options and the rules between them.
    """
    options = described["options"]
    properties = {
        name: about[option].get("section") or _option(options[option], about[option])
        for name, option in names_of(options).items()
    }
    # Null is as good as nothing.
    properties.update(
        {name: _without_null(schema) for name, schema in properties.items() if _is_required(options, name)}
    )
    rules = list(_rules(described))
    return {
        **_without_null(_open("object")),
        "properties": properties,
        "additionalProperties": False,
        **({"allOf": rules} if rules else {}),
    }


def _is_required(options: Mapping[str, Any], name: str) -> bool:
    return bool(options.get(name, {}).get("required"))


def _open(kind: str) -> Schema:
    """A mapping or a list, or a template of one. Null is a section that has nothing."""
    return {"type": [kind, "string", "null"], "pattern": TEMPLATE, **_takes(FORMS[kind], kind)}


def _takes(words: str, kind: str = "") -> Schema:
    """What editors show in place of the pattern, by keywords of their own.

    Of a mapping, C(errorMessage) would also be shown for an unknown option in it.
    """
    return {"patternErrorMessage" if kind == "object" else "errorMessage": f"It takes {words}."}


def _option(option: Mapping[str, Any], about: Mapping[str, Any]) -> Schema:
    schema: Schema = {"description": _described(about, option.get("choices"))}
    if option.get("no_log"):
        schema["format"] = "password"
    if option.get("default") is not None:
        schema["default"] = option["default"]
    kind = option["type"]
    if option.get("options"):
        inner = _mapping(option, about["suboptions"])
        return {**schema, **({**_open("array"), "items": inner} if kind == "list" else {**inner, **_open("object")})}
    if kind == "list":
        # Ansible divides text at commas, which is no choice for an editor.
        form = _open("array") if option.get("choices") else {"type": ["array", "string", "null"]}
        return {**schema, **form, "items": _without_null(_scalar(option["elements"], option))}
    return {**schema, **_scalar(kind, option)}


def _scalar(kind: str, option: Mapping[str, Any]) -> Schema:
    """The schema of a value without suboptions."""
    if kind in CONVERTED:
        name, words, pattern = CONVERTED[kind]
        return {"type": [name, "string", "null"], "pattern": f"{pattern}|{TEMPLATE}", **_takes(words)}
    if kind == "dict":
        return _open("object")
    if kind == "raw":
        return {}
    if option.get("choices"):
        return {
            "anyOf": [{"enum": [spelling for choice in option["choices"] for spelling in _spellings(choice)]}, *_OPEN]
        }
    # Ansible would write a truth value as True.
    return {"type": ["string", "number", "null"]}


def _without_null(schema: Schema) -> Schema:
    """The schema of what cannot be null: the entry of a list, and what is required."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [choice for choice in schema["anyOf"] if choice != _OPEN[0]]}
    if not isinstance(schema.get("type"), list):
        return schema
    return {**schema, "type": [name for name in schema["type"] if name != "null"]}


def _spellings(choice: Any) -> Iterator[Any]:
    """How a choice can be written: V(no) and V(17) without quotes are no texts."""
    yield choice
    if str(choice).isdigit():
        yield int(choice)
    elif choice in ("yes", "no", "on", "off", "true", "false"):
        yield choice in ("yes", "on", "true")


def _rules(described: Mapping[str, Any]) -> Iterator[Schema]:
    """The schemas of required options, and of rules between options."""
    options = described["options"]
    for name, option in options.items():
        if option.get("required"):
            yield _one_of([name, *option.get("aliases", ())])
    for names in described.get("required_one_of") or ():
        yield _one_of(names)
    for names in described.get("mutually_exclusive") or ():
        for place, name in enumerate(names[:-1], 1):
            # Editors would offer what a condition requires as a second option of that name.
            stated = {"not": {"properties": {name: {"type": "null"}}}}
            yield {"if": stated, "then": {"properties": {other: _excluded(other, name) for other in names[place:]}}}
    for option, value, names in described.get("required_if") or ():
        other = {"properties": {option: {"not": {"const": value}}}}
        yield {"if": {"not": other}, "then": {"required": list(names)}}


def _excluded(option: str, other: str) -> Schema:
    """Not set."""
    return {"type": "null", "errorMessage": f"{other} and {option} are mutually exclusive."}


def _one_of(names: list[str]) -> Schema:
    """At least one of the options is there. The whole entry may be a template, which no rule of properties is about."""
    return {"required": names} if len(names) == 1 else {"anyOf": [{"required": [name]} for name in names]}


# --- texts ---


def _described(about: Mapping[str, Any], choices: Any = None) -> str:
    """The description of an option, without what is about choices that it does not have."""
    lines = about["description"]
    lines = [lines] if isinstance(lines, str) else lines
    left_out = set(map(str, about.get("choices") or ())) - set(map(str, choices or about.get("choices") or ()))
    return _plain([line for line in lines if not left_out.intersection(re.findall(r"\bV\(([^)]*)\)", line))])


def _plain(lines: Any) -> str:
    """A description as text: editors show no markup of Ansible."""
    return "\n".join(MARKUP.sub(_shown, line) for line in ([lines] if isinstance(lines, str) else lines))


def _shown(match: re.Match[str]) -> str:
    kind, target = match[1], re.sub(r"\\(.)", r"\1", match[2])
    if kind in "BI":
        return target
    if kind == "R":
        return target.rpartition(",")[0]
    if kind == "P":
        target = target.partition("#")[0]
    elif kind in ("O", "RV"):
        target = target.rpartition(":")[2] if "#" in target.partition("=")[0] else target
    return f"`{target}`"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _json(value: Any, indent: int = 0) -> str:
    """A value as JSON, with one line for what is short: each indented on its own, it would be half as long again."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent <= WIDTH or not isinstance(value, Mapping | list):
        return line
    inner = " " * (indent + 1)
    if isinstance(value, Mapping):
        parts = [f"{inner}{json.dumps(key)}: {_json(item, indent + 1)}" for key, item in value.items()]
    else:
        parts = [f"{inner}{_json(item, indent + 1)}" for item in value]
    begin, end = "{}" if isinstance(value, Mapping) else "[]"
    return "\n".join([begin, ",\n".join(parts), " " * indent + end])


# --- parts that repeat ---


class _Parts:
    """What repeats in a schema, each under the name of the property that it is of.

    :ivar definitions: the schemas by name.
    """

    def __init__(self, whole: Schema) -> None:
        self.definitions: dict[str, Schema] = {}
        self._count: Counter[str] = Counter()
        self._names: dict[str, str] = {}
        self._look(whole)

    def _look(self, schema: Schema) -> None:
        for part in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
            key = _key(part)
            self._count[key] += 1
            # What is in a part that repeats is in one place.
            if self._count[key] == 1 or len(key) < SHARED:
                self._look(part)

    def without(self, schema: Schema, name: str) -> Schema:
        """The schema with a reference in place of each part that repeats.

        :param name: the property that it is of.
        """
        whole = dict(schema)
        if "properties" in schema:
            whole["properties"] = {inner: self._referred(part, inner) for inner, part in schema["properties"].items()}
        if "items" in schema:
            whole["items"] = self._referred(schema["items"], f"{name}-entry")
        return whole

    def _referred(self, schema: Schema, name: str) -> Schema:
        key = _key(schema)
        if self._count[key] == 1 or len(key) < SHARED:
            return self.without(schema, name)
        if key not in self._names:
            names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
            self._names[key] = free = next(candidate for candidate in names if candidate not in self.definitions)
            self.definitions[free] = {}  # It has its name before those in it.
            self.definitions[free] = self.without(schema, name)
        return {"$ref": f"#/definitions/{self._names[key]}"}


def _key(schema: Schema) -> str:
    return json.dumps(schema, sort_keys=True)


def main() -> None:
    SCHEMA.write_text(text())
