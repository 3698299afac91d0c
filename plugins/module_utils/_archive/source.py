# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is uploaded to an application of the source C(drop): a ZIP as it is, or a folder that is packed into one.

Dokploy keeps no checksum of an upload (measured on 0.30.2), so a hash of what the server unpacks decides whether there
is anything new to upload.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import tempfile
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Callable, Iterator, Optional, Sequence, Tuple

from .._errors import OptionError, size_in_words, why_unreadable
from .entries import Entry, copy_hashed, entries_of_folder, entries_of_zip, open_file
from .ignore import Ignored

_PLAIN = re.compile(r"[A-Za-z0-9_/. :\[\]-]{1,400}\Z")


@dataclass(frozen=True)
class Archive:
    """Files to upload, read and checked.

    :param place: the ZIP or the folder.
    """

    place: str
    entries: Tuple[Entry, ...] = field(repr=False)

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


def source_of(archive: Optional[str], path: Optional[str], ignore: Sequence[str]) -> Archive:
    """The files that the options C(archive) or C(path), and C(ignore), name. Every file is read once.

    :raises OptionError: the files cannot be read, or Dokploy could not unpack them; the message names the option.
    """
    option, place = ("archive", archive) if path is None else ("path", path)
    if place is None or (archive is not None and path is not None):
        raise OptionError("one of archive and path is required, and only one")
    if path is None and ignore:
        hint = "A ZIP is uploaded as it is: create it without the files, or use the option path."
        raise OptionError("ignore: it requires path and does not apply to archive", hint=hint)
    try:
        is_folder = stat.S_ISDIR(os.stat(place).st_mode)
        if is_folder and path is None:
            raise OptionError("archive: %s is a folder" % place, hint="Use the option path for a folder.")
        if path is not None and not is_folder:
            raise OptionError("path: %s is not a folder" % place, hint="Use the option archive for a ZIP file.")
        entries = entries_of_zip(place) if path is None else entries_of_folder(path, Ignored(ignore))
    except OSError as exc:
        raise OptionError("%s: %s cannot be read: %s" % (option, place, why_unreadable(exc, place))) from None
    except ValueError:
        raise OptionError("%s: %r is not a valid path" % (option, place)) from None
    if not entries:
        raise OptionError("%s: %s contains no file to upload" % (option, place))
    return Archive(place, entries)


def _add(archive: zipfile.ZipFile, entry: Entry) -> None:
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
