# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of the server, made safe for messages."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import (
    MASK,
    MAX_LENGTH,
    Scrubber,
    cut_sql,
    one_line,
    without,
)

REFUSED = "the database refused the request (a referenced id that does not exist, or a value that does not fit?)"


def sanitized(text: str, *secrets: str) -> str:
    scrubber = Scrubber()
    scrubber.add(*secrets)
    return scrubber.sanitize(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('Failed query: update "application" set "env" = $1\nparams: sesame,A=1\nB=2,id', REFUSED),
        (
            'Error creating the environment: Failed query: insert into "environment" values ($1)\nparams: sesame',
            "Error creating the environment: " + REFUSED,
        ),
        ('Error Failed query: insert into "mount" ("mountId") values ($1)\nparams: sesame', REFUSED),
        (
            "Error assigning tag to project: Failed query: insert\nparams: sesame",
            "Error assigning tag to project: " + REFUSED,
        ),
        (
            'insert or update on table "application" violates foreign key constraint '
            '"application_customGitSSHKeyId_ssh-key_sshKeyId_fk"',
            "customGitSSHKeyId does not name anything that exists",
        ),
        (
            "Error creating the environment: insert or update on table "
            '"environment" violates foreign key constraint "environment_projectId_project_projectId_fk"',
            "Error creating the environment: projectId does not name anything that exists",
        ),
        ('insert or update on table "a" violates foreign key constraint "other"', REFUSED),
        ('invalid input syntax for type integer: "sesame"', REFUSED),
        ('value "sesame" is out of range for type integer', REFUSED),
        ('duplicate key value violates unique constraint "x" Key (username)=(sesame) already exists.', REFUSED),
        ("Key (username)=(sesame) already exists.", REFUSED),
        ('select "env" from "application" where "id" = sesame', REFUSED),
        ("it failed\nparams: sesame", "it failed: " + REFUSED),
        ("Application not found", "Application not found"),
        ("No values to set", "No values to set"),
        ("You cannot update the value of a key", "You cannot update the value of a key"),
    ],
)
def test_sql_and_its_values_are_removed(text: str, shown: str) -> None:
    assert sanitized(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "rclone ls --s3-provider=AWS --s3-access-key-id=AKIA1 --s3-secret-access-key=se/same+ --s3-region=r",
            "rclone ls --s3-provider=AWS --s3-access-key-id=******** --s3-secret-access-key=******** --s3-region=r",
        ),
        ("docker login -u u --password 'open sesame' host", "docker login -u u --password ******** host"),
        ("docker login -u u --password-stdin host", "docker login -u u --password-stdin host"),
        ("clone of https://x-token:sesame@git.example/a failed", "clone of https://********@git.example/a failed"),
        ("clone of https://sesame@git.example/a failed", "clone of https://********@git.example/a failed"),
        ("postgresql://app:sesame@db:5432/app", "postgresql://app:********@db:5432/app"),
        ("ssh://git@git.example/a", "ssh://git@git.example/a"),
        ("mail to a@b.example", "mail to a@b.example"),
        ("Authorization: Bearer sesame", "Authorization: Bearer ********"),
    ],
)
def test_secrets_are_recognised_by_their_place(text: str, shown: str) -> None:
    assert sanitized(text) == shown


def test_one_line_without_colours() -> None:
    assert one_line("\x1b[31mred\x1b[0m\r\n\tand\u2028 \x00 more \n") == "red and more"


def test_long_texts_are_shortened() -> None:
    shown = sanitized("a b " * 1000)
    assert len(shown) <= MAX_LENGTH + 4
    assert shown.endswith(" ...")


def test_short_secrets_are_masked_where_they_stand_alone() -> None:
    assert sanitized("1 of 10 is ab, not cab", "1", "ab") == "******** of 10 is ********, not cab"


def test_the_longest_secret_is_masked() -> None:
    assert sanitized("say sesame-street", "sesame", "sesame-street") == "say ********"


def test_without_secrets_nothing_is_masked() -> None:
    assert sanitized("plain", "", "  ") == "plain"
    assert sanitized("*** and ****", "****") == "*** and ****"


def test_a_key_of_several_lines_is_masked_in_any_layout() -> None:
    key = "-----BEGIN KEY-----\nabcdefghijkl\nmnopqrstuvwx\n-----END KEY-----\n"
    for text in (key, one_line(key), json.dumps(key), "line: abcdefghijkl", "line: mnopqrstuvwx"):
        shown = sanitized("got %s here" % text, key)
        assert "abcdefghijkl" not in shown
        assert "mnopqrstuvwx" not in shown


def test_a_secret_is_recognised_in_another_layout() -> None:
    assert sanitized("say open\n  sesame now", "open sesame") == "say ******** now"


def test_a_capital_with_two_small_letters_does_not_shift_the_mask() -> None:
    assert sanitized("İİ SESAME-sesame İ", "sesame-sesame") == "İİ ******** İ"


def test_no_half_of_a_secret_stays_where_sql_is_removed() -> None:
    assert "ses" not in sanitized("it is ses params: ame", "ses params: ame")


# Without stars: a secret of stars looks like the mask.
_SECRET = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="*"), min_size=4, max_size=20).filter(
    lambda text: len(one_line(text)) >= 4
)


@given(_SECRET, st.text(max_size=20), st.text(max_size=20))
def test_no_registered_secret_survives(secret: str, before: str, after: str) -> None:
    forms = [secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret), one_line(secret)]
    for form in forms:
        shown = sanitized(before + form + after, secret)
        for other in forms:
            assert other not in shown


@given(st.lists(_SECRET, min_size=1, max_size=4), st.lists(st.integers(0, 3), max_size=6), st.text(max_size=5))
def test_adjacent_secrets_do_not_survive(secrets: list[str], order: list[int], glue: str) -> None:
    shown = sanitized(glue.join(secrets[number % len(secrets)] for number in order), *secrets)
    for secret in secrets:
        assert secret not in shown


@given(st.text(max_size=200))
def test_any_text_becomes_one_line(text: str) -> None:
    shown = sanitized(text)
    assert len(shown.splitlines()) <= 1
    assert sanitized(shown) == shown or len(shown) > MAX_LENGTH


@given(st.text(max_size=40), st.text(max_size=40))
def test_nothing_after_a_failed_query_is_kept(before: str, after: str) -> None:
    assert cut_sql("%sFailed query: %s" % (before, after)).endswith((REFUSED, "does not name anything that exists"))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a hunter22 in a text", f"a {MASK} in a text"),
        (
            {"hunter22": ["hunter22", 1, True, None, {"a": "xhunter22x"}]},
            {"hunter22": [MASK, 1, True, None, {"a": f"x{MASK}x"}]},
        ),
        # The longer one first, of which the other is a part.
        ("hunter22-and-more", MASK),
        ((), []),
    ],
)
def test_secrets_are_taken_out_of_a_result(value: Any, shown: Any) -> None:
    assert without(value, {"hunter22", "hunter22-and-more"}) == shown
    assert without(shown, {"hunter22", "hunter22-and-more"}) == shown
