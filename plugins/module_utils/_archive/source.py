# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is uploaded to an application of the source C(drop): a ZIP as it is, or a folder that is packed into one.

Dokploy keeps no checksum of an upload (measured on 0.30.2), so a hash of what the server unpacks decides whether there
is anything new to upload. An archive that cannot be unpacked is refused here: when the server notices, it has already
switched the application to uploads and emptied its folder (measured on 0.30.2).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import operator
import os
import re
import stat
import struct
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any, BinaryIO, Callable, Iterator, List, Optional, Sequence, Tuple, Union

from .._errors import OptionError, size_in_words, why_unreadable
from .exclude import IgnorePatterns

CHUNK = 1024 * 1024
# The server drops every name that begins with it, not only the folder of macOS (drop.ts of 0.30.2).
_DROPPED = "__MACOSX"
_GIT = b".git"
_DRIVE = re.compile(r"[A-Za-z]:/")
_LEAVE_OUT = "Name it in exclude if it is not needed."
_PLAIN = re.compile(r"[A-Za-z0-9_/. :\[\]-]{1,400}\Z")


@dataclass(frozen=True)
class Member:
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


@dataclass(frozen=True)
class Archive:
    """Files to upload, read and checked.

    :param place: the ZIP or the folder.
    """

    place: str
    entries: Tuple[Member, ...] = field(repr=False)

    @property
    def label(self) -> str:
        """For messages: C(/srv/shop (12 files, 3.4 MiB)); the size is that of the unpacked files."""
        amount = "1 file" if len(self.entries) == 1 else "%d files" % len(self.entries)
        return "%s (%s, %s)" % (self.place, amount, size_in_words(sum(entry.size for entry in self.entries)))

    @cached_property
    def content_hash(self) -> str:
        """64 hexadecimal digits, the same for a folder and for any ZIP with the same files.

        Made of names, contents and executable bits, not of times, order, compression, other permissions, empty folders.
        """
        total = hashlib.sha256()
        for entry in self.entries:
            # No name contains NUL and the rest has a fixed length, so two archives never make the same text.
            rest = ("x" if entry.mode & stat.S_IXUSR else "-") + entry.digest
            total.update(b"%s\0%s" % (entry.name.encode("utf-8"), rest.encode("ascii")))
        return total.hexdigest()

    @property
    def odd(self) -> Tuple[str, ...]:
        """Long names, and names with other characters than letters and digits of ASCII, blanks and C(_ . : / - [ ]).

        Dokploy 0.29.3 to 0.30.2 refuses them with "Path traversal detected" after it has emptied the application's
        folder; 0.29.3 also refuses colons, and 0.29.3 and 0.29.4 refuse brackets.
        """
        return tuple(entry.name for entry in self.entries if not _PLAIN.match(entry.name))

    @contextlib.contextmanager
    def packed(self) -> Iterator[str]:
        """The path of a ZIP with these files: the archive itself, or a temporary file that the context removes.

        :raises OptionError: the files changed after they were hashed, or there is no room for the ZIP.
        """
        if not self.entries[0].source:
            yield self.place
            return
        # Readable by its owner only. A file without a name goes with the process, however that ends.
        nameless = os.path.isdir("/proc/self/fd")
        create: Callable[..., Any] = tempfile.TemporaryFile if nameless else tempfile.NamedTemporaryFile
        with contextlib.ExitStack() as stack:
            try:
                file = stack.enter_context(create(prefix="community.dokploy-", suffix=".zip"))
                with zipfile.ZipFile(file, "w") as archive:
                    for entry in self.entries:
                        _add(archive, entry)
                file.flush()
            except OSError as exc:
                message = "path: %s cannot be packed into a temporary file: %s" % (self.place, why_unreadable(exc))
                raise OptionError(message, hint="Make room for the ZIP, or name another folder in TMPDIR.") from None
            yield "/proc/self/fd/%d" % file.fileno() if nameless else file.name


