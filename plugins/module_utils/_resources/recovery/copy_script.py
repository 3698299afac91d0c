# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where the files of an archive belong, and the script that copies them there from a scratch volume. Pure."""

from __future__ import annotations

import posixpath
import shlex
from typing import Any, Dict

from ..._swarm.tasks import Service
from ..backups.archives_file import BIND, RDB, SINGLE_FILE
from .claims import RestoreRequest, Row

#: Where a job has the scratch volume, the target, the root of the host, and what Dokploy has downloaded.
FROM, TO, HOST, DOWNLOADS = "/from", "/to", "/host", "/downloads"
_HAS_FILES, _IS_EMPTY = 3, 4
# The size of a tar without a file.
_EMPTY_TAR = 10240
# The file in the target while its files are being copied.
_BEGUN = ".recovery-has-not-ended"
_DUMP_EXISTS = "[ -s %(from)s/dump.rdb ] || exit %(empty)d\n"
_FILES_EXIST = '[ -n "$(ls -A %(from)s)" ] || exit %(empty)d\n'
_OTHER_DUMP = '[ "$(md5sum < %(from)s/dump.rdb)" != "$(cat %(to)s/dump.rdb 2>/dev/null | md5sum)" ]'
_SUMS = '"$(cd %%(%s)s; find . -type f -exec md5sum {} + | sort)"'
_OTHER_FILES = "[ %s != %s ]" % (_SUMS % "from", _SUMS % "to")
_BEGIN = """\
mkdir -p %%(to)s
there=$(ls -A %%(to)s)
[ -z "$there" ] || [ -e %%(begun)s ] || %s || exit 0
%s
rm -rf %%(to)s/..?* %%(to)s/.[!.]* %%(to)s/*
echo begun > %%(begun)s
"""
_SAME_FILE = '[ "$(md5sum < %(file)s)" = "$(cat %(to)s 2>/dev/null | md5sum)" ]'
# A single file of the host. Docker Compose makes an empty folder where a file is missing.
_SINGLE = """\
[ ! -f %(file)s ] || [ ! -d %(to)s ] || rmdir %(to)s 2>/dev/null || exit %(files)d
[ ! -f %(file)s ] || [ ! -e %(to)s ] || {same} || {replace}
[ ! -f %(file)s ] || mkdir -p %(parent)s
[ ! -f %(file)s ] || cp -a %(file)s %(part)s
[ ! -f %(file)s ] || mv -f %(part)s %(to)s
[ ! -f %(file)s ] || echo files=1
[ ! -f %(file)s ] || exit 0
""".format
_REFUSE = '[ -z "$there" ] || [ -e %(begun)s ] || exit %(files)d'
_END = """\
rm %(begun)s
echo "files=$(find %(to)s -type f | wc -l)"
"""
#: What its exit codes say.
EXITS = {
    _HAS_FILES: "it has files already, which no run of this recovery has put there. Nothing was changed. Name the path "
    "of the service in overwrite to replace them",
    _IS_EMPTY: "the archive has no such files. Nothing was changed",
}


def target_of(service: Service, request: RestoreRequest) -> str:
    """The volume, or the folder of the host, that the files of an archive belong to.

    On the saved server, the name of a volume begins with that of the service, where Dokploy or Docker Compose has named
    it; here it begins with that of the service here.
    """
    archive, name = request.archive, str(service.row.get("appName"))
    if archive.what == BIND:
        return str(archive.bind)
    if archive.volume is None:
        return "%s-data" % name
    own = archive.volume[len(request.saved_name) :]
    is_own = archive.volume.startswith(request.saved_name) and own[:1] in ("-", "_")
    return name + own if is_own else archive.volume


def appends(row: Row) -> bool:
    """Whether the command of a Redis lets it write an append-only file, which it prefers to a dump."""
    words = " ".join([str(row.get("command") or ""), *(row.get("args") or []), str(row.get("composeFile") or "")])
    return "appendonly yes" in " ".join(words.replace('"', " ").replace("'", " ").replace(",", " ").split())


def script_of(request: RestoreRequest, target: str, append_only: bool) -> str:
    """The script that copies the files.

    It may be repeated: what it has begun to copy has a file of its own, and what is the same already counts as copied.
    Otherwise it changes nothing where there are files, unless these may be replaced.

    :param append_only: a Redis begins with an append-only file.
    """
    archive, path = request.archive, TO
    if archive.what == BIND:
        path = "%s%s" % (HOST, target.rstrip("/"))
    to = shlex.quote(path)
    names: Dict[str, Any] = {"from": FROM, "to": to, "begun": "%s/%s" % (to, _BEGUN)}
    names.update(empty=_IS_EMPTY, files=_HAS_FILES, file="%s/%s" % (FROM, SINGLE_FILE))
    names.update(part=shlex.quote(path + _BEGUN), parent=shlex.quote(posixpath.dirname(path)))
    if archive.method == RDB:
        # Redis reads a dump at the beginning of an append-only file, and makes its own of it.
        more = "cp %(from)s/dump.rdb %(to)s/appendonly.aof\n" if append_only else ""
        parts = _DUMP_EXISTS, _OTHER_DUMP, "cp %(from)s/dump.rdb %(to)s/dump.rdb\n" + more
    else:
        parts = _FILES_EXIST if archive.size > _EMPTY_TAR else "", _OTHER_FILES, "cp -a %(from)s/. %(to)s/\n"
    exists, other, copy = parts
    if archive.what == BIND:
        exists += _SINGLE(same=_SAME_FILE, replace="true" if request.replaces else "exit %(files)d")
    return (exists + _BEGIN % (other, "" if request.replaces else _REFUSE) + copy + _END) % names
