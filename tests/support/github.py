# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for C(gh): the issues of a repository in a file, and the calls as they came in another one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PROGRAM = """#!{python}
import json, pathlib, sys

folder = pathlib.Path({folder!r})
words = sys.argv[1:]
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps(words) + "\\n")
if (folder / "refusal").is_file():
    sys.exit((folder / "refusal").read_text())
file = folder / "issues.json"
issues = json.loads(file.read_text())
value = lambda option: words[words.index(option) + 1]
if words[:2] == ["issue", "list"]:
    assert value("--state") == "all", words
    chosen = [issue for issue in issues if value("--label") == issue["label"]]
    print(json.dumps([{{name: issue[name] for name in value("--json").split(",")}} for issue in chosen]))
elif words[:2] == ["issue", "create"]:
    assert value("--body-file") == "-", words
    body = sys.stdin.read()
    number = len(issues) + 1
    issues.append(
        dict(number=number, title=value("--title"), body=body, state="OPEN", stateReason="", label=value("--label"))
    )
elif words[:2] == ["issue", "reopen"]:
    issues[int(words[2]) - 1].update(state="OPEN", stateReason="REOPENED", comment=value("--comment"))
elif words[:2] != ["label", "create"]:
    sys.exit(f"unknown: {{words}}")
file.write_text(json.dumps(issues))
"""


class GitHub:
    """The repository of a stand-in, whose program is in C(folder)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "issues.json").write_text("[]")
        (folder / "gh").write_text(PROGRAM.format(python=sys.executable, folder=str(folder)))
        (folder / "gh").chmod(0o755)

    @property
    def issues(self) -> list[dict[str, Any]]:
        content: list[dict[str, Any]] = json.loads((self.folder / "issues.json").read_text())
        return content

    @property
    def writes(self) -> list[list[str]]:
        """The calls that change an issue."""
        calls = [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]
        return [words for words in calls if words[1] in ("create", "reopen") and words[0] == "issue"]

    def change(self, number: int, **values: str) -> None:
        issues = self.issues
        issues[number - 1].update(values)
        (self.folder / "issues.json").write_text(json.dumps(issues))

    def refuse(self, text: str) -> None:
        (self.folder / "refusal").write_text(text)
