# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release of Dokploy changes for the collection: C(make release RELEASE=0.31.0 DOCUMENT=openapi.json).

Without C(DOCUMENT) it asks the server that C(DOKPLOY_URL) and C(DOKPLOY_API_KEY) name. Status 0: the release takes all
that the collection sends; 1: it does not; 2: it cannot be told.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

# Makes the collection importable.
import conftest  # noqa: F401 # pylint: disable=unused-import
from dokploy_simulator.api.release_folders import stored, version_key
from dokploy_simulator.api.tables import table_of
from tools.new_release import folder, report, server
from tools.new_release.compare import compared
from tools.new_release.inputs import Inputs, NoSource, of_table, read, release
from tools.new_release.touched import touched

BREAKS, UNKNOWN = 1, 2


def parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("--release", default="", help="the release; default: that of the server")
    parser.add_argument("--document", default="", help="an OpenAPI document, or a folder with @dokploy/sdk, unpacked")
    parser.add_argument("--known", default="", help="the release to compare with; default: the newest until it")
    parser.add_argument("--write", action="store_true", help="write the folder of the release for the simulator")
    parser.add_argument("--markdown", default="", help="append the report to this file, as a workflow's summary")
    parser.add_argument("--json", default="", help="write what a workflow opens issues of to this file")
    return parser.parse_args(words)


def source(document: str) -> Inputs:
    if document:
        return read(Path(document))
    if server.is_named():
        return server.read()
    raise NoSource(
        "Nothing says what the release takes: set DOCUMENT=, a file with the answer of settings.getOpenApiDocument, or "
        "a folder in which `npm pack @dokploy/sdk@RELEASE` was unpacked, or DOKPLOY_URL and DOKPLOY_API_KEY."
    )


def known_release(wanted: str, named: str) -> str:
    """The stored release to compare with."""
    if named:
        return release(named)
    older = [version for version in stored() if version_key(version) <= version_key(wanted)]
    if not older:
        raise NoSource(f"{wanted} is older than {stored()[0]}, the oldest release that is known.")
    return older[-1]


def main(words: Sequence[str]) -> int:
    options = parsed(words)
    inputs = source(options.document)
    if not options.release and options.document:
        raise NoSource("RELEASE= has to say of which release the document is.")
    wanted = release(options.release) if options.release else server.version()
    known = known_release(wanted, options.known)
    findings = compared(of_table(table_of(known), known), inputs)
    result = report.Report(wanted, known, inputs.source, [(finding, touched(finding)) for finding in findings])
    print(report.text(result), end="")
    if options.markdown:
        with Path(options.markdown).open("a", encoding="utf-8") as summary:
            summary.write(report.markdown(result))
    if options.json:
        Path(options.json).write_text(report.as_json(result), "utf-8")
    if options.write:
        print("\nWritten: " + ", ".join(map(str, folder.write(wanted, inputs))))
    return BREAKS if result.breaking else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except NoSource as error:
        print(error, file=sys.stderr)
        sys.exit(UNKNOWN)
