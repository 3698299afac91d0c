# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of ansible-lint over the tasks and playbooks of all pages and examples; only ``make test-all`` has it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.guides.blocks import of_pages, of_plugins
from tools import workspace

FOLDERS = {"tasks": "tasks", "playbook": "playbooks"}
OPTIONS = ("--offline", "--strict", "--profile", "production", "--format", "pep8")
# Ansible-lint takes Dokploy's own references, such as ${{project.NAME}}, for templates, although they are no templates.
UNSAFE = re.compile(r"!unsafe .+")


def test_ansible_lint(tmp_path: Path) -> None:
    written = 0
    for block in (*of_pages(), *of_plugins()):
        if block.kind in FOLDERS:
            file = tmp_path / FOLDERS[block.kind] / (re.sub(r"\W", "_", block.name) + ".yml")
            file.parent.mkdir(exist_ok=True)
            file.write_text("---\n" + UNSAFE.sub("!unsafe text", block.text))
            written += 1
    assert written > 100
    command = [str(workspace.VENV / "bin/ansible-lint"), *OPTIONS]
    done = subprocess.run(
        command, cwd=tmp_path, env=workspace.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # With the files of the roles that the playbooks name.
    (processed,) = re.findall(r" in (\d+) files processed", done.stderr)
    assert int(processed) >= written
