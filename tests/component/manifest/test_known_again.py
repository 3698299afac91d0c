# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services that somebody has renamed or moved on the server are known again, and never created empty beside these."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.manifest.test_manifest import apply, reference
from tests.support.host import Host

DATABASE = {"name": "db", "type": "postgres", "database": "shop", "user": "shop", "password": "made-up"}
WEB = {"name": "web", "docker": {"image": "nginx:1"}, "env": {"URL": reference("db:internal_url")}}
QUICK = {"deploy": "changed", "verify": False}
PATH = "shop/production"


def document(*databases: dict[str, Any], web: dict[str, Any] = WEB) -> dict[str, Any]:
    production = {"name": "production", "applications": [web], "databases": list(databases)}
    return {"projects": [{"name": "shop", "environments": [production, {"name": "staging"}]}]}


DOCUMENT = document(DATABASE)


@pytest.fixture
def shop(host: Host) -> Host:
    host.sim.config(scale_seconds=0, linger_seconds=0, deploy_seconds=0, block_seconds=0, build_seconds=0)
    done = apply(host, DOCUMENT, **QUICK)
    assert not done.get("failed"), done["msg"]
    return host


def rows(host: Host, kind: str = "postgres") -> list[dict[str, Any]]:
    return list(host.sim.server.store.services[kind].rows.values())


def renamed(host: Host, name: str, kind: str = "postgres") -> str:
    (row,) = rows(host, kind)
    host.call(f"{kind}.update", **{f"{kind}Id": row[f"{kind}Id"]}, name=name)
    return str(row[f"{kind}Id"])


def moved(host: Host) -> str:
    (row,) = rows(host)
    (staging,) = [one for one in host.sim.server.store.environments.rows.values() if one["name"] == "staging"]
    host.call("postgres.move", postgresId=row["postgresId"], targetEnvironmentId=staging["environmentId"])
    return str(row["postgresId"])


def without_note(host: Host) -> None:
    """As a database that was made in the web interface."""
    (row,) = rows(host)
    host.call("postgres.update", postgresId=row["postgresId"], labelsSwarm=None)


