# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strategies: rows that other clients of the API leave, such as the web interface.

Columns hold null, empty text, other orders and spellings, and values that the modules refuse to write; children exist
twice. A real server accepts all of it (measured on 0.30.2, or read in its schema)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import api_value
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import (
    BOOLEAN,
    INTEGER,
    PATH_LIST,
    TEXT,
    URL,
    WORDS,
)
from dokploy_simulator.api import tables
from tests.support.examples import update
from tests.support.host import Host
from tests.support.snapshots import stored_row, table_of
from tests.support.strategies.desired_states import KEYS, stated_value
from tests.support.strategies.option_values import CRONS, TEXTS, Values, is_env, values
from tests.support.strategies.resource_params import SECRET_MARK
from tests.support.used_api import entry_of

# Columns in which null means something else, besides those in which it is refused (dokploy-api.md, section 3).
_NO_NULL = frozenset("triggerType refreshToken previewPort previewLimit previewPath isPreviewDeploymentsActive".split())
ENV_TEXTS = st.one_of(
    st.sampled_from([None, "", "\n", "# only a comment", "NOEQ\n"]),
    st.lists(
        st.sampled_from(
            [
                f"A={SECRET_MARK}",
                f"A='{SECRET_MARK} 2'",
                f'B_1="{SECRET_MARK} # no comment"',
                "# comment",
                "",
                " export C = d # comment",
                "A=",
                "E-F: yaml",
                f'M="{SECRET_MARK}\\nlines"',
                "NOEQ",
            ]
        ),
        max_size=5,
    ).flatmap(lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join(lines) + end)),
)
BRANCHES = st.sampled_from(["main", "feature/x"])


def _text(path: tuple[str, ...], field: Field) -> Values:
    if field.name == "branch":
        return BRANCHES
    if field.api == "registryUrl":
        return st.sampled_from(["", "registry.example.com:5000"])
    if field.choices:
        return st.sampled_from(list(field.choices))
    if field.secret and field.pattern is not None:
        # The server checks some of these, too.
        return values(path, field)
    if field.secret:
        return st.sampled_from(["", SECRET_MARK + "1"])
    return st.one_of(st.sampled_from([None, "", "x", "one\r\ntwo\r\n", " x "]), TEXTS.map(lambda text: text[:200]))


def _column(path: tuple[str, ...], field: Field) -> Values:
    """What others may leave in a column."""
    if is_env(field):
        return ENV_TEXTS
    if field.codec is BOOLEAN:
        return st.sampled_from([True, False, None])
    if field.codec in (PATH_LIST, WORDS):
        return st.one_of(st.none(), st.lists(st.sampled_from(["b", "a", "a b", ""]), max_size=3))
    if field.codec is URL:
        return st.sampled_from(["", "https://git.example.com/a.git", f"https://u:{SECRET_MARK}@git.example.com/a.git"])
    if field.codec is INTEGER:
        return st.integers(*(field.limits or (0, 9)))
    if field.codec is TEXT:
        return _text(path, field)
    # Sizes, times and Docker's objects: as the modules write them, or null.
    return st.one_of(st.none(), stated_value(path, field).map(lambda value: api_value(path, field, value)))


def columns(resource: Resource) -> dict[str, Values]:
    """A strategy for each column of a resource."""
    known, found = entry_of(resource.updating.procedure)["fields"], {}
    for path, field, group in resource.fields():
        if group is not None and group.selects is not None:
            sources = [one.selects[1] for one in resource.options if isinstance(one, Group) and one.selects]
            found[group.selects[0].api] = st.sampled_from(sources)
        if field.create_only or field.replaces or not field.compared or field.initial or field.reference:
            continue
        if field.api == resource.listing.name_key:
            continue
        # What is in an object is checked by the server, and what the procedure does not take has one of its own.
        if field.procedure or field.api in resource.packed[1] or field.api not in known:
            continue
        if tables.newest().schema(tables.type_name(known[field.api])).get("format"):
            found[field.api] = values(path, field)
            continue
        nullable = field.api not in _NO_NULL and known[field.api].endswith("?")
        strategy = _column(path, field)
        found[field.api] = strategy if nullable else strategy.filter(lambda value: value is not None)
        if "string1" in known[field.api]:
            found[field.api] = strategy.filter(bool)
    return found


def rows(resource: Resource) -> Values:
    """Some columns of a resource."""
    known = columns(resource)
    return st.lists(st.sampled_from(sorted(known)), max_size=20, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: known[name] for name in names})
    )


# --- children --------------------------------------------------------------------------------------------------------


def _some(needed: dict[str, Values], **more: Values) -> Values:
    return st.fixed_dictionaries(needed, optional=more)


