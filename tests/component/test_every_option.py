# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option and suboption: set, unchanged, changed, cleared, unchanged.

``DOKPLOY_TEST_EXAMPLES`` sets how many pairs of values each option gets; with it the values differ each time."""

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
from tests.support.builders import REFERENCE_NAMES
from tests.support.described_options import (
    CHILD_OPERATIONS,
    CHILDREN,
    DESCRIBED_OPTIONS,
    OPERATIONS,
    DescribedOption,
    OptionTestbed,
    item_of,
    open_testbed,
)
from tests.support.strategies.option_values import different_values, respell, values
from tests.support.strategies.resource_params import SECRET_MARK

APPLICATION = application.OPERATION
SOURCES = [option.name for option in application.APPLICATION.options if isinstance(option, Group) and option.selects]
# What only a creation takes: the option, a value, and another one.
CREATED = [("app_name", "My-App_1.x", "other"), ("server", *REFERENCE_NAMES["server"])]

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
def testbed() -> Iterator[OptionTestbed]:
    with open_testbed() as one:
        yield one


# --- one run and its result -------------------------------------------------------------------------------------


def run(testbed: OptionTestbed, operation: Operation, params: Mapping[str, Any], check: bool = False) -> dict[str, Any]:
    """A result with ``writes``, the procedures that wrote."""
    testbed.host.sim.reset_stats()
    result = testbed.host.ok(operation, check=check, **params)
    result["writes"] = testbed.host.sim.calls("mutation")
    assert SECRET_MARK not in repr(result), "a secret is shown"
    assert not check or not result["writes"], "check mode wrote"
    return result


def only_of(diff: Mapping[str, Any], described: DescribedOption) -> None:
    """The diff shows this option and nothing else."""
    top, *rest = described.path
    for side in ("before", "after"):
        assert set(diff[side]) <= {top}, diff
        if described.grouped and diff[side]:
            rows = diff[side][top].values() if described.child is not None else [diff[side][top]]
            assert all(set(row) <= {rest[0]} for row in rows), diff


def at(result: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        result = result[step]
    return result


def bring(
    testbed: OptionTestbed, described: DescribedOption, ids: Mapping[str, str], *spellings: Any
) -> dict[str, Any]:
    """Bring an option to a value: predicted by check mode, done, and nothing left to do in any of its spellings."""
    params = described.params(spellings[0], ids)
    predicted = run(testbed, described.operation, params, check=True)
    real = run(testbed, described.operation, params)
    assert predicted["changed"] == real["changed"] == bool(real["writes"])
    assert predicted["diff"] == real["diff"]
    assert predicted.get("deploy_needed") == real.get("deploy_needed")
    for spelling in spellings:
        again = run(testbed, described.operation, described.params(spelling, ids))
        assert not again["changed"], again["diff"]
        assert again["diff"]["before"] == again["diff"]["after"] == {}
        assert again["writes"] == []
    return real


def plain(field: Field) -> bool:
    """Whether results show a value as it was written."""
    return field.codec in (TEXT, IDENTIFIER, INTEGER, NUMBER, BOOLEAN, WORDS) or bool(field.choices)


@pytest.mark.parametrize("described", DESCRIBED_OPTIONS, ids=str)
def test_set_again_other_clear(testbed: OptionTestbed, described: DescribedOption) -> None:
    field = described.field

    def walk(pair: tuple[Any, Any]) -> None:
        ids = testbed.prepare(described)
        first, second = pair
        bring(testbed, described, ids, first, respell(field, first))
        real = bring(testbed, described, ids, second, respell(field, second))
        assert real["changed"]
        assert len(real["writes"]) == described.writes, real["writes"]
        if described.writes == 1:
            only_of(real["diff"], described)
        if plain(field) and not field.secret:
            assert at(real, described.place) == second
        given_back(testbed, described, real, second)
        if described.clearable:
            cleared = bring(testbed, described, ids, described.clear)
            assert len(cleared["writes"]) <= 1
            given_back(testbed, described, cleared, described.clear)

    tried(str(described), different_values(described.path, field), walk)


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


def given_back(testbed: OptionTestbed, described: DescribedOption, result: Mapping[str, Any], value: Any) -> None:
    """What a result shows can be stated, and changes nothing."""
    operation = described.operation
    options = stated(operation, result[described.place[0]])
    if described.child is not None:
        options["application_id"] = result.get("application_id") or options["application_id"]
    for row in options.get("basic_auth") or []:
        # The one secret without which there is nothing.
        row["password"] = value if described.field.secret else item_of("basic_auth")["password"]
    again = run(testbed, operation, options)
    assert not again["changed"], again["diff"]
    assert again["writes"] == []


# --- made with it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("described", [one for one in DESCRIBED_OPTIONS if one.child is not None], ids=str)
def test_a_child_is_made_with_it(testbed: OptionTestbed, described: DescribedOption) -> None:
    def make(value: Any) -> None:
        testbed.fresh()
        real = bring(testbed, described, {"application_id": testbed.application()}, value)
        assert real["changed"]
        if plain(described.field) and not described.field.secret:
            assert at(real, described.place) == value
        given_back(testbed, described, real, value)

    # Both values of a switch, since one of them is the server's own.
    tried(str(described), values(described.path, described.field), make)


@pytest.mark.parametrize("described", [one for one in DESCRIBED_OPTIONS if one.child is None], ids=str)
def test_a_resource_is_made_with_it(testbed: OptionTestbed, described: DescribedOption) -> None:
    def make(value: Any) -> None:
        testbed.fresh()
        address = testbed.address(described)
        if described.option == "name":
            # Of two with one name none could be meant.
            value = f"{value[:100]}{testbed.count}{value[:100]}"
        real = bring(testbed, described, address, value)
        assert real["changed"]
        if plain(described.field) and not described.field.secret:
            assert at(real, described.place) == value

    tried(str(described), values(described.path, described.field), make)


# --- what is only stated at creation ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("option", "first", "other"), CREATED, ids=[option for option, _first, _other in CREATED])
def test_what_only_a_creation_takes(testbed: OptionTestbed, option: str, first: Any, other: Any) -> None:
    testbed.fresh()
    address = {"project": "shop", "environment": "production", "name": f"made with {option}"}
    predicted = run(testbed, APPLICATION, {**address, option: first}, check=True)
    made = run(testbed, APPLICATION, {**address, option: first})
    assert predicted["changed"] and made["changed"]
    assert predicted["diff"] == made["diff"]
    resource_id = made["application"]["application_id"]
    shown = {"application_id": resource_id, option: made["application"][option]}
    for params in ({**address, option: first}, {"application_id": resource_id, option: first}, shown):
        assert run(testbed, APPLICATION, params)["writes"] == []
    testbed.host.sim.reset_stats()
    failed = testbed.host.failed(APPLICATION, application_id=resource_id, **{option: other})
    assert failed["msg"].startswith(f"{option} cannot be changed on an existing application")
    assert not failed["changed"]
    assert testbed.host.sim.calls("mutation") == []


# --- environment text that is merged ---------------------------------------------------------------------------------

MERGED = [described for described in DESCRIBED_OPTIONS if described.field.mode_option is not None]


@pytest.mark.parametrize("described", MERGED, ids=str)
def test_variables_are_merged(testbed: OptionTestbed, described: DescribedOption) -> None:
    """What is there stays; null takes a variable away."""
    mode = {str(described.field.mode_option): "merge"}
    wide = st.dictionaries(
        st.sampled_from("ABC"), st.one_of(st.none(), st.integers(), st.just(f"{SECRET_MARK} #")), min_size=1
    )

    def walk(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
        ids = testbed.prepare(described)
        expected: dict[str, str] = {}
        for value in pair:
            params = {**ids, **mode, described.option: value}
            predicted = run(testbed, described.operation, params, check=True)
            real = run(testbed, described.operation, params)
            assert predicted["diff"] == real["diff"]
            after = {**expected, **{name: None if text is None else str(text) for name, text in value.items()}}
            left = {name: text for name, text in after.items() if text is not None}
            assert real["changed"] == (left != expected)
            expected = left
            assert run(testbed, described.operation, params)["writes"] == []
            # The whole of it, stated as a replacement, changes nothing.
            assert run(testbed, described.operation, {**ids, described.option: expected})["writes"] == []

    tried(str(described), st.tuples(wide, wide), walk)


# --- all together ----------------------------------------------------------------------------------------------------


def everything(source: str) -> st.SearchStrategy[dict[str, Any]]:
    """An application with every option stated at once, and one child of each kind."""
    options: dict[str, st.SearchStrategy[Any]] = {}
    for option in application.APPLICATION.options:
        if isinstance(option, Group):
            if not option.selects or option.name == source:
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
def test_everything_at_once(testbed: OptionTestbed, source: str) -> None:
    def walk(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
        testbed.fresh()
        ids = {"application_id": testbed.application()}
        for params in pair:
            predicted = run(testbed, APPLICATION, {**ids, **params}, check=True)
            real = run(testbed, APPLICATION, {**ids, **params})
            assert predicted["diff"] == real["diff"]
            assert real["writes"].count("application.update") == 1
            again = run(testbed, APPLICATION, {**ids, **params})
            assert not again["changed"], again["diff"]
            # In another order, each list of children, and what is shown of it all.
            turned = {name: list(reversed(params[name])) for name in CHILDREN}
            assert run(testbed, APPLICATION, {**ids, **params, **turned})["writes"] == []
            shown = stated(APPLICATION, real["application"])
            passwords = {item["username"]: item["password"] for item in params["basic_auth"]}
            for row in shown["basic_auth"]:
                row["password"] = passwords[row["username"]]
            back = run(testbed, APPLICATION, shown)
            assert not back["changed"], back["diff"]

    tried(f"everything {source}", st.tuples(everything(source), everything(source)), walk)


# --- nothing is left out ---------------------------------------------------------------------------------------------


def options_of(spec: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, one in spec.items():
        yield ".".join((*path, name))
        yield from options_of(one.get("options") or {}, (*path, name))


def test_every_option_of_the_argument_specs_is_walked() -> None:
    beside = {"state", "wait_timeout", "force", "project", "environment", "application", "log_lines", "generate"}
    created = {option for option, _first, _other in CREATED}
    modes = {str(described.field.mode_option) for described in MERGED}
    # What stands for a neighbour is walked as that neighbour.
    standing = {
        f"{child.option}.{field.name}" for child in CHILDREN.values() for field in child.fields if field.stands_for
    }
    for operation in (*OPERATIONS.values(), *CHILD_OPERATIONS.values()):
        own = standing | {described.option for described in DESCRIBED_OPTIONS if described.operation is operation}
        alone = operation in CHILD_OPERATIONS.values()
        walked = {option.partition(".")[2] if alone else option for option in own}
        walked |= {option.partition(".")[0] for option in walked}
        left = {name for name in options_of(operation.options) if not name.endswith("_id") or "." in name}
        assert left - walked - beside - created - modes == set(), operation.name
