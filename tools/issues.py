# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An issue for each finding of a workflow: ``python3 -m tools.issues --label LABEL FILE...``.

Each file has a list C(issues) of objects with C(title) and C(body): what C(--json) of C(make release) and of
C(make real-test) writes. The title is what a finding is known by. The body keeps a mark of it, so that an issue that
was renamed is still that of the finding. What is done follows from the issue that the finding has:

* none: an issue is opened;
* an open one: nothing;
* one that was closed as completed: the finding is back, so that the issue is reopened, with what was found now;
* one that was closed as not planned or as a duplicate: nothing.

It is called by a job that may write issues and therefore sets up nothing: it needs Python and C(gh) alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Issue = Mapping[str, Any]
OPEN, REOPEN, LEAVE = "open", "reopen", "leave"
# After a bad night, or the first one, the rest is opened in the nights that follow.
MOST = 25
LISTED = 5000


class Failed(Exception):
    """GitHub refuses; the text has its words."""


def gh(*words: str, text: str = "") -> str:
    """What C(gh) prints. The repository and the token are in the environment.

    :raises Failed: it is not there, or GitHub refuses.
    """
    try:
        process = subprocess.run(["gh", *words], input=text, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Failed(f"gh: {error.strerror}") from None
    if process.returncode:
        raise Failed(f"gh {' '.join(words[:2])}: {process.stderr.strip()}")
    return process.stdout


def mark(title: str) -> str:
    """The line of a body that says which finding the issue is of."""
    return f"<!-- finding {hashlib.sha256(title.encode()).hexdigest()[:16]} -->"


def findings(files: Sequence[Path]) -> dict[str, str]:
    """The bodies by title; of equal titles the first one."""
    bodies: dict[str, str] = {}
    for file in files:
        for finding in json.loads(file.read_text("utf-8"))["issues"]:
            bodies.setdefault(finding["title"], finding["body"])
    return bodies


def decision(title: str, issues: Sequence[Issue]) -> tuple[str, int]:
    """What to do for a finding, and the number of its issue; 0 if it has none.

    :param issues: those of the label, with C(number), C(title), C(body), C(state) and C(stateReason).
    """
    own = [issue for issue in issues if issue["title"] == title or mark(title) in issue["body"]]
    if not own:
        return OPEN, 0
    # People may have opened another one for it.
    issue = max(own, key=lambda issue: (issue["state"] == "OPEN", issue["number"]))
    back = issue["state"] == "CLOSED" and issue["stateReason"] == "COMPLETED"
    return REOPEN if back else LEAVE, issue["number"]


def brought_up_to_date(bodies: Mapping[str, str], label: str) -> list[str]:
    """Open and reopen what is to be. Returns a line for each finding.

    :raises Failed: GitHub refuses. What was opened until then stays, and the next call does the rest.
    """
    fields = "number,title,body,state,stateReason"
    words = ("--state", "all", "--label", label, "--limit", str(LISTED), "--json", fields)
    issues = json.loads(gh("issue", "list", *words))
    lines, written = [], 0
    for title, body in bodies.items():
        action, number = decision(title, issues)
        if action != LEAVE and written == MOST:
            lines.append(f"later: {title}")
            continue
        written += action != LEAVE
        if action == OPEN:
            gh(
                "issue",
                "create",
                "--label",
                label,
                "--title",
                title,
                "--body-file",
                "-",
                text=f"{body}\n{mark(title)}\n",
            )
            lines.append(f"opened: {title}")
        elif action == REOPEN:
            gh("issue", "reopen", str(number), "--comment", f"Found again.\n\n{body}")
            lines.append(f"reopened #{number}: {title}")
        else:
            lines.append(f"known as #{number}: {title}")
    return lines


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tools.issues", description=__doc__)
    parser.add_argument("--label", required=True, help="of these issues; it is made if there is none")
    parser.add_argument("--description", default="", help="of the label")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    options = parser.parse_args(words)
    gh("label", "create", options.label, "--force", "--description", options.description)
    lines = brought_up_to_date(findings(options.files), options.label)
    print("\n".join(lines) or "There are no findings.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failed as error:
        sys.exit(str(error))
