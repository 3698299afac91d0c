# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Parts of messages: lists of names, names similar to a mistyped one, the reason why a file cannot be read."""

from __future__ import annotations

import difflib
import errno
import os
import platform
from typing import Iterable, List, Optional, Sequence

MOST = 10


def enumerated(items: Sequence[str], most: int = MOST, joint: str = ", ") -> str:
    """The items in one text: all of them, or the first C(most) and how many more there are."""
    more = ["and %d more" % (len(items) - most)] if len(items) > most else []
    return joint.join([*items[:most], *more])


def close_names(wanted: str, names: Iterable[str]) -> List[str]:
    """Up to three names similar to the wanted one, the most similar first."""
    folded = {name.lower(): name for name in sorted(names, reverse=True)}
    return [folded[match] for match in difflib.get_close_matches(wanted.lower(), list(folded), n=3, cutoff=0.6)]


def suggested(names: Sequence[str]) -> str:
    """C(Did you mean: 'web'?) of at least one name."""
    return "Did you mean: %s?" % enumerated([repr(name) for name in names])


def known_names(wanted: str, names: Iterable[str], where: str = "") -> str:
    """The hint for a name that is not among C(names): the similar ones, or all if none is similar.

    :param where: C( in project 'shop').
    """
    known = sorted(set(names))
    if not known:
        return "There is none%s." % (where or " at all")
    close = close_names(wanted, known)
    return suggested(close) if close else "There are: %s." % enumerated([repr(name) for name in known])


def why_unreadable(error: OSError, path: Optional[str] = None) -> str:
    """Why a file or folder cannot be read, with the host if the file of an option does not exist.

    :param path: the option's value; in process it is absolute.
    """
    reason = (error.strerror or "unknown").lower()
    if error.errno != errno.ENOENT or path is None:
        return reason
    reason += " on %s, the host that runs the module" % platform.node()
    return reason if os.path.isabs(path) else reason + "; with delegate_to: localhost it is a file of the controller"
