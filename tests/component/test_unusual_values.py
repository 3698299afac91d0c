# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each option of each module with unusual values: refused by the option's name, or stored unchanged.

A value is refused before anything is written. The message names the option, is the same in process and as a module, and
has no control characters. An accepted value is the one that the server stores: a second run on the other host changes
nothing. The options come from the argument specs, so that a new option is covered without a line here.

``DOKPLOY_TEST_EXAMPLES`` sets with how many values each option is tried; names alone decide which."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from dokploy_simulator import Simulator
from tests.support import action_and_module
from tests.support.argspec_options import ARGSPEC_OPTIONS, IDEMPOTENT_MODULES, ArgspecOption
from tests.support.builders import REFERENCE_NAMES, create_references, wait_until_idle
from tests.support.effort import example_count, sampled
from tests.support.examples import create
from tests.support.host import Host
from tests.support.module_docs import MODULES
from tests.support.operations import MANAGED, OPERATIONS
from tests.support.snapshots import restore_store, save_store
from tests.support.unusual_values import UNUSUAL_VALUES

EXAMPLES = example_count(1, 4)

# What a terminal or a log would obey, and what turns the direction of a text.
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# What is refused only when the server is asked: what a name, an id or a key leads to.
ASKED = {"reference", "not_found", "refused", "option", "authentication", "configuration", "redirect", "connection"}
# Kinds of options whose words are no text of the user's any more.
REWRITTEN = re.compile(
    r"(limit|reservation|interval|timeout|period|delay|window|monitor|cron|url|app_name|content|prefix|compose_path"
    r"|build_path|dockerfile|heroku_version)$"
)


class World:
    """A server with a deployed application in it, the other services, and everything that options can refer to."""

    def __init__(self, sim: Simulator) -> None:
        self.sim, self.host = sim, Host(sim)
        self.connection = {"dokploy_url": sim.url, "dokploy_api_key": sim.key, "max_retries": 0}
        self.sim.config(scale_seconds=0, linger_seconds=0, build_seconds=0.0)
        create_references(self.host)
        made = self.sim.seed(project="shop", applications=1, name="web")
        self.application_id = str(made["applicationIds"][0])
        fields = {"sourceType": "docker", "dockerImage": "nginx"}
        self.host.call("application.update", applicationId=self.application_id, **fields)
        environment = self.host.read("project.all")[0]["environments"][0]["environmentId"]
        for one in MANAGED:
            if one.resource.runs and one.name != "application":
                create(self.host, one, "web", {"environmentId": environment})
        self.kept = save_store(sim)

    def renew(self) -> None:
        restore_store(self.sim, self.kept)
        self.host.new_task()
        # Files and containers are not in the store.
        dump = "dumps/data-2026-11-25T15-54-00-986Z.tar"
        self.sim.act(put=dump, destination=REFERENCE_NAMES["destination"][0], data="text")
        self.host.call("application.deploy", applicationId=self.application_id)
        wait_until_idle(self.host)

    def wrote(self) -> list[str]:
        found = self.sim.calls("mutation")
        self.sim.reset_stats()
        return found


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Simulator() as sim:
        yield World(sim)
        action_and_module.new_task()


def at(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        value = value[0] if isinstance(value, list) and value else value
        value = value.get(step) if isinstance(value, dict) else None
    return value


def judge_refusal(world: World, place: ArgspecOption, here: dict[str, Any], there: dict[str, Any]) -> None:
    message = here["msg"]
    ran = {"dokploy_job": "deployment", "dokploy_backup_set": "incomplete"}.get(place.module)
    if ran == here["error"]["kind"] and place.path[0] != "scope":
        # A command was run with it, and has failed.
        return
    assert message == there["msg"], "other words as a module"
    kind = here["error"]["kind"]
    of_a_handle = place.path[0] == "handles" and kind != "option"
    # The login of a database is refused as a whole where a volume is restored, and so is an app of GitHub, what
    # masks data that does not come back, and a scope of services with equal names.
    whole = place.module == "dokploy_restore" or place.path[0] in ("github", "masks", "scope")
    names = place.path if whole else place.path[-1:]
    assert of_a_handle or re.search(rf"\b({'|'.join(map(re.escape, names))})\b", message), message
    assert not CONTROLS.search(message) and len(message) <= 2000, ascii(message)
    assert of_a_handle or "\n" not in message
    assert "Traceback" not in message and "object has no attribute" not in message
    assert kind in ASKED | {"deployment", "timeout"} and here["error"] == there["error"], message
    assert here["changed"] is False and world.wrote() == []


def judge_acceptance(place: ArgspecOption, value: Any, here: dict[str, Any], there: dict[str, Any]) -> None:
    assert not there.get("failed"), there.get("msg")
    if place.module not in IDEMPOTENT_MODULES:
        return
    assert there["changed"] is False, there["diff"]
    thing = place.module[len("dokploy_") :]
    if isinstance(value, str) and place.spec["type"] == "str" and not REWRITTEN.search(place.path[-1]):
        shown = at(there.get(thing) or {}, place.path)
        assert shown in (None, value or place.spec.get("default", value)) or place.spec.get("choices"), (shown, value)


def tried(world: World, place: ArgspecOption, value: Any) -> None:
    operation: Operation = OPERATIONS[place.module]
    connection = {name: value for name, value in world.connection.items() if name in operation.argument_spec}
    params = {**connection, **place.params(value, world.application_id)}
    world.wrote()
    here = action_and_module.in_process(operation, params)
    json.dumps(here, allow_nan=False).encode()
    if here.get("failed"):
        judge_refusal(world, place, here, action_and_module.as_module(operation, params))
        return
    if place.path == ("secrets_file",):
        # What one run has written is refused by another one.
        Path(str(value)).unlink(missing_ok=True)
    try:
        judge_acceptance(place, value, here, action_and_module.as_module(operation, params))
    finally:
        world.renew()


@pytest.mark.parametrize("module", sampled(MODULES, 4))
def test_an_odd_value_is_refused_by_name_or_kept(
    world: World, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where an odd name of a file leads to.
    monkeypatch.chdir(tmp_path)
    world.renew()
    for place in (place for place in ARGSPEC_OPTIONS if place.module == module):
        chosen = sorted(UNUSUAL_VALUES, key=lambda named: zlib.crc32(f"{place} {named[0]}".encode()))
        for name, value in chosen[:EXAMPLES]:
            try:
                tried(world, place, value)
            except Exception as error:
                raise AssertionError(f"{place} = {name}") from error
