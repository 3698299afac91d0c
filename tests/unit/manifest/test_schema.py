# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON Schema of a document: it accepts what the module accepts, and refuses the mistakes that a schema can see."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.entries import Document
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import DOCUMENT
from ansible_collections.community.dokploy.plugins.module_utils._model.document import mistakes_in
from tools.manifest_schema import SCHEMA, text

TEXT = SCHEMA.read_text()
WHOLE = json.loads(TEXT)
VALIDATOR = jsonschema.Draft7Validator(WHOLE)
TEMPLATE = "{{ of_the_inventory }}"
VALUES = [TEMPLATE, None, "text", "17", "", 17, 1.5, True, [], {}, ["text"], [17], [None], {"a": 1}, [{"a": 1}]]


def refused(document: Any) -> list[str]:
    """What the schema refuses."""
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]


def test_the_schema_is_that_of_the_documentation() -> None:
    assert text() == TEXT, "make generate"


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(WHOLE)
    assert set(re.findall(r'"#/definitions/([^"]+)"', TEXT)) == set(WHOLE["definitions"])
    # What stands beside a reference is ignored.
    assert TEXT.count('"$ref"') == TEXT.count('{"$ref"') == len(re.findall(r'{"\$ref": "[^"]+"}', TEXT))


def test_descriptions_have_no_markup() -> None:
    assert re.findall(r"\b(?:[BCEIMOPRV]|RV)\([^\"]{,40}", TEXT) == []


# --- options ---


def options_of(spec: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every option at any depth with its path, the inner ones as well."""
    for name, option in spec.items():
        yield (*path, name), option
        yield from options_of(option.get("options") or {}, (*path, name))


def a_value(option: Mapping[str, Any], path: tuple[str, ...] = (), value: Any = None) -> Any:
    """A value of an option with what is required in it.

    :param path: an option in it, which gets C(value).
    """
    if not option.get("options"):
        plain = {"bool": True, "int": 1, "float": 1.5, "list": [], "dict": {}}
        return option["choices"][0] if option.get("choices") else plain.get(option["type"], "text")
    inner = option["options"]
    ways = [names[0] for names in option.get("required_one_of") or () if path[:1] not in [(name,) for name in names]]
    needed = [*ways, *(name for name, one in inner.items() if one.get("required"))]
    entry = {name: a_value(inner[name]) for name in needed}
    if path:
        entry[path[0]] = value if len(path) == 1 else a_value(inner[path[0]], path[1:], value)
    return [entry] if option["type"] == "list" else entry


def document_with(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A document without mistakes but for the value at a path."""
    return a_value({"type": "dict", "options": DOCUMENT}, path, value)  # type: ignore[no-any-return]


def kinds() -> Iterator[Any]:
    """One option for each form that a value can have."""
    seen = set()
    for path, option in options_of({name: one for name, one in DOCUMENT.items() if name != "version"}):
        form = (option["type"], option.get("elements"), *(bool(option.get(key)) for key in ("options", "choices")))
        if form not in seen:
            seen.add(form)
            yield pytest.param(path, option, id=".".join(path))


def is_converted(option: Mapping[str, Any], value: Any) -> bool:
    """Whether Ansible takes a value that the schema refuses, since it is a mistake all the same."""
    # A truth value as the text True, one value as a list, null as an empty text.
    as_text = option["type"] in ("str", "path") and isinstance(value, bool)
    as_list = option["type"] == "list" and not option.get("options") and isinstance(value, int | float)
    return as_text or as_list or (option.get("elements") == "str" and value == [None])


@pytest.mark.parametrize(("path", "option"), list(kinds()))
def test_values_are_refused_as_the_module_refuses_them(path: tuple[str, ...], option: Any) -> None:
    for value in VALUES:
        document = document_with(path, value)
        wrong = bool(mistakes_in(DOCUMENT, document)) and value != TEMPLATE
        assert bool(refused(document)) == (wrong or is_converted(option, value)), value


def test_a_template_can_stand_for_everything() -> None:
    for path, _option in options_of(DOCUMENT):
        assert refused(document_with(path, TEMPLATE)) == [], path
    assert refused({"projects": [TEMPLATE], "settings": TEMPLATE, "version": TEMPLATE}) == []


# --- rules ---


def mappings() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every option with suboptions, and the document itself."""
    yield from ((path, option) for path, option in options_of(DOCUMENT) if option.get("options"))


def mistaken() -> Iterator[dict[str, Any]]:
    """A document for each mistake that can be made at each place."""
    for path, option in mappings():
        entries = option["type"] == "list"

        def whole(entry: Any, path: tuple[str, ...] = path, entries: bool = entries) -> dict[str, Any]:
            return document_with(path, [entry] if entries else entry)

        right = a_value({**option, "type": "dict"})
        yield whole({**right, "of_no_module": 1})
        yield whole([right])
        yield whole("text")
        yield document_with(path, right if entries else [right])
        for name in right:
            yield whole({key: value for key, value in right.items() if key != name})
        for names in option.get("mutually_exclusive") or ():
            for pair in itertools.combinations(names, 2):
                yield whole({**right, **{name: a_value(option["options"][name]) for name in pair}})


def test_every_mistake_in_a_mapping_is_refused() -> None:
    documents = list(mistaken())
    assert len(documents) > 500
    for document in documents:
        assert mistakes_in(DOCUMENT, document) != [], document
        assert refused(document) != [], document


def test_what_is_null_excludes_nothing() -> None:
    project = {"name": "shop", "environments": [{"name": "production", "applications": []}]}
    document = {"projects": [project]}
    application = {"name": "web", "docker": {"image": "nginx"}, "git": None}
    project["environments"][0]["applications"].append(application)  # type: ignore[index]
    assert refused(document) == [] and mistakes_in(DOCUMENT, document) == []
    application["git"] = {"url": "https://git.example.com/shop.git", "branch": "main"}
    (message,) = refused(document)
    assert message.startswith("$.projects[0].environments[0].applications[0].")


@pytest.mark.parametrize("section", ["api_keys", "organizations", "bootstrap", "setup_projects", "$schema"])
def test_what_is_no_section_is_refused(section: str) -> None:
    assert refused({section: []}) != [] and Document({section: []}).mistakes != []


@pytest.mark.parametrize("document", [[], "projects", None, {"version": 2}, {"version": "1.0"}, {"projects": {}}])
def test_what_is_no_document_is_refused(document: Any) -> None:
    assert refused(document) != []
