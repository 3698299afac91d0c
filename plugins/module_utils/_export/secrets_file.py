# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The files that the operation and its action hand over to each other: no argument and no result may have secrets.

Both are JSON: the document that exists, which the action leaves, and what the operation leaves, which is
C({document, comments, secrets, changes}). That document has marks.
"""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Mapping, Sequence

from .._errors import OptionError


def read_secrets(path: str) -> Dict[str, Any]:
    """The document that exists.

    :raises OptionError: there is none.
    """
    try:
        with open(path, "rb") as file:
            content: Dict[str, Any] = json.loads(file.read().decode("utf-8"))
    except (OSError, ValueError):
        message = "document_file: %s cannot be read on the host that runs the module"
        raise OptionError(message % path, hint="Only the action of the module sets it.") from None
    return content


def leave(
    path: str,
    document: Mapping[str, Any],
    comments: Sequence[Any],
    secrets: Mapping[str, Any],
    changes: Sequence[Any] = (),
) -> None:
    """Write what the operation has found to a file that only its owner may read.

    :param path: in a folder that only the action knows. The file does not exist.
    :param changes: those of the document that exists, see C(edits.to_json).
    :raises OptionError: it cannot be written.
    """
    content = {"document": document, "comments": comments, "secrets": secrets, "changes": changes}
    encoded = json.dumps(content).encode("utf-8")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(encoded)
                _give_to_owner_of_folder(file.fileno(), path)
        except BaseException:
            os.unlink(path)
            raise
    except OSError as error:
        message = "secrets_file: %s cannot be written on the host that runs the module: %s"
        raise OptionError(message % (path, (error.strerror or "unknown").lower())) from None


def _give_to_owner_of_folder(handle: int, path: str) -> None:
    """With C(become), the module is root, and the user who fetches the file is not."""
    if os.geteuid() == 0:
        folder = os.stat(os.path.dirname(path) or ".")
        os.fchown(handle, folder.st_uid, folder.st_gid)
