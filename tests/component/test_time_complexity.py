# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Four times the input runs four times the lines, counted so that the load of the machine does not matter.

Quadratic growth shows a ratio of up to 16. ``make bench`` measures seconds, with larger inputs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._deployment.tracker import LogStream
from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import Desired, desire
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import compare
from ansible_collections.community.dokploy.plugins.module_utils._engine.planning import plan_present
from ansible_collections.community.dokploy.plugins.module_utils._engine.view import difference, predicted, view
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Poll, Waiter, wait_for
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, WaitTimeout
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._reads.tree import Tree
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import Scrubber
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import secret_values
from ansible_collections.community.dokploy.plugins.module_utils._values.env import ENV
from tests.support.effort import slow
from tests.support.fake_clients import FakeClock
from tests.support.host import Host
from tests.support.measurements import count_lines, growth_factor, limit_cpu_seconds
from tests.support.operations import OPERATIONS
from tests.support.whole_instance import WHOLE_INSTANCE

Work = Callable[[], Any]

# 4 with some room for what costs more when there is more of it: sorting, digits, a last batch.
EVENLY = 5.0
# Characters.
LONG = 200000
LEVELS = APPLICATION.levels


@pytest.fixture(autouse=True)
def locks_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of locks have the names that were written in the last minutes, by the tests before, too."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


# --- what there is much of -------------------------------------------------------------------------------------------


def tree_of(count: int) -> Tree:
    applications = [{"applicationId": f"id-{number}", "name": f"app-{number}"} for number in range(count)]
    environment = {"environmentId": "e", "name": "production", "isDefault": True, "applications": applications}
    return Tree([{"projectId": "p", "name": "shop", "environments": [environment]}])


def names_sought(count: int) -> Work:
    tree = tree_of(count)

    def work() -> None:
        project = tree.need(LEVELS, (), "shop", "project")
        for number in range(count):
            environment = tree.need(LEVELS, (project,), None, "environment")
            assert tree.find(LEVELS, (project, environment), f"app-{number}", "name")
            assert len(tree.path(LEVELS, f"id-{number}")) == 3

    return work


def made_and_renamed(count: int) -> Work:
    tree = tree_of(0)

    def work() -> None:
        for number in range(count):
            own = {"applicationId": f"id-{number}", "environmentId": "e"}
            tree.enter(LEVELS, {**own, "name": "new"}, "e")
            tree.refresh(LEVELS, {**own, "name": f"app-{number}"})

    return work


class Rows:
    """A client that has a row for every id."""

    def query(self, procedure: str, input: Any = None) -> Any:
        return dict(input)

    def call_many(self, calls: Sequence[Call]) -> list[Any]:
        return [dict(call.input) for call in calls]


def read_ahead(count: int) -> Work:
    ids = [f"id-{number}" for number in range(count)]
    calls = {one: Call("application.one", {"applicationId": one}) for one in ids}
    client: Any = Rows()
    reads = Reads(client, FakeClock())

    def work() -> None:
        for resource_id in ids:
            reads.ahead.row(calls[resource_id], lambda: list(calls.values()), "e")

    return work


def children_of(count: int) -> dict[str, Any]:
    numbers = range(count)
    return {
        "domains": [{"host": f"h{number}.example.com", "path": "/", "port": 3000} for number in numbers],
        "mounts": [{"type": "volume", "name": f"v{number}", "path": f"/d{number}"} for number in numbers],
        "ports": [{"published_port": number + 1, "target_port": 80, "protocol": "tcp"} for number in numbers],
        "redirects": [{"regex": f"^/{number}$", "replacement": "/", "permanent": True} for number in numbers],
        "basic_auth": [{"username": f"u{number}", "password": "sesame"} for number in numbers],
    }


def stated(**params: Any) -> Desired:
    return desire(APPLICATION, params)


def row_with(desired: Desired) -> dict[str, Any]:
    """The row as it is when all is as stated, children in another order."""
    row: dict[str, Any] = {"applicationId": "a", **{want.field.api: want.value for want in desired.fields}}
    for child in APPLICATION.children:
        if child.option in desired.children:
            items = [{want.field.api: want.value for want in wants} for wants in desired.children[child.option]]
            numbered = [{child.id_key: f"{child.option}-{number}", **item} for number, item in enumerate(items)]
            row[child.embedded] = numbered[::-1]
    return row


def children_unchanged(count: int) -> Work:
    desired = stated(**children_of(count))
    row = row_with(desired)

    def work() -> None:
        assert compare(APPLICATION, desired, row).empty

    return work


def children_of_one_key(count: int) -> Work:
    desired = stated(domains=[{"host": "one.example.com", "path": "/", "port": 3000}])
    rows = [{"domainId": str(number), "host": "one.example.com", "path": "/"} for number in range(count)]
    return lambda: compare(APPLICATION, desired, {"applicationId": "a", "domains": rows})


