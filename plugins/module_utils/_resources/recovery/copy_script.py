# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where the files of an archive belong, and the script that brings them there from a scratch volume. Pure."""

from __future__ import annotations

import posixpath
import shlex
from typing import Any, Dict, Optional

from ..._swarm.tasks import Service
from ..archive_kinds.file_sums import sums_command, sums_line
from ..archive_kinds.fingerprints import FileSums, KeyCounts
from ..archive_kinds.kinds import SINGLE_FILE
from ..backups.archives_file import SavedArchive
from .claims import RestoreRequest, Row

#: Where a job has the scratch volume, the target, the root of the host, and what Dokploy has downloaded.
FROM, TO, HOST, DOWNLOADS = "/from", "/to", "/host", "/downloads"
_MOUNTS = "/proc/self/mountinfo"
_HAS_FILES, _IS_EMPTY, _HALF_MOVED, OTHER_FILES, _NO_PROGRAM = 3, 4, 5, 6, 7
# The size of a tar without a file.
_EMPTY_TAR = 10240
# The file in the target while its files are being brought there.
_BEGUN = ".recovery-has-not-ended"
_WHOLE = "[ ! -e %(from)s/%(moves)s ] || exit %(half)d\n"
# What the set saw of them. What differs is written, and nothing of it is brought anywhere.
_SAME = """\
sums=$({sums}) || exit {missing}
[ "$sums" = "{line}" ] || echo "$sums"
[ "$sums" = "{line}" ] || exit {other}
""".format
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
# Two volumes of one file system are two mounts of a container, between which files are only copied, which takes as long
# as to unpack them. Below the root of the host they are folders of one mount: their paths are those of their mounts in
# the file system, below where the host has mounted that. What cannot be moved is copied after that. A file in the
# scratch volume says that it is not whole any more.
_MOVE = """\
[ ! -r %(mounts)s ] || sh -ec '
place() {
  while read -r id parent device root point more; do
    [ "$point" != "$1" ] || { own=$device; path=$root; }
  done < "$2"
  while read -r id parent device root point more; do
    folder=$point${path#"${root%%/}"}
    case "$device $point" in "$own $3"*) [ ! "$folder" -ef "$1" ] || echo "$folder" ;; esac
  done < "$2" | head -n 1
}
from=$(place "$1" "$3" "$4")
to=$(place "$2" "$3" "$4")
if [ "$from" ] && [ "$to" ]; then
  echo begun > "$1/$5"
  find "$from" -mindepth 1 -maxdepth 1 ! -name "$5" -exec sh -c "mv -f \\"\\$@\\" \\"\\$0/\\"" "$to" {} +
fi
' move %(from)s %(to)s %(mounts)s %(host)s %(moves)s || echo "The rest is copied."
"""
_COPY = "cp -a %(from)s/. %(to)s/\nrm -f %(to)s/%(moves)s\n"
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
    _NO_PROGRAM: "its files cannot be compared with what the set saw, since the image of the job lacks a program such "
    "as find, sort or sha256sum. Nothing was changed. State another one in archives_image",
    _HALF_MOVED: "the job has moved a part of its files, and was started again. Run the recovery again",
}


def target_of(service: Service, request: RestoreRequest) -> str:
    """The volume, or the folder of the host, that the files of an archive belong to.

    On the saved server, the name of a volume begins with that of the service, where Dokploy or Docker Compose has named
    it; here it begins with that of the service here.
    """
    archive = request.archive
    if archive.archive_kind.on_host:
        return str(archive.bind)
    return volume_of(archive, request.saved_name, str(service.row.get("appName")))


def volume_of(archive: SavedArchive, saved_name: str, name: str) -> str:
    """The volume of an archive. :param name: the C(app_name) of its service here, C(saved_name) on the saved server."""
    if archive.volume is None:
        return "%s-data" % name
    own = archive.volume[len(saved_name) :]
    is_own = archive.volume.startswith(saved_name) and own[:1] in ("-", "_")
    return name + own if is_own else archive.volume


def sums_of(archive: SavedArchive) -> Optional[FileSums]:
    """What the set saw of the files of an archive; C(None) if it has not looked at them."""
    known = archive.fingerprint
    return known.dump if isinstance(known, KeyCounts) else known if isinstance(known, FileSums) else None


def appends(row: Row) -> bool:
    """Whether the command of a Redis lets it write an append-only file, which it prefers to a dump."""
    words = " ".join([str(row.get("command") or ""), *(row.get("args") or []), str(row.get("composeFile") or "")])
    return "appendonly yes" in " ".join(words.replace('"', " ").replace("'", " ").replace(",", " ").split())


def script_of(request: RestoreRequest, target: str, scratch: str, append_only: bool) -> str:
    """The script that brings the files to their place: those of a volume are moved where that can be, others copied.

    It may be repeated, with another scratch volume: what it has begun has a file of its own, and what is the same
    already counts as brought. Otherwise it changes nothing where there are files, unless these may be replaced.

    :param scratch: the name of the volume that has them. :param append_only: a Redis begins with an append-only file.
    """
    archive, kind, path = request.archive, request.archive.archive_kind, TO
    if kind.on_host:
        path = "%s%s" % (HOST, target.rstrip("/"))
    to = shlex.quote(path)
    names: Dict[str, Any] = {"from": FROM, "to": to, "begun": "%s/%s" % (to, _BEGUN)}
    names.update(empty=_IS_EMPTY, files=_HAS_FILES, half=_HALF_MOVED, mounts=_MOUNTS, host=HOST)
    names.update(file="%s/%s" % (FROM, SINGLE_FILE), moves=".%s-moves" % scratch)
    names.update(part=shlex.quote(path + _BEGUN), parent=shlex.quote(posixpath.dirname(path)))
    if kind.single_file is not None:
        # Redis reads a dump at the beginning of an append-only file, and makes its own of it.
        more = "cp %(from)s/dump.rdb %(to)s/appendonly.aof\n" if append_only else ""
        looks, other, brings = _DUMP_EXISTS, _OTHER_DUMP, "cp %(from)s/dump.rdb %(to)s/dump.rdb\n" + more
    else:
        looks, other = _WHOLE + (_FILES_EXIST if archive.size > _EMPTY_TAR else ""), _OTHER_FILES
        brings = ("" if kind.on_host else _MOVE) + _COPY
    single = ""
    if kind.on_host:
        single = _SINGLE(same=_SAME_FILE, replace="true" if request.replaces else "exit %(files)d")
    begin = single + _BEGIN % (other, "" if request.replaces else _REFUSE)
    return looks % names + _compared(archive) + (begin + brings + _END) % names


def _compared(archive: SavedArchive) -> str:
    """What ends the script where the files in the scratch volume are not those that the set saw."""
    sums = sums_of(archive)
    if sums is None:
        return ""
    line = sums_line(sums)
    return _SAME(sums=sums_command([FROM]), line=line, missing=_NO_PROGRAM, other=OTHER_FILES)
