# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Invalid values are refused by the option's name before anything is written.

The server accepts most of them, and the next deployment fails."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children import (
    operations as children,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services import application
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose_file import DEFINITION
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.docker_units import (
    CPUS,
    DURATION,
    MEMORY,
    PROBE_TIME,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.swarm import LABELS
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import FINGERPRINT_LABEL, TEXT_MAP
from ansible_collections.community.dokploy.plugins.module_utils._values.env import ENV
from ansible_collections.community.dokploy.plugins.module_utils._values.grammar import CRON
from tests.support.described_options import (
    CREATED_OPTIONS,
    DESCRIBED_OPTIONS,
    DescribedOption,
    OptionTestbed,
)
from tests.support.effort import sampled
from tests.support.host import judged
from tests.support.operations import managed
from tests.support.strategies.option_values import is_env
from tests.support.strategies.resource_params import SECRET_MARK


def refused(testbed: OptionTestbed, operation: Operation, params: dict[str, Any]) -> str:
    """The message; nothing was written, nothing broke, no secret is in it."""
    testbed.host.sim.reset_stats()
    message = judged(operation, {**testbed.host.connection, **params})
    if not isinstance(message, str):
        result = testbed.host.failed(operation, **params)
        assert not result["changed"]
        message = result["msg"]
        # Not by the server, whose answer would be about one of its fields.
        assert result["error"]["kind"] in ("option", "reference", "refused", "not_found"), result
    assert testbed.host.sim.calls("mutation") == []
    assert SECRET_MARK not in message
    assert "\n" not in message and "Traceback" not in message
    return message


# --- every option, by its kind ---------------------------------------------------------------------------------------

NUL, LONE = "a\0b", "a\udc80b"


def _by_codec(field: Field) -> list[Any]:
    known: list[tuple[Any, list[Any]]] = [
        (MEMORY, ["12", "3999K", "512X", "-512M", "half", "1..5G", "900000T"]),
        (CPUS, ["0.0001", "-1", "two", "1,5", "1e-10", "0.00000000015", "9e99"]),
        (DURATION, ["30", "5 s", "-5s", "1d", "soon", "0.1ns", "9999999h"]),
        (PROBE_TIME, ["30", "100us", "1d"]),
        (CRON, ["daily", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "5-1 * * * *", "*/0 * * * *"]),
        (
            ENV.masked,
            [{"A B": "1"}, {"": "1"}, {"A": ["1"]}, {"A": NUL}, {"A": LONE}, ["A=1"], f"A={NUL}", {"A": "`'\"#"}],
        ),
        (TEXT_MAP, [{True: "x"}, {"a": ["x"]}, {"a": {"b": "c"}}, {"a": NUL}, {NUL: "a"}]),
        (DEFINITION, [["services"], "services", {"services": {}}, {"services": {"web": {"image": NUL}}}]),
        (LABELS, [{True: "x"}, {"a": ["x"]}, {"a": {"b": "c"}}, {"a": NUL}, {NUL: "a"}, {FINGERPRINT_LABEL: "x"}]),
    ]
    if field.codec.type == "raw" and not is_env(field):
        # A health check's command.
        return [5, {"command": "true"}, ["echo"], NUL, ["CMD", NUL]]
    return list(next((values for known_as, values in known if known_as in (field.codec, field.codec.masked)), []))


def wrong(field: Field) -> list[Any]:
    """Values of the right form that cannot be, and some of the wrong form."""
    values = _by_codec(field)
    if field.choices:
        values += ["no-such-word"]
    if field.reference is not None or field.paths:
        values += [["nobody"]] if field.codec.type == "list" else ["nobody"]
    if field.limits is not None:
        low, high = field.limits
        values += [low - 1, high + 1] if field.codec.type in ("int", "float") else ["x" * (high + 1)]
    if field.codec.type == "int":
        values += ["some", 1.5]
    if field.codec.type == "float":
        values += ["some", "nan", "inf"]
    if field.codec.type == "bool":
        values += ["perhaps"]
    if field.codec.type == "str" and not field.choices:
        values += [f"{SECRET_MARK}{NUL}", f"{SECRET_MARK}{LONE}"]
    if field.codec.type == "list" and field.codec.elements == "str" and field.reference is None:
        values += [[NUL], [LONE]]
    if field.codec.type == "dict" and not field.parts:
        values += [["not a mapping"]]
    if field.codec.type == "path":
        values += ["/no/such/file", "/", f"/a{NUL}"]
    if field.parts:
        values += [[{"nothing_like_it": 1}]] if field.codec.type == "list" else [{"nothing_like_it": 1}]
    return values


@pytest.mark.parametrize("described", sampled([*DESCRIBED_OPTIONS, *CREATED_OPTIONS], 3), ids=str)
def test_every_option_is_judged_before_anything_is_written(testbed: OptionTestbed, described: DescribedOption) -> None:
    own = testbed.address(described.managed) if described.field.create_only else testbed.prepare(described)
    values = wrong(described.field)
    assert values, "nothing is known to be wrong"
    for value in values:
        testbed.host.new_task()
        try:
            message = refused(testbed, described.operation, described.params(value, own))
            if "nothing_like_it" not in repr(value):
                assert re.search(rf"\b{re.escape(described.path[-1])}\b", message), message
        except Exception as error:
            raise AssertionError(f"{described} = {ascii(value)[:60]}") from error


# --- what is wrong together, or in a way of its own ------------------------------------------------------------------

VOLUME: dict[str, Any] = {"path": "/data", "type": "volume", "name": "v"}
SCHEDULE: dict[str, Any] = {"name": "n", "cron": "0 3 * * *", "command": "c"}

# Options of dokploy_application, and words that the message must hold.
APPLICATIONS: list[tuple[dict[str, Any], list[str]]] = [
    # Domains.
    ({"domains": [{"host": "two words"}]}, ["domains[0].host", "two words"]),
    ({"domains": [{"host": " a.example.com"}]}, ["domains[0].host"]),
    ({"domains": [{"host": "a.example.com."}]}, ["domains[0].host"]),
    ({"domains": [{"host": "https://a.example.com"}]}, ["domains[0].host"]),
    ({"domains": [{"host": "a_b.example.com"}]}, ["domains[0].host"]),
    ({"domains": [{"host": "größer.example.com"}]}, ["domains[0].host", "xn--"]),
    ({"domains": [{"host": "a" * 64 + ".example.com"}]}, ["domains[0].host"]),
    ({"domains": [{"host": ""}]}, ["host"]),
    ({"domains": [{"path": "/"}]}, ["host"]),
    ({"domains": [{"host": "a", "path": "x"}]}, ["domains[0].path", "must begin with /"]),
    ({"domains": [{"host": "a", "internal_path": "x"}]}, ["domains[0].internal_path", "must begin with /"]),
    ({"domains": [{"host": "a"}, {"host": "b", "port": 0}]}, ["domains[1].port", "between 1 and 65535"]),
    ({"domains": [{"host": "a", "port": 70000}]}, ["domains[0].port", "between 1 and 65535"]),
    ({"domains": [{"host": "a", "certificate": "custom"}]}, ["domains", "certificate_resolver"]),
    ({"domains": [{"host": "a"}, {"host": "b"}, {"host": "a"}]}, ["domains", "0 and 2", "host 'a'"]),
    ({"domains": [{"host": "a"}, {"host": "a", "path": "/"}]}, ["domains", "0 and 1"]),
    ({"domains": [{"host": "a.example.com"}, {"host": "A.example.com"}]}, ["domains", "0 and 1", "host"]),
    ({"domains": [{"host": "a"}, {"host": "a", "path": ""}]}, ["domains", "0 and 1"]),
    # Mounts.
    ({"mounts": [{"path": "data", "type": "volume", "name": "v"}]}, ["mounts[0].path", "must begin with /"]),
    ({"mounts": [{"path": "/a", "type": "volume"}]}, ["mounts", "name"]),
    ({"mounts": [{"path": "/a", "type": "volume", "name": "two words"}]}, ["mounts[0].name"]),
    ({"mounts": [{"path": "/a", "type": "volume", "name": "/srv"}]}, ["mounts[0].name"]),
    ({"mounts": [{"path": "/a", "type": "bind"}]}, ["mounts", "host_path"]),
    ({"mounts": [{"path": "/a", "type": "bind", "host_path": "srv"}]}, ["mounts[0].host_path", "must begin with /"]),
    ({"mounts": [{"path": "/a", "type": "file", "content": SECRET_MARK}]}, ["mounts", "file_path"]),
    (
        {"mounts": [{"path": "/a", "type": "file", "file_path": "a/../../x", "content": SECRET_MARK}]},
        ["mounts[0].file_path", "leads out of its folder"],
    ),
    ({"mounts": [{"path": "/a"}]}, ["type"]),
    ({"mounts": [VOLUME, {**VOLUME, "type": "bind", "host_path": "/h"}]}, ["mounts", "0 and 1", "/data"]),
    (
        {"mounts": [{"path": "/a", "type": "file", "file_path": "f", "content": SECRET_MARK, "src": "/etc/hostname"}]},
        ["mounts[0].content", "mounts[0].src", "are mutually exclusive"],
    ),
    (
        {"mounts": [{"path": "/a", "type": "file", "file_path": "f", "src": "/no/such"}]},
        ["mounts[0].src", "cannot be read"],
    ),
    # By the names that were written.
    ({"mounts": [{"target": "data", "type": "volume", "name": "v"}]}, ["mounts[0].target:", "must begin with /"]),
    ({"mounts": [{"path": "/a", "type": "volume", "volume": "two words"}]}, ["mounts[0].volume:"]),
    (
        {"mounts": [{"path": "/a", "type": "volume", "source": "two words"}]},
        ["mounts[0].source:", "is not a valid volume name"],
    ),
    ({"mounts": [{"path": "/a", "type": "bind", "source": "srv"}]}, ["mounts[0].source:", "must begin with /"]),
    (
        {"mounts": [{"path": "/a", "type": "file", "source": "f"}]},
        ["mounts[0].source stands for name with type=volume"],
    ),
    (
        {"mounts": [{"path": "/a", "type": "volume", "volume": "v", "source": "w"}]},
        ["mounts[0].volume and mounts[0].source are mutually exclusive"],
    ),
    ({"mounts": [{"target": "/a", "type": "volume", "name": "v"}] * 2}, ["0 and 1", "target '/a'"]),
    # Ports.
    ({"ports": [{"published_port": 0, "target_port": 80}]}, ["ports[0].published_port"]),
    ({"ports": [{"published_port": 70000, "target_port": 80}]}, ["ports[0].published_port"]),
    ({"ports": [{"published_port": 80, "target_port": 65536}]}, ["ports[0].target_port"]),
    ({"ports": [{"published_port": 80}]}, ["target_port"]),
    ({"ports": [{"published_port": 80, "target_port": 1}, {"published_port": 80, "target_port": 2}]}, ["0 and 1"]),
    # Redirects and users.
    ({"redirects": [{"regex": "", "replacement": "/"}]}, ["redirects[0].regex", "empty"]),
    ({"redirects": [{"regex": "^/a", "replacement": ""}]}, ["redirects[0].replacement", "empty"]),
    ({"redirects": [{"regex": "a", "replacement": "b"}, {"regex": "a", "replacement": "c"}]}, ["redirects", "0 and 1"]),
    ({"basic_auth": [{"username": "a:b", "password": SECRET_MARK}]}, ["basic_auth[0].username"]),
    ({"basic_auth": [{"username": "two words", "password": SECRET_MARK}]}, ["basic_auth[0].username"]),
    ({"basic_auth": [{"username": "u"}]}, ["password"]),
    ({"basic_auth": [{"username": "u", "password": ""}]}, ["basic_auth[0].password", "empty"]),
    ({"basic_auth": [{"username": "u", "password": SECRET_MARK}] * 2}, ["basic_auth", "0 and 1"]),
    # Schedules and volume backups.
    ({"schedules": [{**SCHEDULE, "cron": "every day"}]}, ["schedules[0].cron", "five fields"]),
    ({"schedules": [{**SCHEDULE, "cron": ""}]}, ["cron"]),
    ({"schedules": [{**SCHEDULE, "command": ""}]}, ["command"]),
    ({"schedules": [{**SCHEDULE, "timezone": "two words"}]}, ["schedules[0].timezone"]),
    ({"schedules": [SCHEDULE, {**SCHEDULE, "cron": "@daily"}]}, ["schedules", "0 and 1"]),
    (
        {"volume_backups": [{"name": "n", "volume": "v", "destination": "nobody", "cron": "@daily"}]},
        ["volume_backups[0].destination", "nobody", "There are"],
    ),
    (
        {"volume_backups": [{"name": "n", "volume": "v", "destination": "s3", "cron": "@daily", "prefix": "/../x"}]},
        ["volume_backups[0].prefix", "leads out of its folder"],
    ),
    # Patches.
    ({"patches": [{"path": "/etc/passwd", "content": "x"}]}, ["patches[0].path", "inside the repository"]),
    ({"patches": [{"path": "a/../../b", "content": "x"}]}, ["patches[0].path", "inside the repository"]),
    ({"patches": [{"path": "..", "content": "x"}]}, ["patches[0].path", "inside the repository"]),
    ({"patches": [{"path": "a", "type": "create"}]}, ["patches", "content"]),
    (
        {"patches": [{"path": "a", "content": "x", "src": "/etc/hostname"}]},
        ["patches[0].src", "are mutually exclusive"],
    ),
    # Limits.
    ({"memory_limit": "12"}, ["memory_limit", "4M"]),
    ({"memory_limit": "512 megabytes"}, ["memory_limit", "512M"]),
    ({"memory_reservation": "1M"}, ["memory_reservation", "4M"]),
    ({"cpu_limit": "500m"}, ["cpu_limit"]),
    ({"cpu_reservation": "0.0005"}, ["cpu_reservation", "0.001"]),
    # Swarm.
    ({"mode": {"replicas": 2}}, ["mode", "type"]),
    ({"mode": {"type": "global", "replicas": 2}}, ["mode", "replicas", "global"]),
    ({"mode": {"type": "replicated-job"}}, ["mode.type", "cannot deploy jobs", "runs=once"]),
    ({"mode": {"type": "global-job"}}, ["mode.type", "cannot deploy jobs"]),
    (
        {"runs": "once", "restart_policy": {"condition": "any"}},
        ["runs=once needs restart_policy.condition=none, and any is stated"],
    ),
    (
        {"runs": "once", "update_config": {"failure_action": "rollback"}},
        ["runs=once needs update_config.failure_action=continue or pause, and rollback is stated"],
    ),
    (
        {"runs": "permanently", "restart_policy": {"condition": "none"}},
        ["runs=permanently needs restart_policy.condition=any or on-failure, and none is stated"],
    ),
    ({"ulimits": [{"name": "nofile", "soft": 2, "hard": 1}]}, ["ulimits", "nofile", "above"]),
    ({"ulimits": [{"name": "nofile", "soft": -1, "hard": 1}]}, ["ulimits", "nofile", "above"]),
    ({"ulimits": [{"name": "nofile", "soft": -2}]}, ["ulimits[0].soft"]),
    ({"ulimits": [{"name": "nofile", "soft": 1}, {"name": "nofile", "soft": 2}]}, ["ulimits", "nofile", "twice"]),
    ({"ulimits": [{"name": "", "soft": 1}]}, ["ulimits[0]", "name"]),
    ({"placement": {"constraints": ["node.role"]}}, ["placement.constraints", "node.role"]),
    ({"placement": {"platforms": [{"os": "linux"}]}}, ["architecture"]),
    ({"placement": {"preferences": [{"spread": ""}]}}, ["placement.preferences[0]", "spread"]),
    ({"healthcheck": {"test": ["curl", "localhost"]}}, ["healthcheck.test", "CMD"]),
    ({"healthcheck": {"interval": "30"}}, ["healthcheck.interval", "30s"]),
    ({"healthcheck": {"timeout": "500us"}}, ["healthcheck.timeout", "1ms"]),
    ({"healthcheck": {"retries": -1}}, ["healthcheck.retries"]),
    ({"restart_policy": {"delay": "5"}}, ["restart_policy.delay", "5"]),
    ({"update_config": {"max_failure_ratio": 1.5}}, ["update_config.max_failure_ratio"]),
    ({"rollback_config": {"failure_action": "rollback"}}, ["failure_action"]),
    ({"endpoint_spec": {"ports": [{"target_port": 0}]}}, ["endpoint_spec.ports[0].target_port"]),
    (
        {"endpoint_spec": {"mode": "dnsrr", "ports": [{"target_port": 80, "published_port": 80}]}},
        ["endpoint_spec", "dnsrr", "host"],
    ),
    (
        {
            "endpoint_spec": {
                "ports": [{"target_port": 80, "published_port": 9}, {"target_port": 81, "published_port": 9}]
            }
        },
        ["endpoint_spec", "9/tcp", "twice"],
    ),
    ({"network_attachments": [{"target": "a"}, {"target": "a"}]}, ["network_attachments", "twice"]),
    ({"network_attachments": [{"aliases": ["a"]}]}, ["target"]),
    ({"stop_grace_period": "10"}, ["stop_grace_period", "30s"]),
    ({"labels": {"a": ["b"]}}, ["labels", "'a'"]),
    # References.
    ({"registry": "nobody"}, ["registry", "nobody", "There are"]),
    ({"networks": ["network eins", "nobody"]}, ["networks", "nobody"]),
    ({"rollback": {"registry": "nobody"}}, ["rollback.registry", "nobody"]),
    ({"build": {"server": "nobody"}}, ["build.server", "nobody"]),
    ({"build": {"server": "server eins"}}, ["build.server", "server eins"]),
    ({"git": {"ssh_key": "nobody", "url": "https://a/b", "branch": "main"}}, ["git.ssh_key", "nobody"]),
    # Sources and previews.
    ({"git": {"url": "https://a/b"}}, ["git.branch"]),
    ({"git": {"url": "https://a/b", "branch": "two words"}}, ["git.branch"]),
    ({"git": {"url": "a/b", "branch": "main"}}, ["git.url", "'a/b'", "https://", "git@host"]),
    ({"git": {"url": f"ftp://u:{SECRET_MARK}@a/b", "branch": "main"}}, ["git.url", "ftp://"]),
    ({"docker": {"image": ""}}, ["docker.image"]),
    ({"docker": {"image": "nginx: 1 ; ls"}}, ["docker.image", "'nginx: 1 ; ls'", "whitespace"]),
    ({"docker": {"image": "Nginx:1"}}, ["docker.image", "'Nginx'", "lower case"]),
    *(
        (
            {name: {"provider": f"{name} eins", "owner": "acme", "repository": "acme/shop", "branch": "main"}},
            [f"{name}.repository", "'acme/shop'", "owner"],
        )
        for name in ("github", "gitlab", "gitea", "bitbucket")
    ),
    ({"docker": {"image": "nginx"}, "git": {"url": "https://a/b", "branch": "main"}}, ["docker", "git"]),
    ({"preview": {"port": 0}}, ["preview.port"]),
    ({"preview": {"path": "x"}}, ["preview.path", "must begin with /"]),
    ({"preview": {"certificate": "custom"}}, ["preview.certificate_resolver", "custom"]),
    # Simple ones.
    ({"webhook_token": "a/b"}, ["webhook_token", "letters, digits"]),
    ({"webhook_token": ""}, ["webhook_token", "empty"]),
    ({"replicas": -1}, ["replicas"]),
    ({"name": ""}, ["name", "empty"]),
    ({"name": "x" * 256}, ["name", "255"]),
    ({"icon": "x" * 2097153}, ["icon"]),
]


def _name(case: tuple[dict[str, Any], list[str]]) -> str:
    return ascii(case[0])[:60]


@pytest.mark.parametrize("case", APPLICATIONS, ids=_name)
def test_an_application_that_cannot_be(testbed: OptionTestbed, case: tuple[dict[str, Any], list[str]]) -> None:
    params, words = case
    new = {"project": "shop", "environment": "production", "name": "new one"}
    for address in (testbed.create(managed("application")), new):
        testbed.host.new_task()
        # A neighbour that could be written must not be.
        message = refused(testbed, APPLICATION, {**address, "description": "d", **params})
        assert all(word in message for word in words), (address, message)


CHILDREN: list[tuple[Operation, dict[str, Any], list[str]]] = [
    (children.DOMAIN_OPERATION, {"host": "two words"}, ["host"]),
    (children.DOMAIN_OPERATION, {"host": "a", "certificate": "custom"}, ["certificate_resolver"]),
    (children.DOMAIN_OPERATION, {"port": 80}, ["host", "domain_id"]),
    (children.DOMAIN_OPERATION, {"domain_id": "no-such-id", "port": 80}, ["domain_id", "no-such-id"]),
    (children.MOUNT_OPERATION, {"path": "/a"}, ["type"]),
    (children.MOUNT_OPERATION, {"path": "/a", "type": "bind"}, ["host_path"]),
    (children.MOUNT_OPERATION, {"path": "/a", "type": "file"}, ["file_path"]),
    (children.MOUNT_OPERATION, {"target": "a", "type": "volume", "name": "v"}, ["target: 'a' must begin with /"]),
    (children.MOUNT_OPERATION, {"target": "/a", "source": "v"}, ["source stands for", "Set type"]),
    (application.PORT_OPERATION, {"published_port": 70000, "target_port": 1}, ["published_port"]),
    (application.PORT_OPERATION, {"published_port": 80}, ["target_port"]),
    (application.REDIRECT_OPERATION, {"regex": "^/"}, ["replacement"]),
    (application.BASIC_AUTH_OPERATION, {"username": "u"}, ["password"]),
    (children.SCHEDULE_OPERATION, {"name": "n", "cron": "daily", "command": "c"}, ["cron", "daily"]),
    (children.SCHEDULE_OPERATION, {"name": "n", "cron": "@daily"}, ["command"]),
    (children.SCHEDULE_OPERATION, {"cron": "@daily"}, ["name", "schedule_id"]),
    (children.VOLUME_BACKUP_OPERATION, {"name": "n", "cron": "@daily", "volume": "v"}, ["destination"]),
    (
        children.VOLUME_BACKUP_OPERATION,
        {"name": "n", "cron": "@daily", "volume": "/srv", "destination": "destination eins"},
        ["volume"],
    ),
    (application.PATCH_OPERATION, {"path": "/a", "content": "x"}, ["path"]),
    (application.PATCH_OPERATION, {"path": "a", "type": "update"}, ["content"]),
    # Texts that the server would store.
    *(
        (children.DOMAIN_OPERATION, {"host": host}, ["host"])
        for host in ("", " a.example.com", "größer.example.com", "https://a.example.com", "a.example.com:80", "-a.com")
    ),
    (children.DOMAIN_OPERATION, {"host": "a.example.com", "path": "x"}, ["path:"]),
    (children.DOMAIN_OPERATION, {"host": "a.example.com", "internal_path": "x"}, ["internal_path:"]),
    *(
        (children.MOUNT_OPERATION, {"path": "/a", "type": "volume", "name": name}, ["name"])
        for name in ("a b", "/srv/a")
    ),
    (children.MOUNT_OPERATION, {"path": "/a", "type": "bind", "host_path": "relative"}, ["host_path:"]),
    *((children.MOUNT_OPERATION, {"path": path, "type": "volume", "name": "v"}, ["path"]) for path in ("", "relative")),
    *(
        (application.PATCH_OPERATION, {"path": path, "content": "x"}, ["path"])
        for path in ("", "..", "../x", "a/..", "a/../../x", "a/", "a$(id)", "a`id`", 'a"b')
    ),
    *(
        (application.BASIC_AUTH_OPERATION, {"username": name, "password": "a-password"}, ["username"])
        for name in ("", "with:colon", "with blank", "with\nbreak")
    ),
    (application.BASIC_AUTH_OPERATION, {"username": "u", "password": ""}, ["password"]),
    (application.REDIRECT_OPERATION, {"regex": "", "replacement": "b"}, ["regex"]),
    (application.REDIRECT_OPERATION, {"regex": "^/", "replacement": ""}, ["replacement"]),
    *(
        (children.SCHEDULE_OPERATION, {"name": "n", "cron": cron, "command": "c"}, ["cron"])
        for cron in ("", "@reboot", "* * * * * * *", "30-10 * * * *")
    ),
    (
        children.SCHEDULE_OPERATION,
        {"name": "n", "cron": "@daily", "command": "c", "timezone": "middle of nowhere"},
        ["timezone:"],
    ),
    (children.SCHEDULE_OPERATION, {"name": "", "cron": "@daily", "command": "c"}, ["name"]),
    *(
        (
            children.VOLUME_BACKUP_OPERATION,
            {"name": "n", "cron": "@daily", "volume": "v", "destination": "destination eins", "prefix": prefix},
            ["prefix:"],
        )
        for prefix in ("a$(id)", "two words")
    ),
]


@pytest.mark.parametrize("case", CHILDREN, ids=lambda case: f"{case[0].name}-{case[1]}")
def test_a_child_that_cannot_be(testbed: OptionTestbed, case: tuple[Operation, dict[str, Any], list[str]]) -> None:
    operation, params, words = case
    testbed.fresh()
    message = refused(testbed, operation, {**testbed.create(managed("application")), **params})
    assert all(word in message for word in words), message
    assert "Traceback" not in message


def test_files_that_are_no_text(testbed: OptionTestbed, tmp_path: Path) -> None:
    path = tmp_path / "binary"
    path.write_bytes(b"\xff\xfe" + SECRET_MARK.encode())
    mount = {"path": "/a", "type": "file", "file_path": "f", "src": str(path)}
    ids = testbed.create(managed("application"))
    message = refused(testbed, APPLICATION, {**ids, "mounts": [mount]})
    assert "mounts[0].src" in message and "UTF-8" in message
    message = refused(testbed, children.MOUNT_OPERATION, {**ids, **mount})
    assert "src" in message and "UTF-8" in message


def test_a_secret_that_cannot_be_is_not_shown(testbed: OptionTestbed) -> None:
    ids = testbed.create(managed("application"))
    assert "webhook_token" in refused(testbed, APPLICATION, {**ids, "webhook_token": f"{SECRET_MARK}/x"})


def test_files_with_a_nul(testbed: OptionTestbed, tmp_path: Path) -> None:
    path = tmp_path / "nul"
    path.write_bytes(b"a\0b")
    mount = {"path": "/a", "type": "file", "file_path": "f", "src": str(path)}
    message = refused(testbed, APPLICATION, {**testbed.create(managed("application")), "mounts": [mount]})
    assert "mounts[0].src" in message and "NUL" in message
