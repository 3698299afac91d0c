# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets, recognised by their place, the name of their key and their value."""

from __future__ import annotations

import base64
import json

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import (
    Scrubber,
    credentials_in,
    hide_credentials,
    is_secret,
    texts_of_secrets,
    worth_hiding,
)
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv

M = "********"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:sesame@h/a", f"https://{M}@h/a"),
        ("HTTPS://sesame@h/a", f"HTTPS://{M}@h/a"),
        ("Http://:sesame@h", f"Http://{M}@h"),
        ("https://user:p@ss:sesame@h/a", f"https://{M}@h/a"),
        ("https://user:se/same@h/a", f"https://{M}@h/a"),
        ("ssh://git@h/a", "ssh://git@h/a"),
        ("ssh://git:sesame@h:22/a", f"ssh://git:{M}@h:22/a"),
        ("postgres://u:sesame@db:5432/a?sslmode=on", f"postgres://u:{M}@db:5432/a?sslmode=on"),
        ("https://h/a?token=sesame&b=1", f"https://h/a?token={M}&b=1"),
        ("https://h/a?b=1&API_KEY=sesame#x", f"https://h/a?b=1&API_KEY={M}#x"),
        ("https://h:8080/a@b", "https://h:8080/a@b"),
        ("git@h:a/b.git and a@b.example", "git@h:a/b.git and a@b.example"),
        ("https://h/a?monkey=1", f"https://h/a?monkey={M}"),
    ],
)
def test_credentials_in_addresses(text: str, shown: str) -> None:
    assert hide_credentials(text) == shown
    assert hide_credentials(shown) == shown


def test_credentials_in_addresses_are_secrets() -> None:
    assert set(credentials_in("https://u:se%2Fsame@h/?token=x%20y")) == {"se%2Fsame", "se/same", "x%20y", "x y"}
    assert set(credentials_in("HTTPS://a-long-token-as-user@h")) == {"a-long-token-as-user"}
    assert set(credentials_in("ssh://git@h/a")) == set()


@pytest.mark.parametrize("text", ["", "a", "ok", "abc", "8080", "true", "Production", " production ", "****"])
def test_short_and_common_values_are_not_searched_for(text: str) -> None:
    assert not worth_hiding(text)


@pytest.mark.parametrize("text", ["abcd", "80800", "trues", "pa55", "s3cret"])
def test_other_values_are_searched_for(text: str) -> None:
    assert worth_hiding(text)


@pytest.mark.parametrize(
    "key", ["env", "password", "databaseRootPassword", "refreshToken", "sshPrivateKey", "licenseKey"]
)
def test_keys_of_secrets(key: str) -> None:
    assert is_secret(key)


@pytest.mark.parametrize(
    "key", ["name", "publicKey", "sshKeyId", "customGitSSHKeyId", "certificateType", "environmentId"]
)
def test_other_keys(key: str) -> None:
    assert not is_secret(key)


def test_texts_under_the_keys_of_secrets() -> None:
    mounts, users = [{"content": "b", "name": "c"}], [{"password": "d"}]
    answer = [{"env": "A=1", "mounts": mounts, "security": users, "x": {"token": 5}}]
    assert sorted(texts_of_secrets(answer)) == ["A=1", "b", "d"]


def test_secrets_of_requests_and_answers_are_masked() -> None:
    scrubber = Scrubber(lambda text: dotenv.parse(text).values())
    scrubber.learn({"env": "A=open-sesame\nB=short\nC='two words'", "name": "a-long-name"})
    assert scrubber.sanitize("open-sesame short 'two words' a-long-name") == f"{M} short '{M}' a-long-name"


def test_a_limited_number_of_characters_is_remembered() -> None:
    scrubber = Scrubber()
    scrubber.learn([{"env": f"A=first-secret{'x' * 3_000_000}"}, {"env": f"A=second-secret{'y' * 3_000_000}"}])
    assert len(scrubber._learned) == 1


def test_pieces_and_base64_of_secrets_are_masked() -> None:
    scrubber = Scrubber()
    scrubber.add("abcdefghijklmnopqrstuvwxyz0123456789", "abcdefgh-another")
    assert scrubber.sanitize("got abcdefghijklmnopq...") == f"got {M}..."
    assert scrubber.sanitize("got abcdefghijkl...") == "got abcdefghijkl..."
    scrubber.add('say "open" to it')
    coded = base64.b64encode(json.dumps({"a": 'say "open" to it'}).encode()).decode()
    assert scrubber.sanitize(f"got {coded} there") == f"got eyJhIjogIn{M}CJ9 there"


def test_what_the_collection_notes_in_an_environment_is_no_secret() -> None:
    """Messages name the archive, whose path is in the mark of a stack."""
    scrubber = Scrubber()
    mark = "# community.dokploy.data=1 run=1a2b restoring=forum_db/set/forum/1.sql.gz"
    scrubber.learn({"env": f"TOKEN=made-up-and-long-enough-to-count\n{mark}"})
    text = "Restoring database: forum from forum_db/set/forum/1.sql.gz; made-up-and-long-enough"
    assert scrubber.sanitize(text) == "Restoring database: forum from forum_db/set/forum/1.sql.gz; ********"


def test_the_image_of_a_compose_file_is_no_secret() -> None:
    """Docker names the image that it cannot pull, which the file of the same run contains."""
    scrubber = Scrubber()
    scrubber.learn(
        {
            "composeFile": "services:\r\n  web:\r\n    image: registry.example.com/shop/web:3\r\n"
            "    command: serve --license made-up-license-of-shop\r\n"
        }
    )
    text = "manifest for registry.example.com/shop/web:3 not found; command serve --license made-up-license-of-sh"
    assert scrubber.sanitize(text) == f"manifest for registry.example.com/shop/web:3 not found; command{M}"
