# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A shop of a database and an application with a volume, which is saved, lost and recovered."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._sets.backup_set import OPERATION as BACKUP_SET
from tests.component.manifest.test_manifest import apply
from tests.component.manifest.test_recovery import DB, DEPLOY, S3, WEB, lose
from tests.support.host import Host

Content = dict[str, Any]


def document(**sections: Any) -> dict[str, Any]:
    """A database, and an application with a volume that refers to it. :param sections: others of the environment."""
    environment = {"name": "production", "applications": [WEB], "databases": [{**DB, "backups": []}], **sections}
    return {"destinations": [S3], "projects": [{"name": "shop", "environments": [environment]}]}


def saved_and_lost(host: Host) -> Content:
    """The content of archives.yml of both, which have rows and a file, and are lost."""
    apply(host, document(), **DEPLOY)
    host.sim.act(insert="db", table="orders", count=3)
    host.sim.act(write="uploads", path="cat.png", data="miaow")
    host.new_task()
    content: Content = host.ok(BACKUP_SET, data="all", destination="s3")["set"]
    lose(host)
    return content


def recover(host: Host, content: Content, **options: Any) -> dict[str, Any]:
    return apply(host, document(), **{**DEPLOY, **options}, archives=copy.deepcopy(content))
