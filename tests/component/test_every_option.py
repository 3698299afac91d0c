# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option and suboption: set, unchanged, changed, cleared, unchanged.

``DOKPLOY_TEST_EXAMPLES`` sets how many pairs of values each option gets; with it the values differ each time."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import is_needed
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.at_rest import (
    OPTIONS as AT_REST,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.swarm import NUMBER
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import (
    BOOLEAN,
    IDENTIFIER,
    INTEGER,
    TEXT,
    WORDS,
)
from tests.support import examples
from tests.support.described_options import (
    CREATED_OPTIONS,
    DESCRIBED_OPTIONS,
    DescribedOption,
    OptionTestbed,
)
from tests.support.effort import EXAMPLES, example_count, sampled
from tests.support.examples import child_example, example_of
from tests.support.operations import MANAGED, MANAGED_CHILDREN, ManagedResource
from tests.support.strategies.option_values import different_values, respell, values
from tests.support.strategies.resource_params import SECRET_MARK

# A secret that no procedure shows is written at the creation, or on request each time; what has one value stays.
# So does what is for new records only; of what one record has, another one takes it.
_KEPT = ("write_only", "renewed", "initial", "elected")
CHANGED = [
    one
    for one in DESCRIBED_OPTIONS
    if not any(getattr(one.field, word) for word in _KEPT) and len(one.field.choices) != 1
]

WALK = settings(
    database=None,
    # Without shrinking, which takes minutes where every example is a dozen requests.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def tried(name: str, strategy: st.SearchStrategy[Any], test: Callable[[Any], None], quick: int = 2) -> None:
    """Run a test with some values; which ones depends on the option's name alone.

    :param quick: with how many in C(make test).
    """
    wrapped = settings(WALK, max_examples=example_count(quick, 2))(given(strategy)(test))
    (wrapped if EXAMPLES else seed(zlib.crc32(name.encode()))(wrapped))()


def as_many(field: Field) -> int:
    """Both values of a switch, since one of them is the server's own; of other options one."""
    return 2 if field.codec is BOOLEAN else 1


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
    preset = {option for options in described.field.presets.values() for option in options}
    for side in ("before", "after"):
        assert set(diff[side]) <= {top, *preset}, diff
        if described.grouped and diff[side]:
            rows = diff[side][top].values() if described.child is not None else [diff[side][top]]
            assert all(set(row) <= {rest[0]} for row in rows), diff


def shown_of(result: Any, described: DescribedOption) -> Any:
    """The value of the option in a result."""
    name = described.managed.name
    if described.place[0] == name:
        result = {name: described.managed.unprotected(result[name])}
    for step in described.place:
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


@pytest.mark.parametrize("described", sampled(CHANGED, 3), ids=str)
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
        if plain(field) and field.returned and not field.secret:
            assert shown_of(real, described) == second
        given_back(testbed, described, real, second)
        if described.clearable:
            cleared = bring(testbed, described, ids, described.clear)
            assert len(cleared["writes"]) <= 1
            given_back(testbed, described, cleared, described.clear)

    # A pair has both values of a switch.
    tried(str(described), different_values(described.path, field), walk, quick=1)


# --- what results show -----------------------------------------------------------------------------------------------


def stated(managed: ManagedResource, operation: Operation, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What a result shows, as options: without what only the server can say."""
    children = {child.option: child for child in managed.resource.children}
    options = {}
    alone = operation is not managed.operation
    for name, value in shown.items():
        if name in operation.options and value is not None and not (alone and value == {}):
            names = {field.name for field in children[name].fields} if name in children else set()
            options[name] = [_of_child(row, names) for row in value] if names else value
    for name, child in children.items():
        for row in options.get(name) or []:
            row.update(needed_secrets(managed, child, row))
    return options


def _of_child(row: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    """The options of a child."""
    return {name: value for name, value in row.items() if name in names}


def needed_secrets(managed: ManagedResource, child: Child, row: Mapping[str, Any]) -> dict[str, Any]:
    """The secrets without which there is no such child, as its example has them."""
    example = child_example(managed.resource, child)
    return {
        field.name: example.beside(field.name)[field.name]
        for field in child.fields
        if field.secret and is_needed(field, row)
    }


def given_back(testbed: OptionTestbed, described: DescribedOption, result: Mapping[str, Any], value: Any) -> None:
    """What a result shows can be stated, and changes nothing."""
    managed, operation, shown = described.managed, described.operation, result[described.place[0]]
    options = stated(managed, operation, shown)
    if described.alone:
        id_option = managed.resource.id_option
        options |= managed.as_parent(managed.of(result[id_option]))
    else:
        options |= managed.kind
    child = described.child
    for row in [] if child is None else [options] if described.alone else options[child.option]:
        row.update(needed_secrets(managed, child, row))
        if described.field.name in needed_secrets(managed, child, row):
            row[described.field.name] = value
    again = run(testbed, operation, options)
    assert not again["changed"], again["diff"]
    assert again["writes"] == []


# --- made with it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("described", sampled([one for one in DESCRIBED_OPTIONS if one.child is not None], 3), ids=str)
def test_a_child_is_made_with_it(testbed: OptionTestbed, described: DescribedOption) -> None:
    def make(value: Any) -> None:
        testbed.fresh()
        real = bring(testbed, described, testbed.create(described.managed), value)
        assert real["changed"]
        if plain(described.field) and not described.field.secret:
            assert shown_of(real, described) == value
        given_back(testbed, described, real, value)

    tried(str(described), values(described.path, described.field), make, quick=as_many(described.field))


CREATED = [one for one in DESCRIBED_OPTIONS if one.child is None and one.managed.resource.creation.procedure]


@pytest.mark.parametrize("described", sampled(CREATED, 4), ids=str)
def test_a_resource_is_made_with_it(testbed: OptionTestbed, described: DescribedOption) -> None:
    def make(value: Any) -> None:
        testbed.fresh()
        address = testbed.address(described.managed)
        if described.option == "name":
            # Of two with one name none could be meant.
            value = f"{value[:100]}{testbed.count}{value[:100]}"
        real = bring(testbed, described, address, value)
        assert real["changed"]
        if plain(described.field) and not described.field.secret:
            assert shown_of(real, described) == value

    tried(str(described), values(described.path, described.field), make, quick=as_many(described.field))


# --- what is only stated at creation ---------------------------------------------------------------------------------


# But for what finds a record, and what is not compared.
COMPARED = [one for one in CREATED_OPTIONS if one.field.qualifies is None and not one.field.initial]


@pytest.mark.parametrize("described", COMPARED, ids=str)
def test_what_only_a_creation_takes(testbed: OptionTestbed, described: DescribedOption) -> None:
    operation, managed, option = described.operation, described.managed, described.option

    def walk(pair: tuple[Any, Any]) -> None:
        first, other = pair
        testbed.fresh()
        stated = described.params(first, testbed.address(managed))
        predicted = run(testbed, operation, stated, check=True)
        made = run(testbed, operation, stated)
        assert predicted["changed"] and made["changed"]
        assert predicted["diff"] == made["diff"]
        own = managed.of(made[managed.name][managed.resource.id_option])
        ways = [stated, described.params(first, own)]
        if not described.field.secret:
            ways.append(described.params(shown_of(made, described), own))
        for params in ways:
            assert run(testbed, operation, params)["writes"] == []
        testbed.host.sim.reset_stats()
        failed = testbed.host.failed(operation, **described.params(other, own))
        # A value with parts is a whole.
        whole = option if failed["msg"].startswith(option) else described.path[0]
        assert failed["msg"].startswith(f"{whole} cannot be changed on an existing {managed.resource.noun}")
        assert not failed["changed"]
        assert testbed.host.sim.calls("mutation") == []

    tried(str(described), different_values(described.path, described.field), walk)


REPLACED = [one for one in COMPARED if one.managed.resource.updating.replacement is not None and one.option != "name"]


@pytest.mark.parametrize("described", [one for one in REPLACED if not one.field.create_only], ids=str)
def test_what_needs_a_new_one_is_replaced_on_request(testbed: OptionTestbed, described: DescribedOption) -> None:
    managed = described.managed

    def walk(pair: tuple[Any, Any]) -> None:
        testbed.fresh()
        address = testbed.address(managed)
        # A key that shows its value on request is another one each time.
        again = {"replace": not managed.resource.creation.shown_once}
        made = bring(testbed, described, address, pair[0])
        ids = {managed.resource.id_option: made[managed.name][managed.resource.id_option]}
        params = {**described.params(pair[1], address), "replace": True}
        predicted = run(testbed, described.operation, params, check=True)
        real = run(testbed, described.operation, params)
        assert predicted["changed"] and real["changed"] and predicted["diff"] == real["diff"]
        only_of(real["diff"], described)
        assert real[managed.name][managed.resource.id_option] not in ids.values()
        assert run(testbed, described.operation, {**params, **again})["writes"] == []

    tried(str(described), different_values(described.path, described.field), walk)


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

# Each resource, with each group of those that exclude each other.
WHOLES = [
    (managed, source)
    for managed in MANAGED
    if managed.resource.updating.procedure
    for source in [one.name for one in managed.resource.options if isinstance(one, Group) and one.selects] or [""]
]


def _comparable(field: Field) -> bool:
    return not (field.create_only or field.replaces or not field.compared or field.initial or field.elected)


def everything(managed: ManagedResource, source: str) -> st.SearchStrategy[dict[str, Any]]:
    """A resource with every option stated at once, and some children of each kind."""
    options: dict[str, st.SearchStrategy[Any]] = {}
    apart = {managed.resource.name_option, *example_of(managed.resource).apart}
    for option in managed.resource.options:
        if isinstance(option, Group):
            if not option.selects or option.name == source:
                fields = {
                    field.name: values((option.name, field.name), field)
                    for field in option.fields
                    if not field.input_only
                }
                options[option.name] = st.fixed_dictionaries(fields)
        elif _comparable(option) and option.name not in apart:
            options[option.name] = values((option.name,), option)
    for child in managed.resource.children:
        example = child_example(managed.resource, child)
        if example.variants.keys() & {field.name for field in child.key_fields}:
            continue
        fields = {
            field.name: values((child.option, field.name), field)
            for field in child.fields
            if field.codec.type != "path"
        }
        several = any(field.replaces for field in child.fields) or bool(example.apart)
        options[child.option] = (
            st.just(several_of(managed, child))
            if several
            else st.lists(st.fixed_dictionaries(fields), max_size=2, unique_by=key_of(child))
        )
    return st.fixed_dictionaries(options)


def several_of(managed: ManagedResource, child: Child) -> list[dict[str, Any]]:
    """Children of which an option decides which others they have: each variant with a key of its own."""
    example = child_example(managed.resource, child)
    key = next(field.name for field in child.key_fields if field.reference is None)
    items: list[dict[str, Any]] = []
    for item in (example.item, *example.variants.values()):
        if all({**one, key: ""} != {**item, key: ""} for one in items):
            items.append({**item, key: f"{item[key]}{len(items)}"})
    return items


def key_of(child: Child) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    return lambda item: tuple(item[field.name] for field in child.key_fields)


@pytest.mark.parametrize(("managed", "source"), WHOLES, ids=[f"{managed}-{source}" for managed, source in WHOLES])
def test_everything_at_once(testbed: OptionTestbed, managed: ManagedResource, source: str) -> None:
    resource, operation = managed.resource, managed.operation

    def walk(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
        testbed.fresh()
        ids = testbed.create(managed)
        for params in pair:
            predicted = run(testbed, operation, {**ids, **params}, check=True)
            real = run(testbed, operation, {**ids, **params})
            assert predicted["diff"] == real["diff"]
            assert real["writes"].count(resource.updating.procedure) <= 1
            again = run(testbed, operation, {**ids, **params})
            assert not again["changed"], again["diff"]
            # In another order, each list of children, and what is shown of it all.
            turned = {child.option: list(reversed(params[child.option])) for child in resource.children}
            assert run(testbed, operation, {**ids, **params, **turned})["writes"] == []
            shown = {**stated(managed, operation, real[managed.name]), **managed.kind}
            for child in resource.children:
                secrets = [field.name for field in child.fields if field.secret and field.needed]
                items = {key_of(child)(with_defaults(child, item)): item for item in params[child.option]}
                for row in shown.get(child.option) or [] if secrets else []:
                    own = items[key_of(child)(row)]
                    row.update({name: own[name] for name in secrets if name in own})
            back = run(testbed, operation, shown)
            assert not back["changed"], back["diff"]

    tried(f"everything {managed} {source}".strip(), st.tuples(*[everything(managed, source)] * 2), walk, quick=1)


def with_defaults(child: Child, item: Mapping[str, Any]) -> dict[str, Any]:
    return {**{field.name: field.default for field in child.key_fields}, **item}


# --- nothing is left out ---------------------------------------------------------------------------------------------


def options_of(spec: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, one in spec.items():
        yield ".".join((*path, name))
        yield from options_of(one.get("options") or {}, (*path, name))


# What no description has as a field: how a task finds the record, and how it waits.
# What nobody states is walked in engine/test_unstated.py.
BESIDE = {
    "unstated",
    "ignore",
    "state",
    "wait_timeout",
    "force",
    "log_lines",
    "generate",
    "update_secrets",
    "include_secrets",
    "type",
}
BESIDE |= {"replace"}


def test_every_option_of_the_argument_specs_is_walked() -> None:
    """With one of the resources that describe it alike, or with one of its parents."""
    located = {name for one in MANAGED for name in (one.name, f"{one.name}_id", f"{one.name}_type")}
    located |= {f"{one.child.singular}_id" for one in MANAGED_CHILDREN}
    walked = [*DESCRIBED_OPTIONS, *CREATED_OPTIONS]
    # What stands for a neighbour is walked as that neighbour.
    standing = {
        f"{one.child.option}.{field.name}"
        for one in MANAGED_CHILDREN
        for field in one.child.fields
        if field.stands_for or field.name in child_example(one.parent.resource, one.child).apart
    }
    # The parts of an object of a child are generated with it.
    standing |= {
        f"{described.option}.{part.name}" for described in walked if described.child for part in described.field.parts
    }
    modes = {str(described.field.mode_option) for described in MERGED}
    states = {name for one in MANAGED for name in one.resource.states.options}
    states |= {name for one in MANAGED for name in one.resource.removal.options}
    for managed in MANAGED:
        own = {described.option for described in walked if described.child is None}
        own |= {described.option for described in walked if described.child is not None and not described.alone}
        own |= standing | {option.partition(".")[0] for option in own}
        left = {name for name in options_of(managed.operation.options) if name.partition(".")[0] not in states}
        assert left - own - BESIDE - located - modes == set(), managed
    for one in MANAGED_CHILDREN:
        own = {f"{described.option}" for described in walked if described.alone} | standing
        own = {option.partition(".")[2] for option in own if option.startswith(f"{one.child.option}.")}
        # What no module manages, as Dokploy itself, is not walked.
        others = [other for other in one.operation.resources if other.name not in located]
        own |= {other.name for other in others}
        own |= {field.name for other in others for child in other.children for field in child.fields}
        # Those of the state executed.
        own |= AT_REST.keys()
        assert set(options_of(one.operation.options)) - own - BESIDE - located == set(), one


def test_each_resource_and_each_child_has_an_example() -> None:
    resources = {one.resource.label for one in MANAGED}
    children = {one.child.option for one in MANAGED_CHILDREN}
    assert (resources | children) - examples.EXAMPLES.keys() == set(), "add them to tests/support/examples.py"
