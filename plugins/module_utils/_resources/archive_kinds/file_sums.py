# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The fingerprint of files: the script of a job that takes it, and what that writes. Pure.

The script runs in C(sh) with the tools of GNU or of busybox, and gives the same with both.
"""

from __future__ import annotations

import re
import shlex
from typing import Dict, Sequence

from .fingerprints import FileSums

# Each file is read once. A name ends with a byte that none has; the sums of the contents are in the order of the names.
# GNU puts a backslash before the sum of a file whose name has a line feed. Of a pipe only the end can fail, so that the
# programs are looked for, and the sums counted. A program of busybox that ends moves back in the file that xargs reads,
# so that it reads a pipe.
_SCRIPT = r"""
LC_ALL=C
export LC_ALL
for program in cat find mktemp readlink rm sed sha256sum sort stat tr wc xargs; do command -v $program > /dev/null; done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
for folder; do
  cd "$folder"
  for type in f d l; do find . -type $type -print0 > "$work/found"; sort -z "$work/found" > "$work/$type"; done
  cat "$work/f" | xargs -0 -r sha256sum | sed -n 's/^\\\{0,1\}\([0-9a-f]\{64\}\)  \.\/.*/\1/p' > "$work/sums"
  cat "$work/l" | xargs -0 -r -n 1 readlink > "$work/targets"
  cat "$work/f" | xargs -0 -r stat -c %s > "$work/sizes"
  files=$(tr -dc '\000' < "$work/f" | wc -c) sums=$(wc -l < "$work/sums") bytes=0
  [ $((files)) -eq $((sums)) ]
  while read -r size; do bytes=$((bytes + size)); done < "$work/sizes"
  cd "$work"
  whole=$(cat f sums d l targets | sha256sum)
  echo "fingerprint files $number $((files)) $bytes ${whole%% *}"
  number=$((number + 1))
done
"""
_LINE = re.compile(r"fingerprint files (\d+) (\d+) (\d+) ([0-9a-f]{64})\Z")


def sums_command(folders: Sequence[str]) -> str:
    """The command that writes a line for each folder, and fails where one cannot be read, or a program is missing."""
    return "sh -ec %s fingerprint %s" % (shlex.quote(_SCRIPT), " ".join(map(shlex.quote, folders)))


def sums_line(sums: FileSums, number: int = 0) -> str:
    """What the command writes. :param number: that of the folder."""
    return "fingerprint files %d %d %d %s" % (number, sums.files, sums.bytes, sums.sha256)


def sums_in(lines: Sequence[str]) -> Dict[int, FileSums]:
    """What the command has written, by the numbers of the folders. :param lines: the output of a job."""
    matches = [_LINE.match(line) for line in lines]
    return {int(match[1]): FileSums(int(match[2]), int(match[3]), match[4]) for match in matches if match}
