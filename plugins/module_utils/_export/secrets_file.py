# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The file in which the operation leaves for its action what no result may have: secrets, and the document with marks.

It is JSON: C({document, comments, secrets}).
"""

from __future__ import annotations

import json
import os
from typing import Any, Mapping, Sequence

from .._errors import OptionError


def leave(path: str, document: Mapping[str, Any], comments: Sequence[Any], secrets: Mapping[str, Any]) -> None:
    """Write the file, which only its owner may read.

    :param path: in a folder that only the action knows. The file does not exist.
    :raises OptionError: it cannot be written.
    """
    content = json.dumps({"document": document, "comments": comments, "secrets": secrets}).encode("utf-8")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
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