def changes(result: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    assert not result.get("failed"), result["msg"]
    return [(change["action"], change["path"], change["reason"]) for change in result["plan"]["changes"]]


def test_a_renamed_database_gets_its_name_back(shop: Host) -> None:
    database_id = renamed(shop, "maindb")
    expected = [("rename", f"{PATH}/db", "renamed on the server: maindb -> db")]
    assert changes(apply(shop, DOCUMENT, check=True, **QUICK)) == expected
    assert changes(apply(shop, DOCUMENT, **QUICK)) == expected
    assert [(row["name"], row["postgresId"]) for row in rows(shop)] == [("db", database_id)]
    assert not apply(shop, DOCUMENT, **QUICK)["changed"]


def test_a_renamed_application_gets_its_name_back(shop: Host) -> None:
    application_id = renamed(shop, "site", "application")
    expected = [("rename", f"{PATH}/web", "renamed on the server: site -> web")]
    assert changes(apply(shop, DOCUMENT, **QUICK)) == expected
    assert [(row["name"], row["applicationId"]) for row in rows(shop, "application")] == [("web", application_id)]


def test_a_moved_database_comes_back(shop: Host) -> None:
    database_id = moved(shop)
    reason = f"moved on the server: shop/staging/db -> {PATH}/db"
    assert changes(apply(shop, DOCUMENT, **QUICK)) == [("move", f"{PATH}/db", reason)]
    assert [row["postgresId"] for row in rows(shop)] == [database_id]
    assert not apply(shop, DOCUMENT, **QUICK)["changed"]


@pytest.mark.parametrize("change", [lambda host: renamed(host, "maindb"), moved])
def test_its_name_may_stay(shop: Host, change: Any) -> None:
    database_id = change(shop)
    before = [(row["name"], row["environmentId"]) for row in rows(shop)]
    kept = {**QUICK, "on_rename": "keep"}
    assert changes(apply(shop, DOCUMENT, **kept)) == []
    # It is still known after a deployment under the other name.
    later = document({**DATABASE, "env": {"A": "1"}})
    assert [action for action, _path, _reason in changes(apply(shop, later, **kept))] == ["update", "deploy"]
    assert changes(apply(shop, later, **kept)) == []
    assert [(row["name"], row["environmentId"]) for row in rows(shop)] == before
    assert [row["postgresId"] for row in rows(shop)] == [database_id]


def test_a_new_name_may_be_refused(shop: Host) -> None:
    renamed(shop, "maindb")
    shop.sim.reset_stats()
    refused = apply(shop, DOCUMENT, **QUICK, on_rename="refuse")
    assert refused["failed"] and "shop/production/db was renamed on the server: maindb -> db" in refused["msg"]
    assert shop.sim.calls("mutation") == []


def test_without_a_note_it_is_a_mistake_that_names_both(shop: Host) -> None:
    renamed(shop, "maindb")
    without_note(shop)
    shop.sim.reset_stats()
    refused = apply(shop, DOCUMENT, **QUICK)
    assert refused["failed"] and shop.sim.calls("mutation") == []
    for part in (
        f"there is no database {PATH}/db, and {PATH}/maindb,",
        "moved_from: shop/production/maindb",
        "new: true",
    ):
        assert part in refused["msg"]
    # What the mistake proposes.
    stated = document({**DATABASE, "moved_from": f"{PATH}/maindb"})
    assert changes(apply(shop, stated, check=True, deploy="never")) == [("rename", f"{PATH}/db", None)]
    done = apply(shop, document({**DATABASE, "new": True}), deploy="never")
    assert not done.get("failed"), done["msg"]
    assert sorted(row["name"] for row in rows(shop)) == ["db", "maindb"]


def test_another_database_is_none_of_these(shop: Host) -> None:
    renamed(shop, "maindb")
    without_note(shop)
    for more in ({"database": "other"}, {"user": "other"}, {"type": "mysql", "root_password": "made-up"}):
        planned = apply(shop, document({**DATABASE, **more}), check=True, deploy="never")
        assert ("create", f"{PATH}/db", "") in [(a, p, r or "") for a, p, r in changes(planned)]


def test_an_application_with_the_volume_of_another_one_is_not_created_beside_it(host: Host) -> None:
    volume = {"mounts": [{"type": "volume", "name": "files", "path": "/data"}]}
    site = {"name": "site", "docker": {"image": "nginx:1"}, **volume}
    assert not apply(host, document(web=site), deploy="never").get("failed")
    refused = apply(host, document(web={**site, "name": "web"}), deploy="never")
    assert refused["failed"] and f"{PATH}/site, which no entry names, could be it" in refused["msg"]


def test_a_copy_is_not_known_again(shop: Host) -> None:
    """A document under other names means others, and the labels of a copy have the note of the original."""
    copy = apply(shop, DOCUMENT, check=True, deploy="never", rename={"shop/production": "shop/copy"}, unstated="keep")
    created = [path for action, path, _reason in changes(copy) if action == "create"]
    assert "shop/copy/db" in created
    (row,) = rows(shop)
    labels = {**row["labelsSwarm"]}
    renamed(shop, "maindb")
    web = {name: value for name, value in WEB.items() if name != "env"}
    made = document({**DATABASE, "name": "other", "database": "other"}, web=web)
    assert not apply(shop, made, deploy="never").get("failed")
    other = next(one for one in rows(shop) if one["name"] == "other")
    shop.call("postgres.update", postgresId=other["postgresId"], labelsSwarm=labels)
    assert changes(apply(shop, DOCUMENT, check=True, **QUICK))[0][:2] == ("rename", f"{PATH}/db")


def test_what_is_there_costs_no_request(shop: Host) -> None:
    def requests() -> int:
        shop.sim.reset_stats()
        assert not apply(shop, DOCUMENT, **QUICK)["changed"]
        return int(shop.sim.stats()["http"])

    before = requests()
    other = {**DATABASE, "name": "unmanaged", "database": "other"}
    assert not apply(shop, document(DATABASE, other), deploy="never").get("failed")
    assert requests() == before
