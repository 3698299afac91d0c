# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What real runs leave behind holds no secret: screen, log file, callbacks, junit, events, fact cache, async jobs.

One play calls every operation: it succeeds, changes nothing, would change, changes; the server quotes what it was sent;
arguments are wrong; a job runs in the background; a task is tried again; results are registered, printed and cached.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from dokploy_simulator.http.echo_responses import LAYOUTS
from tests.support.operations import OPERATIONS
from tests.system.secrets.canaries import MARKER_WORD, Canaries, leaks
from tests.system.secrets.canary_options import MODULES, cases, document, secret_paths
from tests.system.secrets.conftest import CanaryServer
from tests.system.secrets.playbook_runs import RUNS, VAULT_PASSWORD, playbook

MARKER = Canaries(MARKER_WORD).rich("marker")
# How many tasks each kind of run may have: a packaged module costs half a second each.
ALL = {"action": MODULES, "module": [module for module in MODULES if secret_paths(OPERATIONS[module])]}
WRITES = ("*.create", "*.update*", "*.deploy", "*.refreshToken")

# The server refuses every request, also the one that leaves the fingerprint of a deployment.
# A destination of the canaries is not there in check mode.
ASSUMED = "Check mode assumes that an earlier task creates it"
REFUSED = ["The fingerprint of the deployment cannot be stored"]


def task(name: str, module: str, options: dict[str, Any], variable: str, **more: Any) -> dict[str, Any]:
    """A task whose options come one by one from a variable."""
    args = {option: f"{{{{ {variable}.{option} }}}}" for option in options}
    return {"name": name, f"community.dokploy.{module}": args, "ignore_errors": True, **more}


def say(sim: str, body: Any) -> dict[str, Any]:
    return {
        "name": "Order the server",
        "ansible.builtin.uri": {"url": f"{sim}/_sim/faults", "method": "POST", "body_format": "json", "body": body},
    }


