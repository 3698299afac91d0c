# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which values of variables a document has in the clear, and which are proposed for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._export.plain_env import PlainEnv, is_surely_plain

#: Names of variables under which no value is sure to be no secret.
SECRET_NAMES = (
    *(
        "PIN",
        "CODE",
        "API_KEY",
        "KEY",
        "APIKEY",
        "sessionKey",
        "TOKEN",
        "DB_PASSWORD",
        "DB_PASS",
        "DBPASS",
        "DB_PW",
        "pwd",
    ),
    *(
        "OTP_SEED",
        "SALT",
        "SENTRY_DSN",
        "BASIC_AUTH",
        "basicAuth",
        "SLACK_WEBHOOK",
        "cookie.secret",
        "SIGNING",
        "LOGIN",
    ),
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "true"),
        ("cache.enabled", "No"),
        ("ANY", ""),
        ("FLAG", "0"),
        ("ANY", "a"),
        ("ANY", "x7K"),
        ("SUPPORT", "1234"),
        ("PORT", "3000"),
        ("PASSPORT", "12345"),
        ("RATIO", "-0.25"),
        ("MAX_AGE", "604800000"),
        ("TZ", "Europe/Berlin"),
        ("PLACE", "America/Argentina/Buenos_Aires"),
        ("LEVEL", "WARN"),
        ("NODE", "production"),
        ("CHARSET", "utf8mb4"),
        ("OTHER", "shop"),
        ("DB_HOST", "postgres-main"),
        ("HOST", "db:5432"),
        ("LISTEN", "0.0.0.0:80"),
        ("WHERE", "localhost"),
        ("ANY", "web.example.com"),
        ("PUBLIC_URL", "https://web.example.com/api/v1"),
        ("CACHE", "redis://cache.internal:6379/0"),
    ],
)
def test_surely_plain(name: str, value: str) -> None:
    assert is_surely_plain(name, value, ("shop",))
    assert not any(is_surely_plain(secret, value, ("shop",)) for secret in SECRET_NAMES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "yes please"),
        ("ANY", "1234567890"),
        ("ANY", "３０００"),
        ("ANY", "3000\n"),
        ("TZ", "Europe"),
        ("TZ", "Europe/hunter2"),
        ("LOG_LEVEL", "hunter2"),
        ("REGION", "eu-west-1"),
        ("OTHER", "Shop"),
        ("WORD", "postgres-main"),
        ("DB_HOST", "Hunter"),
        ("ANY", "x7kq0lpz3vrt.example.com"),
        ("PUBLIC_URL", "https://user:hunter2@web.example.com"),
        ("PUBLIC_URL", "https://user@web.example.com"),
        ("PUBLIC_URL", "https://web.example.com/?token=hunter2"),
        ("PUBLIC_URL", "https://web.example.com/T02ABCDEF/x7Kq0LpZ3vRt"),
    ],
)
def test_not_surely_plain(name: str, value: str) -> None:
    assert not is_surely_plain(name, value, ("shop",))


@given(name=st.text("ABab_.-1", max_size=8), secret=st.sampled_from(SECRET_NAMES), value=st.text(max_size=12))
def test_what_is_named_like_a_secret_is_never_readable_anywhere(name: str, secret: str, value: str) -> None:
    plain = PlainEnv([], [(name, value), (secret, value)], [], guessed=True)
    assert not plain.is_readable(secret, value) and not plain.is_readable(name, value)


def test_what_surely_is_no_secret_is_readable_unless_the_user_says_otherwise() -> None:
    variables = [("REPLICAS", "1"), ("STAGE", "production"), ("INNER", "internal.example.com"), ("WORD", "hunter2x")]

    def readable(plain: PlainEnv) -> list[str]:
        return [name for name, text in variables if plain.is_readable(name, text)]

    guessed = PlainEnv([], variables, [], guessed=True)
    assert readable(guessed) == ["REPLICAS", "STAGE", "INNER"] and guessed.proposed == []
    assert readable(PlainEnv(["WORD"], variables, [], guessed=True, hidden=["INN*", "STAGE"])) == ["REPLICAS", "WORD"]
    whole = PlainEnv(["STAGE"], variables, [])
    assert readable(whole) == ["STAGE"] and whole.proposed == ["INNER", "REPLICAS"]
    # The user name of a registry, or a build secret.
    assert readable(PlainEnv([], variables, [("", "production")], guessed=True)) == ["REPLICAS", "INNER"]


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
    # A token is true as well.
    assert PlainEnv(["TZ"], [*variables, *more], [("", "54321")]).proposed == ["PORT", "TIMEZONE", "ZONE_TZ"]
    # A password that is such a word.
    assert PlainEnv([], [("DEBUG", "true"), ("PORT", "3000")], [("", "true")]).proposed == ["PORT"]
    assert PlainEnv(["*"], variables, []).proposed == []


def test_a_proposed_value_is_no_secret_for_others() -> None:
    plain = PlainEnv(["TZ"], [("TZ", "Europe/Berlin"), ("TIMEZONE", "Europe/Berlin")], [])
    assert plain.is_readable("TZ", "Europe/Berlin")
    plain = PlainEnv(["TZ"], [("TZ", "Europe/Berlin"), ("API_KEY", "Europe/Berlin")], [])
    assert not plain.is_readable("TZ", "Europe/Berlin")


def test_comments_that_have_a_secret_of_the_export() -> None:
    plain = PlainEnv([], [("A", "hunter2x"), ("B", "production"), ("C", "shop")], [("", "swordfish")])
    tells = [plain.tells(text) for text in ("as hunter2x", "production", "of the shop", "swordfish!", "nothing")]
    assert tells == [True, False, False, True, False]