def children_changed(count: int) -> Work:
    desired = stated(**children_of(count))
    row = row_with(desired)
    for domain in row["domains"]:
        domain["port"] = 80
    for redirect in row["redirects"]:
        redirect["regex"] = "gone" + redirect["regex"]

    def work() -> None:
        diff = compare(APPLICATION, desired, row)
        assert len(diff.children) == 3 * count
        predicted(APPLICATION, row, diff)
        difference(diff, {}, "application")
        plan_present(APPLICATION, diff, "a", "e")

    return work


def children_shown(count: int) -> Work:
    row = row_with(stated(**children_of(count)))
    return lambda: view(APPLICATION, row, {}, include_secrets=True)


def variables(count: int, value: str = "value number") -> dict[str, str]:
    return {f"VARIABLE_{number}": f"{value} {number}" for number in range(count)}


def env_compared(count: int) -> Work:
    row = {"applicationId": "a", "env": dotenv.render(variables(count))}

    def work() -> None:
        assert compare(APPLICATION, stated(env=variables(count)), row).empty
        diff = compare(APPLICATION, stated(env=variables(count, "another")), row)
        difference(diff, {}, "application")
        plan_present(APPLICATION, diff, "a", "e")

    return work


def env_looked_at(count: int) -> Work:
    text = "\n".join(f"VARIABLE_{number}=value\n# comment\nno variable" for number in range(count))

    def work() -> None:
        assert len(dotenv.ignored_lines(text)) == count

    return work


def env_merged(count: int) -> Work:
    text = dotenv.render(variables(count))
    changes = dict(list(variables(count, "another").items())[::2])
    assert ENV.merge is not None
    merge = ENV.merge
    return lambda: merge(changes, text)


def secrets_told(count: int) -> Work:
    """An error that quotes all the values, each a little otherwise than it was sent, and one that quotes them as is."""
    said = [" | ".join(variables(count, value).values()) for value in ("value NUMBER", "value number")]

    def work() -> None:
        scrubber = Scrubber()
        scrubber.add(*secret_values(dotenv.render(variables(count))))
        for text in said:
            assert len(scrubber.sanitize("it failed: " + text)) < 1100

    return work


