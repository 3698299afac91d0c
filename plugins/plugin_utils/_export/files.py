# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an export on the controller: what is there, and all of them written or none."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from dataclasses import dataclass
from typing import Callable, Iterator, Optional, Sequence

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError

#: The comment by which an export knows its own files. What follows it is for people.
MARK = "Written by community.dokploy.dokploy_export"

_OURS = re.compile(rb"\A(?:#[^\n]*\n)*?# %s\b[^\n]*\n" % MARK.encode())
# The longest beginning of a file that is looked at for the comment.
_BEGINNING = 4096


@dataclass(frozen=True)
class OutputFile:
    """A file of the controller.

    :param path: where it is, without links. :param shown: how messages call it.
    :param option: the option that it comes from.
    """

    path: str
    label: str
    option: str

    def error(self, sentence: str, hint: Optional[str] = None) -> OptionError:
        """An error about the file: C(dest: shop.yml is a folder)."""
        return OptionError("%s: %s %s" % (self.option, self.label, sentence), hint=hint)

    def content(self) -> Optional[bytes]:
        """What it has; C(None) if it does not exist.

        :raises OptionError: it is no file, or cannot be read.
        """
        try:
            status = os.stat(self.path)
            if stat.S_ISDIR(status.st_mode):
                raise self.error("is a folder")
            if not stat.S_ISREG(status.st_mode):
                raise self.error("is neither a file nor a folder")
            with open(self.path, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self.error("cannot be read: %s" % _reason(error)) from None


@dataclass(frozen=True)
class FileChange:
    """What becomes of a file.

    :param before: its content now; C(None) if it does not exist.
    :param after: its content; C(None) if it is removed.
    :param private: only its owner may read it. Otherwise it keeps its mode.
    """

    place: OutputFile
    before: Optional[bytes]
    after: Optional[bytes]
    private: bool = False


def is_ours(content: bytes) -> bool:
    """Whether an export has written a file."""
    return _OURS.match(content[:_BEGINNING].replace(b"\r\n", b"\n")) is not None


def refuse_unwritable(place: OutputFile) -> None:
    """:raises OptionError: there is no folder for the file, or nothing can be written in it."""
    folder = os.path.dirname(place.path)
    if not os.path.isdir(folder):
        raise place.error("cannot be written: there is no folder %s" % os.path.dirname(place.label))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise place.error("cannot be written: nothing can be written in the folder that it is in")


def write_files(changes: Sequence[FileChange], folders: Sequence[OutputFile] = ()) -> None:
    """Write and remove files, all of them or none.

    The new content of all is on the disk before the first file is replaced.

    :param folders: those that are made first, outer ones first.
    :raises OptionError: a file cannot be written; everything is as it was.
    """
    with contextlib.ExitStack() as undo:
        for folder in folders:
            _make(folder, undo)
        written = [(change, _beside(change, undo)) for change in changes]
        for change, path in written:
            _replace(change, path, undo)
        for folder_path in {os.path.dirname(change.place.path) for change in changes}:
            _sync_folder(folder_path)
        undo.pop_all()


def _make(folder: OutputFile, undo: contextlib.ExitStack) -> None:
    with _refused(folder):
        os.mkdir(folder.path)
    undo.callback(_ignoring(os.rmdir, folder.path))


def _beside(change: FileChange, undo: contextlib.ExitStack) -> Optional[str]:
    """The path of a file beside that of a change, with its content after it; C(None) if it is removed."""
    if change.after is None:
        return None
    folder, name = os.path.split(change.place.path)
    # Hidden, so that no one reads it as part of the folder.
    hidden = ".%s.%s.tmp" % (name[:60], secrets.token_hex(4))
    path = os.path.join(folder, hidden)
    with _refused(change.place):
        mode = _mode(change)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else 0o600)
        undo.callback(_ignoring(os.unlink, path))
        with os.fdopen(handle, "wb") as file:
            _leave_owner(file.fileno(), change)
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.write(change.after)
            file.flush()
            os.fsync(file.fileno())
    return path


def _leave_owner(handle: int, change: FileChange) -> None:
    """Give a file to the owner of the one that it replaces, as far as that is allowed."""
    if change.before is not None:
        status = os.stat(change.place.path)
        with contextlib.suppress(OSError):
            os.fchown(handle, status.st_uid, status.st_gid)


def _mode(change: FileChange) -> Optional[int]:
    """The mode of the file after a change; C(None) for that of any new file."""
    if change.private:
        return 0o600
    return None if change.before is None else stat.S_IMODE(os.stat(change.place.path).st_mode)


def _replace(change: FileChange, path: Optional[str], undo: contextlib.ExitStack) -> None:
    target = change.place.path
    before = change.before
    with _refused(change.place):
        mode = None if before is None else stat.S_IMODE(os.stat(target).st_mode)
        if path is None:
            os.unlink(target)
        else:
            os.replace(path, target)
    undo.callback(_ignoring(_restore, target, before, mode))


def _restore(path: str, content: Optional[bytes], mode: Optional[int]) -> None:
    if content is None or mode is None:
        os.unlink(path)
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)


def _sync_folder(path: str) -> None:
    # Some file systems have no such thing.
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _ignoring(function: Callable[..., None], *args: object) -> Callable[[], None]:
    """A function that undoes something as far as it can."""

    def undone() -> None:
        with contextlib.suppress(OSError):
            function(*args)

    return undone


@contextlib.contextmanager
def _refused(place: OutputFile) -> Iterator[None]:
    """:raises OptionError: for each C(OSError) inside."""
    try:
        yield
    except OSError as error:
        raise place.error("cannot be written: %s" % _reason(error)) from None


def _reason(error: OSError) -> str:
    return (error.strerror or "unknown").lower()
