# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A form with a file in it, read from the disk while it goes out: an upload may be larger than the memory."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import BinaryIO, Iterator, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._values.units import size_in_words

_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Upload:
    """What is to be sent.

    :param fields: texts by name. They are sent as they are, but for the encoding.
    :param file_field: the name of the field with the file; C(filename) and C(content_type) are what it is said to be.
    :param path: where the file is on disk.
    """

    fields: Mapping[str, str]
    file_field: str
    filename: str
    content_type: str
    path: str


class Form:
    """The bytes of one request. A file object for requests and urllib3, which read it block by block and can rewind it.

    The file is open inside the context only.

    :ivar len: bytes in all, known inside the context; this is the name that requests looks for, and the request has a
        Content-Length by it. C(__len__) could not say more than 2 GiB on some machines.
    :ivar content_type: the header that goes with it.
    :raises OptionError: a field is no text.
    """

    def __init__(self, upload: Upload) -> None:
        # 128 bits of chance need not be looked for in the file, and hexadecimal digits need no quotes.
        boundary = "DokployForm" + secrets.token_hex(16)
        self.content_type = "multipart/form-data; boundary=" + boundary
        head = [
            '--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, _quoted(name), value)
            for name, value in upload.fields.items()
        ]
        head.append(
            '--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n'
            % (boundary, _quoted(upload.file_field), _quoted(upload.filename), upload.content_type)
        )
        try:
            self._head = "".join(head).encode("utf-8")
        except UnicodeEncodeError:
            raise OptionError("%s is uploaded with a field that is no UTF-8 text" % upload.path) from None
        self._tail = ("\r\n--%s--\r\n" % boundary).encode("ascii")
        self._path = upload.path
        self._file: Optional[BinaryIO] = None
        self._position = 0
        self.len = 0

    def __enter__(self) -> Form:
        """Open the file.

        :raises OptionError: it cannot be read.
        """
        try:
            self._file = open(self._path, "rb")
            size = os.fstat(self._file.fileno()).st_size
        except OSError as exc:
            raise self._unreadable(exc) from None
        self._position, self.len = 0, len(self._head) + size + len(self._tail)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __iter__(self) -> Iterator[bytes]:
        # requests takes only what can be iterated for a body that is read while it is sent.
        return iter(lambda: self.read(_BLOCK), b"")

    def read(self, size: int) -> bytes:
        """The next bytes, at most C(size) of them, fewer where a part ends; nothing at the end.

        :raises OptionError: the file cannot be read, or is shorter than it was when it was opened.
        """
        start, end = len(self._head), self.len - len(self._tail)
        if self._position < start:
            block = self._head[self._position :][:size]
        elif self._position < end:
            block = self._content(self._position - start, min(size, end - self._position))
        else:
            block = self._tail[self._position - end :][:size]
        self._position += len(block)
        return block

    def _content(self, start: int, size: int) -> bytes:
        if self._file is None:
            raise AssertionError("read outside of the context")
        try:
            self._file.seek(start)
            block = self._file.read(size)
        except OSError as exc:
            raise self._unreadable(exc) from None
        if not block and size:
            hint = "Run it again when nothing writes to it."
            raise OptionError("%s became shorter while it was sent" % self._path, hint=hint)
        return block

    def tell(self) -> int:
        """How many bytes were read."""
        return self._position

    def seek(self, position: int) -> int:
        """Go on reading from there: urllib3 begins again after it got no connection."""
        self._position = position
        return position

    @property
    def complete(self) -> bool:
        """Whether all was read, without which the server cannot have done anything."""
        return self._position >= self.len

    @property
    def words(self) -> str:
        """How much it is, for messages."""
        return size_in_words(self.len)

    def _unreadable(self, error: OSError) -> OptionError:
        return OptionError("%s cannot be read: %s" % (self._path, (error.strerror or "unknown").lower()))


def _quoted(name: str) -> str:
    """A name inside quotes, as browsers write it (WHATWG's multipart/form-data)."""
    text = name.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