_WORDS = st.sampled_from([None, "", "x"])
_FLAGS = st.booleans()
_CHILD_ROWS: dict[str, Values] = {
    "domains": _some(
        {"host": st.sampled_from(["a.example.com", "B.Example.com"])},
        path=st.sampled_from([None, "", "/", "/x"]),
        port=st.sampled_from([None, 80, 3000]),
        https=_FLAGS,
        certificateType=st.sampled_from(["none", "letsencrypt", "custom"]),
        customCertResolver=_WORDS,
        internalPath=st.sampled_from([None, "", "/", "/in"]),
        stripPath=_FLAGS,
        customEntrypoint=_WORDS,
        middlewares=st.sampled_from([None, [], ["b@file", "a@file"], ["a@file", "a@file"]]),
        forwardAuthEnabled=_FLAGS,
    ),
    "mounts": st.one_of(
        _some(
            {"type": st.just("volume"), "mountPath": KEYS["mounts.path"]},
            volumeName=st.sampled_from([None, "", "data"]),
            content=_WORDS.map(lambda text: text and SECRET_MARK),
        ),
        _some({"type": st.just("bind"), "mountPath": KEYS["mounts.path"]}, hostPath=st.sampled_from([None, "", "/h"])),
        _some(
            {"type": st.just("file"), "mountPath": KEYS["mounts.path"], "filePath": st.sampled_from(["f", "g h"])},
            content=st.sampled_from([None, "", f"{SECRET_MARK}\r\n", SECRET_MARK]),
        ),
    ),
    "ports": _some(
        {"publishedPort": KEYS["ports.published_port"], "targetPort": st.sampled_from([1, 99999])},
        protocol=st.sampled_from(["tcp", "udp"]),
        publishMode=st.sampled_from(["ingress", "host"]),
    ),
    "redirects": _some(
        {
            "regex": KEYS["redirects.regex"],
            "replacement": st.sampled_from(["/b", " /c "]),
            "permanent": _FLAGS,
        }
    ),
    "basic_auth": _some(
        {"username": KEYS["basic_auth.username"], "password": st.sampled_from([SECRET_MARK, SECRET_MARK + " 2"])}
    ),
    "schedules": _some(
        {"name": KEYS["schedules.name"], "cronExpression": CRONS, "command": st.sampled_from(["", "c", "c\r\nd\n"])},
        shellType=st.sampled_from(["bash", "sh"]),
        timezone=st.sampled_from([None, "", "UTC"]),
        description=_WORDS,
        enabled=_FLAGS,
    ),
    "volume_backups": _some(
        {
            "name": KEYS["volume_backups.name"],
            "volumeName": st.sampled_from(["data", "other"]),
            "cronExpression": CRONS,
            "prefix": st.sampled_from(["", "p"]),
        },
        keepLatestCount=st.sampled_from([None, 0, 7]),
        turnOff=_FLAGS,
        enabled=st.sampled_from([None, True, False]),
    ),
    "patches": _some(
        {"filePath": KEYS["patches.path"], "content": st.sampled_from(["", "x", "x\n", "x\r\ny\r\n"])},
        type=st.sampled_from(["update", "create", "delete"]),
    ),
}
_CHILD_ROWS["compose.domains"] = st.tuples(_CHILD_ROWS["domains"], st.sampled_from(["web", "db", ""])).map(
    lambda pair: {**pair[0], "serviceName": pair[1]}
)
_CHILD_ROWS["compose.mounts"] = _some(
    {"type": st.just("file"), "filePath": KEYS["mounts.file_path"]},
    content=st.sampled_from([None, "", f"{SECRET_MARK}\r\n", SECRET_MARK]),
)


def child_rows(resource: Resource, child: Child) -> Values:
    """A row of a child. Without an entry above it is one that has any value in each column."""
    for name in (f"{resource.label}.{child.option}", child.option):
        if name in _CHILD_ROWS:
            return _CHILD_ROWS[name]
    fields = {field.api: field for field in child.fields if not field.reference and not field.input_only}
    found = {api: _column((child.option, field.name), field) for api, field in fields.items()}
    needed = {api: found.pop(api) for api, field in fields.items() if field.key or field.needed}
    return _some(needed, **found)


def children_rows(resource: Resource) -> Values:
    """Some children of a resource, by option."""
    return st.fixed_dictionaries(
        {}, optional={child.option: st.lists(child_rows(resource, child), max_size=3) for child in resource.children}
    )


def write_rows(
    host: Host, resource: Resource, resource_id: str, columns: dict[str, Any], rows: dict[str, list[dict[str, Any]]]
) -> None:
    """Let others write columns and children; what the server refuses, as a second user of one name, is not there."""
    if columns:
        row = stored_row(table_of(host.sim.server.store, resource).rows, resource, resource_id)
        update(host, resource, row, columns)
    for procedure, body in _bodies(host, resource, resource_id, rows):
        try:
            host.call(procedure, **body)
        except Exception as error:
            assert getattr(error, "status", None) in (400, 500), error


def _bodies(
    host: Host, resource: Resource, resource_id: str, rows: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for child in resource.children:
        parent = {key: resource_id if value == "$parent" else value for key, value in child.parent.items()}
        for item in rows.get(child.option) or []:
            body = {**parent, **item}
            if any(field.api == "destinationId" for field in child.fields):
                body["destinationId"] = host.read("destination.all")[0]["destinationId"]
            yield child.create, body
