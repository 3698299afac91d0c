# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-lint reports wrong arguments of every module, although it loads the action plugin in place of the module.

The environments of C(make matrix) have no ansible-lint, so the part lint of C(make test-all) runs these tests.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.module_docs import MODULES, documentation, plays
from tests.support.operations import OPERATIONS
from tools import workspace

# A value that is no list, no mapping and no choice.
TEXT = "words"


def misspelt(option: str) -> str:
    return option[0] + option[1:].replace(option[1], option[1] * 2, 1)


def suboptions(spec: Mapping[str, Any], place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The options that have suboptions, at any depth, each with one of these."""
    for name, one in spec.items():
        if one.get("options"):
            yield (*place, name), list(one["options"])[0]
            yield from suboptions(one["options"], (*place, name))


def typed(spec: Mapping[str, Any], place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The suboptions that are no text, with the place of the option that has them."""
    for name, one in spec.items():
        if place and one["type"] in ("bool", "int", "float"):
            yield place, name
        yield from typed(one.get("options") or {}, (*place, name))


def nested(spec: Mapping[str, Any], place: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The arguments in which an option with this place has a value."""
    name, *rest = place
    inner = nested(spec[name]["options"], tuple(rest), value) if rest else value
    return {name: [inner] if spec[name]["type"] == "list" else inner}


def wrong_tasks() -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """The name of a task, its module, arguments with one mistake, and the option that lint has to name."""
    for module, operation in OPERATIONS.items():
        spec = operation.argument_spec
        wrong = misspelt(list(operation.options)[0])
        yield f"{module}: {wrong}", module, {wrong: "{{ any_template }}"}, wrong
        for place, option in suboptions(spec):
            wrong = misspelt(option)
            yield f"{module}: {'.'.join(place)}.{wrong}", module, nested(spec, place, {wrong: TEXT}), wrong
        for place, option in typed(spec):
            yield f"{module}: {'.'.join(place)}.{option}={TEXT}", module, nested(spec, place, {option: TEXT}), option
            break
        for option, one in spec.items():
            if one.get("choices"):
                yield f"{module}: {option}={TEXT}", module, {option: TEXT}, option
                break


WRONG = {name: (module, arguments, option) for name, module, arguments, option in wrong_tasks()}


def play(name: str, tasks: str) -> str:
    head = f"- name: {name}\n  hosts: localhost\n  gather_facts: false\n  tasks:\n"
    return plays(tasks, head)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """What the rule reports of two playbooks, C(wrong) and C(examples): the messages by the names of the tasks."""
    folder = tmp_path_factory.mktemp("lint")
    tasks = [{"name": name, f"community.dokploy.{module}": args} for name, (module, args, _option) in WRONG.items()]
    playbooks = {
        "wrong": play("Wrong", yaml.safe_dump(tasks, sort_keys=False)),
        "examples": "\n".join(play(module, documentation()[module]["examples"]) for module in MODULES),
    }
    for name, text in playbooks.items():
        (folder / f"{name}.yml").write_text(f"---\n{text}")
    done = subprocess.run(
        [workspace.VENV / "bin/ansible-lint", "--offline", "-f", "json", *(f"{name}.yml" for name in playbooks)],
        cwd=folder,
        env=workspace.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    rows = json.loads(done.stdout)
    # An exception ends the rule for the rest of the file.
    assert "Ignored exception" not in done.stderr, done.stderr
    assert [row for row in rows if row["check_name"].startswith(("syntax-check", "load-failure"))] == [], done.stderr
    messages: dict[str, dict[str, str]] = {name: {} for name in playbooks}
    for row in rows:
        if row["check_name"] == "args[module]":
            task = row["content"]["body"].partition(": ")[2]
            messages[Path(row["location"]["path"]).stem][task] = row["description"]
    return messages


def test_each_mistake_is_reported(found: dict[str, dict[str, str]]) -> None:
    assert {module for module, _arguments, _option in WRONG.values()} == set(MODULES)
    missed = [name for name, (_module, _args, option) in WRONG.items() if option not in found["wrong"].get(name, "")]
    assert missed == []


def test_no_example_is_reported(found: dict[str, dict[str, str]]) -> None:
    assert found["examples"] == {}
