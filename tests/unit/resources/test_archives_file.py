# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of archives.yml: what is written is read again, and every mistake has its place."""

from __future__ import annotations

import copy
import json
from dataclasses import MISSING, fields, replace
from typing import Any, Dict

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._resources.archive_kinds.fingerprints import (
    FileSums,
    KeyCounts,
    RowCounts,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups import archives_file as af
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_reader import (
    SPEC,
    read_archives,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.yaml_text import yaml_of

BUCKET = af.Bucket("s3", "https://s3.example.com", "backups")
DB = af.SavedService("database", "shop/production/db", "shop-db-ab12cd", type="postgres", server="eu-1")
WEB = af.SavedService("application", "shop/production/web", "shop-web-ef34gh", image="ghcr.io/shop/web:1")
FORUM = af.SavedService("compose", "shop/production/forum", "shop-forum-ij56kl", commit="0123abc")
DUMP = af.SavedArchive(
    "database",
    "shop/production/db",
    "database",
    "dump",
    BUCKET,
    "shop-db-ab12cd/nightly/2026-12-01T02-15-00-000Z.sql.gz",
    119000000,
    "2026-12-01T02:15:00.000Z",
    database_type="postgres",
    database=af.SavedDatabase("shop", "shopper"),
    fingerprint=RowCounts({"public.orders": [2250, 2252], "public.log": [1, None]}, True),
)
VOLUME = replace(
    DUMP,
    kind="application",
    path="shop/production/web",
    what="volume",
    method="volume",
    file="shop-web-ef34gh/nightly/uploads-2026-12-01T02-15-00-000Z.tar",
    database_type=None,
    database=None,
    volume="uploads",
    at_rest=True,
    fingerprint=FileSums(3, 2048, "0123456789abcdef" * 4),
)
BIND = replace(VOLUME, what="bind", method="bind", volume=None, bind="/srv/files", at_rest=None, fingerprint=None)
STACK = replace(
    DUMP,
    kind="compose",
    path="shop/production/forum",
    service="db",
    database_type="mariadb",
    definers=["forum"],
)
CHECK = af.SavedCheck("rows", "database", "shop/production/db", "psql -Atc 'select count(*) from t'", "12")
NOT_SAVED = af.NotSaved("application", "shop/production/web", "bind", "Dokploy cannot save it.", name="/srv")
SET = af.BackupSet(
    "2026-12-01T02:15:00Z",
    "2026-12-01T02:16:10Z",
    af.SavedServer("https://dokploy.example.com", "0.30.2"),
    False,
    [DB, WEB, FORUM],
    [DUMP, VOLUME, BIND, STACK],
    [CHECK],
    [NOT_SAVED],
    scope={"projects": ["shop"]},
)


def test_set_is_read_as_it_was_written() -> None:
    text = yaml_of(af.archives_content(SET))
    assert read_archives(yaml.safe_load(text)) == SET


def test_content_has_every_key_in_order_of_the_file() -> None:
    content = af.archives_content(SET)
    assert list(content) == [
        "version",
        "created_at",
        "finished_at",
        "dokploy",
        "scope",
        "series",
        "complete",
        "services",
        "archives",
        "checks",
        "not_saved",
    ]
    assert set(content) == set(SPEC)


@pytest.mark.parametrize(
    ("described", "spec"),
    [
        (af.BackupSet, SPEC),
        (af.SavedServer, SPEC["dokploy"]["options"]),
        (af.SavedService, SPEC["services"]["options"]),
        (af.SavedArchive, SPEC["archives"]["options"]),
        (af.Bucket, SPEC["archives"]["options"]["destination"]["options"]),
        (af.SavedDatabase, SPEC["archives"]["options"]["database"]["options"]),
        (af.SavedCheck, SPEC["checks"]["options"]),
        (af.NotSaved, SPEC["not_saved"]["options"]),
    ],
)
def test_classes_and_keys_are_the_same(described: Any, spec: Dict[str, Any]) -> None:
    assert {field.name for field in fields(described)} == set(spec)
    needed = {field.name for field in fields(described) if field.default is MISSING}
    lists = {name for name, option in spec.items() if option["type"] == "list" and "options" in option}
    always = {name for name, option in spec.items() if option.get("required")} - {"version"}
    assert needed - lists == always - lists


def test_optional_keys_may_be_absent() -> None:
    content: Dict[str, Any] = json.loads(json.dumps(af.archives_content(replace(SET, scope=None))))
    for name in ("scope", "checks", "not_saved"):
        del content[name]
    content["archives"] = [{key: value for key, value in content["archives"][0].items() if value is not None}]
    assert read_archives(content) == replace(SET, scope=None, archives=[DUMP], checks=[], not_saved=[])


def test_times_without_quotes_are_read() -> None:
    content = yaml.safe_load(
        yaml_of(af.archives_content(SET)).replace("'2026-12-01T02:15:00Z'", "2026-12-01T02:15:00Z")
    )
    assert read_archives(content).created_at == "2026-12-01 02:15:00+00:00"


MISTAKES = [
    (("version",), 2, "archives.version is 2, and this release of the collection reads version 1"),
    (("version",), None, "archives.version is None"),
    (("version",), True, "archives.version is True"),
    (("created_at",), "yesterday", "archives.created_at: 'yesterday' is not a date"),
    (("nonsense",), 1, "archives.nonsense is unknown."),
    (("complete",), "perhaps", "archives.complete is text; it takes true or false"),
    (("dokploy",), {"url": "x"}, "missing required arguments: archives.dokploy.release"),
    (("services", 0, "kind"), "db", "archives.services[0].kind is 'db'."),
    (("services", 1, "path"), None, "missing required arguments: archives.services[1].path"),
    (("archives",), {}, "archives.archives is a mapping; it takes a list of mappings"),
    (("archives", 0, "method"), "volume", "archives.archives[0].method is 'volume', and what is 'database'"),
    (("archives", 0, "size"), "much", "archives.archives[0].size is text; it takes a whole number"),
    (("archives", 0, "size"), -1, "archives.archives[0].size is -1"),
    (("archives", 0, "file"), "a b", "archives.archives[0].file has characters"),
    (("archives", 0, "path"), "shop/x/db", "archives.archives[0].path: the services have no database shop/x/db"),
    (("archives", 0, "database"), None, "archives.archives[0].database is missing, which names the data"),
    (("archives", 0, "database_type"), None, "archives.archives[0].database_type is missing"),
    (("archives", 0, "database_type"), "redis", "archives.archives[0].database_type is 'redis', and method is 'dump'"),
    (("archives", 0, "database", "password"), "x", "archives.archives[0].database.password is unknown."),
    (("archives", 1, "volume"), None, "archives.archives[1].volume is missing"),
    (("archives", 2, "bind"), None, "archives.archives[2].bind is missing"),
    (("archives", 3, "service"), None, "archives.archives[3].service is missing"),
    (("archives", 0, "fingerprint", "kind"), "rows", "archives.archives[0].fingerprint.kind is 'rows'."),
    (("archives", 0, "fingerprint", "tables"), None, "archives.archives[0].fingerprint.tables is missing"),
    (("archives", 0, "fingerprint", "files"), 1, "archives.archives[0].fingerprint.files is no key of the kind"),
    (
        ("archives", 0, "fingerprint", "tables", "x"),
        [2, 1],
        "archives.archives[0].fingerprint.tables.x is [2, 1]; it takes two numbers",
    ),
    (("archives", 1, "fingerprint", "sha256"), "abc", "archives.archives[1].fingerprint.sha256 is no SHA-256"),
    (("archives", 1, "fingerprint", "bytes"), -1, "archives.archives[1].fingerprint.bytes is -1"),
    (("checks", 0, "path"), "shop/x/db", "archives.checks[0].path: the services have no database shop/x/db"),
    (("checks", 0, "compare"), "more", "archives.checks[rows].compare is 'more'."),
]


@pytest.mark.parametrize(("path", "value", "message"), MISTAKES)
def test_mistake_has_its_place(path: Any, value: Any, message: str) -> None:
    content = copy.deepcopy(af.archives_content(SET))
    place: Any = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(OptionError) as caught:
        read_archives(content)
    assert message in caught.value.details["mistakes"][0]


@pytest.mark.parametrize("content", [None, "text", 1, [], [{}], {}, {"version": 1}, {"version": "1"}])
def test_no_set_is_an_error(content: Any) -> None:
    with pytest.raises(OptionError):
        read_archives(content)


def test_all_mistakes_are_told_at_once() -> None:
    content = af.archives_content(SET)
    content["archives"][0]["size"] = "much"
    content["services"][0]["kind"] = "db"
    content["more"] = 1
    with pytest.raises(OptionError) as caught:
        read_archives(content)
    assert len(caught.value.details["mistakes"]) == 3


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("services", "archives.services[3] is database shop/production/db, with the same data as entry 0"),
        ("archives", "archives.archives[4] is database shop/production/db, with the same data as entry 0"),
    ],
)
def test_same_data_twice_is_a_mistake(name: str, message: str) -> None:
    content = af.archives_content(SET)
    content[name].append(dict(content[name][0]))
    with pytest.raises(OptionError) as caught:
        read_archives(content)
    assert caught.value.details["mistakes"] == [message]


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)
_NAME = st.text("abcdefg-_.0123456789", min_size=1, max_size=12)
_TIME = st.datetimes().map(lambda time: "%04d-%s.000Z" % (time.year, time.strftime("%m-%dT%H:%M:%S")))
_BOUNDS = st.tuples(st.integers(0, 9), st.none() | st.integers(10, 2**40)).map(list)
_SUMS = st.integers(0, 2**40), st.integers(0, 2**50), st.text("0123456789abcdef", min_size=64, max_size=64)
_ROWS = st.none() | st.builds(RowCounts, st.dictionaries(_TEXT, _BOUNDS, max_size=3), st.booleans())
_FILES = st.none() | st.builds(FileSums, *_SUMS)
_OF_METHOD = st.one_of(
    st.fixed_dictionaries(
        {
            "what": st.just("database"),
            "method": st.just("dump"),
            "database_type": st.sampled_from(["postgres", "mysql", "mongo"]),
            "database": st.builds(af.SavedDatabase, _TEXT, st.none() | _TEXT),
            "definers": st.none() | st.lists(_NAME),
            "fingerprint": _ROWS,
        }
    ),
    st.fixed_dictionaries(
        {
            "what": st.just("database"),
            "method": st.just("rdb"),
            "database_type": st.just("redis"),
            "volume": _NAME,
            "fingerprint": st.none() | st.builds(KeyCounts, _BOUNDS, *_SUMS),
        }
    ),
    st.fixed_dictionaries(
        {
            "what": st.just("volume"),
            "method": st.just("volume"),
            "volume": _NAME,
            "at_rest": st.none() | st.booleans(),
            "fingerprint": _FILES,
        }
    ),
    st.fixed_dictionaries({"what": st.just("bind"), "method": st.just("bind"), "bind": _TEXT, "fingerprint": _FILES}),
)


