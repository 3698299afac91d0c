# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command in the environment of the tests: ``python -m tools.run COMMAND [ARGUMENT...]``.

Of the caller's own settings only C(DOKPLOY_URL) and its kin are kept, for the commands that may use a real server.
"""

from __future__ import annotations

import os
import sys

from tools import check, workspace


def main() -> None:
    """Become the command."""
    env = check.with_dokploy()
    os.chdir(workspace.ROOT)
    try:
        os.execvpe(sys.argv[1], sys.argv[1:], env)
    except OSError as error:
        sys.exit(f"{sys.argv[1]}: {error.strerror}")


if __name__ == "__main__":
    main()
