# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m tests.system.fault_injection``: see README.md."""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.system.fault_injection import matrix


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.system.fault_injection", description="Every request meets every fault."
    )
    parser.add_argument("--all", action="store_true", help="all cases, not a sample")
    parser.add_argument("--scenario", action="append", default=[], help="only this one, may be repeated")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=matrix.SEED, help="draws the moments at which playbooks are hit")
    parser.add_argument("--more", type=int, default=0, metavar="N", help="N kills and N faults of each real playbook")
    options = parser.parse_args()
    os.environ["NO_PROXY"] = "127.0.0.1"
    start = time.monotonic()
    good = matrix.run(options.all, options.scenario, options.processes, options.seed, options.more)
    print(f"{time.monotonic() - start:.0f} seconds", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
