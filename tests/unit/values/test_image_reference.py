# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References of images, valid and invalid ones."""

from __future__ import annotations

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._values.grammar import image_reference

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
