# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which values of variables a document has in the clear, and which are proposed for it."""

from __future__ import annotations

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._export.plain_env import PlainEnv, is_surely_plain


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "true"),
        ("cache.enabled", "No"),
        ("FLAG", "0"),
        ("PORT", "3000"),
        ("DB_PORT", "65535"),
        ("serverPort", "1"),
        ("smtp.port", "587"),
        ("TZ", "Europe/Berlin"),
        ("TIMEZONE", "America/Argentina/Buenos_Aires"),
        ("APP_TIME_ZONE", "Etc/GMT+1"),
        ("TZ", "UTC"),
        ("LOG_LEVEL", "WARN"),
        ("RUST_LOGLEVEL", "trace"),
        ("NODE_ENV", "production"),
        ("ENVIRONMENT", "Staging"),
    ],
)
def test_surely_plain(name: str, value: str) -> None:
    assert is_surely_plain(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKEN", "true"),
        ("PASSWORD_PORT", "3000"),
        ("API_KEY", "0"),
        ("DEBUG", "yes please"),
        ("PIN", "3000"),
        ("PASSPORT", "12345"),
        ("SUPPORT", "1234"),
        ("PORT", "00000"),
        ("PORT", "65536"),
        ("PORT", "３０００"),
        ("PORT", "3000\n"),
        ("TZ", "Europe"),
        ("TZ", "Europe/hunter2"),
        ("TZ", "Mars/Base"),
        ("ZONE", "Europe/Berlin"),
        ("LOG_LEVEL", "hunter2"),
        ("LEVEL", "info"),
        ("NODE_ENV", "hunter2"),
        ("NODE", "production"),
        ("REGION", "eu-west-1"),
    ],
)
def test_not_surely_plain(name: str, value: str) -> None:
    assert not is_surely_plain(name, value)


@pytest.mark.parametrize(
    ("name", "text", "readable"),
    [
        ("REGION", "eu-west-1", True),
        ("PUBLIC_URL", "https://web.example.com", True),
        ("PUBLIC_KEY", "abc", True),
        # Names that are written out are meant.
        ("STRIPE_TOKEN", "pk_live", True),
        ("PUBLIC_TOKEN", "abc", False),
        ("region", "eu-west-1", False),
        ("OTHER", "1", False),
        # As the password of the database.
        ("REGION", "shop", False),
        ("REGION", "of shop, too", False),
        ("REGION", "workshop", True),
        # As another variable that is a secret: a common word tells nothing.
        ("REGION", "eu-central-1", False),
        ("REGION", "test", True),
        ("REGION", "true", True),
        ("PUBLIC_URL", "https://x7Kq0LpZ3vRt.example.com", False),
        ("PUBLIC_URL", "https://user:hunter2@example.com", False),
        ("PUBLIC_URL", "https://example.com/?token=hunter2", False),
    ],
)
def test_what_the_user_names_is_readable_unless_it_is_a_secret(name: str, text: str, readable: bool) -> None:
    variables = [
        (name, text),
        ("ZONE", "eu-central-1"),
        ("STAGE_OF", "test"),
        ("DEBUG", "true"),
        ("ID", "x7Kq0LpZ3vRt"),
    ]
    plain = PlainEnv(["REGION", "PUBLIC_*", "STRIPE_TOKEN"], variables, [("", "shop"), ("IN_A_TEXT", "another")])
    assert plain.is_readable(name, text) is readable


def test_names_are_proposed_that_are_plain_everywhere() -> None:
    variables = [
        ("PORT", "3000"),
        ("PORT", "8080"),
        ("TZ", "UTC"),
        ("DEBUG", "true"),
        ("MODE", "on"),
        ("MODE", "hunter2"),
    ]
    more = [("ZONE_TZ", "Europe/Berlin"), ("TIMEZONE", "Europe/Berlin"), ("WEB_PORT", "54321"), ("TOKEN", "true")]
    assert PlainEnv(["TZ"], [*variables, *more], [("", "54321")]).proposed == ["DEBUG", "PORT", "TIMEZONE", "ZONE_TZ"]
    # A password that is such a word.
    assert PlainEnv([], [("DEBUG", "true"), ("PORT", "3000")], [("", "true")]).proposed == ["PORT"]
    assert PlainEnv(["*"], variables, []).proposed == []


def test_a_proposed_value_is_no_secret_for_others() -> None:
    plain = PlainEnv(["TZ"], [("TZ", "Europe/Berlin"), ("TIMEZONE", "Europe/Berlin")], [])
    assert plain.is_readable("TZ", "Europe/Berlin")
    plain = PlainEnv(["TZ"], [("TZ", "Europe/Berlin"), ("PLACE", "Europe/Berlin")], [])
    assert not plain.is_readable("TZ", "Europe/Berlin")


def test_comments_that_have_a_secret_of_the_export() -> None:
    plain = PlainEnv([], [("A", "hunter2x"), ("B", "production"), ("C", "shop")], [("", "swordfish")])
    tells = [plain.tells(text) for text in ("as hunter2x", "production", "of the shop", "swordfish!", "nothing")]
    assert tells == [True, False, False, True, False]
