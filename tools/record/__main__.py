# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records a real server: C(DOKPLOY_URL=... DOKPLOY_API_KEY=... make record).

It sends the requests of C(tests/contract/requests.jsonl), which make a few projects and what belongs to them, removes
these again, writes the pairs to C(tests/contract/releases), and plays them against the simulator. Nothing else on the
server is changed, and nothing of it is written. Status 0: the simulator answers alike; 1: it does not, or something of
the requests is left on the server; 2: no server.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

# Makes the collection importable.
import conftest  # noqa: F401 # pylint: disable=unused-import
from tests.contract.recorded_releases import Recorded, unexpected
from tools.new_release import server
from tools.new_release.inputs import NoSource, release
from tools.record.normal import normalised
from tools.record.requests_file import PAIRS, Key, Pair, requests, store
from tools.record.session import OWN, Answer, Session

DIFFERS, NO_SERVER = 1, 2


def recorded(session: Session) -> tuple[dict[Key, Pair], list[str]]:
    """The pairs, and what is left on the server."""
    session.look()
    if session.earlier:
        print(f"{session.earlier} rows are called {OWN!r} already: an earlier run was killed. They are not touched.")
    answers: list[Answer] = []
    try:
        for answer in session.play(requests()):
            answers.append(answer)
    finally:
        left = session.clean(answers)
    return normalised(answers, session.url, session.key, session.names), left


def compared(wanted: str, pairs: dict[Key, Pair]) -> dict[str, list[str]]:
    """What the simulator answers otherwise and no exception covers, by record."""
    player = Recorded(wanted, pairs)
    try:
        player.play()
    finally:
        player.close()
    return unexpected(wanted, player)


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make record", description=__doc__)
    parser.add_argument("--release", default="", help="what the server has to be; default: whatever it is")
    parser.add_argument("--folder", type=Path, default=PAIRS, help="where the pairs are written")
    options = parser.parse_args(words)
    if not server.is_named():
        raise NoSource("No server to record: set DOKPLOY_URL and DOKPLOY_API_KEY.")
    there = server.version()
    if options.release and release(options.release) != there:
        raise NoSource(f"The server that DOKPLOY_URL names is {there}, not {options.release}.")
    session = Session(os.environ["DOKPLOY_URL"].rstrip("/"), os.environ["DOKPLOY_API_KEY"])
    pairs, left = recorded(session)
    path = store(there, pairs, options.folder)
    print(f"{len(pairs)} pairs of {there}; {len(path.read_text('utf-8').splitlines())} of them are new in {path}")
    for line in left:
        print(f"left on the server: {line}")
    differing = compared(there, pairs)
    for record, problems in differing.items():
        print("\n  ".join([record, *problems]))
    print(f"The simulator answers {len(pairs) - len(differing)} of {len(pairs)} as the server did.")
    return DIFFERS if differing or left else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except NoSource as error:
        print(error, file=sys.stderr)
        sys.exit(NO_SERVER)
