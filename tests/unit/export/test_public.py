# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be guessed, and what is a secret beside the references in it."""

from __future__ import annotations

import string
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._export.public import is_public, is_unguessable
from ansible_collections.community.dokploy.plugins.module_utils._manifest.reference_text import Reference

R = Reference("", ("db",), "password").text


@pytest.mark.parametrize(
    "text",
    [
        "x7Kq0LpZ3vRt",
        "GQvwMhTzLbKdXsPf",
        "9f86d081884c7d659a2feaa0c55ad015",
        "correct-horse-battery-staple",
        "ghp_9fK2lQ0aZx7Rt4Vb1Nm",
    ],
)
def test_what_is_in_another_text_not_by_chance(text: str) -> None:
    assert is_unguessable(text)


def test_each_token_of_a_webhook_is_not_in_another_text_by_chance() -> None:
    """Dokploy makes them with nanoid. Those without a digit are the ones that can look like words."""
    letters = string.ascii_letters + "_-"
    random = Random("webhook tokens")
    for alphabet in (letters + string.digits, letters):
        tokens = ("".join(random.choices(alphabet, k=21)) for _number in range(10_000))
        assert [token for token in tokens if not is_unguessable(token)] == []
    assert is_unguessable("ABNVLKPqzvmtrwkcdghjL")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "postgres",
        "admin",
        "shop",
        "changeme1234",
        "MySecretPassword123!",
        "mysecretpassword",
        "Postgres_Admin_2024",
        "password" * 20 + "z",
        "aaaaaaaaaaaa1",
        "1234567890123456",
        "shop-production",
        "********************",
        "x7Kq0LpZ3vR",
    ],
)
def test_what_others_may_have_too(text: str) -> None:
    assert not is_unguessable(text)


@pytest.mark.parametrize(
    "text",
    [
        R,
        f"{R}?sslmode=disable&connection_limit=5",
        f"{R}/shop_test",
        f"{R}:5432",
        f"tasks.{R}:80",
        f"{R}-data",
        f"{R}_web.1",
        f"http://{R}:3000/api/v1",
        f"postgres://shop:{R}@{R}:5432/shop",
        f"postgresql+asyncpg://{R}:{R}@{R}/shop?ssl=true",
        f"jdbc:postgresql://{R}:5432/shop",
        f"redis://:{R}@{R}:6379/0",
        f"mongodb://shop:{R}@{R}:27017,{R}:27018/shop?authSource=admin&replicaSet=rs0",
        f"amqp://guest:{R}@{R}:5672",
        f"postgres://shop:{R}@db.example.com:5432/shop",
        f"host={R} port=5432 user=shop password={R} dbname=shop sslmode=disable",
        f"Server={R};Port=3306;Database=shop;Uid=shop;Pwd={R};SslMode=None",
    ],
)
def test_addresses_are_no_secrets(text: str) -> None:
    assert is_public(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "postgres://shop:made-up@db:5432/shop",
        f"postgres://shop:made-up@{R}:5432/shop",
        f"https://made-up@{R}/x",
        f"https://{R}/hooks/T0KEN9",
        f"https://{R}/?key=made-up",
        f"{R}?sslmode=disable&token=made-up",
        f"{R}?sslmode={'a' * 50}",
        f"made-up{R}",
        f"{R}made-up",
        f"{R}-maDe9up",
        f"host={R} password=made-up",
        f"Server={R};Pwd=made-up",
        f'{{"password": "made-up", "url": "{R}"}}',
        f"{R}\nmade-up",
        f"{R}\n",
    ],
)
def test_all_else_may_be_one(text: str) -> None:
    assert not is_public(text)


@given(
    st.from_regex(r"[A-Za-z0-9_]{8,40}", fullmatch=True),
    st.sampled_from(["{0}{1}", "{1}{0}", "x://{0}@{1}", "http://{0}:{1}@{1}/", "{1}\n{0}"]),
)
def test_what_is_unguessable_is_never_public(secret: str, form: str) -> None:
    if is_unguessable(secret):
        assert not is_public(form.format(secret, R))