class Asked(dict[str, Any]):
    """The input of a query; counts how often it is compared, which a search through a list does out of sight."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Asked.compared += 1
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]


class Thing(Poll):
    words = "it"

    def __init__(self, number: int) -> None:
        self._number, self._left = number, 3

    def calls(self) -> list[Call]:
        return [Call("deployment.all", Asked(applicationId=str(self._number))), Call("deployment.queueList", {})]

    def judge(self, answers: Sequence[Any], elapsed: float) -> Any:
        self._left -= 1
        return None if self._left else answers[0]

    def expired(self, timeout: float) -> DokployError:
        return WaitTimeout("late")


def many_waited_for(count: int) -> Work:
    client: Any = Rows()
    clock = FakeClock()

    def work() -> None:
        Asked.compared = 0
        found = wait_for(client, Waiter(clock, clock.sleep), [Thing(number) for number in range(count)], 600)
        assert [row["applicationId"] for row in found] == [str(number) for number in range(count)]
        assert Asked.compared <= 10 * count

    return work


def long_log(count: int) -> Work:
    lines = [f"step {number % 7}" if number % 3 else f"line {number}" for number in range(count * 100)]
    client: Any = None

    def work() -> None:
        told: list[str] = []
        stream = LogStream(client, told.append, "web", {"env": dotenv.render(variables(10))})
        for end in range(0, len(lines) + 1, 500):
            stream.take("".join(line + "\n" for line in lines[max(0, end - 1000) : end]))
        assert len(told) == len(lines) - len(lines) % 500

    return work


@pytest.mark.parametrize(
    ("prepare", "size"),
    [
        (names_sought, 50),
        (made_and_renamed, 50),
        (read_ahead, 100),
        (children_unchanged, 20),
        (children_of_one_key, 20),
        (children_changed, 20),
        (children_shown, 20),
        (env_compared, 50),
        (env_looked_at, 200),
        (env_merged, 50),
        (secrets_told, 50),
        (many_waited_for, 50),
        (long_log, 50),
    ],
)
def test_it_grows_evenly(prepare: Callable[[int], Work], size: int) -> None:
    assert growth_factor(prepare, size) < EVENLY


# --- whole operations ------------------------------------------------------------------------------------------------


@slow
def test_a_loop_over_applications_grows_evenly(host: Host) -> None:
    def prepare(count: int) -> Work:
        host.sim.reset()
        host.sim.seed(project="shop", applications=count, name="app-{:03d}", domains=1, fields={"env": "A=1"})
        host.new_task()

        def work() -> None:
            for number in range(count):
                params = {"project": "shop", "name": f"app-{number:03d}", "env": {"A": 1}}
                assert not host.ok(OPERATIONS["dokploy_application"], **params)["changed"]

        return work

    assert growth_factor(prepare, 15) < EVENLY


@slow
@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
def test_many_resources_in_one_run_grow_evenly(host: Host, there: bool) -> None:
    """Each has a domain, which is compared with those of all others, and refers to another resource of the run."""

    def prepare(count: int) -> Work:
        host.sim.reset()
        host.new_task()
        common = {"project": "shop", "docker": {"image": "nginx"}, "registry": "ghcr", "state": "present"}
        domains = [[{"host": f"{number}.example.com"}] for number in range(count)]
        items = [["project", {"name": "shop", "state": "present"}]]
        items.append(["registry", {"name": "ghcr", "username": "a", "password": "made-up", "state": "present"}])
        for number, own in enumerate(domains):
            items.append(["application", {**common, "name": f"web-{number}", "domains": own}])

        def work() -> None:
            assert host.ok(WHOLE_INSTANCE, items=items)["errors"] == {}

        if there:
            work()
            host.new_task()
        return work

    assert growth_factor(prepare, 15) < EVENLY


@slow
def test_an_export_grows_evenly(host: Host) -> None:
    """Each application has variables with the address of a database, and a domain."""

    def prepare(count: int) -> Work:
        host.sim.reset()
        host.new_task()
        database = {"name": "db", "type": "postgres", "database": "shop", "user": "shop", "password": "made-up#1"}
        host.ok(OPERATIONS["dokploy_project"], name="shop")
        host.ok(OPERATIONS["dokploy_database"], project="shop", **database)
        (environment,) = host.read("project.all")[0]["environments"]
        row = host.read("postgres.one", postgresId=environment["postgres"][0]["postgresId"])
        env = f"URL=postgresql://shop:made-up%231@{row['appName']}:5432/shop\nTOKEN=x"
        for number in range(count):
            host.sim.seed(project="shop", applications=1, name=f"app-{number:03d}-", fields={"env": env})
        host.new_task()

        def work() -> None:
            result = host.ok(OPERATIONS["dokploy_export"])
            web = result["document"]["projects"][0]["environments"][0]["applications"][0]
            assert web["env"]["URL"] == "{{ 'db:internal_url' | community.dokploy.reference }}"
            host.new_task()

        return work

    assert growth_factor(prepare, 15) < EVENLY


def test_a_creation_looks_at_each_of_its_siblings_once(host: Host) -> None:
    """Dokploy has no query by name that all its releases know, so what is there already is read after each creation."""

    def among(count: int) -> int:
        host.sim.reset()
        host.sim.seed(project="shop", applications=count, name="other-{:03d}")
        host.new_task()

        def work() -> None:
            for number in range(4):
                params = {"project": "shop", "name": f"app-{number}"}
                assert host.ok(OPERATIONS["dokploy_application"], **params, env={"A": 1})["changed"]

        return count_lines(work)

    # Two readings more of each would show.
    assert (among(210) - among(10)) / (4 * 200) < 150


@pytest.mark.parametrize("module", ["dokploy_application_info", "dokploy_project_info", "dokploy_deployment_info"])
def test_what_is_listed_grows_evenly(host: Host, module: str) -> None:
    def prepare(count: int) -> Work:
        host.sim.reset()
        host.sim.seed(project="shop", applications=count, domains=1, deployed=True)
        host.new_task()
        return lambda: host.ok(OPERATIONS[module], **({"project": "shop"} if "project" not in module else {}))

    assert growth_factor(prepare, 15) < EVENLY


def test_a_thousand_applications_are_read_in_a_dozen_requests(host: Host) -> None:
    """The tree, the first one, and batches of 8, 32 and then 100."""
    host.sim.seed(project="shop", applications=300, name="app-{:03d}")
    host.sim.reset_stats()
    for number in range(300):
        host.ok(OPERATIONS["dokploy_application"], project="shop", name=f"app-{number:03d}")
    assert host.sim.stats()["http"] <= 2 + 2 + 3 + 1
    assert host.sim.calls("mutation") == []


def test_an_error_that_quotes_thousands_of_secrets_is_told_at_once() -> None:
    scrubber = Scrubber()
    scrubber.add(*secret_values(dotenv.render(variables(6000))))
    with limit_cpu_seconds(20):
        scrubber.sanitize(" | ".join(variables(6000, "value NUMBER").values()))


# --- what the server says, however long ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "piece",
    [
        "-",
        "--key",
        "a.",
        "value ",
        'value "',
        "Key (",
        "https://",
        "x://:",
        "Bearer ",
        'update "',
        "\x1b[0",
        "'",
        '--key "',
    ],
)
def test_a_long_error_is_told_at_once(piece: str) -> None:
    """A pattern that reads on from every place to the end takes minutes for it, where this takes half a second."""
    scrubber = Scrubber()
    scrubber.add("sesame", "ab")
    with limit_cpu_seconds(20):
        scrubber.sanitize(piece * (LONG // len(piece)))


@pytest.mark.parametrize(
    "piece",
    [
        "\n",
        " \n",
        "\t",
        "#",
        "# '\n",
        "A\n",
        "A=\n",
        "A= ",
        "A='\n",
        'A="',
        "A='\n\"\n",
        "export ",
        "export\n",
        "A",
        "A=it's\n",
        "{}",
    ],
)
def test_a_long_text_is_read_as_variables_at_once(piece: str) -> None:
    for start in ("", "A=", "A='", 'A="'):
        with limit_cpu_seconds(20):
            dotenv.parse(start + piece * (LONG // len(piece)) + "x")
