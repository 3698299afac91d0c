# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter that refers to another entry of a document."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.community.dokploy.plugins.filter.reference import FilterModule, reference
from ansible_collections.community.dokploy.plugins.module_utils._manifest.reference_text import Reference, references_in


@pytest.mark.parametrize(
    ("text", "kind", "path"),
    [
        ("db:internal_url", "", ("db",)),
        ("shop/production/db:internal_url", "", ("shop", "production", "db")),
        ("ghcr:internal_url", "registry", ("ghcr",)),
        ("a\\/b:c:internal_url", "", ("a/b:c",)),
    ],
)
def test_what_it_returns(text: str, kind: str, path: tuple[str, ...]) -> None:
    returned = FilterModule().filters()["reference"](text, kind=kind)
    assert returned.__class__ is str
    assert list(references_in(f"see {returned}")) == [Reference(kind, path, "internal_url")]


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (None, "", "reference takes text, not null"),
        (["db:id"], "", "reference takes text, not a list"),
        ("db:id", None, "reference: kind takes text, not null"),
        ("db", "", "reference: 'db' is no reference such as db:internal_url or shop/production/db:internal_url"),
        ("/production/db:id", "", "reference: '/production/db:id' is no reference such as"),
        ("db:id", "SSH key", "reference: 'db:id': 'SSH key' is no kind; kinds are like registry"),
    ],
)
def test_what_it_refuses(text: Any, kind: Any, said: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        reference(text, kind)
    assert str(caught.value).startswith(said)
