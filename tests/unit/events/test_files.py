# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the event sources agree: documentation, JSON schema, credential type, examples."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from ansible_collections.community.dokploy.plugins.module_utils._events.options import checked
from tools.event_sources import FOLDER, PAGE, documentation, reference, schema_of, sources, text_of
from tools.workspace import ROOT

NAMES = sorted(sources())
CREDENTIAL_TYPES = sorted(path.name for path in (FOLDER / "credential_types").iterdir())


def test_there_are_sources() -> None:
    assert NAMES == ["deployments", "notifications"]


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_that_of_the_documentation(name: str) -> None:
    assert (FOLDER / "schemas" / f"{name}.json").read_text() == text_of(name), "run make generate"


def test_the_schemas_mark_secrets() -> None:
    options = {option: about for name in NAMES for option, about in schema_of(name)["properties"].items()}
    assert sorted(option for option, about in options.items() if about.get("format") == "password") == [
        "dokploy_api_key",
        "hmac_secret",
        "password",
        "token",
    ]


def test_the_reference_is_that_of_the_documentation() -> None:
    assert PAGE.read_text().endswith(f"\n\n{reference()}"), "run make generate"


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_are_accepted(name: str) -> None:
    examples = documentation(sources()[name], "EXAMPLES")
    assert examples
    for example in examples:
        ((source, args),) = example.items()
        assert source == f"community.dokploy.{name}"
        env = {"DOKPLOY_URL": "http://127.0.0.1", "DOKPLOY_API_KEY": "k"}
        assert checked(documentation(sources()[name])["options"], args or {}, env)


@pytest.mark.parametrize("name", NAMES)
def test_descriptions_are_sentences(name: str) -> None:
    for option, about in documentation(sources()[name])["options"].items():
        texts = about["description"]
        for text in [texts] if isinstance(texts, str) else texts:
            assert re.match(r"[A-Z]|[OVC]\(", text) and text.endswith("."), option


def variables() -> set[str]:
    options = [about for name in NAMES for about in documentation(sources()[name])["options"].values()]
    return {one["name"] for about in options for one in about.get("env", ())}


@pytest.mark.parametrize("name", CREDENTIAL_TYPES)
def test_credential_types_set_what_the_sources_read(name: str) -> None:
    folder = FOLDER / "credential_types" / name
    fields = {field["id"]: field for field in yaml.safe_load((folder / "input.yml").read_text())["fields"]}
    injectors: dict[str, Any] = yaml.safe_load((folder / "injectors.yml").read_text())
    assert injectors.keys() <= {"env", "extra_vars", "file"} and injectors["env"].keys() <= variables()
    used = set(re.findall(r"{{ (\w+)[ }]", str(injectors)))
    assert used == set(fields)
    assert {name for name, field in fields.items() if re.search("key|token|secret", name)} == {
        name for name, field in fields.items() if field.get("secret")
    }


def test_the_extension_is_declared() -> None:
    declared = yaml.safe_load((ROOT / "meta/extensions.yml").read_text())["extensions"]
    assert "eda/plugins/event_source" in [one["args"]["ext_dir"] for one in declared]
