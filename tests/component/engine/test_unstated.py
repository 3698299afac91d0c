# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that are not stated: each column and each child that others change is reset, alone, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import desire
from ansible_collections.community.dokploy.plugins.module_utils._engine.unstated import is_resettable
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import is_empty
from tests.support.effort import THOROUGH, sampled
from tests.support.examples import child_example, example_of
from tests.support.operations import MANAGED, ManagedResource
from tests.support.property_runner import enough, run_property
from tests.support.resettable_server import ResettableServer
from tests.support.snapshots import stored_row, table_of
from tests.support.strategies.external_rows import child_rows, columns, write_rows

Result = dict[str, Any]
# An example that no procedure creates exists only once.
RESET = [managed for managed in MANAGED if "unstated" in managed.operation.options]
RESET = [managed for managed in RESET if not example_of(managed.resource).event]
parametrized = pytest.mark.parametrize("managed", sampled(RESET, 3), ids=str)


class Record:
    """A new record that states only what it needs."""

    def __init__(self, server: ResettableServer, managed: ManagedResource) -> None:
        self.server, self.managed, self.resource = server, managed, managed.resource
        server.reset()
        self.params: Result = {**server.new(managed)[0], **example_of(self.resource).existing, "unstated": "default"}
        created = self.run()
        assert created["changed"]
        self.id = str(created[self.resource.name][self.resource.id_option])

    @property
    def stated(self) -> set[str]:
        """The columns of the options that it states."""
        desired = desire(self.resource, {**dict.fromkeys(self.managed.operation.options), **self.params})
        return {want.field.api for want in desired.fields}

    def run(self, **options: Any) -> Result:
        self.server.host.new_task()
        result = self.server.host.run(self.managed.operation, **{**self.params, **options})
        assert not result.get("failed"), result["msg"]
        return result

    @property
    def row(self) -> Result:
        store = self.server.host.sim.server.store
        return dict(stored_row(table_of(store, self.resource).rows, self.resource, self.id))

    def write(self, values: Result, rows: dict[str, list[Result]]) -> None:
        write_rows(self.server.host, self.resource, self.id, values, rows)

    def resets(self, **options: Any) -> list[str]:
        """What check mode says of a run that then does it, and that has nothing more to do."""
        predicted = self.run(check=True, **options)
        result = self.run(**options)
        assert (predicted["changed"], predicted["diff"]) == (result["changed"], result["diff"])
        again = self.run(**options)
        assert not again["changed"], again["diff"]
        assert result["changed"] == bool(names_in(result))
        return names_in(result)


def names_in(result: Result) -> list[str]:
    """The options that the header of a diff names as reset."""
    _label, found, names = str(result["diff"]["after_header"]).partition(" (reset, since not stated: ")
    return names[:-1].split(", ") if found else []


def paths_of(resource: Resource) -> dict[str, list[tuple[str, Any, bool]]]:
    """The options of each column: the dotted name, the field, and whether it is always in force."""
    found: dict[str, list[tuple[str, Any, bool]]] = {}
    for path, field, group in resource.fields():
        known = group is None or group.selects is None
        found.setdefault(field.api, []).append((".".join(path), field, known))
    return found


@parametrized
def test_a_new_record_is_as_a_new_record(server: ResettableServer, managed: ManagedResource) -> None:
    assert Record(server, managed).resets() == []


@pytest.mark.parametrize(
    "managed", [managed for managed in sampled(RESET, 3) if not managed.resource.packed[0]], ids=str
)
def test_each_column_that_others_change(server: ResettableServer, managed: ManagedResource) -> None:
    options = paths_of(managed.resource)
    stated = Record(server, managed).stated
    known = {column: values for column, values in columns(managed.resource).items() if column not in stated}

    def walk(values: Result) -> str:
        count = 0
        for column, value in values.items():
            # What has no effect stays, until another column gives it one.
            record = Record(server, managed)
            before = record.row
            record.write({column: value}, {})
            reset = record.resets()
            count += bool(reset)
            for option, field, always in options.get(column, []):
                current = {**before, column: value}
                idle = is_empty(value) and field.no_effect is not None and field.no_effect(current) is not None
                same = field.same(before.get(column), value) or idle
                if always and is_resettable(managed.resource, option, current) and field.needed is False:
                    assert (reset == []) == same, (option, before.get(column), value, reset)
                    assert reset in ([], [option])
            if reset:
                after = record.row
                changed = {key for key in after if after[key] != before.get(key) and not is_empty(after[key])}
                assert changed <= {column, "updatedAt"}, changed
        return "reset" if count else "kept"

    # All columns in the thorough tests, some of them in each example of the others.
    names = st.lists(st.sampled_from(sorted(known)), min_size=1, max_size=6, unique=True)
    drawn = (st.just(sorted(known)) if THOROUGH or not known else names).flatmap(
        lambda names: st.fixed_dictionaries({name: known[name] for name in names})
    )
    run_property(f"resets {managed}", drawn, walk, examples=4)


@parametrized
def test_each_list_that_others_fill(server: ResettableServer, managed: ManagedResource) -> None:
    for child in managed.resource.children:

        def walk(row: Result, option: str = child.option) -> str:
            record = Record(server, managed)
            record.write({}, {option: [row]})
            names = {name.partition("[")[0] for name in record.resets()}
            assert names <= {option}
            assert record.resets() == []
            return "removed" if names else "refused"

        seen = run_property(f"lists {managed} {child.option}", child_rows(managed.resource, child), walk, examples=8)
        # Those without effect are not looked at.
        assert seen["removed"] or not enough(seen) or not child.effective(Record(server, managed).row)


@parametrized
def test_each_option_of_an_item(server: ResettableServer, managed: ManagedResource) -> None:
    """A stated item whose record has other values than a new one, but for what nothing changes in place."""
    for child in managed.resource.children:
        item = dict(child_example(managed.resource, child).item)
        record = Record(server, managed)
        record.run(**{child.option: [item]})
        assert record.resets(**{child.option: [item]}) == []
