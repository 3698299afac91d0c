# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which comments of environment text anybody may read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._export.comments import shown_comment, shown_comments


@pytest.mark.parametrize(
    "comment",
    [
        "Set by Ansible",
        "---- Database ----",
        "===== Database =====",
        "Database (primary), port 5432",
        "Password of the shop database",
        "Tokens of the API, see the wiki.",
        "NOTE: rotate every year",
        "TODO: remove after 2027-01-31",
        "see https://docs.example.com/shop/mail?page=",
        "at 12:30, on db:5432",
        "größer als vorher ✓",
    ],
)
def test_prose_is_shown(comment: str) -> None:
    assert shown_comment(comment) == comment


@pytest.mark.parametrize(
    ("comment", "shown"),
    [
        ("PASSWORD=hunter2", "PASSWORD=(hidden)"),
        ("export DB_PASSWORD = hunter2", "DB_PASSWORD=(hidden)"),
        ("TZ=Europe/Berlin", "TZ=(hidden)"),
        ("MNEMONIC: hunter2 hunter2 hunter2", "MNEMONIC=(hidden)"),
        ("password: hunter2", "(hidden)"),
        ("c2VjcmV0LW9mLXRoZS1zaG9w=x", "(hidden)"),
        ("C2VJCMV0LW9MLXROZS1ZAG9W=hunter2", "(hidden)"),
        ("docker run -e PASSWORD=hunter2 shop", "(hidden)"),
        ("was: {'password'='hunter2'}", "(hidden)"),
        ("NOTE: TOKEN=hunter2", "(hidden)"),
        ("TODO: password: hunter2", "(hidden)"),
        ("the password is hunter", "(hidden)"),
        ("the old token -> hunter", "(hidden)"),
        ("password hunter2", "(hidden)"),
        ("log in as admin:hunter2", "(hidden)"),
        ("old: postgres://shop:hunter2@db/shop", "(hidden)"),
        ("moved from https://hunter2@git.example.com", "(hidden)"),
        ("https://example.com/?token=hunter2", "(hidden)"),
        ("ghp_9fK2lQ0aZx7Rt4Vb1Nm was here", "(hidden)"),
        ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7", "(hidden)"),
    ],
)
def test_what_may_be_a_secret_is_hidden(comment: str, shown: str) -> None:
    assert shown_comment(comment) == shown


@given(st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_.-]{0,10}\Z"), st.sampled_from(["=", " = ", "= "]), st.text(max_size=8))
def test_no_variable_that_is_switched_off_shows_its_value(name: str, sign: str, value: str) -> None:
    assert "hunter2" not in shown_comment(f"{name}{sign}hunter2{value}")


def test_comments_that_follow_each_other_are_hidden_as_one() -> None:
    key = "# -----BEGIN PRIVATE KEY-----\n# MIIEvQIBADANBgkqhkiG9w0BAQEF\n# MIIEvQIBADANBgkqhkiG9w0BAQEG"
    text = f"# The key\n{key}\nA=1\n# end"
    comments = shown_comments(text)
    assert comments == [("A", "The key"), ("A", "-----BEGIN PRIVATE KEY-----"), ("A", "(hidden)"), ("", "end")]