def source_of(archive: Optional[str], path: Optional[str], exclude: Sequence[str]) -> Archive:
    """The files that the options C(archive) or C(path), and C(exclude), name. Every file is read once.

    :raises OptionError: the files cannot be read, or Dokploy could not unpack them; the message names the option.
    """
    option, place = ("archive", archive) if path is None else ("path", path)
    if place is None or (archive is not None and path is not None):
        raise OptionError("one of archive and path is required, and only one")
    if path is None and exclude:
        hint = "A ZIP is uploaded as it is: create it without the files, or use the option path."
        raise OptionError("exclude: it requires path and does not apply to archive", hint=hint)
    try:
        is_folder = stat.S_ISDIR(os.stat(place).st_mode)
        if is_folder and path is None:
            raise OptionError("archive: %s is a folder" % place, hint="Use the option path for a folder.")
        if path is not None and not is_folder:
            raise OptionError("path: %s is not a folder" % place, hint="Use the option archive for a ZIP file.")
        entries = entries_of_zip(place) if path is None else entries_of_folder(path, IgnorePatterns(exclude))
    except OSError as exc:
        raise OptionError("%s: %s cannot be read: %s" % (option, place, why_unreadable(exc, place))) from None
    except ValueError:
        raise OptionError("%s: %r is not a valid path" % (option, place)) from None
    if not entries:
        raise OptionError("%s: %s contains no file to upload" % (option, place))
    return Archive(place, entries)


def _add(archive: zipfile.ZipFile, entry: Member) -> None:
    """Pack one file: the same files always make the same bytes, since the default date is the first of 1980."""
    info = zipfile.ZipInfo(entry.name)
    info.create_system = 3  # Unix
    info.external_attr = (stat.S_IFREG | entry.mode) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    # zipfile decides by the size whether the entry needs ZIP64.
    info.file_size = entry.size
    hint = "Run the task again when nothing writes to it."
    changed = OptionError("path: the file %r changed while it was packed" % entry.name, hint=hint)
    try:
        source = open_file(entry.source)
    except OSError:
        raise changed from None
    with source, archive.open(info, "w") as target:
        if copy_hashed(source, target, entry.size) != (entry.size, entry.digest):
            raise changed


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


def entries_of_folder(path: str, exclusions: IgnorePatterns) -> Tuple[Member, ...]:
    """Every file below C(path) that is not excluded, by name: as in Git, without C(.git) and empty folders."""
    top = os.path.realpath(os.fsencode(path))
    entries = []
    for name, source in _files(top, exclusions):
        try:
            with open_file(source) as file:
                entries.append(Member(name, os.fstat(file.fileno()).st_mode & 0o777, *copy_hashed(file), source))
        except OSError as exc:
            raise _unreadable("file %r" % name, exc) from None
    return tuple(sorted(entries, key=_by_name))


def _files(top: bytes, exclusions: IgnorePatterns) -> Iterator[Tuple[str, bytes]]:
    """The name in the archive and the path on disk of every file."""
    # Name, path and the paths of the folders above it, all free of links.
    folders: List[Tuple[str, bytes, Tuple[bytes, ...]]] = [("", top, ())]
    while folders:
        prefix, folder, above = folders.pop()
        try:
            with os.scandir(folder) as entries:
                items = list(entries)
        except OSError as exc:
            raise _unreadable("folder %r" % (prefix[:-1] or os.fsdecode(folder)), exc) from None
        for item in items:
            name = prefix + item.name.decode("utf-8", "surrogateescape")
            try:
                mode = item.stat().st_mode
            except OSError:
                mode = 0
            if item.name == _GIT or name.startswith(_DROPPED) or exclusions.matches(name, stat.S_ISDIR(mode)):
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


def entries_of_zip(path: str) -> Tuple[Member, ...]:
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


def _members(archive: zipfile.ZipFile) -> Iterator[Member]:
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
        yield Member(name, info.external_attr >> 16 & 0o777, size, digest)


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
