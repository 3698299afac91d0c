# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values with parts: written in snake_case and human units, kept as Docker's own objects, and shown again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import api_value
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import field_spec
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import (
    INTEGER,
    OBJECT,
    OBJECTS,
    TEXT_MAP,
    Codec,
)
from dokploy_simulator.api.facts import procedures_of
from dokploy_simulator.api.releases import NEWEST
from tests.support.strategies.option_values import different_values

WITH_PARTS = {path[0]: field for path, field, _group in APPLICATION.fields() if field.parts}
SECOND = 10**9


def encoded(option: str, value: Any) -> Any:
    return api_value((option,), WITH_PARTS[option], value)


# Option, what is written, Docker's object, and what is shown where that differs from what was written.
ENCODED: list[tuple[str, Any, Any, Any]] = [
    (
        "healthcheck",
        {"test": "curl -f localhost", "interval": "30s", "timeout": "500ms", "start_period": "1m30s", "retries": 3},
        {
            "Test": ["CMD-SHELL", "curl -f localhost"],
            "Interval": 30 * SECOND,
            "Timeout": SECOND // 2,
            "StartPeriod": 90 * SECOND,
            "Retries": 3,
        },
        {
            "test": ["CMD-SHELL", "curl -f localhost"],
            "interval": "30s",
            "timeout": "500ms",
            "start_period": "1m30s",
            "retries": 3,
        },
    ),
    ("healthcheck", {"test": ["CMD", "true"]}, {"Test": ["CMD", "true"]}, None),
    ("healthcheck", {"test": ["NONE"]}, {"Test": ["NONE"]}, None),
    ("healthcheck", {"retries": 0}, {"Retries": 0}, None),
    ("healthcheck", {"interval": "0s"}, {"Interval": 0}, None),
    ("healthcheck", {"test": "", "retries": 1}, {"Retries": 1}, {"retries": 1}),
    (
        "restart_policy",
        {"condition": "on-failure", "delay": "5s", "max_attempts": 3, "window": "2m"},
        {"Condition": "on-failure", "Delay": 5 * SECOND, "MaxAttempts": 3, "Window": 120 * SECOND},
        None,
    ),
    (
        "placement",
        {
            "constraints": ["node.role==worker"],
            "preferences": [{"spread": "node.labels.rack"}, {"spread": "node.labels.row"}],
            "max_replicas": 2,
            "platforms": [{"architecture": "amd64", "os": "linux"}],
        },
        {
            "Constraints": ["node.role==worker"],
            "Preferences": [
                {"Spread": {"SpreadDescriptor": "node.labels.rack"}},
                {"Spread": {"SpreadDescriptor": "node.labels.row"}},
            ],
            "MaxReplicas": 2,
            "Platforms": [{"Architecture": "amd64", "OS": "linux"}],
        },
        None,
    ),
    # What the API wants each time is Docker's default.
    (
        "update_config",
        {"delay": "10s"},
        {"Parallelism": 1, "Delay": 10 * SECOND, "Order": "stop-first"},
        {"parallelism": 1, "delay": "10s", "order": "stop-first"},
    ),
    (
        "rollback_config",
        {"parallelism": 0, "failure_action": "pause", "max_failure_ratio": 0.25, "order": "start-first"},
        {"Parallelism": 0, "FailureAction": "pause", "MaxFailureRatio": 0.25, "Order": "start-first"},
        None,
    ),
    ("mode", {"type": "replicated"}, {"Replicated": {}}, None),
    ("mode", {"type": "replicated", "replicas": 0}, {"Replicated": {"Replicas": 0}}, None),
    ("mode", {"type": "global"}, {"Global": {}}, None),
    (
        "network_attachments",
        [{"target": "backend", "aliases": ["db"], "driver_opts": {"mtu": 1400}}, {"target": "other"}],
        [{"Target": "backend", "Aliases": ["db"], "DriverOpts": {"mtu": "1400"}}, {"Target": "other"}],
        [{"target": "backend", "aliases": ["db"], "driver_opts": {"mtu": "1400"}}, {"target": "other"}],
    ),
    (
        "endpoint_spec",
        {"mode": "vip", "ports": [{"target_port": 80, "published_port": 8080}]},
        {
            "Mode": "vip",
            "Ports": [{"TargetPort": 80, "PublishedPort": 8080, "Protocol": "tcp", "PublishMode": "ingress"}],
        },
        {
            "mode": "vip",
            "ports": [{"target_port": 80, "published_port": 8080, "protocol": "tcp", "publish_mode": "ingress"}],
        },
    ),
    (
        "ulimits",
        [{"name": "nofile", "soft": 1024}, {"name": "nproc", "soft": 1, "hard": -1}],
        [{"Name": "nofile", "Soft": 1024, "Hard": 1024}, {"Name": "nproc", "Soft": 1, "Hard": -1}],
        [{"name": "nofile", "soft": 1024, "hard": 1024}, {"name": "nproc", "soft": 1, "hard": -1}],
    ),
]


