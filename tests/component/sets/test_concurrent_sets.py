# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two sets of one scope at once: a service is saved by one after the other, and both sets are complete."""

from __future__ import annotations

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._sets.backup_set import OPERATION
from tests.component.sets.test_backup_set import ALL, left, small
from tests.support.effort import sampled
from tests.support.host import Host
from tests.support.interleaved import interleaved

__all__ = ["small"]

# After which write the second set begins: a job, a record for a single run, a service that stands still, and the record
# of the first set itself.
MOMENTS = ["application.create", "backup.create", "application.stop", "volumeBackups.create"]


@pytest.mark.parametrize("moment", sampled(MOMENTS, 4))
def test_two_sets_at_once_are_both_complete(small: Host, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = [
        {"path": "/uploads", "type": "volume", "name": "uploads"},
        {"path": "/host", "type": "bind", "host_path": "/srv/shop"},
    ]
    small.call("backup.remove", backupId=next(iter(small.sim.server.store.backups.rows)))
    small.ok(APPLICATION, project="shop", name="web", mounts=mounts)
    small.new_task()
    other = Host(small.sim)
    first, second = interleaved(
        lambda: small.run(OPERATION, **ALL),
        lambda: other.run(OPERATION, **ALL),
        lambda procedure, _text: procedure == moment,
        monkeypatch,
        stands=0.5,
    )
    other.close()
    assert second is not None
    (files,) = small.sim.server.buckets.files.values()
    paths = []
    for result in (first, second):
        assert (result.get("msg"), result["complete"]) == (None, True)
        paths += [archive["file"] for archive in result["set"]["archives"]]
    assert len(set(paths)) == len(paths) == 6 and set(paths) <= set(files)
    assert left(small) == []
