# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data as of a moment, over what is lost and beside what lives."""

from __future__ import annotations

import copy
from typing import Any

from tests.component.manifest.test_manifest import apply, counts
from tests.component.manifest.test_recovery import DEPLOY, DOCUMENT, ROWS, Content, changed_content, recover, saved
from tests.support.host import Host

__all__ = ["saved"]
LATER = {"archives_before": "2100-01-01"}


def newer_set(content: Content) -> Content:
    """A set whose dump of the database is newer than the one in the bucket."""
    folder = content["archives"][0]["file"].rpartition("/")[0]
    return changed_content(content, 0, file=folder + "/2099-01-01T00-00-00-000Z.sql.gz", size=1)


def outcomes(result: dict[str, Any]) -> dict[str, str]:
    return {row["path"].rpartition("/")[2]: row["outcome"] for row in result["archives"]}


def test_a_second_run_finds_what_the_first_one_has_restored_of_a_moment(host: Host, saved: Content) -> None:
    newer = newer_set(saved)
    done = recover(host, newer, **LATER)
    assert done.get("msg") is None and host.sim.rows("db", "orders") == ROWS
    again = recover(host, newer, **LATER)
    assert (again.get("msg"), again["changed"], set(outcomes(again).values())) == (None, False, {"present"})
    assert again["archives"][0]["file"] == saved["archives"][0]["file"]
    # The archive of the set is another one.
    result = recover(host, newer)
    assert result.get("failed") and outcomes(result)["db"] == "missing"


def test_a_service_comes_back_beside_the_living_one(host: Host, saved: Content) -> None:
    """What is around it stays as it is, also where the document has it otherwise."""
    recover(host, saved)
    host.sim.act(insert="db", table="orders", count=2)
    (project,) = host.read("project.all")
    host.sim.execute("environment.update", environmentId=project["environments"][0]["environmentId"], env="A=1")
    document = copy.deepcopy(DOCUMENT)
    document["projects"][0]["description"] = "another one"
    document["projects"][0]["environments"][0]["env"] = {"B": "2"}
    options: dict[str, Any] = {
        **DEPLOY,
        "archives": copy.deepcopy(saved),
        "scope": {"services": ["shop/production/db"], "around": "find"},
        "rename": {"shop/production/db": "shop/production/db-1042"},
        "rename_rules": {"ports": {"*": 0}, "volumes": {"*": "{}-db-1042"}},
        "hold": ["domains", "schedules", "backups"],
    }
    host.new_task()
    done = apply(host, document, **options)
    assert done.get("msg") is None and counts(done) == {"create": 1, "restore": 1, "deploy": 1}
    assert {change["path"] for change in done["plan"]["changes"]} == {"shop/production/db-1042"}
    assert host.sim.rows("db-1042", "orders") == ROWS and len(host.sim.rows("db", "orders")) == 5
    # Without the suboption, the document counts for what is around the service.
    host.new_task()
    options["scope"] = {"services": ["shop/production/db"]}
    changes = apply(host, document, check=True, **options)["plan"]["changes"]
    assert {change["path"] for change in changes} == {"shop", "shop/production"}
