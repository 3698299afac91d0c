# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URLs of repositories and hosts: valid and invalid ones."""

from __future__ import annotations

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.routing import HOST
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.source import git_address


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/acme/shop.git",
        "http://127.0.0.1:8418/web.git",
        "https://user:token@git.example.com/acme/shop",
        "ssh://git@git.example.com:2222/acme/shop.git",
        "git://git.example.com/shop",
        "git@git.example.com:acme/shop.git",
        "git.example.com:acme/shop.git",
        "me@host:~/shop.git",
        "host:/srv/git/shop.git",
    ],
)
def test_valid_repository_urls(url: str) -> None:
    git_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "acme/shop",
        "shop",
        "github.com/acme/shop",
        "/srv/git/shop.git",
        "./shop",
        "file:///srv/git/shop.git",
        "ftp://host/shop.git",
        "https://",
        "https://git.example.com",
        "https://git.example.com/",
        "https://git.example.com/two words.git",
        " https://git.example.com/shop.git",
        "https:/git.example.com/shop.git",
        "git@host",
        "git@host:",
    ],
)
def test_invalid_repository_urls(url: str) -> None:
    with pytest.raises(ValueError, match="is not an address that Dokploy can clone from"):
        git_address(url)


def test_the_error_for_a_url_has_no_password() -> None:
    with pytest.raises(ValueError, match="ftp://") as caught:
        git_address("ftp://user:hunter2@host/shop.git")
    assert "hunter2" not in str(caught.value)


def test_hosts_are_compared_without_case() -> None:
    assert HOST.to_api("Shop.Example.COM") == "shop.example.com"
    assert HOST.same("shop.example.com", "SHOP.example.com")
    assert not HOST.same("shop.example.com", "shop.example.org")
    assert HOST.shown("Shop.Example.COM") == "Shop.Example.COM"
