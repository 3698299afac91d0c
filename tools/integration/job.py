# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of one target, and what was found wrong with it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dokploy_simulator.api.release_folders import version_key
from tools import ansible_warnings
from tools.integration import targets
from tools.workspace import CACHE

MARK = "s3cret-"
MODULE_LINE = re.compile(r"Using module file \S*/community/dokploy/plugins/modules/\w+\.py")
# The problem of a run that a task ended, and the message in its result, as the output shows it.
ENDED = "ansible-playbook ended with status"
MESSAGE = re.compile(r'"msg": "((?:[^"\\]|\\.)*)"')
# What the collection says of what an older server does not have.
NEEDED = re.compile(r"(?:^|(?<=[.:] ))([^.:\n]*) needs Dokploy (\d+\.\d+\.\d+) or newer\b", re.M)
# They have an action only, which runs on the controller.
ON_CONTROLLER = (
    "community.dokploy.data_step",
    "community.dokploy.validate_role_arguments",
    "community.dokploy.validate_variables_file",
)


@dataclass
class Job:
    """One run of one target. :param quick: without what only C(make test-all) runs."""

    target: str
    path: str
    folder: Path
    quick: bool = False
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def prefix(self) -> str:
        return f"it-{self.target}-{self.path}-{self.folder.name[-6:]}".replace("_", "-")

    def rows(self) -> list[dict[str, Any]]:
        """What the callback recorded of it."""
        return [json.loads(line) for line in (self.folder / "record.jsonl").read_text().splitlines()]

    def judge(self, key: str) -> None:
        """Note what is wrong with it beside what its own assertions found.

        :param key: the API key.
        """
        text = self.log.read_text(errors="replace")
        passed = not self.problems
        self.problems += leaks(text, key)
        expected = ansible_warnings.listed(targets.TARGETS / self.target / "files/warnings.yml")
        warnings = ansible_warnings.unexpected(text, expected)
        self.problems += [f"a warning that is not expected: {warning}" for warning in warnings]
        if passed:
            self.problems += wrong_path(self, text)


def leaks(text: str, key: str) -> list[str]:
    """The lines of an output that show a secret, as problems that do not show it again."""
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if MARK in line or (key and key in line):
            masked = re.sub(MARK + r"[\w.-]*", MARK + "...", line.replace(key, MARK) if key else line).strip()
            place = max(0, masked.find(MARK) - 60)
            problems.append(f"line {number} of the output shows a secret: {masked[place : place + 120]}")
    return problems[:5]


def wrong_path(job: Job, text: str) -> list[str]:
    """Problems with the way the tasks ran: in process or as modules."""
    modules = len(MODULE_LINE.findall(text))
    ran = [row for row in job.rows() if row["action"] not in ON_CONTROLLER]
    carried_out = sum(row["status"] == "ok" and not _refused(row["result"]) for row in ran)
    if not carried_out:
        return ["no task of the collection did anything"]
    if job.path == "module" and modules < carried_out:
        return [f"{carried_out} results, but only {modules} came from a packaged module"]
    if job.path == "action" and modules and not targets.has_note(job.target, "fallback"):
        return [f"{modules} tasks ran as packaged modules instead of in process"]
    return []


def _refused(result: dict[str, Any]) -> bool:
    """Whether it is the expected refusal of an argument, which can come before either way is chosen; of a hidden result
    that is not known."""
    if "censored" in result:
        return True
    kind = (result.get("error") or {}).get("kind", "option")
    return result.get("failed_when_result") is False and "msg" in result and kind == "option"


def _masked(job: Job) -> list[str]:
    """The lines of a run's output, with secrets masked."""
    key = json.loads((job.folder / "vars.json").read_text())["dokploy_api_key"]
    text = job.log.read_text(errors="replace")
    if key:
        text = text.replace(key, MARK + "...")
    return re.sub(MARK + r"[\w-]+", MARK + "...", text).splitlines()


def _failures(lines: list[str]) -> list[int]:
    # Expected failures stand in the output too: the last one is the one that ended it.
    return [number for number, line in enumerate(lines) if line.startswith(("fatal:", "failed:", "ERROR", "[ERROR]"))]


def cause(job: Job) -> str:
    """The message of the task that ended a run; empty if no task did, or without one."""
    if not any(problem.startswith(ENDED) for problem in job.problems):
        return ""
    lines = _masked(job)
    failures = _failures(lines)
    result = "\n".join(lines[failures[-1] :]).partition("\n\n")[0] if failures else ""
    message = MESSAGE.search(result)
    return str(json.loads(f'"{message[1]}"', strict=False)) if message else ""


def too_old(job: Job) -> list[str]:
    """What the server is too old for, and the run went on without: C(patches (0.29.0)), each once."""
    # A fork has more behind it.
    server = version_key(json.loads((job.folder / "vars.json").read_text())["dokploy_test_version"].partition("-")[0])
    needs = [match for row in job.rows() for match in NEEDED.finditer(str(row["result"].get("msg", "")))]
    return sorted({f"{match[1].strip()} ({match[2]})" for match in needs if version_key(match[2]) > server})


def tail(job: Job, lines: int = 40) -> str:
    """The end of a run's output from its first failed task on, with secrets masked."""
    rest = _masked(job)
    failures = _failures(rest)
    start = max(0, failures[-1] - 8) if failures else max(0, len(rest) - lines)
    end = [line[:400] for line in rest[start : start + lines]]
    return "\n".join(["  " + line for line in end] + [f"  (all of it: {os.path.relpath(job.log, CACHE.parent)})"])
