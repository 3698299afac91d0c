# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands that run once: those of a service whose containers are not started again."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from ..build_outcomes import BuildOutcomes
from .docker_services import Service, Task

_SLEEP = re.compile(r"\bsleep (\d+(?:\.\d+)?)")
_EXIT = re.compile(r"exit (\d+)\s*\Z")


def command_of(template: dict[str, Any]) -> str | None:
    """The command of a container that runs once, of a shell its script; None for a container that is another."""
    container = template["ContainerSpec"]
    words = [*(container.get("Command") or []), *(container.get("Args") or [])]
    if (template.get("RestartPolicy") or {}).get("Condition") != "none" or not words:
        return None
    is_script = len(words) == 3 and words[0].endswith("sh") and words[1] in ("-c", "-ec")
    return str(words[2]) if is_script else " ".join(words)


def begin(service: Service, task: Task, build_outcomes: BuildOutcomes) -> None:
    """Run the command of a task, which ends after the seconds that its script sleeps."""
    command = command_of(task.spec)
    if command is None:
        return
    result, output = build_outcomes.command(command)
    code = _EXIT.search(command)
    error = f'"task: non-zero exit ({code.group(1) if code else 1})"' if result == "error" else ""

    def end() -> None:
        if task.desired != "running":
            return
        for line in output.splitlines():
            service.say(line, task)
        task.end("shutdown", time.monotonic())
        task.actual, task.ends_at, task.error = "Failed" if error else "Complete", None, error

    seconds = sum(float(match.group(1)) for match in _SLEEP.finditer(command))
    if seconds:
        asyncio.get_running_loop().call_later(seconds, end)
    else:
        end()