@pytest.mark.parametrize(("option", "value", "api", "shown"), ENCODED, ids=[case[0] for case in ENCODED])
def test_there_and_back(option: str, value: Any, api: Any, shown: Any) -> None:
    field = WITH_PARTS[option]
    assert encoded(option, value) == api
    assert field.shown(api) == (value if shown is None else shown)
    assert field.same(api, api)


@pytest.mark.parametrize("option", sorted(WITH_PARTS))
def test_what_clears(option: str) -> None:
    field = WITH_PARTS[option]
    empty: Any = [] if field.codec.type == "list" else {}
    unstated = [] if field.codec.type == "list" else {part.name: None for part in field.parts}
    for value in (empty, unstated):
        assert encoded(option, value) is None
    assert field.shown(None) == empty
    assert field.same(None, None) and field.same(None, empty)


@pytest.mark.parametrize("option", sorted(WITH_PARTS))
def test_whatever_is_written_is_accepted_by_the_api_and_shown_as_it_can_be_written_again(option: str) -> None:
    field = WITH_PARTS[option]
    update = procedures_of(NEWEST)["application.update"]

    @settings(max_examples=30)
    @given(different_values((option,), field))
    def holds(pair: tuple[Any, Any]) -> None:
        first, second = (encoded(option, value) for value in pair)
        update.parse({"applicationId": "x", field.api: first})
        assert encoded(option, field.shown(first)) == first
        assert field.same(first, first)
        assert not field.same(first, second) and not field.same(second, first)
        assert not field.same(first, None) and not field.same(None, first)

    holds()


# --- the same --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "wanted", "current", "same"),
    [
        # The database keeps no order of keys, and clients write null for what they leave out.
        ("healthcheck", {"Retries": 3, "Interval": 1}, {"Interval": 1, "Retries": 3, "Test": None}, True),
        ("healthcheck", {"Retries": 3}, {"Retries": 3, "Interval": 0}, False),
        ("healthcheck", {"Retries": 3}, {"Retries": 3, "Test": []}, True),
        ("healthcheck", {"Retries": 3}, {"Retries": 3.0}, True),
        # What no one described counts.
        ("healthcheck", {"Retries": 3}, {"Retries": 3, "StartInterval": 5}, False),
        ("healthcheck", {"Retries": 3}, {"Retries": 3, "StartInterval": None}, True),
        ("healthcheck", {"Test": ["CMD", "a"]}, {"Test": ["CMD-SHELL", "a"]}, False),
        # A default that others have left out.
        ("update_config", {"Parallelism": 1, "Order": "stop-first"}, {"Delay": None}, True),
        ("update_config", {"Parallelism": 2, "Order": "stop-first"}, {"Order": "stop-first"}, False),
        # Constraints are a set, preferences are not.
        ("placement", {"Constraints": ["a==1", "b==1"]}, {"Constraints": ["b==1", "a==1"]}, True),
        (
            "placement",
            {"Preferences": [{"Spread": {"SpreadDescriptor": "a"}}, {"Spread": {"SpreadDescriptor": "b"}}]},
            {"Preferences": [{"Spread": {"SpreadDescriptor": "b"}}, {"Spread": {"SpreadDescriptor": "a"}}]},
            False,
        ),
        ("mode", {"Replicated": {}}, {"Replicated": {"Replicas": None}}, True),
        ("mode", {"Replicated": {}}, {"Global": {}}, False),
        ("mode", {"Replicated": {"Replicas": 1}}, {"Replicated": {"Replicas": 1}, "Global": None}, True),
        ("ulimits", [{"Name": "a", "Soft": 1, "Hard": 1}], [{"Name": "a", "Soft": 1, "Hard": 2}], False),
        (
            "ulimits",
            [{"Name": "a", "Soft": 1, "Hard": 1}, {"Name": "b", "Soft": 1, "Hard": 1}],
            [{"Name": "b", "Soft": 1, "Hard": 1}, {"Name": "a", "Soft": 1, "Hard": 1}],
            True,
        ),
        ("ulimits", [{"Name": "a", "Soft": 1, "Hard": 1}], [{"Name": "a", "Soft": 1, "Hard": 1}] * 2, False),
        ("network_attachments", [{"Target": "a"}] * 2, [{"Target": "a"}, {"Target": "b"}], False),
        (
            "network_attachments",
            [{"Target": "a", "Aliases": list("xy")}],
            [{"Target": "a", "Aliases": list("yx")}],
            True,
        ),
    ],
)
def test_same(option: str, wanted: Any, current: Any, same: bool) -> None:
    assert WITH_PARTS[option].same(wanted, current) is same


