# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The files of a ZIP, as Dokploy will unpack them.

What cannot be unpacked is found here: when the server looks into the ZIP it has already made the application one of
uploads (measured on 0.30.2) and emptied its folder. How it reads names is drop.ts of 0.30.2 and AdmZip 0.5.16, the
library in it: always as UTF-8; a folder is what ends with a slash or a backslash; a root folder is taken off when its
own entry is the only one at the root; and a backslash becomes a slash.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO, List, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._archive.entries import (
    DROPPED,
    Entry,
    Hashed,
    check_name,
    check_together,
    open_file,
    shown,
    unreadable,
)
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_OTHER_METHODS = {9: "deflate64", zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA", 93: "Zstandard", 99: "AES"}
_ENCRYPTED = 0x1 | 0x40
_UTF8 = 0x800
_REFUSED = {stat.S_IFLNK: "a link", stat.S_IFBLK: "a device", stat.S_IFCHR: "a device", stat.S_IFIFO: "a pipe"}
# What the library lets through when bytes are not what they should be.
_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_AGAIN = "Make the ZIP anew, or copy it again."


@dataclass(frozen=True)
class _Member:
    """An entry of the ZIP under the name that it will have on the server; a folder's ends with a slash."""

    name: str
    info: zipfile.ZipInfo

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


def entries_of_zip(path: str) -> Tuple[Entry, ...]:
    """Every file of the ZIP at C(path), hashed, by name.

    :raises OptionError: it cannot be read, or the server could not unpack it.
    """
    try:
        with open_file(path) as file:
            return _entries(path, file)
    except IsADirectoryError:
        raise OptionError("archive: %s is a folder" % path, hint="A folder is given as path.") from None
    except OSError as exc:
        raise unreadable("archive: %s" % path, exc, path=path) from None


def _entries(path: str, file: BinaryIO) -> Tuple[Entry, ...]:
    start = file.read(4)
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGE:
        if start in (b"PK\3\4", b"PK\5\6"):
            raise OptionError("archive: %s is damaged or breaks off" % path, hint=_AGAIN) from None
        raise OptionError("archive: %s is no ZIP file" % path, hint="Dokploy takes nothing else.") from None
    with archive:
        members = _members(archive.infolist())
        files = sorted((m for m in members if not m.is_folder), key=lambda m: m.name.encode("utf-8"))
        check_together("archive", (m.name for m in files), (m.name[:-1] for m in members if m.is_folder))
        return tuple(_hashed(archive, member) for member in files)


def _hashed(archive: zipfile.ZipFile, member: _Member) -> Entry:
    info = member.info
    what = "archive: the file %s" % shown(member.name)
    try:
        with archive.open(info) as content:
            hashed = Hashed(content, what)
            hashed.drain()
        if hashed.size != info.file_size:
            raise EOFError
    except _DAMAGE:
        raise OptionError("%s is damaged" % what, hint=_AGAIN) from None
    # Zero where the ZIP was made by a system that knows no such bits.
    return Entry(member.name, info.external_attr >> 16 & 0o777, hashed.size, hashed.digest)


def _members(infos: Sequence[zipfile.ZipInfo]) -> List[_Member]:
    """What the server unpacks.

    :raises OptionError: an entry that it refuses, or that would lie outside.
    """
    known = [(_own_name(info), info) for info in infos]
    known = [(name, info) for name, info in known if not name.startswith(DROPPED)]
    root = _root([name for name, _info in known])
    members = []
    for own, info in known:
        rest = own[len(root) :] if own.startswith(root) else own
        if not rest:
            continue
        is_folder = own.endswith(("/", "\\"))
        _check_kind(own, info, is_folder)
        name = "/".join(_steps(rest))
        if is_folder and not name:
            continue
        # With the root folder that is taken off too: what looks like an attack is not sent.
        check_name("archive", ("/" if own.startswith(("/", "\\")) else "") + "/".join(_steps(own)))
        check_name("archive", name)
        members.append(_Member(name + "/" if is_folder else name, info))
    return members


def _own_name(info: zipfile.ZipInfo) -> str:
    # The library reads a name as code page 437, which has a character for each byte, unless it is marked as UTF-8.
    name = info.orig_filename
    if info.flag_bits & _UTF8:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        raise OptionError("archive: the name %s is no UTF-8 text" % shown(name), hint=_AGAIN) from None


def _root(names: Sequence[str]) -> str:
    """The folder that is taken off, with its slash; nothing when there is none."""
    top = [name for name in names if "/" not in name or (name.count("/") == 1 and name.endswith("/"))]
    return top[0] if len(top) == 1 and top[0].endswith("/") and top[0] != "/" else ""


def _steps(name: str) -> List[str]:
    """The names on the way to a file, without harmless detours."""
    return [step for step in name.replace("\\", "/").split("/") if step not in ("", ".")]


def _check_kind(name: str, info: zipfile.ZipInfo, is_folder: bool) -> None:
    what = "archive: the entry %s" % shown(name)
    kind = _REFUSED.get(stat.S_IFMT(info.external_attr >> 16))
    if kind is not None:
        raise OptionError("%s is %s, which Dokploy refuses" % (what, kind), hint="Put the file itself into the ZIP.")
    if is_folder:
        return
    if info.flag_bits & _ENCRYPTED:
        raise OptionError("%s is encrypted" % what, hint="Make the ZIP without a password.")
    if info.compress_type not in _METHODS:
        method = _OTHER_METHODS.get(info.compress_type, "method %d" % info.compress_type)
        hint = "Make the ZIP with deflate, which every tool has."
        raise OptionError("%s is compressed by %s, which Dokploy cannot read" % (what, method), hint=hint)
