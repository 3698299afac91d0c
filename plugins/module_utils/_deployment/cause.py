# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Why a build failed, in one line: Dokploy stores no reason, and its log ends with lines that are always the same.

The column C(errorMessage) is null for every failed build, and the reason is only in the log: above a line such as
C(❌ Pulling image failed), which says what failed but not why, or in that line (measured on 0.30.2).
"""

from __future__ import annotations

import re
from typing import List, Optional, Sequence

# How many lines Dokploy puts around what a build has written: a frame with the command of a stack, and its last words.
BANNER_LINES = 20
# Enough lines to find the cause in, of which the end of the output of a failed step of a Dockerfile has the most.
CAUSE_LINES = 50
_LONGEST = 300

_FRAME = ("╔", "║", "╚")
_LAST_WORDS = re.compile(r"Error occurred ❌, check the logs for details\.?\Z")
_CROSS = "❌"
# Of Dokploy itself, such as that a Compose file is no YAML (measured on 0.30.2).
_OWN_ERROR = "❌ Has occurred an error: "
# What only says that something failed.
_GENERAL = re.compile(r"Fail to |Error (?:tagging|pushing) image\Z|.*[Ff]ailed\Z")
# Lines of a log that report progress.
_PROGRESS = re.compile(
    r"Initializing deployment|Pulling |Building |Starting |Cloning |.*✅|#\d+ |-+\Z| *(?:Network|Volume|Container) "
)
# What stands before the cause, once or several times.
_PREFIX = re.compile(r"(?:(?:Error response from daemon|failed to solve|fatal|error):|\[error\])\s+", re.IGNORECASE)
_REPEATED = re.compile(r"(: .+?)\1+\Z")
_EXIT_CODE = re.compile(r"did not complete successfully: (exit code: \d+)\Z")
# The output of the failed step, which BuildKit repeats between two rulers, each line after the seconds.
_STEP = re.compile(r" > \[.*\] .*:\Z")
_SECONDS = re.compile(r"\d+\.\d+ ")


def without_banner(lines: Sequence[str]) -> List[str]:
    """The lines of a log without those that Dokploy puts around what the build has written."""
    own = [line for line in lines if not line.startswith(_FRAME) and not _LAST_WORDS.match(line)]
    while own and not own[-1].strip():
        own.pop()
    return own


def cause_of(lines: Sequence[str]) -> Optional[str]:
    """Why a build failed, of the lines of its log; C(None) where they do not tell.

    :param lines: without the banner, and masked.
    """
    own = [line for line in lines if line.strip()]
    of_dokploy = next((line for line in own if line.startswith(_OWN_ERROR)), None)
    if of_dokploy is not None:
        # Behind it is the place in the file.
        return _bare(of_dokploy[len(_OWN_ERROR) :].rstrip().rstrip(":"))
    general = ""
    while own and _CROSS in own[-1]:
        said = _bare(own.pop().partition(_CROSS)[2])
        if not _GENERAL.match(said):
            return said
        general = general or said
    if not own or _PROGRESS.match(own[-1]):
        return general or None
    code = _EXIT_CODE.search(own[-1])
    said = _step_said(lines) if code else ""
    return "%s (%s)" % (_bare(said), code.group(1)) if code and said else _bare(own[-1]) or general or None


def _bare(line: str) -> str:
    """A line without the words that mark it as an error, and without what it repeats."""
    text, prefix = line.strip(), _PREFIX.match(line.strip())
    while prefix and prefix.end() < len(text):
        text = text[prefix.end() :]
        prefix = _PREFIX.match(text)
    text = _REPEATED.sub(r"\1", text)
    return text if len(text) <= _LONGEST else "%s ..." % text[:_LONGEST]


def _step_said(lines: Sequence[str]) -> str:
    """The last line that the failed step of a Dockerfile has written; empty where it has written none."""
    begin = next((number for number, line in enumerate(lines) if _STEP.match(line)), len(lines))
    said = ""
    for line in lines[begin + 1 :]:
        if not _SECONDS.match(line):
            break
        said = _SECONDS.sub("", line, count=1).strip() or said
    return said
