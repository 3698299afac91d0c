# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run many cases as tasks of one playbook, on both paths: in process and as packaged modules."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tools import ansible_warnings, workspace

PATHS = ("action", "module")
KEY = "k3y-canary-0f-the-network-tests"
HOOK = Path(__file__).parent / "hook"
# Variables of the machine that would change the result of every case.
FOREIGN = ("proxy", "ca_bundle", "ssl_cert", "netrc", "dokploy")


@dataclass(frozen=True)
class Case:
    """One task and its expected result. C({name}) in options and environment is replaced by a port or a path.

    :param options: of the module, beside the key. :param environment: the task's.
    :param contains: the texts that the message of the failure contains; if empty, the task does not fail.
    :param never: what the result must not contain.
    :param loop: how many items.
    """

    name: str
    options: Mapping[str, Any]
    environment: Mapping[str, str] = field(default_factory=dict)
    contains: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    module: str = "dokploy_api"
    loop: int = 0
    keywords: Mapping[str, Any] = field(default_factory=dict)


def ok(name: str, url: str, environment: Mapping[str, str] | None = None, **options: Any) -> Case:
    """A query that succeeds."""
    return Case(name, {"dokploy_url": url, **options}, environment or {})


def fails(name: str, url: str, *contains: str, env: Mapping[str, str] | None = None, **options: Any) -> Case:
    """A query that fails with a message that contains these texts."""
    return Case(name, {"dokploy_url": url, **options}, env or {}, contains=contains)


@dataclass
class PathResult:
    """What a playbook came to on one path.

    :ivar rows: the results of each case, one an item of its loop; C(log) is all that was shown at C(-vvv).
    """

    rows: dict[str, list[dict[str, Any]]]
    log: str


def environment(folder: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What C(ansible-playbook) gets. Names that end in C(.dokploy.test) are of this machine, on both paths."""
    env = {
        name: value
        for name, value in workspace.environment().items()
        if not any(word in name.lower() for word in FOREIGN)
    }
    # A netrc file of its own for each run.
    env.update(
        PYTHONHASHSEED="0",
        PYTHONPATH=str(HOOK),
        HOME=str(folder),
        ANSIBLE_INVENTORY_ENABLED="yaml",
        ANSIBLE_PIPELINING="true",
        ANSIBLE_CALLBACK_PLUGINS=str(workspace.ROOT / "tools/callback"),
        ANSIBLE_CALLBACKS_ENABLED="dokploy_record",
        DOKPLOY_RECORD=str(folder / "record.jsonl"),
    )
    env.update(extra or {})
    return env


def start(
    folder: Path,
    path: str,
    cases: Iterable[Case],
    places: Mapping[str, Any],
    extra: Mapping[str, str] | None = None,
    *,
    verbosity: str = "-vvv",
    key: str = KEY,
) -> subprocess.Popen[str]:
    """Run the cases on one path; the log goes to the folder."""
    folder.mkdir(parents=True)
    interpreter = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    shared = {} if path == "action" else {"dokploy_in_process": False}
    (folder / "inventory.json").write_text(
        json.dumps({"all": {"hosts": {"localhost": interpreter}, "vars": {**shared, "dokploy_test_key": key}}})
    )
    run_cases = {
        "name": "network",
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {
            "group/community.dokploy.dokploy": {
                **({"dokploy_api_key": "{{ dokploy_test_key }}"} if key else {}),
                "max_retries": 0,
                "request_timeout": 20,
            }
        },
        "tasks": [_task(case, places) for case in cases],
    }
    (folder / "playbook.yml").write_text(json.dumps([run_cases], indent=1))
    (folder / "record.jsonl").touch()
    command = [str(workspace.VENV / "bin/ansible-playbook"), "-i", "inventory.json", "--diff"]
    with (folder / "log").open("w") as log:
        return subprocess.Popen(
            [*command, *([verbosity] if verbosity else []), "playbook.yml"],
            cwd=folder,
            env=environment(folder, extra),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            # What is written must be private by itself.
            umask=0,
        )


def _task(case: Case, places: Mapping[str, Any]) -> dict[str, Any]:
    options = filled(case.options, places)
    if case.module == "dokploy_api":
        options = {"procedure": "project.all", **options}
    task: dict[str, Any] = {
        "name": case.name,
        "community.dokploy." + case.module: options,
        "ignore_errors": True,
        **case.keywords,
    }
    if case.environment:
        task["environment"] = filled(case.environment, places)
    if case.loop:
        task["loop"] = list(range(case.loop))
    return task


def filled(value: Any, places: Mapping[str, Any]) -> Any:
    """The value with C({name}) replaced by the place of that name, at any depth."""
    if isinstance(value, Mapping):
        return {name: filled(item, places) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, places) for item in value]
    if isinstance(value, str):
        for name, place in places.items():
            value = value.replace("{%s}" % name, str(place))
    return value


def collect(folder: Path) -> PathResult:
    """What a run left behind."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in (folder / "record.jsonl").read_text().splitlines():
        row = json.loads(line)
        rows.setdefault(row["task"], []).append({**row["result"], "failed": row["status"] == "failed"})
    return PathResult(rows, (folder / "log").read_text(errors="replace"))


def run_cases(
    folder: Path,
    cases: Iterable[Case],
    places: Mapping[str, Any],
    extra: Mapping[str, str] | None = None,
    **options: Any,
) -> dict[str, PathResult]:
    """The cases on both paths, which run side by side."""
    chosen = list(cases)
    running = {path: start(folder / path, path, chosen, places, extra, **options) for path in PATHS}
    try:
        for path, process in running.items():
            assert process.wait(600) == 0, (folder / path / "log").read_text()[-3000:]
    finally:
        for process in running.values():
            if process.poll() is None:
                process.kill()
                process.wait()
    played = {path: collect(folder / path) for path in PATHS}
    for path in PATHS:
        found = ansible_warnings.unexpected(played[path].log, ["TLS certificate verification is disabled"])
        assert found == [], (path, found)
    return played


def assert_case(case: Case, played: Mapping[str, PathResult]) -> None:
    """Both hosts have the expected result, and the same."""
    messages = []
    for path in PATHS:
        rows = played[path].rows.get(case.name, [])
        assert len(rows) == (case.loop or 1), f"{path}: {len(rows)} results"
        for row in rows:
            failed, message = row["failed"], str(row.get("msg", ""))
            assert failed == bool(case.contains), f"{path}: {message or row}"
            assert all(word in message for word in case.contains), f"{path}: {message}"
            assert "\n" not in message, f"{path}: {message}"
            shown = json.dumps(row)
            assert not any(word in shown for word in (*case.never, "Traceback", KEY)), f"{path}: {shown}"
            messages.append(message)
    assert len(set(messages)) == 1, messages


def ids(case: Case) -> str:
    return case.name


def assert_not_shown(played: Mapping[str, PathResult], *secrets: str) -> None:
    """No secret is in what the runs put out."""
    for path, one in played.items():
        for secret in (KEY, *secrets):
            lines = [line for line in one.log.splitlines() if secret in line]
            assert not lines, f"{path}: {lines[0].replace(secret, '<secret>')[:300]}"


def private_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    folder = factory.mktemp(name)
    os.chmod(folder, 0o700)
    return folder / "runs"
