# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a clone: what has changed, how the data is masked, and which secrets are those of the original."""

from __future__ import annotations

from typing import Any

from ansible_collections.community.dokploy.plugins.plugin_utils._procedures.steps import STEPS
from tests.unit.filter.test_data_reports import ABOUT, ROW, TO_RESTORE

CHANGES = [
    {"action": action, "kind": "application", "path": "shop/staging/web", "options": ["image"], "reason": None}
    for action in ("create", "restore", "mask", "release", "deploy")
]
MASK = {"name": "orders", "kind": "database", "path": "shop/staging/db", "passed": True, "msg": ""}
HELD = {"kind": "application", "path": "shop/staging/web", "option": "schedules"}
SECRETS = [
    {"name": "vault_db_password", "kind": "database", "path": "shop/production/db", "option": "password"},
    {"name": "vault_web_env", "kind": "application", "path": "shop/production/web", "option": "env"},
    {"name": "vault_web_hook", "kind": "application", "path": "shop/production/web", "option": "webhook_token"},
    {"name": "vault_other", "kind": "application", "path": "shop/production2/web", "option": "env"},
]


def report(applied: dict[str, Any], **options: Any) -> dict[str, Any]:
    made: dict[str, Any] = STEPS["clone_report"](applied, "shop/production", "shop/staging", **options)
    return made


def applied(**more: Any) -> dict[str, Any]:
    plan = {"changes": CHANGES, "held": [HELD]}
    return {"changed": True, "plan": plan, "archives": [ROW], "recovery": ABOUT, "masks": [MASK], **more}


def test_what_was_cloned() -> None:
    made = report(applied(), secrets=SECRETS, own_secrets=["vault_web_env"], new_passwords=True, seconds=3.0)
    assert made["headline"] == "Cloned shop/staging: 1 changes, 1 deployments, the data of 1 archive"
    assert (made["cloned"], made["good"], made["seconds"]) == (True, True, 3.0)
    assert [(secret["path"], secret["is"]) for secret in made["secrets"]] == [
        ("shop/staging/db", "new"),
        ("shop/staging/web", "of the copy, from the file"),
    ]
    text = STEPS["report_markdown"](made)
    assert "| database shop/staging/db | orders | passed |  |" in text
    assert "| application shop/staging/web | schedules |" in text
    assert "secrets of the original" in STEPS["report_page"](made)


def test_what_is_not_cloned_yet() -> None:
    planned = report(applied(archives=[TO_RESTORE]), planned=True)
    assert planned["headline"].startswith("To be cloned shop/staging")
    assert report({"changed": False, "plan": {"changes": []}})["headline"] == "shop/staging is as it has to be"
    failed = report({"failed": True, "msg": "no server"})
    assert (failed["headline"], failed["cloned"]) == ("The clone shop/staging is not complete: 1 error", False)
    masked = report(applied(failed=True, failures=[{"kind": "database", "path": "x", "msg": "no"}], masks=[]))
    assert masked["errors"] == [["database x", "no"]]
