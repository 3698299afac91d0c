# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to Event-Driven Ansible and the rulebooks of the collection use what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from ansible_collections.community.dokploy.plugins.module_utils._events.deployments import deployment_event
from ansible_collections.community.dokploy.plugins.module_utils._events.notifications import _TYPES
from tests.guides.snippets import snippets
from tools.event_sources import documentation, schema_of, sources
from tools.workspace import ROOT

GUIDE = ROOT / "docs/docsite/rst/event_driven.rst"
RULEBOOKS = sorted((ROOT / "extensions/eda/rulebooks").glob("*.yml"))


def rulesets() -> Iterator[dict[str, Any]]:
    texts = [path.read_text() for path in RULEBOOKS]
    texts += [block.text for block in snippets(GUIDE) if "rules:" in block.text]
    for text in texts:
        yield from yaml.safe_load(text)


def actions() -> Iterator[tuple[str, Any]]:
    for ruleset in rulesets():
        for rule in ruleset["rules"]:
            yield from rule["action"].items()


def test_the_snippets_are_whole() -> None:
    languages = [block.language for block in snippets(GUIDE)]
    assert len(languages) == GUIDE.read_text().count(".. code-block::")
    assert sorted(set(languages)) == ["console", "json", "yaml", "yaml+jinja"]
    assert len(RULEBOOKS) == 2 and len(list(rulesets())) == 4


def test_the_sources_have_the_options_that_the_rulebooks_set() -> None:
    for ruleset in rulesets():
        for source in ruleset["sources"]:
            (name,) = source.keys() - {"name"}
            assert name.startswith("community.dokploy."), name
            assert (source[name] or {}).keys() <= schema_of(name.rpartition(".")[2])["properties"].keys()


def test_the_playbooks_exist_and_know_the_variables() -> None:
    runs = [args for action, args in actions() if action == "run_playbook"]
    assert runs
    for run in runs:
        (play,) = yaml.safe_load((ROOT / "playbooks" / f"{run['name'].rpartition('.')[2]}.yml").read_text())
        assert run["extra_vars"].keys() <= set(play["vars"]["_playbook_known"])


def example() -> dict[str, Any]:
    (text,) = (block.text for block in snippets(GUIDE) if block.language == "json")
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_event_of_the_guide_has_the_keys_of_an_event() -> None:
    made = deployment_event({"deploymentId": "d"})
    assert example().keys() == made.keys()
    assert list(example()["deployment"]) == list(made["deployment"])


def test_the_rules_read_keys_that_events_have() -> None:
    texts = [json.dumps(ruleset) for ruleset in rulesets()]
    used = {key for text in texts for key in re.findall(r"event\.deployment\.(\w+)", text)}
    assert used and used <= example()["deployment"].keys()


def test_the_guide_names_all_types_of_events_and_all_statuses() -> None:
    text = GUIDE.read_text()
    for kind in {*_TYPES.values(), "database_backup", "volume_backup", "server_threshold", "test", "other"}:
        assert f"``{kind}``" in text, kind
    for status in documentation(sources()["deployments"])["options"]["statuses"]["choices"]:
        assert f"``{status}``" in text


@pytest.mark.parametrize("path", RULEBOOKS, ids=lambda path: path.stem)
def test_the_guide_and_the_head_of_a_rulebook_name_it(path: Any) -> None:
    name = f"community.dokploy.{path.stem}"
    assert name in GUIDE.read_text() and name in path.read_text()
