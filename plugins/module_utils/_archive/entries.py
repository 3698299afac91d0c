# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The files in a folder or a ZIP: their names on the server, their hashes, and what the server cannot unpack.

An archive that cannot be unpacked is refused here: when the server notices, it has already switched the application to
uploads and emptied its folder (measured on 0.30.2).
"""

from __future__ import annotations

import errno
import hashlib
import operator
import os
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, BinaryIO, Iterator, List, Optional, Sequence, Tuple, Union

from .._errors import OptionError, why_unreadable
from .ignore import Ignored

CHUNK = 1024 * 1024
# The server drops every name that begins with it, not only the folder of macOS (drop.ts of 0.30.2).
_DROPPED = "__MACOSX"
_GIT = b".git"
_DRIVE = re.compile(r"[A-Za-z]:/")
_LEAVE_OUT = "Name it in ignore if it is not needed."


@dataclass(frozen=True)
class Entry:
    """One file.

    :param name: relative to the folder that Dokploy unpacks into, with C(/). :param mode: the permission bits.
    :param size: bytes of content. :param digest: the SHA-256 of the content, hexadecimal.
    :param source: where the content is on disk; empty for a file in a ZIP.
    """

    name: str
    mode: int
    size: int
    digest: str
    source: bytes = b""


# The order of UTF-8, too.
_by_name = operator.attrgetter("name")


def open_file(path: Union[str, bytes]) -> BinaryIO:
    """A regular file, otherwise C(OSError); the call does not block on a pipe."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    raise OSError(errno.EINVAL, "it is not a file")


def copy_hashed(source: IO[bytes], target: Optional[IO[bytes]] = None, most: Optional[int] = None) -> Tuple[int, str]:
    """Read, and write to C(target), to the end or until more than C(most) bytes: the size and the SHA-256."""
    total, size = hashlib.sha256(), 0
    while (most is None or size <= most) and (block := source.read(CHUNK)):
        total.update(block)
        size += len(block)
        if target is not None:
            target.write(block)
    return size, total.hexdigest()


def _unreadable(what: str, error: OSError) -> OptionError:
    return OptionError("path: the %s cannot be read: %s" % (what, why_unreadable(error)), hint=_LEAVE_OUT)


def _check_name(option: str, name: str) -> None:
    """Refuse the name of a file that the server would unpack elsewhere, or not at all."""
    for wrong, why in (
        (name != name.encode("utf-8", "replace").decode("utf-8"), "has a name that is not UTF-8 text"),
        (name.startswith("/") or _DRIVE.match(name), "has an absolute path"),
        ("\\" in name or "\0" in name, "has a backslash or a NUL character in its name"),
        (any(step in ("", ".", "..") for step in name.split("/")), "has a path outside the folder that is deployed"),
    ):
        if wrong:
            raise OptionError("%s: the file %r %s" % (option, name, why), hint="Rename it.")


def entries_of_folder(path: str, ignored: Ignored) -> Tuple[Entry, ...]:
    """Every file below C(path) that is not ignored, by name: what Git would have, without C(.git) and empty folders."""
    top = os.path.realpath(os.fsencode(path))
    entries = []
    for name, source in _files(top, ignored):
        try:
            with open_file(source) as file:
                entries.append(Entry(name, os.fstat(file.fileno()).st_mode & 0o777, *copy_hashed(file), source))
        except OSError as exc:
            raise _unreadable("file %r" % name, exc) from None
    return tuple(sorted(entries, key=_by_name))


def _files(top: bytes, ignored: Ignored) -> Iterator[Tuple[str, bytes]]:
    """The name in the archive and the path on disk of every file."""
    # Name, path and the paths of the folders above it, all free of links.
    folders: List[Tuple[str, bytes, Tuple[bytes, ...]]] = [("", top, ())]
    while folders:
        prefix, folder, above = folders.pop()
        try:
            with os.scandir(folder) as found:
                items = list(found)
        except OSError as exc:
            raise _unreadable("folder %r" % (prefix[:-1] or os.fsdecode(folder)), exc) from None
        for item in items:
            name = prefix + item.name.decode("utf-8", "surrogateescape")
            try:
                mode = item.stat().st_mode
            except OSError:
                mode = 0
            if item.name == _GIT or name.startswith(_DROPPED) or ignored.matches(name, stat.S_ISDIR(mode)):
                continue
            # The server refuses links in a ZIP (drop.ts of 0.30.2), so their targets are packed in their place.
            source = _target(name, item.path, top, (*above, folder), mode) if item.is_symlink() else item.path
            if stat.S_ISDIR(mode):
                folders.append((name + "/", source, (*above, folder)))
                continue
            if mode and not stat.S_ISREG(mode):
                raise OptionError("path: %r is neither a file nor a folder" % name, hint=_LEAVE_OUT)
            _check_name("path", name)
            yield name, source


