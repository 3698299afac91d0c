# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A walk over every option and suboption: set, the same again, another value, cleared, the same again.

``DOKPLOY_TEST_EXAMPLES`` is how many pairs of values each option is tried with; a number of one's own also makes the
values new ones each time.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child
from ansible_collections.community.dokploy.plugins.module_utils._resources import application
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import (
    BOOLEAN,
    IDENTIFIER,
    INTEGER,
    NUMBER,
    TEXT,
    WORDS,
)
from tests.support.states import MARK
from tests.support.subjects import (
    CHILD_OPERATIONS,
    CHILDREN,
    OPERATIONS,
    SUBJECTS,
    Bench,
    Subject,
    furnished,
    item_of,
)
from tests.support.values import NAMES, pairs, spelled_otherwise, values

APPLICATION = application.OPERATION
SOURCES = [option.name for option in application.APPLICATION.options if isinstance(option, Group) and option.family]
# What only a creation takes: the option, a value, and another one.
CREATED = [("app_name", "My-App_1.x", "other"), ("server", *NAMES["server"])]

EXAMPLES = os.environ.get("DOKPLOY_TEST_EXAMPLES")
WALK = settings(
    max_examples=int(EXAMPLES or 2),
    database=None,
    # Without shrinking, which takes minutes where every example is a dozen requests.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def tried(name: str, strategy: st.SearchStrategy[Any], test: Callable[[Any], None]) -> None:
    """Run a test with some values; which ones depends on the option's name alone."""
    wrapped = WALK(given(strategy)(test))
    (wrapped if EXAMPLES else seed(zlib.crc32(name.encode()))(wrapped))()


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with furnished() as one:
        yield one


# --- one run and what came of it -------------------------------------------------------------------------------------


def run(bench: Bench, operation: Operation, params: Mapping[str, Any], check: bool = False) -> dict[str, Any]:
    """A result with ``writes``, the procedures that wrote."""
    bench.host.sim.reset_stats()
    result = bench.host.ok(operation, check=check, **params)
    result["writes"] = bench.host.sim.calls("mutation")
    assert MARK not in repr(result), "a secret is shown"
    assert not check or not result["writes"], "check mode wrote"
    return result


def only_of(diff: Mapping[str, Any], subject: Subject) -> None:
    """The diff shows this option and nothing else."""
    top, *rest = subject.path
    for side in ("before", "after"):
        assert set(diff[side]) <= {top}, diff
        if subject.grouped and diff[side]:
            rows = diff[side][top].values() if subject.child is not None else [diff[side][top]]
            assert all(set(row) <= {rest[0]} for row in rows), diff


def at(result: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        result = result[step]
    return result


def bring(bench: Bench, subject: Subject, ids: Mapping[str, str], *spellings: Any) -> dict[str, Any]:
    """Bring an option to a value: foretold by check mode, done, and nothing left to do in any of its spellings."""
    params = subject.params(spellings[0], ids)
    foretold = run(bench, subject.operation, params, check=True)
    real = run(bench, subject.operation, params)
    assert foretold["changed"] == real["changed"] == bool(real["writes"])
    assert foretold["diff"] == real["diff"]
    assert foretold.get("deploy_needed") == real.get("deploy_needed")
    for spelling in spellings:
        again = run(bench, subject.operation, subject.params(spelling, ids))
        assert not again["changed"], again["diff"]
        assert again["diff"]["before"] == again["diff"]["after"] == {}
        assert again["writes"] == []
    return real


def plain(field: Field) -> bool:
    """Whether results show a value as it was written."""
    return field.codec in (TEXT, IDENTIFIER, INTEGER, NUMBER, BOOLEAN, WORDS) or bool(field.choices)


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_set_again_other_clear(bench: Bench, subject: Subject) -> None:
    field = subject.field

    def walk(pair: tuple[Any, Any]) -> None:
        ids = bench.prepare(subject)
        first, second = pair
        bring(bench, subject, ids, first, spelled_otherwise(field, first))
        real = bring(bench, subject, ids, second, spelled_otherwise(field, second))
        assert real["changed"]
        assert len(real["writes"]) == subject.writes, real["writes"]
        if subject.writes == 1:
            only_of(real["diff"], subject)
        if plain(field) and not field.secret:
            assert at(real, subject.place) == second
        given_back(bench, subject, real, second)
        if subject.clearable:
            cleared = bring(bench, subject, ids, subject.clear)
            assert len(cleared["writes"]) <= 1
            given_back(bench, subject, cleared, subject.clear)

    tried(str(subject), pairs(subject.path, field), walk)


# --- what results show -----------------------------------------------------------------------------------------------


def stated(operation: Operation, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What a result shows, as options: without what only the server can say."""
    options = {}
    for name, value in shown.items():
        if name in operation.options and value is not None:
            child = CHILDREN.get(name)
            names = {field.name for field in child.fields} if child else set()
            options[name] = [{key: row[key] for key in row if key in names} for row in value] if child else value
    return options


def given_back(bench: Bench, subject: Subject, result: Mapping[str, Any], value: Any) -> None:
    """What a result shows can be stated, and changes nothing."""
    operation = subject.operation
    options = stated(operation, result[subject.place[0]])
    if subject.child is not None:
        options["application_id"] = result.get("application_id") or options["application_id"]
    for row in options.get("basic_auth") or []:
        # The one secret without which there is nothing.
        row["password"] = value if subject.field.secret else item_of("basic_auth")["password"]
    again = run(bench, operation, options)
    assert not again["changed"], again["diff"]
    assert again["writes"] == []


# --- made with it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", [one for one in SUBJECTS if one.child is not None], ids=str)
def test_a_child_is_made_with_it(bench: Bench, subject: Subject) -> None:
    def make(value: Any) -> None:
        bench.fresh()
        real = bring(bench, subject, {"application_id": bench.application()}, value)
        assert real["changed"]
        if plain(subject.field) and not subject.field.secret:
            assert at(real, subject.place) == value
        given_back(bench, subject, real, value)

    # Both values of a switch, since one of them is the server's own.
    tried(str(subject), values(subject.path, subject.field), make)


@pytest.mark.parametrize("subject", [one for one in SUBJECTS if one.child is None], ids=str)
def test_a_resource_is_made_with_it(bench: Bench, subject: Subject) -> None:
    def make(value: Any) -> None:
        bench.fresh()
        address = bench.address(subject)
        if subject.option == "name":
            # Of two with one name none could be meant.
            value = f"{value[:100]}{bench.count}{value[:100]}"
        real = bring(bench, subject, address, value)
        assert real["changed"]
        if plain(subject.field) and not subject.field.secret:
            assert at(real, subject.place) == value

    tried(str(subject), values(subject.path, subject.field), make)


# --- what is only stated at creation ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("option", "first", "other"), CREATED, ids=[option for option, _first, _other in CREATED])
def test_what_only_a_creation_takes(bench: Bench, option: str, first: Any, other: Any) -> None:
    bench.fresh()
    address = {"project": "shop", "environment": "production", "name": f"made with {option}"}
    foretold = run(bench, APPLICATION, {**address, option: first}, check=True)
    made = run(bench, APPLICATION, {**address, option: first})
    assert foretold["changed"] and made["changed"]
    assert foretold["diff"] == made["diff"]
    resource_id = made["application"]["application_id"]
    shown = {"application_id": resource_id, option: made["application"][option]}
    for params in ({**address, option: first}, {"application_id": resource_id, option: first}, shown):
        assert run(bench, APPLICATION, params)["writes"] == []
    bench.host.sim.reset_stats()
    failed = bench.host.failed(APPLICATION, application_id=resource_id, **{option: other})
    assert failed["msg"].startswith(f"{option} cannot be changed on an existing application")
    assert not failed["changed"]
    assert bench.host.sim.calls("mutation") == []


# --- environment text that is merged ---------------------------------------------------------------------------------

MERGED = [subject for subject in SUBJECTS if subject.field.mode_option is not None]


@pytest.mark.parametrize("subject", MERGED, ids=str)
def test_variables_are_merged(bench: Bench, subject: Subject) -> None:
    """What is there stays; null takes a variable away."""
    mode = {str(subject.field.mode_option): "merge"}
    wide = st.dictionaries(
        st.sampled_from("ABC"), st.one_of(st.none(), st.integers(), st.just(f"{MARK} #")), min_size=1
    )

    def walk(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
        ids = bench.prepare(subject)
        expected: dict[str, str] = {}
        for value in pair:
            params = {**ids, **mode, subject.option: value}
            foretold = run(bench, subject.operation, params, check=True)
            real = run(bench, subject.operation, params)
            assert foretold["diff"] == real["diff"]
            after = {**expected, **{name: None if text is None else str(text) for name, text in value.items()}}
            left = {name: text for name, text in after.items() if text is not None}
            assert real["changed"] == (left != expected)
            expected = left
            assert run(bench, subject.operation, params)["writes"] == []
            # The whole of it, stated as a replacement, changes nothing.
            assert run(bench, subject.operation, {**ids, subject.option: expected})["writes"] == []

    tried(str(subject), st.tuples(wide, wide), walk)


# --- all together ----------------------------------------------------------------------------------------------------


def everything(source: str) -> st.SearchStrategy[dict[str, Any]]:
    """An application with every option stated at once, and one child of each kind."""
    options: dict[str, st.SearchStrategy[Any]] = {}
    for option in application.APPLICATION.options:
        if isinstance(option, Group):
            if not option.family or option.name == source:
                fields = {field.name: values((option.name, field.name), field) for field in option.fields}
                options[option.name] = st.fixed_dictionaries(fields)
        elif not option.create_only and option.name != "name":
            options[option.name] = values((option.name,), option)
    for name, child in CHILDREN.items():
        children = {
            field.name: values((name, field.name), field) for field in child.fields if field.codec.type != "path"
        }
        if name != "mounts":
            options[name] = st.lists(st.fixed_dictionaries(children), max_size=2, unique_by=key_of(child))
    options["mounts"] = st.just([item_of("mounts.host_path"), {**item_of("mounts.file_path"), "path": "/f"}])
    return st.fixed_dictionaries(options)


def key_of(child: Child) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    return lambda item: tuple(item[field.name] for field in child.key_fields)


@pytest.mark.parametrize("source", SOURCES)
def test_everything_at_once(bench: Bench, source: str) -> None:
    def walk(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
        bench.fresh()
        ids = {"application_id": bench.application()}
        for params in pair:
            foretold = run(bench, APPLICATION, {**ids, **params}, check=True)
            real = run(bench, APPLICATION, {**ids, **params})
            assert foretold["diff"] == real["diff"]
            assert real["writes"].count("application.update") == 1
            again = run(bench, APPLICATION, {**ids, **params})
            assert not again["changed"], again["diff"]
            # In another order, each list of children, and what is shown of it all.
            turned = {name: list(reversed(params[name])) for name in CHILDREN}
            assert run(bench, APPLICATION, {**ids, **params, **turned})["writes"] == []
            shown = stated(APPLICATION, real["application"])
            passwords = {item["username"]: item["password"] for item in params["basic_auth"]}
            for row in shown["basic_auth"]:
                row["password"] = passwords[row["username"]]
            back = run(bench, APPLICATION, shown)
            assert not back["changed"], back["diff"]

    tried(f"everything {source}", st.tuples(everything(source), everything(source)), walk)


# --- nothing is left out ---------------------------------------------------------------------------------------------


def options_of(spec: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, described in spec.items():
        yield ".".join((*path, name))
        yield from options_of(described.get("options") or {}, (*path, name))


def test_every_option_of_the_argument_specs_is_walked() -> None:
    beside = {"state", "wait_timeout", "force", "project", "environment", "application", "log_lines", "generate"}
    created = {option for option, _first, _other in CREATED}
    modes = {str(subject.field.mode_option) for subject in MERGED}
    # What stands for a neighbour is walked as that neighbour.
    standing = {
        f"{child.option}.{field.name}" for child in CHILDREN.values() for field in child.fields if field.stands_for
    }
    for operation in (*OPERATIONS.values(), *CHILD_OPERATIONS.values()):
        own = standing | {subject.option for subject in SUBJECTS if subject.operation is operation}
        alone = operation in CHILD_OPERATIONS.values()
        walked = {option.partition(".")[2] if alone else option for option in own}
        walked |= {option.partition(".")[0] for option in walked}
        left = {name for name in options_of(operation.options) if not name.endswith("_id") or "." in name}
        assert left - walked - beside - created - modes == set(), operation.name
