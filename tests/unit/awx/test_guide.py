# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide to AWX shows the files themselves, and variables and job templates that exist."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import yaml

from tests.guides.snippets import snippets
from tests.support.awx_files import FOLDER, job_templates, workflows

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/docsite/rst/awx.rst"
TEXT = PAGE.read_text()
PLAYBOOK = (FOLDER / "configure.yml").read_text()


def known() -> set[str]:
    (play,) = yaml.safe_load(PLAYBOOK.replace("!unsafe ", ""))
    return set(play["vars"]["_configure_known"])


def test_the_blocks_are_the_files() -> None:
    blocks = [snippet for snippet in snippets(PAGE) if snippet.language != "console"]
    # Those of a folder of ansible-runner are run by tests/system/awx.
    blocks = [block for block in blocks if not str(block.file).startswith("runner/")]
    for block in blocks:
        assert block.file is not None
        assert yaml.safe_load(block.text) == yaml.safe_load((ROOT / block.file).read_text()), block.file
    assert len(blocks) == 5


def test_the_commands_set_variables_of_the_playbook() -> None:
    commands = [shlex.split(command) for snippet in snippets(PAGE) for command in snippet.commands]
    runs = [words for words in commands if words[0] == "ansible-playbook"]
    assert len(runs) == 5
    for words in runs:
        assert words[1] == "community.dokploy.awx.configure"
        for value in [value for word, value in zip(words, words[1:], strict=False) if word == "-e"]:
            names = set(json.loads(value)) if value.startswith("{") else {value.partition("=")[0]}
            assert names <= known()
    given = [json.loads(words[5]) for words in runs if words[5:] and words[5].startswith("{")]
    (hook,) = [one for one in given if "configure_webhook" in one]
    assert set(hook["configure_webhook"]) <= {
        "service",
        "project",
        "environment",
        "application",
        "branch",
        "credential",
    }


def test_the_names_are_those_of_the_files() -> None:
    assert set(re.findall(r"^   \* - (Dokploy: .+)$", TEXT, flags=re.M)) == set(job_templates())
    assert set(re.findall(r'"(Dokploy: [^"]+)"', TEXT)) == set(workflows())
    assert set(re.findall(r"\b(configure_\w+)", TEXT)) <= known()


def test_the_head_of_the_playbook_names_all_of_its_variables() -> None:
    head, _name, rest = PLAYBOOK.partition("\n- name: ")
    assert set(re.findall(r"^#   (configure_\w+)", head, flags=re.M)) == known()
    assert known() == set(re.findall(r"(?<![_\w])configure_\w+", rest)) - {"configure_"}
