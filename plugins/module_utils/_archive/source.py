# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is uploaded to an application of the source C(drop): a ZIP as it is, or a folder that is packed into one.

Dokploy keeps no checksum of an upload (measured on 0.30.2), so whether there is anything new to upload is told by a
hash that is made here, of what the server will unpack and of nothing else.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import zipfile
from dataclasses import dataclass, field
from typing import Callable, ContextManager, Iterator, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._archive.entries import (
    CHUNK,
    Entry,
    Hashed,
    changed,
    content_hash,
    entries_of_folder,
    entries_of_zip,
    open_file,
    shown,
    unreadable,
)
from ansible_collections.community.dokploy.plugins.module_utils._archive.ignore import Ignored
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._values.units import size_in_words

_UNIX = 3


@dataclass(frozen=True)
class Archive:
    """Files to be uploaded, looked through and hashed.

    :param content_hash: 64 hexadecimal digits, the same for a folder and for any ZIP with the same files: made of
        names, contents and who may execute what, not of times, order, compression, other permissions, empty folders.
    :param files: how many. :param size: bytes of their contents, unpacked.
    :param label: for messages: C(/srv/shop (12 files, 3.4 MiB)).
    :param odd: names of more than 400 characters, and those with others than letters and digits of ASCII, blanks and
        C(_ . : / - [ ]). Dokploy 0.29.3 to 0.30.2 refuses them with "Path traversal detected", when it has emptied the
        application's folder; 0.29.3 refuses a colon too, and 0.29.4 and 0.29.3 brackets (readValidDirectory there).
    """

    content_hash: str
    files: int
    size: int
    label: str
    odd: Tuple[str, ...]
    _packed: Callable[[], ContextManager[str]] = field(repr=False, compare=False)

    def packed(self) -> ContextManager[str]:
        """The path of a ZIP with these files: the archive itself, or a temporary file that goes with the context.

        :raises OptionError: the files are not those any more that were hashed, or there is no room for the ZIP.
        """
        return self._packed()


def source_of(archive: Optional[str], path: Optional[str], ignore: Sequence[str]) -> Archive:
    """What the options C(archive), C(path) and C(ignore) say, exactly one of the first two of them.

    Every file is read once. Where C(path) holds links, what they lead to takes their place.

    :param archive: a ZIP on disk. :param path: a folder.
    :param ignore: patterns as in a C(.gitignore) at the top of the folder.
    :raises OptionError: the files cannot be read, or Dokploy could not unpack them; the message names the option.
    """
    option, place = ("archive", archive) if path is None else ("path", path)
    if place is None or (archive is not None and path is not None):
        raise OptionError("one of archive and path is needed, and only one")
    try:
        if not place or b"\0" in os.fsencode(place):
            raise ValueError
    except ValueError:
        raise OptionError("%s: %r cannot be the name of anything" % (option, place)) from None
    if path is not None:
        entries = entries_of_folder(path, _ignored(ignore))
        return _archive(option, place, entries, lambda: _zipped(place, entries))
    if ignore:
        hint = "A ZIP is uploaded as it is: leave the files out of it, or give the folder as path."
        raise OptionError("ignore: it belongs to path, and not to archive", hint=hint)
    before = _state(place)
    return _archive(option, place, entries_of_zip(place), lambda: _unchanged(place, before))


def _ignored(patterns: Sequence[str]) -> Ignored:
    try:
        return Ignored(patterns)
    except ValueError as exc:
        raise OptionError("ignore: %s" % exc) from None


def _archive(option: str, place: str, entries: Tuple[Entry, ...], packed: Callable[[], ContextManager[str]]) -> Archive:
    if not entries:
        raise OptionError("%s: %s holds no file to upload" % (option, place), hint="Put something into it.")
    size = sum(entry.size for entry in entries)
    amount = "1 file" if len(entries) == 1 else "%d files" % len(entries)
    return Archive(
        content_hash=content_hash(entries),
        files=len(entries),
        size=size,
        label="%s (%s, %s)" % (place, amount, size_in_words(size)),
        odd=tuple(entry.name for entry in entries if entry.odd),
        _packed=packed,
    )


# --- the ZIP as it is ------------------------------------------------------------------------------------------------


def _state(path: str) -> Tuple[int, ...]:
    """What tells a file from the one that stood there before."""
    try:
        found = os.stat(path)
    except OSError as exc:
        raise unreadable("archive: %s" % path, exc, path=path) from None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


@contextlib.contextmanager
def _unchanged(path: str, before: Tuple[int, ...]) -> Iterator[str]:
    if _state(path) != before:
        raise OptionError("archive: %s is another file than a moment ago" % path, hint="Run it again when it is done.")
    yield path


# --- the folder, packed ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _zipped(folder: str, entries: Tuple[Entry, ...]) -> Iterator[str]:
    name, path, handle = "", "", -1
    try:
        try:
            # Nobody else may read it.
            handle, name = tempfile.mkstemp(prefix="community.dokploy-", suffix=".zip")
            path = _nameless(handle, name)
            with open(handle, "wb", closefd=False) as file, zipfile.ZipFile(file, "w") as archive:
                for entry in entries:
                    _add(archive, entry)
        except OSError as exc:
            where = os.path.dirname(name) or "a temporary folder"
            message = "path: %s cannot be packed into %s: %s" % (folder, where, (exc.strerror or "unknown").lower())
            raise OptionError(message, hint="The ZIP needs room there; TMPDIR names another folder.") from None
        yield path
    finally:
        if name:
            os.close(handle)
            if path in ("", name):
                with contextlib.suppress(OSError):
                    os.unlink(name)


def _nameless(handle: int, name: str) -> str:
    """The path of an open file once its name is taken away, so that it goes with the process, however that ends.

    Where a file without a name cannot be opened again, the name stays.
    """
    path = "/proc/self/fd/%d" % handle
    if not os.path.exists(path):
        return name
    os.unlink(name)
    return path


def _add(archive: zipfile.ZipFile, entry: Entry) -> None:
    """Pack one file; of the same files always the same bytes.

    :raises OptionError: it is not what was hashed.
    """
    # Its date is the first of 1980 as long as nobody says otherwise.
    info = zipfile.ZipInfo(entry.name)
    info.create_system = _UNIX
    info.external_attr = (stat.S_IFREG | entry.mode) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    # Known beforehand, it decides on the large form of the entry.
    info.file_size = entry.size
    what = "path: the file %s" % shown(entry.name)
    try:
        source = open_file(entry.source)
    except OSError as exc:
        raise unreadable(what, exc) from None
    with source, archive.open(info, "w") as target:
        hashed = Hashed(source, what, entry.size)
        shutil.copyfileobj(hashed, target, CHUNK)
    if (hashed.size, hashed.digest) != (entry.size, entry.digest):
        raise changed(what)
