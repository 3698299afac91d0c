# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The files of an archive, be they in a folder or in a ZIP: what they are called, and the hash of them all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from typing import Any, BinaryIO, Iterable, Iterator, Optional, Set, Union

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._values.hints import why_unreadable

CHUNK = 1024 * 1024
# The server drops whatever begins so, not only the folder of macOS (drop.ts of 0.30.2).
DROPPED = "__MACOSX"
# Longer paths exist on no system that could unpack them.
LONGEST = 4095

_DRIVE = re.compile(r"[A-Za-z]:/")
_PLAIN = re.compile(r"[A-Za-z0-9_/. :\[\]-]*\Z")
# Of the 500 characters that a path may have there, what /etc/dokploy/applications/<appName>/code/ leaves at least.
_ROOMY = 400


@dataclass(frozen=True)
class Entry:
    """One file.

    :param name: relative to the folder that Dokploy unpacks into, with C(/).
    :param mode: the permission bits.
    :param size: bytes of content. :param digest: the SHA-256 of the content, hexadecimal.
    :param source: where the content is on disk; nothing for a file in a ZIP.
    """

    name: str
    mode: int
    size: int
    digest: str
    source: bytes = b""

    @property
    def executable(self) -> bool:
        """Whether its owner may execute it."""
        return bool(self.mode & stat.S_IXUSR)

    @property
    def odd(self) -> bool:
        """Whether its name is one that some releases of the server refuse, see C(Archive.odd)."""
        return not _PLAIN.match(self.name) or len(self.name) > _ROOMY


class Hashed:
    """Hashes and counts what is read through it.

    :param what: how messages name the file, with the option in front.
    :param most: the bytes that it is known to have; C(None) when that is to be found out.
    """

    def __init__(self, file: Any, what: str, most: Optional[int] = None) -> None:
        self._file, self._what, self._most = file, what, most
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = CHUNK) -> bytes:
        """The next bytes, at most C(size) of them.

        :raises OptionError: the disk does not give them, or gives more than there were.
        """
        try:
            block: bytes = self._file.read(size)
        except OSError as exc:
            raise unreadable(self._what, exc) from None
        self._hash.update(block)
        self.size += len(block)
        if self._most is not None and self.size > self._most:
            # Something may write to it for ever.
            raise changed(self._what)
        return block

    def drain(self) -> None:
        """Read to the end."""
        while self.read(CHUNK):
            pass

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def open_file(path: Union[str, bytes]) -> BinaryIO:
    """A file on disk. What is no file, such as a pipe that nobody writes to, is not waited for.

    :raises OSError: it cannot be opened, or is something else.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    raise OSError(errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL, "it is no file")


def unreadable(what: str, error: OSError, hint: str = "", path: Optional[str] = None) -> OptionError:
    """The error for a file or folder that cannot be read.

    :param what: its name, with the option in front.
    :param path: the value of the option, where that is what cannot be read.
    """
    return OptionError("%s cannot be read: %s" % (what, why_unreadable(error, path)), hint=hint or None)


def changed(what: str) -> OptionError:
    """The error for a file that was hashed and then is another one."""
    return OptionError("%s changed while it was read" % what, hint="Run it again when nothing writes to it.")


def content_hash(entries: Iterable[Entry]) -> str:
    """The hash of names, contents and who may execute what: 64 hexadecimal digits."""
    total = hashlib.sha256()
    for entry in sorted(entries, key=lambda entry: entry.name.encode("utf-8")):
        # No name has a NUL in it, and the rest has one length: two archives never make the same text.
        rest = ("x" if entry.executable else "-") + entry.digest
        total.update(b"%s\0%s" % (entry.name.encode("utf-8"), rest.encode("ascii")))
    return total.hexdigest()


def check_name(option: str, name: str) -> None:
    """Refuse the name of a file that would lie elsewhere on the server than it says, or nowhere.

    :raises OptionError: names it, with C(option) in front.
    """
    what = "%s: the file %s" % (option, shown(name))
    if "\0" in name:
        raise OptionError("%s has a NUL character in its name" % what, hint="Rename it.")
    if name.startswith("/") or _DRIVE.match(name):
        raise OptionError("%s has an absolute name" % what, hint="Names must begin in the folder that is deployed.")
    if "\\" in name:
        hint = "Dokploy takes it for the end of a folder's name: rename the file."
        raise OptionError("%s has a backslash in its name" % what, hint=hint)
    if any(step in ("", ".", "..") for step in name.split("/")):
        raise OptionError("%s leads out of the folder that is deployed, or nowhere" % what, hint="Rename it.")
    if len(name.encode("utf-8")) > LONGEST:
        raise OptionError("%s has a name of more than %d bytes" % (what, LONGEST), hint="Shorten it.")


def check_together(option: str, names: Iterable[str], folders: Iterable[str] = ()) -> None:
    """Refuse files of which one would overwrite or hinder another.

    :param folders: folders that are made beside those in which the files lie.
    :raises OptionError: two bear one name, or one bears the name of a folder.
    """
    files: Set[str] = set()
    parents: Set[str] = set()
    for folder in folders:
        parents.update(_folders_to(folder + "/"))
    for name in names:
        if name in files:
            raise OptionError("%s: two files are named %s" % (option, shown(name)), hint="Leave one of them out.")
        files.add(name)
        parents.update(_folders_to(name))
    both = sorted(files & parents)
    if both:
        raise OptionError("%s: %s is a file and a folder" % (option, shown(both[0])), hint="Leave one of them out.")


def _folders_to(name: str) -> Iterator[str]:
    """The folders in which it lies."""
    slash = name.find("/")
    while slash >= 0:
        yield name[:slash]
        slash = name.find("/", slash + 1)


def shown(name: Union[str, bytes]) -> str:
    """A name for a message, in quotes: one line, whatever bytes it is made of."""
    return repr(name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else name)
