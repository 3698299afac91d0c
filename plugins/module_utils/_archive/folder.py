# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The files of a folder that is to be packed.

Empty folders are left out, and everything named C(.git): the files are what git would have, without the history.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import Iterator, List, Optional, Tuple

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
from ansible_collections.community.dokploy.plugins.module_utils._archive.ignore import Ignored
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError

_GIT = b".git"
_LEAVE_OUT = "Name it in ignore if it is not needed."
_KINDS = (
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


@dataclass(frozen=True)
class _Folder:
    """A folder to look into.

    :param prefix: its name as the archive will have it, with C(/) at the end; nothing for the top.
    :param path: where it is, free of links.
    :param above: the paths of the folders through which it was come to.
    """

    prefix: str
    path: bytes
    above: Tuple[bytes, ...]


def entries_of_folder(path: str, ignored: Ignored) -> Tuple[Entry, ...]:
    """Every file below C(path) that is not ignored, hashed, by name.

    :raises OptionError: the folder cannot be read, or holds what cannot be packed.
    """
    top = os.path.realpath(os.fsencode(path))
    try:
        if not stat.S_ISDIR(os.stat(top).st_mode):
            raise OptionError("path: %s is no folder" % path, hint="A ZIP file is given as archive.")
    except OSError as exc:
        raise unreadable("path: %s" % path, exc, path=path) from None
    found = sorted(_files(top, ignored), key=lambda file: file[0].encode("utf-8"))
    check_together("path", (name for name, _source in found))
    return tuple(_hashed(name, source) for name, source in found)


def _hashed(name: str, source: bytes) -> Entry:
    what = "path: the file %s" % shown(name)
    try:
        with open_file(source) as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o777
            hashed = Hashed(file, what)
            hashed.drain()
    except OSError as exc:
        raise unreadable(what, exc, _LEAVE_OUT) from None
    return Entry(name, mode, hashed.size, hashed.digest, source)


def _files(top: bytes, ignored: Ignored) -> Iterator[Tuple[str, bytes]]:
    """Name in the archive and place on disk of every file."""
    waiting = [_Folder("", top, (top,))]
    while waiting:
        folder = waiting.pop()
        for item in _items(folder):
            # Only for looking at: the name is refused below unless it is ignored.
            name = folder.prefix + item.name.decode("utf-8", "surrogateescape")
            if item.name == _GIT or name.startswith(DROPPED):
                continue
            is_link, is_folder = _kind(item)
            if ignored.matches(name, is_folder):
                continue
            source = _target(item, name, top, folder, ignored) if is_link else item.path
            if source is None:
                continue
            _check_utf8(folder.prefix, item.name)
            mode = _mode(source, name)
            if stat.S_ISDIR(mode):
                waiting.append(_Folder(name + "/", source, folder.above + (source,)))
                continue
            if not stat.S_ISREG(mode):
                kind = next((word for test, word in _KINDS if test(mode)), "no file")
                raise OptionError("path: %s is %s" % (shown(name), kind), hint=_LEAVE_OUT)
            check_name("path", name)
            yield name, source


def _items(folder: _Folder) -> List[os.DirEntry[bytes]]:
    try:
        with os.scandir(folder.path) as items:
            return list(items)
    except OSError as exc:
        what = "path: the folder %s" % (shown(folder.prefix[:-1]) if folder.prefix else os.fsdecode(folder.path))
        raise unreadable(what, exc, _LEAVE_OUT) from None


def _kind(item: os.DirEntry[bytes]) -> Tuple[bool, bool]:
    """Whether it is a link, and whether it is a folder."""
    try:
        return item.is_symlink(), item.is_dir(follow_symlinks=False)
    except OSError:
        # Said later, if it is not ignored.
        return False, False


def _target(item: os.DirEntry[bytes], name: str, top: bytes, folder: _Folder, ignored: Ignored) -> Optional[bytes]:
    """Where a link leads; C(None) when it leads to a folder that is ignored as one.

    The server refuses links in a ZIP (drop.ts of 0.30.2), so what they lead to is packed in their place.
    """
    what = "path: the link %s" % shown(name)
    try:
        is_folder = item.is_dir()
        if is_folder and ignored.matches(name, True):
            return None
        item.stat()
    except OSError:
        raise OptionError("%s leads nowhere" % what, hint=_LEAVE_OUT) from None
    target = os.path.realpath(item.path)
    inside = os.path.join(top, b"")
    if not (target + b"/").startswith(inside):
        raise OptionError("%s leads out of the folder, to %s" % (what, shown(target)), hint=_LEAVE_OUT)
    if _GIT in target[len(inside) :].split(b"/"):
        raise OptionError("%s leads into .git, which is left out" % what, hint=_LEAVE_OUT)
    if target in folder.above:
        raise OptionError("%s leads back to a folder that it lies in" % what, hint=_LEAVE_OUT)
    return target


def _mode(source: bytes, name: str) -> int:
    try:
        return os.lstat(source).st_mode
    except OSError as exc:
        raise unreadable("path: %s" % shown(name), exc, _LEAVE_OUT) from None


def _check_utf8(prefix: str, name: bytes) -> None:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        what = prefix.encode("utf-8") + name
        raise OptionError("path: the name %s is no UTF-8 text" % shown(what), hint="Rename it.") from None
