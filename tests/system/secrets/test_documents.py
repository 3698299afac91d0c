# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A document with a secret in each option that holds one: no result, plan, diff, mistake or failure shows one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.filter.drift import FilterModule
from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION as EXPORT
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION
from tests.component.manifest.test_manifest import reference
from tests.system.secrets import captured_runs
from tests.system.secrets.canaries import Canaries, leaks
from tests.system.secrets.canary_options import Options, document
from tests.system.secrets.conftest import CanaryServer

DRIFT = FilterModule().filters()
# The document is at fault, or the server is.
FAULTS = ({"kind": "status", "status": 400, "body": {"message": "not now"}}, {"kind": "echo"})


def with_references(content: Options) -> Options:
    """The document with a reference to the address of each of its databases, which holds a password."""
    found = copy.deepcopy(content)
    for project in found["projects"]:
        for environment in project["environments"]:
            databases = [one["name"] for one in environment.get("databases") or ()]
            for application in environment.get("applications") or ():
                urls = {
                    f"URL_{number}": reference(f"{name}:internal_url", "database")
                    for number, name in enumerate(databases)
                }
                application["env"] = {**application["env"], **urls}
    return found


def spoilt(value: Any, canaries: Canaries) -> Any:
    """The document with a wrong key, or a value of a wrong form, in each of its mappings."""
    if isinstance(value, list):
        return [spoilt(one, canaries) for one in value]
    if not isinstance(value, Mapping):
        return value
    inner = {name: spoilt(one, canaries) for name, one in value.items()}
    return {**inner, "pasword": canaries.plain("misspelt"), "replicas": ["x"]}


def in_other_forms(content: Options) -> Iterator[Options]:
    """The document with a secret in place of a mapping or a list, for each section."""
    for section, entries in content.items():
        if isinstance(entries, list):
            yield {section: {"name": entries}}
            for name in entries[0]:
                yield {section: [{**entries[0], name: [entries[0][name]]}]}
                yield {section: [{**entries[0], name: {"pasword": entries[0][name]}}]}


def reports_of(result: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What the role drift would write of a result."""
    report = DRIFT["drift_report"](result, server="https://dokploy.example.com")
    yield "drift data", json.dumps(report)
    for name in ("lines", "markdown", "page"):
        yield f"drift {name}", str(DRIFT[f"drift_{name}"](report))


@pytest.mark.parametrize("host", captured_runs.HOSTS)
def test_no_secret_of_a_document_is_shown(
    server: CanaryServer, tmp_path: Path, host: str, count: Callable[..., None]
) -> None:
    server.build()
    first, second = (with_references(document(server.canaries, tmp_path)) for _turn in range(2))
    # What cannot be changed.
    second.update({name: first[name] for name in ("ssh_keys", "certificates")})
    runs = []

    def run(content: Options, check: bool = False, **options: Any) -> dict[str, Any]:
        one = captured_runs.run(host, OPERATION, {**server.connection, **content, **options}, check)
        runs.append(one)
        assert "exception" not in one.result, one.result["exception"]
        return one.result

    for content, actions in ((first, "create"), (second, "update")):
        planned, done = run(content, check=True), run(content)
        assert not planned.get("msg") and not done.get("msg"), (planned.get("msg"), done.get("msg"))
        assert done["plan"] == planned["plan"]
        assert len(planned["plan"]["changes"]) > 20 and planned["plan"]["counts"][actions]
        assert planned["plan"]["text"] and planned["diff"]
        assert run(second, expected_plan="another").get("failed")
    assert not run(second)["changed"]
    runs.append(captured_runs.run(host, EXPORT, server.connection))
    assert runs[-1].result["secret_names"]
    for fault in FAULTS:
        for procedure in ("*.create*", "*.update*", "*.saveEnvironment"):
            server.sim.fault(procedure=procedure, times=-1, **fault)
        assert run(first).get("failed")
        server.sim.reset(state=False)
    assert run({"projects": [], "prune": ["registry", "project", "application"], "prune_limit": "1"}).get("failed")
    mistakes = [spoilt(first, server.canaries)]
    mistakes += in_other_forms(first)
    for content in mistakes:
        assert run(content).get("failed")
    texts = [(name, text) for one in runs for name, text in one.texts.items()]
    texts += [report for one in runs if one.result.get("resources") for report in reports_of(one.result)]
    assert any(name == "drift page" and "hidden, new value" in text for name, text in texts)
    found = leaks(texts)
    count(documents=len(runs), leaks=len(found), characters=sum(len(text) for _name, text in texts))
    assert found == []
