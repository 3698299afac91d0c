# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References in place of values of other entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._export.edits import SET, Edit, all_applied
from ansible_collections.community.dokploy.plugins.module_utils._export.entries import ExportedEntry
from ansible_collections.community.dokploy.plugins.module_utils._export.facts import exported_facts
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import Secret, with_secrets
from ansible_collections.community.dokploy.plugins.module_utils._export.references import references_for
from ansible_collections.community.dokploy.plugins.module_utils._manifest.reference_text import (
    Reference,
    references_in,
    with_references,
)
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import SECTIONS, Section
from ansible_collections.community.dokploy.plugins.module_utils._manifest.unmanaged import Record

BASE = "https://dokploy.example.com"
PASSWORD = "Xk7v@2mQ9p"
DB_ROW = {
    "postgresId": "Vn0aQ1zK8mD3xR5tY7uW2",
    "name": "db",
    "appName": "db-4x2k9q",
    "databaseName": "shop",
    "databaseUser": "shop",
    "databasePassword": PASSWORD,
    "externalPort": 15432,
}
ROWS: dict[str, dict[str, Any]] = {
    "database|shop/production/db": DB_ROW,
    "database|shop/production/cache": {
        **DB_ROW,
        "postgresId": "Vn0aQ1zK8mD3xR5tY7uW3",
        "appName": "cache-abcdef",
        "databasePassword": "postgres",
    },
    "database|blog/production/db": {
        **DB_ROW,
        "postgresId": "Vn0aQ1zK8mD3xR5tY7uW4",
        "appName": "blog-db-0aa1bb",
        "databasePassword": "Qj3nW8rT1yLk5sPz",
    },
    "application|shop/production/web": {
        "applicationId": "aPp0aQ1zK8mD3xR5tY7uW",
        "appName": "web-q7w8e9",
        "refreshToken": "hOOk0aQ1zK8mD3xR5tY7u",
    },
    "application|shop/production/api": {
        "applicationId": "aPp1aQ1zK8mD3xR5tY7uW",
        "appName": "api-r4t5z6",
        "refreshToken": "hOOk1aQ1zK8mD3xR5tY7u",
    },
    "registry|ghcr": {"registryId": "reg0aQ1zK8mD3xR5tY7uW", "password": "ghp_9fK2lQ0aZx7Rt4Vb1Nm"},
}
LOGIN = f"shop:{quote(PASSWORD, safe='')}"
OUTSIDE = "dokploy.example.com:15432/shop"


def reference(text: str, kind: str = "") -> str:
    return f"\0reference\0{kind}|{text}\0"


