# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Containers that run once: those of a service that are not started again when their command has ended."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

from .docker_services import Service, Task

Run = Callable[[Task], tuple[str, int]]
"""Carries out the command of a task: what it writes, and its exit code."""
_SLEEP = re.compile(r"\bsleep (\d+(?:\.\d+)?)")


def command_of(template: dict[str, Any]) -> str | None:
    """The command of a container that runs once; None for a container that is another."""
    container = template["ContainerSpec"]
    words = [*(container.get("Command") or []), *(container.get("Args") or [])]
    return " ".join(words) if (template.get("RestartPolicy") or {}).get("Condition") == "none" and words else None


def begin(service: Service, task: Task, run: Run) -> None:
    """Run the command of a task. It is carried out when the seconds have passed that its script sleeps, unless the
    container has been told to end until then."""
    command = command_of(task.spec)
    if command is None:
        return

    def end() -> None:
        if task.desired != "running":
            return
        output, code = run(task)
        for line in output.splitlines():
            service.say(line, task)
        task.end("shutdown", time.monotonic())
        error = f'"task: non-zero exit ({code})"' if code else ""
        task.actual, task.ends_at, task.error = "Failed" if error else "Complete", None, error

    seconds = sum(float(match.group(1)) for match in _SLEEP.finditer(command))
    if seconds:
        asyncio.get_running_loop().call_later(seconds, end)
    else:
        end()
