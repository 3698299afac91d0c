# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applications that are jobs are no configuration: an export leaves out what a run that was killed has left of them."""

from __future__ import annotations

from ansible_collections.community.dokploy.plugins.module_utils._resources.jobs.run import MARK
from tests.component.export.test_export import apply, environment, export, inner, shop
from tests.support.host import Host


def test_jobs_are_left_out(host: Host) -> None:
    job = {"name": "job-set-cache", "description": MARK, "docker": {"image": "busybox"}}
    own = {"name": "job-of-the-user", "docker": {"image": "busybox"}}
    apply(host, projects=shop(environment(applications=[job, own]), environment("staging", applications=[job])))
    result = export(host)
    assert [entry["name"] for entry in inner(result)] == ["job-of-the-user"]
    missing = [(row["path"], row["reason"]) for row in result["missing"] if row["kind"] == "application"]
    assert [path for path, _reason in missing] == ["shop/production/job-set-cache", "shop/staging/job-set-cache"]
    assert {reason.partition(",")[0] for _path, reason in missing} == {"It is a job"}
    # It changes nothing, and a document of it is written.
    assert not apply(host, **result["document"])["changed"]
