# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Deployments of files: whether they may go to the server, whether they have to, and the write that takes them."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._archive.source import Archive
from ansible_collections.community.dokploy.plugins.module_utils._deployment.fingerprint import mark_of
from ansible_collections.community.dokploy.plugins.module_utils._deployment.state import Standing
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Took, Upload
from ansible_collections.community.dokploy.plugins.module_utils._engine.requirements import has_source, need
from ansible_collections.community.dokploy.plugins.module_utils._errors import Refused
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource

Row = Mapping[str, Any]

# Seconds for the answer: the server unpacks the files before it answers.
TIMEOUT = 900.0
FIRST_WITH_UPLOADS = (0, 29, 0)
# The releases that take other names for an attempt to lead out of the folder, when they have emptied it (see _archive).
NO_ODD_NAMES = ((0, 29, 3), (0, 30, 2))


def as_deployed(row: Row, files: Optional[Archive]) -> Row:
    """The application as it will be with the files: their source takes the place of none."""
    return row if files is None else {**row, "sourceType": "drop", "dropBuildPath": _build_path(row)}


def upload(standing: Standing, files: Archive, took: Took) -> Upload:
    """The write that takes the files to the server, which deploys them at once."""
    fields = {"applicationId": standing.application_id, "dropBuildPath": _build_path(standing.row)}
    return Upload("application.dropDeployment", fields, "zip", files.packed, TIMEOUT, took)


def _build_path(row: Row) -> str:
    # The server forgets the path when it does not come with the files.
    return str(row.get("dropBuildPath") or "")


def must_go(standing: Standing, files: Optional[Archive]) -> bool:
    """Whether files go to the server; what it unpacked for the last good deployment it still has."""
    if files is None:
        return False
    mark = mark_of(standing.row)
    return (
        mark is None
        or mark.archive != files.content_hash
        or not mark.counts(standing.rows)
        or standing.rows[0].get("status") != "done"
        or standing.row.get("sourceType") != "drop"
    )


def check(resource: Resource, standing: Standing, files: Archive, client: Client) -> None:
    """:raises Refused: the application has another source, or this server cannot take such files."""
    row = standing.row
    if row.get("sourceType") != "drop" and has_source(resource, row):
        raise Refused(
            "%s is made from another source (%s), which files would take the place of"
            % (standing.words, row.get("sourceType")),
            hint="Say drop: {} with dokploy_application first, if that is meant.",
        )
    if not must_go(standing, files):
        return
    need(client, "a deployment of files", FIRST_WITH_UPLOADS)
    if files.odd and NO_ODD_NAMES[0] <= client.version() <= NO_ODD_NAMES[1]:
        raise Refused(
            "this Dokploy refuses %d of the files for their names, such as %r" % (len(files.odd), files.odd[0]),
            hint="It takes letters and digits of ASCII, blanks and _ . : / - [ ] only. Rename or ignore them.",
        )
