# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What proves a restored archive: checks that have looked at it, its fingerprint, or that it was read to its end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Optional

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._manifest.proofs import passed_of, proof_of
from ansible_collections.community.dokploy.plugins.module_utils._resources.archive_kinds.fingerprints import FileSums
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups import archives_file as af

BUCKET = af.Bucket("s3", "https://s3.example.com", "backups")
AT = "2026-12-01T02:15:00.000Z"
STACK, WEB, DB = (
    ("compose", "shop/production/forum"),
    ("application", "shop/production/web"),
    ("database", "shop/production/db"),
)
FORUM = af.SavedArchive(
    *STACK, "database", "dump", BUCKET, "forum/db.sql.gz", 1, AT, "db", "postgres", af.SavedDatabase("forum")
)
FILES = af.SavedArchive(*STACK, "volume", "volume", BUCKET, "forum/files.tar", 1, AT, "keeper", volume="forum_files")
SUMS = FileSums(3, 2048, "0123456789abcdef" * 4)
UPLOADS = af.SavedArchive(*WEB, "volume", "volume", BUCKET, "web/uploads.tar", 1, AT, volume="uploads")
FOLDER = af.SavedArchive(*WEB, "bind", "bind", BUCKET, "web/folder.tar", 1, AT, bind="/srv/files")
DUMP = replace(FORUM, kind=DB[0], path=DB[1], service=None, database_type="mariadb", database=af.SavedDatabase("shop"))
OWN = replace(UPLOADS, kind=DB[0], path=DB[1], volume="exports")
DATA = replace(OWN, volume="db-data", database_type="postgres", database=af.SavedDatabase("shop"))
LACKS = af.NotSaved(*WEB, "bind", "jobs is false", name="/srv/files")


def check(place: Any, looks_at: Optional[List[str]] = None) -> af.SavedCheck:
    return af.SavedCheck("rows", *place, "count", "1", looks_at=looks_at)


@pytest.mark.parametrize(
    ("archives", "checks", "lacks", "passed", "proofs"),
    [
        # What a check of a stack or an application looks at, it has to state, unless there is one thing only.
        ([FORUM, FILES], [check(STACK)], [], True, ["whole", "whole"]),
        ([FORUM, FILES], [check(STACK, ["db:forum"])], [], True, ["checked", "whole"]),
        ([FORUM, FILES], [check(STACK, ["keeper:forum_files"])], [], True, ["whole", "checked"]),
        ([FORUM, FILES], [check(STACK, [])], [], True, ["whole", "whole"]),
        ([FORUM, replace(FILES, fingerprint=SUMS)], [check(STACK)], [], True, ["whole", "same"]),
        ([FORUM], [check(STACK)], [], True, ["checked"]),
        ([UPLOADS], [check(WEB)], [], True, ["checked"]),
        ([UPLOADS, FOLDER], [check(WEB)], [], True, ["whole", "whole"]),
        ([UPLOADS, FOLDER], [check(WEB, ["/srv/files"])], [], True, ["whole", "checked"]),
        # It may have looked at what the set lacks.
        ([UPLOADS], [check(WEB)], [LACKS], True, ["whole"]),
        # A check of a database looks at that, by a dump or by its data volume, and at no other volume.
        ([DUMP, OWN], [check(DB)], [], True, ["checked", "whole"]),
        ([DATA, OWN], [check(DB)], [], True, ["checked", "whole"]),
        # A check of another service, one that was not run, and one that has failed, whatever it looks at.
        ([UPLOADS], [check(DB)], [], True, ["whole"]),
        ([UPLOADS], [check(WEB)], [], None, ["whole"]),
        ([FORUM, FILES], [check(STACK, ["db:forum"])], [], False, ["not_proven", "not_proven"]),
        # Nothing: Dokploy reports a restore of MariaDB as a success in any case.
        ([DUMP], [], [], True, ["not_proven"]),
    ],
)  # fmt: skip
def test_only_what_was_looked_at_is_proven(
    archives: List[af.SavedArchive],
    checks: List[af.SavedCheck],
    lacks: List[af.NotSaved],
    passed: Optional[bool],
    proofs: List[str],
) -> None:
    saved = af.BackupSet(AT, AT, af.SavedServer("http://dokploy", "0.30.2"), True, [], archives, checks, lacks)
    reports = [_report(row.kind, row.path, row.name, passed) for row in checks]
    assert [proof_of(archive, passed_of(archive, saved, reports), None) for archive in archives] == proofs


def test_the_login_to_a_restored_volume_proves_none_of_its_data() -> None:
    saved = af.BackupSet(AT, AT, af.SavedServer("http://dokploy", "0.30.2"), True, [], [DATA], [], [])
    report = _report(*DB, "login to the restored volume", True)
    assert proof_of(DATA, passed_of(DATA, saved, [report]), None) == "whole"
    assert proof_of(DATA, passed_of(DATA, saved, [{**report, "passed": False}]), None) == "not_proven"


def _report(kind: str, path: str, name: str, passed: Optional[bool]) -> Dict[str, Any]:
    return {"kind": kind, "path": path, "name": name, "passed": passed}