def document(web: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A document of all these, in which the application has some options."""
    postgres = {"type": "postgres"}
    services = {
        "databases": [{"name": "db", **postgres}, {"name": "cache", **postgres, **more.pop("cache", {})}],
        "applications": [{"name": "api", **more.pop("api", {})}, {"name": "web", **web}],
    }
    blog = {"name": "production", "databases": [{"name": "db", **postgres}]}
    return {
        "version": 1,
        "registries": [{"name": "ghcr", "url": "ghcr.io", **more.pop("registry", {})}],
        "projects": [
            {"name": "shop", **more, "environments": [{"name": "production", **services}]},
            {"name": "blog", "environments": [blog]},
        ],
    }


def entries_of(
    stated: Mapping[str, Any],
    rows: Mapping[str, Any],
    sections: Sequence[Section] = SECTIONS,
    outer: ExportedEntry | None = None,
) -> Iterator[ExportedEntry]:
    """The entries of a document, the outer ones first. :param rows: theirs, by kind and path."""
    place = () if outer is None else outer.place
    for section in sections:
        if section.resource.single:
            for options in filter(None, [stated.get(section.name)]):
                yield ExportedEntry(Record(section, section.resource, ({},)), None, (section.name,), options)
            continue
        for number, options in enumerate(stated.get(section.name, ())):
            kinds = section.operation.resources
            resource = next((kind for kind in kinds if kind.kind == options.get("type")), kinds[0])
            record = Record(section, resource, ({resource.listing.name_key: options["name"]},))
            entry = ExportedEntry(record, outer, (*place, section.name, number), options)
            if resource.kind in ("", "postgres"):
                record.whole = rows.get(f"{section.kind}|{'/'.join(entry.names)}")
            yield entry
            yield from entries_of(options, rows, section.inner, entry)


@dataclass
class Result:
    document: Any
    comments: Any
    secrets: Mapping[str, str]


def exported(stated: Mapping[str, Any], rows: Mapping[str, Any] | None = None) -> Result:
    secrets = {}

    def variable(entry: ExportedEntry, option: str, value: str) -> str:
        name = ".".join(map(str, (*entry.place, option)))
        secrets[name] = value
        return Secret(name).text

    found = references_for(list(entries_of(stated, ROWS if rows is None else rows)), BASE, variable)
    texts = [Edit(SET, path, text) for path, text in found.texts.items()]
    return Result(all_applied(stated, texts), found.comments, secrets)


VALUES = {
    f"{entry.kind}|{'/'.join(entry.names)}": exported_facts(entry, BASE).values
    for entry in entries_of(document({}), ROWS)
    if entry.record.whole is not None
}


def web_of(found: Mapping[str, Any]) -> dict[str, Any]:
    return dict(found["projects"][0]["environments"][0]["applications"][1])


def put_in(value: Any) -> Any:
    """A document with the values for which its references stand."""

    def find(one: Reference) -> str:
        path = "/".join(one.path if len(one.path) != 1 or one.kind else ("shop", "production", *one.path))
        return str(
            next(
                VALUES[f"{kind}|{path}"]
                for kind in ([one.kind] if one.kind else ["database", "application"])
                if f"{kind}|{path}" in VALUES
            )[one.field]
        )

    return with_references(value, find)


TEXTS = [
    ("db-4x2k9q", reference("db:internal_host")),
    ("tcp://db-4x2k9q:5432", f"tcp://{reference('db:internal_host')}:5432"),
    # Names around it: of Docker's DNS, of a container, of a volume.
    ("tasks.db-4x2k9q_x", f"tasks.{reference('db:internal_host')}_x"),
    ("db-4x2k9q-data", f"{reference('db:internal_host')}-data"),
    ("xdb-4x2k9q db-4x2k9qx", "xdb-4x2k9q db-4x2k9qx"),
    ("It is db-4x2k9q.", f"It is {reference('db:internal_host')}."),
    # The domain of an application stays as it is, and so does what has it.
    ("https://db-4x2k9q.example.com a.db-4x2k9q", "https://db-4x2k9q.example.com a.db-4x2k9q"),
    ("db-4x2k9q-1.example.com:80", "db-4x2k9q-1.example.com:80"),
    # Without a digit, the random part may be a word.
    ("cache-abcdef:5432", f"{reference('cache:internal_host')}:5432"),
    ("my-cache-abcdef cache-abcdef-1", "my-cache-abcdef cache-abcdef-1"),
    ("cache-abcdef-data", f"{reference('cache:internal_host')}-data"),
    ("my-cache-abcdef-data cache-abcdef-data2", "my-cache-abcdef-data cache-abcdef-data2"),
    # The longest: not db in blog-db.
    ("blog-db-0aa1bb", reference("blog/production/db:internal_host")),
    (f"postgresql://{LOGIN}@db-4x2k9q:5432/shop", reference("db:internal_url")),
    (f"postgresql://{LOGIN}@db-4x2k9q:5432/shop?sslmode=disable", f"{reference('db:internal_url')}?sslmode=disable"),
    (f"postgresql://{LOGIN}@{OUTSIDE}", reference("db:external_url")),
    # Other schemes, databases and ports, also with the password as it is.
    (
        f"postgres://{LOGIN}@db-4x2k9q/other",
        f"postgres://shop:{reference('db:urlencoded_password')}@{reference('db:internal_host')}/other",
    ),
    (
        f"postgresql://{LOGIN}@db-4x2k9q:5432/shop_test",
        f"postgresql://shop:{reference('db:urlencoded_password')}@{reference('db:internal_host')}:5432/shop_test",
    ),
    (
        f"dsn=//me:{PASSWORD}@db-4x2k9q",
        f"dsn=//me:{reference('db:password')}@{reference('db:internal_host')}",
    ),
    # A short password only in a URL, beside the host name of its database.
    (
        "redis://:postgres@cache-abcdef:6379/postgres",
        f"redis://:{reference('cache:password')}@{reference('cache:internal_host')}:6379/postgres",
    ),
    ("postgres", "postgres"),
    (f"pw {PASSWORD}", f"pw {PASSWORD}"),
    ("x=postgres@cache-abcdef", f"x=postgres@{reference('cache:internal_host')}"),
    # An unguessable one, everywhere.
    ("host=h password=Qj3nW8rT1yLk5sPz;", f"host=h password={reference('blog/production/db:password')};"),
    ("Qj3nW8rT1yLk5sPzX", "Qj3nW8rT1yLk5sPzX"),
    (
        "https://x/deploy/hOOk1aQ1zK8mD3xR5tY7u?id=Vn0aQ1zK8mD3xR5tY7uW2",
        f"https://x/deploy/{reference('api:webhook_token')}?id={reference('db:database_id')}",
    ),
    ("ghp_9fK2lQ0aZx7Rt4Vb1Nm", reference("ghcr:password", "registry")),
]


@pytest.mark.parametrize(("text", "wanted"), TEXTS)
def test_values_of_other_entries_become_references(text: str, wanted: str) -> None:
    found = exported(document({"env": {"A": text, "B": 1}})).document
    assert web_of(found)["env"] == {"A": wanted, "B": 1}
    assert put_in(wanted) == text


def test_a_name_without_a_digit_is_that_of_a_volume_of_its_stack() -> None:
    row = {"composeId": "cOm0aQ1zK8mD3xR5tY7uW", "appName": "stack-abcdef"}
    stated = document({"mounts": [{"path": "/data", "type": "volume", "name": "stack-abcdef_data"}]})
    stated["projects"][0]["environments"][0]["compose"] = [{"name": "stack"}]
    found = exported(stated, {**ROWS, "compose|shop/production/stack": row}).document
    assert web_of(found)["mounts"][0]["name"] == f"{reference('stack:app_name')}_data"


def test_it_is_so_wherever_a_document_takes_a_reference() -> None:
    content = "services:\n  a:\n    image: x\n    command: db-4x2k9q\n"
    web = {
        "docker": {"image": "db-4x2k9q/image"},
        "command": "run db-4x2k9q",
        "args": ["--host", "db-4x2k9q"],
        "labels": {"host": "db-4x2k9q"},
        "preview": {"env": {"HOST": "db-4x2k9q"}},
        "mounts": [{"type": "file", "path": "/db-4x2k9q", "file_path": "a", "content": "host = db-4x2k9q\n"}],
        # What names, selects or identifies something has to be known before.
        "app_name": "db-4x2k9q",
        "registry": "db-4x2k9q",
        "domains": [{"host": "db-4x2k9q"}],
    }
    stated = document(web)
    shop = stated["projects"][0]["environments"][0]
    shop["compose"] = [{"name": "stack", "raw": {"content": content}, "env": "A=db-4x2k9q"}]
    stated["settings"] = {"traefik": {"config": "a: db-4x2k9q"}}
    host = reference("db:internal_host")
    found = exported(stated).document
    assert web_of(found) == {
        "name": "web",
        "docker": {"image": f"{host}/image"},
        "command": f"run {host}",
        "args": ["--host", host],
        "labels": {"host": host},
        "preview": {"env": {"HOST": host}},
        "mounts": [{"type": "file", "path": "/db-4x2k9q", "file_path": "a", "content": f"host = {host}\n"}],
        "app_name": "db-4x2k9q",
        "registry": "db-4x2k9q",
        "domains": [{"host": "db-4x2k9q"}],
    }
    stack = found["projects"][0]["environments"][0]["compose"][0]
    assert stack["raw"]["content"] == content.replace("db-4x2k9q", host)
    assert stack["env"] == f"A={host}"
    absolute = reference("shop/production/db:internal_host")
    assert found["settings"] == {"traefik": {"config": f"a: {absolute}"}}
    assert stated["settings"] == {"traefik": {"config": "a: db-4x2k9q"}}


def said(found: Result) -> list[tuple[str, str]]:
    return [("/".join(map(str, one["path"])), one["text"]) for one in found.comments]


WEB = "projects/0/environments/0/applications/1"


def test_a_secret_in_an_option_that_shows_it_is_a_variable() -> None:
    text = f"-a Qj3nW8rT1yLk5sPz postgresql://{LOGIN}@db-4x2k9q:5432/shop postgresql://{LOGIN}@{OUTSIDE}"
    wanted = (
        f"-a {Secret('projects.1.environments.0.databases.0.password').text}"
        f" postgresql://shop:{Secret('projects.0.environments.0.databases.0.urlencoded_password').text}"
        f"@{reference('db:internal_host')}:5432/shop"
        f" {Secret('projects.0.environments.0.databases.0.external_url').text}"
    )
    found = exported(document({"command": text}))
    assert web_of(found.document)["command"] == wanted
    assert put_in(with_secrets(wanted, found.secrets)) == text


def test_an_entry_refers_to_its_own_name_and_to_nothing_else_of_itself() -> None:
    env = {"URL": "http://web-q7w8e9:3000", "TOKEN": "hOOk0aQ1zK8mD3xR5tY7u", "HOST": "web-q7w8e9,db-4x2k9q"}
    found = exported(document({"env": env}))
    own = reference("web:app_name")
    assert web_of(found.document)["env"] == {
        "URL": f"http://{own}:3000",
        "TOKEN": env["TOKEN"],
        "HOST": f"{own},{reference('db:internal_host')}",
    }
    assert said(found) == [
        (
            f"{WEB}/env/TOKEN",
            "It has the webhook_token of the entry itself, to which no reference is possible. It is another one on"
            " another server.",
        )
    ]


def test_what_an_entry_states_itself_needs_no_comment() -> None:
    own = "Qj3nW8rT1yLk5sPz"
    stated = document({})
    stated["projects"][1]["environments"][0]["databases"] = [
        {"name": "db", "type": "postgres", "password": own, "env": {"PASSWORD": own}}
    ]
    found = exported(stated)
    assert (found.document, said(found)) == (stated, [])


def test_references_make_no_circle() -> None:
    """Two that have each other's names, a project with a name of what is in it, a registry of what it is used by."""
    both = document(
        {"env": {"API": "api-r4t5z6"}, "registry": "ghcr"},
        api={"env": {"WEB": "web-q7w8e9"}},
        cache={"env": {"WEB": "web-q7w8e9"}},
        env={"DB": "db-4x2k9q"},
        registry={"username": "web-q7w8e9"},
    )
    both["projects"][1]["env"] = {"DB": "db-4x2k9q", "OWN": "blog-db-0aa1bb"}
    found = exported(both)
    shop, blog = found.document["projects"]
    services = shop["environments"][0]
    assert services["databases"][1]["env"] == {"WEB": reference("web:app_name")}
    assert services["applications"][0]["env"] == {"WEB": reference("web:app_name")}
    assert services["applications"][1]["env"] == {"API": "api-r4t5z6"}
    assert found.document["registries"] == both["registries"]
    assert shop["env"] == {"DB": "db-4x2k9q"}
    assert blog["env"] == {"DB": reference("shop/production/db:internal_host"), "OWN": "blog-db-0aa1bb"}
    assert sorted(said(found)) == sorted(
        (
            path,
            f"It has the {field} of {source}, which needs this entry, so that no reference is possible.",
        )
        for path, field, source in [
            ("registries/0/username", "app_name", "application shop/production/web"),
            ("projects/0/env/DB", "internal_host", "database shop/production/db"),
            ("projects/1/env/OWN", "internal_host", "database blog/production/db"),
            (f"{WEB}/env/API", "app_name", "application shop/production/api"),
        ]
    )


def test_hosts_that_the_server_made_are_listed() -> None:
    env = {"URL": "https://web-q7w8e9-a1b2c3-10-0-0-1.traefik.me/x", "OTHER": "a.sslip.io.example.com"}
    found = exported(document({"env": env}))
    assert web_of(found.document)["env"] == env
    assert said(found) == [
        (
            f"{WEB}/env/URL",
            "It has a host name that Dokploy generated. Another server generates another one.",
        )
    ]


def test_what_several_have_stays_text() -> None:
    """The same password of two databases says nothing; in a URL, the host says whose it is."""
    same = {key: {**row, "databasePassword": "Qj3nW8rT1yLk5sPz"} for key, row in ROWS.items()}
    env = {"PASSWORD": "Qj3nW8rT1yLk5sPz", "URL": "x://u:Qj3nW8rT1yLk5sPz@db-4x2k9q"}
    found = web_of(exported(document({"env": env}), same).document)["env"]
    assert found["PASSWORD"] == env["PASSWORD"]
    assert found["URL"] == f"x://u:{reference('db:password')}@{reference('db:internal_host')}"


def test_the_kind_is_named_where_two_have_the_path() -> None:
    stated = document({"env": {"HOST": "db-4x2k9q"}})
    stated["projects"][0]["environments"][0]["compose"] = [{"name": "db"}]
    found = web_of(exported(stated).document)
    assert found["env"] == {"HOST": reference("db:internal_host", "database")}
    stated["projects"][0]["environments"][0]["databases"].append({"name": "db", "type": "mysql"})
    found = web_of(exported(stated).document)
    assert found["env"] == {"HOST": reference("db:internal_host", "postgres")}


def test_what_no_document_has_is_not_referred_to() -> None:
    stated = document({"env": {"HOST": "blog-db-0aa1bb"}})
    del stated["projects"][1]
    assert exported(stated).document == stated


def test_what_a_document_refuses_stays_text() -> None:
    """A text in which there is a reference already, and a Compose file that is none."""
    written = {"A": f"{reference('db:id')} db-4x2k9q"}
    stated = document({"env": written})
    stated["projects"][0]["environments"][0]["compose"] = [{"name": "x", "raw": {"content": "- db-4x2k9q"}}]
    assert exported(stated).document == stated


PIECES = st.sampled_from(
    [text for text, _wanted in TEXTS]
    + ["postgres", "shop", "db", "5432", "{{ x }}", "é", "\n", "@", "://", ":", "/", "-", "_", " ", "\\", PASSWORD, "a"]
)


@given(st.dictionaries(st.sampled_from("ABC"), st.lists(PIECES, max_size=8).map("".join), min_size=1))
def test_the_values_in_place_of_the_references_give_the_same(env: Mapping[str, str]) -> None:
    stated = document({"env": env, "command": "".join(env.values())})
    found = exported(stated)
    assert put_in(with_secrets(found.document, found.secrets)) == stated
    # No reference is there by chance: common words never are.
    for one in references_in(found.document):
        if one.field == "password" and one.path[-1] == "cache":
            assert ":postgres@cache-abcdef" in "".join(env.values())


def test_a_thousand_addresses_are_found_in_a_thousand_entries() -> None:
    rows = {
        f"database|shop/production/db{number}": {
            **DB_ROW,
            "postgresId": f"Vn0aQ1zK8mD3xR{number:07}",
            "appName": f"db-{number:06x}",
        }
        for number in range(1000)
    }
    databases = [{"name": f"db{number}", "type": "postgres"} for number in range(1000)]
    applications = [{"name": f"web{number}", "env": {"URL": f"x://db-{number:06x}/"}} for number in range(1000)]
    environment = {"name": "production", "databases": databases, "applications": applications}
    stated = {"projects": [{"name": "shop", "environments": [environment]}]}
    found = exported(stated, rows).document
    shown = found["projects"][0]["environments"][0]["applications"]
    assert [one["env"]["URL"] for one in shown] == [
        f"x://{reference(f'db{number}:internal_host')}/" for number in range(1000)
    ]
