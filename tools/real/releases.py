# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The releases that run at night: C(make real-releases).

Of each minor release from the oldest one on that the collection supports, the newest patch that has an official image.
It prints them, newest first, as a workflow reads them: C(releases=["0.31.0", "0.30.8"]). Git lists the releases and
Docker asks for their images; nothing is downloaded.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from dokploy_simulator.api.release_folders import stored, version_key
from tools.new_release.inputs import NoSource, release
from tools.real import docker
from tools.real.room import Failed

REPOSITORY = "https://github.com/Dokploy/dokploy"
IMAGE = "dokploy/dokploy"
_TAG = re.compile(r"\trefs/tags/v(\d+\.\d+\.\d+)$", re.M)


def released(repository: str) -> list[str]:
    """The releases that have a tag, in no order; what else has one, such as a preview, is none.

    :raises Failed: Git cannot ask the repository.
    """
    command = ["git", "ls-remote", "--tags", "--refs", repository]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        raise Failed(f"{' '.join(command)}: {process.stderr.strip()}")
    return _TAG.findall(process.stdout)


def newest(versions: Iterable[str], oldest: str, has_image: Callable[[str], bool]) -> list[str]:
    """Of each minor release, the newest patch that has an image; newest first. None of it is older than C(oldest)."""
    supported = [version for version in versions if version_key(version) >= version_key(oldest)]
    by_minor = groupby(sorted(supported, key=version_key, reverse=True), lambda version: version_key(version)[:2])
    candidates = (next(filter(has_image, patches), None) for _minor, patches in by_minor)
    return [version for version in candidates if version is not None]


def has_image(version: str) -> bool:
    """Whether the image of a release can be pulled."""
    return docker.succeeds("manifest", "inspect", f"{IMAGE}:v{version}")


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make real-releases", description=__doc__)
    parser.add_argument("release", nargs="?", default="", help="only this one, whatever there is")
    parser.add_argument("--repository", default=REPOSITORY, help="whose tags are the releases (%(default)s)")
    options = parser.parse_args(words)
    if options.release:
        versions = [release(options.release)]
    else:
        versions = newest(released(options.repository), stored()[0], has_image)
    if not versions:
        raise Failed(f"No release of {options.repository} has an image {IMAGE} that Docker can ask for.")
    print(f"releases={json.dumps(versions)}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failed, NoSource) as error:
        sys.exit(str(error))