def story(
    server: CanaryServer, host: str, turns: int, application_id: str
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The tasks, and their variables."""
    variables: dict[str, Any] = {"marker": MARKER}
    quiet: list[dict[str, Any]] = []
    quoted: list[dict[str, Any]] = []
    wrong: list[dict[str, Any]] = []
    order = sorted(ALL[host], key=lambda module: module != "dokploy_application")
    for module in order:
        first = list(cases(server.canaries, server.folder, (module,)))
        second = list(cases(server.canaries, server.folder, (module,)))
        for number, (case, other) in enumerate(zip(first, second, strict=True)):
            one, two, bad = (f"{module}_{number}_{which}" for which in ("one", "two", "bad"))
            variables[one], variables[two] = dict(case.options), dict(other.options)
            if module == "dokploy_api":
                variables[one]["input"]["applicationId"] = variables[two]["input"]["applicationId"] = application_id
            if "description" in case.operation.options:
                variables[one]["description"] = MARKER
            named = {"register": f"r_{one}"}
            quiet.append(task(f"Set {module}", module, variables[one], one, **named))
            quiet.append(task(f"Would change {module}", module, variables[two], two, check_mode=True))
            if host == "action":
                quiet.append(task(f"Set {module} again", module, variables[one], one))
            quiet.append(task(f"Change {module}", module, variables[two], two))
            quiet.append({"name": "Print", "ansible.builtin.debug": {"var": f"r_{one}"}})
            quoted.append(task(f"Be refused {module}", module, variables[one], one, loop=list(range(turns))))
            variables[bad] = {**variables[one], "dokploy_api_kye": server.canaries.plain("misspelt")}
            wrong.append(task(f"Misspell {module}", module, variables[bad], bad))
    secret = server.canaries.plain("wrong form")
    variables["form"] = {"name": "w", "basic_auth": [f"user:{secret}"], "mounts": [[secret]], "docker": [secret]}
    wrong.append(task("Take another form", "dokploy_application", variables["form"], "form"))
    project = variables["dokploy_project_0_one"]
    more = [
        task("In the background", "dokploy_project", project, "dokploy_project_0_one", register="job")
        | {"async": 60, "poll": 0},
        {
            "name": "Wait for it",
            "ansible.builtin.async_status": {"jid": "{{ job.ansible_job_id }}"},
            "register": "done",
            "until": "done is finished",
            "retries": 100,
            "delay": 0.2,
        },
        task("Set it in a loop", "dokploy_project", project, "dokploy_project_0_one", loop=[1, 2], register="looped"),
        {"name": "Keep", "ansible.builtin.set_fact": {"kept": "{{ looped }}", "cacheable": True}},
    ]
    quiet += from_files(server) if host == "action" else []
    quiet += to_files(server)
    retried = task("Try again", "dokploy_project", variables["dokploy_project_0_two"], "dokploy_project_0_two")
    retried.update(register="retried", until="retried is succeeded", retries=1, delay=0)
    faults = [{"kind": "echo", "procedure": pattern, "first": MARKER, "times": -1} for pattern in WRITES]
    tasks = [
        *quiet,
        *more,
        say(server.sim.url, faults),
        *quoted,
        retried,
        {"name": "Keep", "ansible.builtin.set_fact": {"kept_failure": "{{ retried }}", "cacheable": True}},
        say(server.sim.url, {"clear": True}),
        *wrong,
    ]
    return tasks, variables


def from_files(server: CanaryServer) -> list[dict[str, Any]]:
    """Tasks that read a document from a file of a vault: one that is right, and one with a wrong key in each place."""
    tasks = []
    for name, wrong in (("right", {}), ("wrong", {"pasword": server.canaries.plain("misspelt in a file")})):
        content = document(server.canaries, server.folder)
        registries = [{**one, **wrong} for one in content["registries"]]
        text = json.dumps({"ssh_keys": content["ssh_keys"], "registries": registries})
        file = server.folder / f"{name}.yml"
        file.write_bytes(VaultLib([("default", VaultSecret(VAULT_PASSWORD.encode()))]).encrypt(text))
        for check in (True, False):
            named = {"name": f"Read a file that is {name}", "check_mode": check, "ignore_errors": True}
            tasks.append({**named, "community.dokploy.dokploy_manifest": {"src": str(file), "deploy": "never"}})
    return tasks


def to_files(server: CanaryServer) -> list[dict[str, Any]]:
    """Tasks that export the server: to a file and one of a vault, to others without one, and as a result only."""
    tasks = []
    for options in (
        {"dest": str(server.folder / "exported.yml"), "secrets": "vault"},
        {"dest": str(server.folder / "exported"), "secrets": "file", "secrets_dest": str(server.folder / "plain.yml")},
        {},
    ):
        tasks += [
            {"name": "Export", "check_mode": check, "register": "exported", "community.dokploy.dokploy_export": options}
            for check in (True, False)
        ]
        tasks.append({"name": "Print", "ansible.builtin.debug": {"var": "exported"}})
    return tasks


def of_export(server: CanaryServer) -> tuple[list[tuple[str, str]], list[str]]:
    """What the export has written: the files of documents, and those of secrets, of which one was encrypted."""
    vault = VaultLib([("default", VaultSecret(VAULT_PASSWORD.encode()))])
    documents = [server.folder / "exported.yml", *(server.folder / "exported").rglob("*.yml")]
    secrets = [vault.decrypt((server.folder / "secrets.yml").read_bytes()), (server.folder / "plain.yml").read_bytes()]
    return [(one.name, one.read_text()) for one in documents], [one.decode() for one in secrets]


def connection(server: CanaryServer) -> dict[str, Any]:
    return {
        "group/community.dokploy.dokploy": {
            "dokploy_url": "{{ server.dokploy_url }}",
            "dokploy_api_key": "{{ server.dokploy_api_key }}",
            "max_retries": 0,
            "rate_limit_timeout": 0,
        },
        "community.dokploy.dokploy_bootstrap": {
            "dokploy_url": "{{ server.dokploy_url }}",
            "max_retries": 0,
            "wait_timeout": 1,
        },
    }


@pytest.mark.parametrize("name", RUNS)
def test_no_secret_is_left_behind(server: CanaryServer, tmp_path: Path, name: str, count: Callable[..., None]) -> None:
    host = RUNS[name]["host"]
    application_id = server.build()
    tasks, variables = story(server, host, RUNS[name].get("turns", len(LAYOUTS)), application_id)
    variables["server"] = server.connection
    play = {"name": "All of it", "module_defaults": connection(server), "tasks": tasks}
    ran = playbook(tmp_path / "run", [play], variables, name, (*REFUSED, ASSUMED))
    channels = dict(ran.channels())
    found = leaks(channels.items())
    count(tasks=len(tasks), channels=len(channels), leaks=len(found), characters=sum(map(len, channels.values())))
    assert ran.status == 0, ran.end()
    assert found == []
    documents, secrets = of_export(server)
    assert len(documents) > 2 and leaks(documents) == []
    # Each line but for comments has the same variables in both.
    assert secrets[0].partition("---")[2] == secrets[1].partition("---")[2] and len(leaks([("", secrets[0])])) > 0
    left = {"artifacts"} if "runner" in name else {"facts"}
    assert set(channels) >= {"stdout", "log", "dump", "junit", "async"} | left
    if "runner" in name:
        assert list((ran.folder / "artifacts").rglob("fact_cache/*localhost")), "no fact cache"
    forms = [MARKER, json.dumps(MARKER)[1:-1], quote(MARKER, safe=""), b64encode(MARKER.encode()).decode()]
    for channel, text in channels.items():
        if channel in ("stdout", "log", "dump", "artifacts"):
            # What is printed as JSON escapes them once more; YAML doubles single quotes, and breaks lines at blanks.
            shown = [form for form in forms if _unbroken(form) in _unbroken(text)]
            assert len(shown) == len(forms), (channel, shown)
        elif channel != "stderr":
            assert leaks_marker(text), channel


def _unbroken(text: str) -> str:
    """A text without blanks, backslashes and single quotes."""
    return re.sub(r"[\s\\']+", "", text)


def leaks_marker(text: str) -> bool:
    return MARKER_WORD.lower() in text.lower()
