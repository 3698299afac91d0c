# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The descriptions of kinds of archives agree with what is made of them, and nothing else compares kinds."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.archive_kinds.kinds import (
    ARCHIVE_KINDS,
    DATABASE,
    ArchiveKind,
    kind_of,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_file import SavedArchive
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import DATABASES
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import COMPOSE

PLUGINS = Path(__file__).parents[3] / "plugins"
KINDS = pytest.mark.parametrize("kind", ARCHIVE_KINDS.values(), ids=list(ARCHIVE_KINDS))


@KINDS
def test_data_has_the_kind_whose_description_says_so(kind: ArchiveKind) -> None:
    for database_type in kind.database_types or [None]:
        assert kind_of(kind.what, database_type) is kind


def test_each_kind_of_databases_has_archives() -> None:
    assert all(kind_of(DATABASE, database.kind) is not None for database in DATABASES)


@KINDS
def test_services_have_the_backups_that_make_it(kind: ArchiveKind) -> None:
    services: list[Resource] = [APPLICATION, COMPOSE, *DATABASES]
    if kind.what == DATABASE:
        services = [database for database in DATABASES if database.kind in kind.database_types]
    elif kind.backups != "volume_backups":
        services = [COMPOSE]
    assert services
    for service in services:
        assert kind.backups in {child.option for child in service.children}


@KINDS
def test_what_names_its_data_is_a_key_of_the_file(kind: ArchiveKind) -> None:
    assert kind.named_by is None or kind.named_by in {field.name for field in fields(SavedArchive)}


def test_only_descriptions_compare_methods() -> None:
    """What differs between kinds of archives is a word of their descriptions."""
    compared = re.compile(r"\bmethod (?:==|!=|in|not in) ")
    files = [path for path in (PLUGINS / "module_utils").rglob("*.py") if path.parent.name != "archive_kinds"]
    lines = ["%s: %s" % (path.name, line) for path in files for line in path.read_text().splitlines()]
    found = [line for line in lines if compared.search(line) and ".method" in line]
    assert not found
