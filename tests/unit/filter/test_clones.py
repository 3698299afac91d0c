# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the copy of an environment takes of a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.plugin_utils._procedures.steps import STEPS


def change(action: str, kind: str, path: str) -> dict[str, str]:
    return {"action": action, "kind": kind, "path": path}


@pytest.mark.parametrize(
    ("row", "with_project", "is_foreign"),
    [
        (change("update", "application", "shop/staging/web"), False, False),
        (change("remove", "environment", "shop/staging"), False, False),
        (change("update", "application", "shop/staging2/web"), False, True),
        (change("update", "project", "shop"), False, True),
        (change("update", "project", "shop"), True, False),
        (change("update", "project", "other"), True, True),
        (change("create", "environment", "shop/production"), False, False),
        (change("create", "destination", "offsite"), False, False),
        (change("update", "destination", "offsite"), False, True),
        (change("create", "server", "worker"), False, True),
    ],
)
def test_only_the_copy_changes(row: dict[str, str], with_project: bool, is_foreign: bool) -> None:
    lines = STEPS["clone_foreign"]([row], "shop/staging", with_project)
    assert lines == ([" ".join(row.values())] if is_foreign else [])


@pytest.mark.parametrize(
    ("action", "reason", "is_replaced"),
    [
        ("none", "it exists, and is not overwritten", True),
        ("none", "it was restored on 2026-12-01", True),
        ("none", "this archive is in it", False),
        ("none", None, False),
        ("restore", None, True),
    ],
)
def test_what_is_replaced_has_other_data(action: str, reason: Any, is_replaced: bool) -> None:
    archives = [{"path": "shop/staging/db", "action": action, "reason": reason}] * 2
    assert STEPS["clone_replaced"]([], archives) == (["shop/staging/db"] if is_replaced else [])


def test_what_is_created_is_not_replaced() -> None:
    archives = [{"path": "shop/staging/db", "action": "restore", "reason": None}]
    assert STEPS["clone_replaced"]([change("create", "database", "shop/staging/db")], archives) == []


def test_masks_have_what_their_files_have(tmp_path: Path) -> None:
    (tmp_path / "mask.sql").write_text("update orders set name = 'x';\n")
    masks: list[dict[str, Any]] = [
        {"name": "orders", "service": "db", "sql": None, "sql_file": str(tmp_path / "mask.sql")},
        {"name": "files", "service": "other/production/web", "script": "rm /uploads/*", "image": "alpine"},
        {"name": "none", "service": "db"},
    ]
    assert STEPS["clone_masks"](masks, "shop/production") == [
        {"name": "orders", "service": "shop/production/db", "sql": "update orders set name = 'x';"},
        {"name": "files", "service": "other/production/web", "script": "rm /uploads/*", "image": "alpine"},
        {"name": "none", "service": "shop/production/db"},
    ]