def _target(name: str, link: bytes, top: bytes, above: Sequence[bytes], mode: int) -> bytes:
    """The path of what a link leads to."""
    target, inside = os.path.realpath(link), os.path.join(top, b"")
    for wrong, why in (
        (not mode, "is broken"),
        (not (target + b"/").startswith(inside), "leads out of the folder, to %r" % os.fsdecode(target)),
        (_GIT in target[len(inside) :].split(b"/"), "leads into .git, which is left out"),
        (target in above, "leads back to a folder that it is in"),
    ):
        if wrong:
            raise OptionError("path: the link %r %s" % (name, why), hint=_LEAVE_OUT)
    return target


# Names are read as drop.ts of 0.30.2 and AdmZip 0.5.16, the library in it, read them: always as UTF-8; what ends with
# a slash or a backslash is a folder; a root folder is removed when its own entry is the only one at the root; and a
# backslash becomes a slash.

_UTF8 = 0x800
_ENCRYPTED = 0x1 | 0x40
# What zipfile raises for bytes that are not as they should be.
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OverflowError, RuntimeError, ValueError)
_AGAIN = "Create the ZIP or copy it again."


def entries_of_zip(path: str) -> Tuple[Entry, ...]:
    """Every file of the ZIP at C(path), by name; raises C(OptionError) if the server could not unpack it."""
    with open_file(path) as file:
        start = file.read(4)
        try:
            archive = zipfile.ZipFile(file)
        except _DAMAGE:
            if start in (b"PK\3\4", b"PK\5\6"):
                raise OptionError("archive: %s is damaged or incomplete" % path, hint=_AGAIN) from None
            raise OptionError("archive: %s is not a ZIP file" % path, hint="Dokploy accepts only ZIP.") from None
        with archive:
            return tuple(sorted(_members(archive), key=_by_name))


def _members(archive: zipfile.ZipFile) -> Iterator[Entry]:
    """What the server unpacks."""
    named = ((_own_name(info), info) for info in archive.infolist())
    known = [(name, info) for name, info in named if not name.startswith(_DROPPED)]
    root = _root([name for name, _info in known])
    for own, info in known:
        steps = own.removeprefix(root).replace("\\", "/").split("/")
        if not steps[-1]:
            continue
        name = "/".join(step for step in steps if step not in ("", "."))
        _check_kind(name, info)
        _check_name("archive", "/" + name if own.startswith(("/", "\\")) else name)
        try:
            with archive.open(info) as content:
                size, digest = copy_hashed(content)
            if size != info.file_size:
                raise EOFError
        except _DAMAGE:
            raise OptionError("archive: the file %r is damaged" % name, hint=_AGAIN) from None
        # The mode is 0 in a ZIP of a system that knows no such bits.
        yield Entry(name, info.external_attr >> 16 & 0o777, size, digest)


def _own_name(info: zipfile.ZipInfo) -> str:
    # zipfile reads a name that is not marked as UTF-8 as code page 437, which has a character for each byte.
    name = info.orig_filename
    return name if info.flag_bits & _UTF8 else name.encode("cp437").decode("utf-8", "surrogateescape")


def _root(names: Sequence[str]) -> str:
    """The root folder that the server removes, with its slash; empty if it removes none."""
    top = [name for name in names if "/" not in name or (name.count("/") == 1 and name.endswith("/"))]
    return top[0] if len(top) == 1 and top[0].endswith("/") and top[0] != "/" else ""


def _check_kind(name: str, info: zipfile.ZipInfo) -> None:
    what, hint = "archive: the entry %r" % name, "Create the ZIP without a password, with the method deflate."
    if stat.S_IFMT(info.external_attr >> 16) in (stat.S_IFLNK, stat.S_IFBLK, stat.S_IFCHR, stat.S_IFIFO):
        raise OptionError(
            "%s is a link, a device or a pipe, which Dokploy refuses" % what, hint="Pack the file itself."
        )
    if info.flag_bits & _ENCRYPTED:
        raise OptionError("%s is encrypted" % what, hint=hint)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise OptionError("%s is compressed with a method that Dokploy cannot read" % what, hint=hint)