# --- of any field ----------------------------------------------------------------------------------------------------

INNER = Field("inner", "Inner", OBJECT, parts=(Field("number", "Number", INTEGER, limits=(0, 9)),))
LIST = Field(
    "list",
    "List",
    OBJECTS,
    parts=(
        Field("name", "Name", needed=True),
        Field("kind", "Kind", choices=("small", "large"), default="small"),
        Field("map", "Map", TEXT_MAP),
        INNER,
    ),
)


def test_parts_within_parts() -> None:
    value = [{"name": "a", "inner": {"number": 3}, "map": None, "kind": None}, {"name": "b", "kind": "large"}]
    api = api_value(("list",), LIST, value)
    assert api == [{"Name": "a", "Kind": "small", "Inner": {"Number": 3}}, {"Name": "b", "Kind": "large"}]
    assert LIST.shown(api) == [
        {"name": "a", "kind": "small", "inner": {"number": 3}},
        {"name": "b", "kind": "large"},
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([{"name": "a"}, {"kind": "small"}], "list[1] needs name"),
        ([{"name": ""}], "list[0] needs name"),
        ([{"name": "a", "inner": {"number": 10}}], "list[0].inner.number is 10; it must be between 0 and 9"),
        ([{"name": "a", "map": {"k": ["x"]}}], "list[0].map: the value of 'k' is a list"),
        ([{"name": "a\0"}], "list[0].name contains a NUL character"),
    ],
)
def test_what_cannot_be_is_named_with_its_place(value: Any, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        api_value(("list",), LIST, value)
    assert str(caught.value).startswith(words)


def test_keys_without_a_description_are_shown_as_they_are() -> None:
    assert LIST.shown([{"Name": "a", "Other": 1, "Empty": None}]) == [{"name": "a", "Other": 1}]
    assert INNER.shown({"Number": 1, "New": {"X": 2}}) == {"number": 1, "New": {"X": 2}}


def test_the_argument_spec_requires_nothing_of_a_single_object() -> None:
    """C({}) clears it, and no default may fill it; of an item in a list Ansible can say what is missing."""
    assert field_spec(INNER) == {"type": "dict", "options": {"number": {"type": "int"}}}
    options = field_spec(LIST)["options"]
    assert options["name"] == {"type": "str", "required": True}
    assert options["kind"] == {"type": "str", "choices": ["small", "large"], "default": "small"}
    single = Field("one", "One", OBJECT, parts=LIST.parts)
    assert not any("required" in spec or "default" in spec for spec in field_spec(single)["options"].values())


@given(st.lists(st.sampled_from("ab"), max_size=4), st.lists(st.sampled_from("ab"), max_size=4))
def test_lists_are_the_same_whatever_their_order_unless_it_counts(first: list[str], second: list[str]) -> None:
    loose = Field("list", "List", OBJECTS, parts=(Field("name", "Name"),))
    strict = Field("list", "List", Codec(type="list", elements="dict", empty=None, ordered=True), parts=loose.parts)
    left, right = ([{"Name": name} for name in names] for names in (first, second))
    assert loose.same(left, right) is (sorted(first) == sorted(second))
    assert strict.same(left, right) is (first == second)
