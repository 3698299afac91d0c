# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verify one run: check mode predicts it without a write, a second run changes nothing, nothing else changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._values.codec import GENERATED
from tests.support.host import Host
from tests.support.operations import MANAGED, MANAGED_CHILDREN, OPERATIONS
from tests.support.snapshots import Change, Snapshot, snapshot
from tests.support.strategies.resource_params import SECRET_MARK

Result = dict[str, Any]

# --- what check mode cannot know -------------------------------------------------------------------------------------

# Values that the server generates for new objects; for existing ones check mode predicts them.
GIVEN_BY_SERVER = frozenset(
    ["created_at", "organization_id", "status", "is_default"]
    + [one.resource.id_option for one in MANAGED]
    + [one.child.id_option for one in MANAGED_CHILDREN]
)
# Values that exist only after a real run.
ONLY_AFTER_RUN = frozenset(
    "commit deployment handle images run seconds http_check interrupted response webhook".split()
)

# Mutations that store nothing.
_GENERATE = frozenset(one.child.generates.procedure for one in MANAGED_CHILDREN if one.child.generates)
# The placeholder for a host name that the server generates.
GENERATED_HOST = "generated.sslip.io"


def may_differ(predicted: Any, real: Any, name: Any, made: bool, said: Any) -> bool:
    """Whether a predicted value may differ from the real one; no other place allows a difference.

    C(GENERATED) stands for an unknown text, and null for what exists only after a real run; names that the server
    generates begin with what is stated. A null would remove the variable of a later task that uses it.

    :param made: the run created the object, so that the server chose the values that no option sets.
    :param said: the options of the object.
    """
    if name == "app_name" and predicted != GENERATED:
        return re.fullmatch(re.escape(str(predicted).lower()) + "-[a-z0-9]{6}", str(real)) is not None
    if name == "current_state":
        # It grows older: Running 2 seconds ago.
        return str(predicted).partition(" ")[0] == str(real).partition(" ")[0]
    if name == "tasks":
        # Of tasks that are yet to be started there is only the number.
        return bool(predicted == [])
    if predicted == GENERATED_HOST:
        return name == "host" and str(real).endswith(".sslip.io")
    if isinstance(said, dict) and name in said:
        return False
    if predicted is None:
        # No text stands for a number or a boolean.
        return name in ONLY_AFTER_RUN or (made and isinstance(real, int))
    return bool(predicted == GENERATED) and (made or name in GIVEN_BY_SERVER)


def find_differences(predicted: Any, real: Any, made: bool, said: Any, path: tuple[Any, ...] = ()) -> list[str]:
    """Describe each difference between a predicted result and the real one."""
    if predicted == real and type(predicted) is type(real):
        return []
    if isinstance(predicted, dict) and isinstance(real, dict):
        predicted = {_generated_name(name, real): value for name, value in predicted.items()}
        found = []
        for name in sorted({**predicted, **real}, key=str):
            # What only a real run can tell may be missing altogether.
            if name in ONLY_AFTER_RUN and name not in predicted:
                continue
            one, other = predicted.get(name), real.get(name)
            deeper = isinstance(one, (dict, list)) and isinstance(other, (dict, list))
            if deeper and not may_differ(one, other, name, made, said):
                # Around the thing itself stands what else a result tells of it.
                inner = said.get(name, {} if path else said) if isinstance(said, dict) else {}
                found += find_differences(one, other, made, inner, (*path, name))
            elif (
                not deeper and (one, type(one)) != (other, type(other)) and not may_differ(one, other, name, made, said)
            ):
                found.append(f"{'.'.join(map(str, (*path, name)))}: predicted {one!r}, real {other!r}")
        return found
    if isinstance(predicted, list) and isinstance(real, list) and len(predicted) == len(real):
        return [
            words
            for number, (one, other) in enumerate(zip(predicted, real, strict=True))
            for words in find_differences(
                one, other, made or is_new(one, other), _stated_item(one, said), (*path, number)
            )
        ]
    return [f"{'.'.join(map(str, path))}: predicted {predicted!r}, real {real!r}"]


def _generated_name(name: Any, real: Mapping[Any, Any]) -> Any:
    """The real key of a placeholder in a diff, whose keys are the names of domains."""
    if not str(name).startswith(GENERATED_HOST):
        return name
    return next((other for other in real if other.endswith(name[len("generated") :])), name)


def _stated_item(shown: Any, said: Any) -> Any:
    """The options of one item of a list: the item that has the same key."""
    if not isinstance(said, list) or not isinstance(shown, dict):
        return {}
    for fields in (one.child.key_fields for one in MANAGED_CHILDREN):
        if all(field.name in shown for field in fields):
            for item in said:
                if all(item.get(field.name, field.default) == shown[field.name] for field in fields):
                    return item
    return {}


