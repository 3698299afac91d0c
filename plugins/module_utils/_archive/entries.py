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
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO, Iterable, Iterator, List, Optional, Sequence, Set, Tuple, Union

from ansible_collections.community.dokploy.plugins.module_utils._archive.ignore import Ignored
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


# --- folder ---
# The files of a folder that is to be packed.
#
# Empty folders are left out, and everything named C(.git): the files are what git would have, without the history.


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


# --- zip file ---
# The files of a ZIP, as Dokploy will unpack them.
#
# What cannot be unpacked is found here: when the server looks into the ZIP it has already made the application one of
# uploads (measured on 0.30.2) and emptied its folder. How it reads names is drop.ts of 0.30.2 and AdmZip 0.5.16, the
# library in it: always as UTF-8; a folder is what ends with a slash or a backslash; a root folder is taken off when
# its own entry is the only one at the root; and a backslash becomes a slash.


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
        return tuple(_hashed_member(archive, member) for member in files)


def _hashed_member(archive: zipfile.ZipFile, member: _Member) -> Entry:
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
