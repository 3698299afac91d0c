# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images, URLs of repositories, hosts and time zones: valid and invalid ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._values import cron
from ansible_collections.community.dokploy.plugins.module_utils._values.cron import timezone
from ansible_collections.community.dokploy.plugins.module_utils._values.names import HOST, git_address, image_reference

DIGEST = "sha256:" + "0123456789abcdef" * 4

# From the tests of github.com/distribution/reference, and common ones.
IMAGES = [
    "nginx",
    "nginx:1.27-alpine",
    "nginx:_",
    "acme/shop",
    "acme/shop:1",
    f"acme/shop@{DIGEST}",
    f"acme/shop:1@{DIGEST}",
    "a/b/c/d:e",
    "ghcr.io/acme/shop-api:1.4.2",
    "localhost/shop",
    "localhost:5000/shop:1",
    "127.0.0.1:5000/busybox:latest",
    "[2001:db8::1]:5000/shop",
    "Registry/shop",
    "xn--n3h.com/myimage",
    "a.b/c__d/e--f/g.h/i_j",
    "0cd.io/1:2",
    "nginx:" + "x" * 128,
    "a/" * 127 + "b",
]
NO_IMAGES: list[tuple[str, str]] = [
    ("nginx: 1 ; ls", "whitespace"),
    (" nginx", "whitespace"),
    ("nginx\n", "whitespace"),
    ("Nginx:1", "'Nginx' must be lower case"),
    ("acme/Shop", "'Shop' must be lower case"),
    ("https://ghcr.io/acme/shop", "scheme"),
    ("docker://nginx", "scheme"),
    ("nginx:", "'' is not a tag"),
    ("nginx:1:2", "'1:2' is not a tag"),
    ("nginx:${TAG}", "'${TAG}' is not a tag"),
    ("nginx:.1", "is not a tag"),
    ("nginx:" + "x" * 129, "is not a tag"),
    ("${IMAGE}", "'${IMAGE}' is not part of a repository name"),
    ("nginx@sha256:1234", "'sha256:1234' is not a digest"),
    ("nginx@", "is not a digest"),
    (f"nginx@{DIGEST.upper()}", "is not a digest"),
    (f"@{DIGEST}", "is not part of a repository name"),
    (":1", "is not part of a repository name"),
    ("acme//shop", "'' is not part of a repository name"),
    ("acme/shop/", "'' is not part of a repository name"),
    ("/shop", "'' is not part of a repository name"),
    ("-shop", "'-shop' is not part of a repository name"),
    ("shop__", "is not part of a repository name"),
    ("a___b", "is not part of a repository name"),
    ("gr\u00f6\u00dfer", "is not part of a repository name"),
    ("ghcr.io:port/shop", "'ghcr.io:port' is not the host of a registry"),
    ("-a.b/shop", "is not the host of a registry"),
    ("a" * 256, "256 characters"),
]


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image[:40])
def test_valid_images(image: str) -> None:
    image_reference(image)


@pytest.mark.parametrize(("image", "words"), NO_IMAGES, ids=lambda text: ascii(text)[:40])
def test_invalid_images(image: str, words: str) -> None:
    with pytest.raises(ValueError, match="is not a valid image reference: ") as caught:
        image_reference(image)
    assert words in str(caught.value)


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


# --- time zones ------------------------------------------------------------------------------------------------------


@pytest.fixture
def known(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Replace the time zone data of this host."""
    names = set(request.param)
    monkeypatch.setattr(cron, "available_timezones", lambda: names)
    monkeypatch.setattr(cron, "TZPATH", ())
    monkeypatch.setattr(cron, "ZoneInfo", {name: name for name in names}.__getitem__)
    cron._known.cache_clear()
    yield
    cron._known.cache_clear()


ALL = ("US/Eastern", "Europe/Berlin", "Etc/GMT+8")


@pytest.mark.parametrize("known", [ALL], indirect=True)
@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "europe/berlin", "Etc/GMT+8", "UTC", "utc", "UTC+2", "utc-11", "GMT", "local"]
)
def test_valid_time_zones(known: None, name: str) -> None:
    timezone(name)


@pytest.mark.parametrize("known", [ALL], indirect=True)
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("Berlin", "did you mean Europe/Berlin?"),
        ("CEST", "use a name such as Europe/Berlin"),
        ("UTC+200", "use a name such as"),
    ],
)
def test_invalid_time_zones(known: None, name: str, words: str) -> None:
    with pytest.raises(ValueError, match="time zone '.*' does not exist; ") as caught:
        timezone(name)
    assert words in str(caught.value)


@pytest.mark.parametrize("known", [(), ("Europe/Berlin",)], ids=["no data", "without the oldest names"], indirect=True)
def test_without_all_data_no_time_zone_is_refused(known: None) -> None:
    timezone("Europe/Berln")


def test_the_source_of_the_data_has_names_that_are_not_installed(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("zoneinfo")
    (folder / "tzdata.zi").write_text("# version 2026b\nZ Europe/Kyiv 2:2:4 - LMT 1880\nL Europe/Kyiv Europe/Kiev\n")
    monkeypatch.setattr(cron, "available_timezones", lambda: {"Europe/Kyiv"})
    monkeypatch.setattr(cron, "TZPATH", ("/nowhere", str(folder)))
    cron._known.cache_clear()
    try:
        assert cron._known() == {"europe/kyiv": "Europe/Kyiv", "europe/kiev": "Europe/Kiev"}
    finally:
        cron._known.cache_clear()