@st.composite
def _sets(draw: Any) -> af.BackupSet:
    paths = draw(st.lists(_TEXT, min_size=1, max_size=3, unique=True))
    services = [af.SavedService("compose", path, draw(_NAME), commit=draw(st.none() | _TEXT)) for path in paths]
    archives = [
        af.SavedArchive(
            kind="compose",
            path=draw(st.sampled_from(paths)),
            destination=af.Bucket(draw(_TEXT), draw(_TEXT), draw(_TEXT)),
            file=draw(_NAME),
            size=draw(st.integers(0, 2**40)),
            created_at=draw(_TIME),
            # So that no data is there twice.
            service="s%d" % number,
            **of_method,
        )
        for number, of_method in enumerate(draw(st.lists(_OF_METHOD, max_size=4)))
    ]
    check = st.builds(
        af.SavedCheck, _TEXT, st.just("compose"), st.sampled_from(paths), _TEXT, st.text(max_size=0) | _TEXT
    )
    missing = st.builds(af.NotSaved, st.just("compose"), _TEXT, _TEXT, _TEXT, name=st.none() | _TEXT)
    return af.BackupSet(
        draw(_TIME),
        draw(_TIME),
        af.SavedServer(draw(_TEXT), draw(_TEXT)),
        draw(st.booleans()),
        services,
        archives,
        draw(st.lists(check, max_size=2)),
        draw(st.lists(missing, max_size=2)),
    )


@given(_sets())
def test_any_set_is_read_as_it_was_written(saved: af.BackupSet) -> None:
    assert read_archives(yaml.safe_load(yaml_of(af.archives_content(saved)))) == saved


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([*SPEC, "more"]), st.sampled_from([None, *SPEC["archives"]["options"]]), _JSON)
def test_any_value_is_read_or_an_error(name: str, inner: Any, value: Any) -> None:
    content = copy.deepcopy(af.archives_content(SET))
    if name == "archives" and inner is not None:
        content["archives"][0][inner] = value
    else:
        content[name] = value
    try:
        read_archives(content)
    except OptionError as error:
        assert error.details["mistakes"]