def is_new(predicted: Any, real: Any) -> bool:
    """Whether a returned object does not exist yet: it has IDs, and check mode predicts none of them."""
    if not isinstance(predicted, dict) or not isinstance(real, dict):
        return False
    own = [name for name in real if name in GIVEN_BY_SERVER and name.endswith("_id")]
    return bool(own) and predicted.get(own[0]) == GENERATED


# --- the proof -------------------------------------------------------------------------------------------------------


@dataclass
class VerifiedRun:
    """The results of a run and of its check mode.

    :param touched: what it changed on the server.
    """

    params: Mapping[str, Any]
    predicted: Result
    real: Result
    before: Snapshot
    after: Snapshot
    touched: set[Change] = field(default_factory=set)

    @property
    def outcome(self) -> str:
        if self.real.get("failed"):
            return "refused"
        return "changed" if self.real["changed"] else "unchanged"


def run(
    host: Host, module: str, params: Mapping[str, Any], check: bool = False, show_secrets: bool = False
) -> tuple[Result, list[str]]:
    """Run a module in a new task; return its result and the procedures that wrote.

    :param show_secrets: secrets may be shown.
    """
    host.new_task()
    host.sim.reset_stats()
    result = host.run(OPERATIONS[module], check=check, **params)
    assert show_secrets or SECRET_MARK not in repr(result), f"a secret is shown: {result}"
    stats = host.sim.stats()
    assert stats["refused_files"] == [], "Traefik would ignore every later change"
    writes = (one["procedure"] for one in stats["journal"] if one["kind"] in ("mutation", "subscription"))
    return result, [name for name in writes if name not in _GENERATE]


def predict(host: Host, module: str, params: Mapping[str, Any]) -> tuple[Result, Snapshot]:
    """The result in check mode, which does not change the server."""
    before = snapshot(host.sim)
    predicted, writes = run(host, module, params, check=True)
    assert writes == [], f"check mode wrote: {writes}"
    assert snapshot(host.sim).changes_since(before) == set(), "check mode changed something"
    return predicted, before


def verify_run(
    host: Host,
    module: str,
    params: Mapping[str, Any],
    *,
    result_key: str | None = None,
    otherwise: Iterable[Mapping[str, Any]] = (),
    again: Mapping[str, Any] | None = None,
    settles: bool = True,
    moves: bool = True,
    settle: Callable[[], None] = lambda: None,
) -> VerifiedRun:
    """Verify everything that holds for every module.

    :param result_key: the key of the managed object in the result.
    :param otherwise: equivalent parameters.
    :param again: the parameters of the second run, where the first cannot be repeated.
    :param settles: whether a second run changes nothing.
    :param moves: whether a change can be seen on the server.
    :param settle: waits until the server is idle.
    """
    predicted, before = predict(host, module, params)
    real, writes = run(host, module, params)
    settle()
    after = snapshot(host.sim)
    verified = VerifiedRun(params, predicted, real, before, after, after.changes_since(before))
    if real.get("failed"):
        assert predicted.get("failed"), f"check mode did not predict: {real['msg']}"
        assert predicted == real
        assert writes == [], f"it was refused after {writes}: {real['msg']}"
        return verified
    assert not predicted.get("failed"), f"check mode failed, the run did not: {predicted.get('msg')}"
    assert predicted["changed"] == real["changed"] == bool(writes), writes
    assert not moves or real["changed"] == bool(verified.touched), (
        f"changed {real['changed']}, touched {verified.touched}"
    )
    made = result_key is not None and is_new(predicted.get(result_key), real.get(result_key))
    wrong = find_differences(predicted, without_protected(module, real, result_key) if made else real, made, params)
    assert not wrong, "\n".join(wrong)
    if settles:
        assert_unchanged(host, module, again if again is not None else params, after)
        for words in otherwise:
            assert_unchanged(host, module, words, after, (False,))
    return verified


def without_protected(module: str, result: Result, result_key: str | None) -> Result:
    """The result of a creation without what the server makes with a resource, which check mode does not show."""
    shown = dict(result[str(result_key)])
    for managed in (one for one in MANAGED if one.operation.name == module and one.shown_kind.items() <= shown.items()):
        shown = managed.unprotected(shown)
    return {**result, str(result_key): shown}


def assert_unchanged(
    host: Host, module: str, params: Mapping[str, Any], before: Snapshot, modes: Iterable[bool] = (True, False)
) -> None:
    """A run changes nothing, in check mode and without."""
    for check in modes:
        result, writes = run(host, module, params, check=check)
        assert not result.get("failed"), result.get("msg")
        assert not result["changed"], result.get("diff")
        assert result.get("diff", {}).get("before") == result.get("diff", {}).get("after")
        assert writes == []
    assert snapshot(host.sim).changes_since(before) == set()
