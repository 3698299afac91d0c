# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A multipart form with one file, which is read from the disk while it is sent: it may be larger than the memory."""

from __future__ import annotations

import os
import secrets
from typing import BinaryIO, Iterator, Mapping

from .._errors import OptionError, size_in_words

_BLOCK = 64 * 1024


class Form:
    """The body of one request: a file object that requests and urllib3 read block by block.

    The file is open inside the context only; every new context begins at its start.

    :param fields: texts by name. :param file_field: the name of the field with the file.
    :param filename: the name of the file for the server, and C(content_type) its type. :param path: the file on disk.
    :ivar len: bytes in total, known inside the context. requests makes the Content-Length of it.
    :ivar content_type: the header of the request.
    :raises OptionError: a field is not text.
    """

    def __init__(self, fields: Mapping[str, str], file_field: str, filename: str, content_type: str, path: str) -> None:
        # 128 random bits cannot occur in the file by chance, and hexadecimal digits need no quotes.
        boundary = "DokployForm" + secrets.token_hex(16)
        self.content_type = "multipart/form-data; boundary=" + boundary
        head = [
            '--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, _quoted(name), value)
            for name, value in fields.items()
        ]
        head.append(
            '--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n'
            % (boundary, _quoted(file_field), _quoted(filename), content_type)
        )
        try:
            self._head = "".join(head).encode("utf-8")
        except UnicodeEncodeError:
            raise OptionError("%s is uploaded with a field that is not UTF-8 text" % path) from None
        self._tail = ("\r\n--%s--\r\n" % boundary).encode("ascii")
        self._path = path
        self._file: BinaryIO
        self._position = 0
        self.len = 0

    def __enter__(self) -> Form:
        """:raises OptionError: the file cannot be read."""
        try:
            self._file = open(self._path, "rb")
            size = os.fstat(self._file.fileno()).st_size
        except OSError as exc:
            raise self._unreadable(exc) from None
        self._position, self.len = 0, len(self._head) + size + len(self._tail)
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        # requests streams a body only if it can be iterated.
        return iter(lambda: self.read(_BLOCK), b"")

    def read(self, size: int) -> bytes:
        """The next bytes, at most C(size) of them, fewer where a part ends; none at the end.

        :raises OptionError: the file cannot be read, or is shorter than it was when it was opened.
        """
        start, end = len(self._head), self.len - len(self._tail)
        if self._position < start:
            block = self._head[self._position :][:size]
        elif self._position < end:
            block = self._content(min(size, end - self._position))
        else:
            block = self._tail[self._position - end :][:size]
        self._position += len(block)
        return block

    def _content(self, size: int) -> bytes:
        try:
            block = self._file.read(size)
        except OSError as exc:
            raise self._unreadable(exc) from None
        if not block and size:
            raise OptionError("%s was truncated during the upload" % self._path, hint="Run the task again.")
        return block

    def tell(self) -> int:
        return self._position

    @property
    def complete(self) -> bool:
        """Whether all of it was read. A server cannot act on less."""
        return self._position >= self.len

    @property
    def size(self) -> str:
        """For messages, such as C(12.3 MiB)."""
        return size_in_words(self.len)

    def _unreadable(self, error: OSError) -> OptionError:
        return OptionError("%s cannot be read: %s" % (self._path, (error.strerror or "unknown").lower()))


def _quoted(name: str) -> str:
    """A name inside quotes, as browsers write it (WHATWG's multipart/form-data)."""
    text = name.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
