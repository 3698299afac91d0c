# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what is generated: ``python -m tools.generate``."""

from __future__ import annotations

import os
import sys

# Makes the collection importable.
import conftest  # noqa: F401 # pylint: disable=unused-import
from tools import (
    catalog,
    event_sources,
    example_tasks,
    manifest_docs,
    manifest_schema,
    new_records,
    options,
    overview,
    registration,
    returns,
    roles,
    subsets,
    used_api,
)

if __name__ == "__main__":
    try:
        if catalog.main():
            os.execv(sys.executable, [sys.executable, "-m", "tools.generate"])
        subsets.main()
        # Modules import it as a fragment.
        manifest_docs.main()
        options.main()
        returns.main()
        registration.main()
        overview.main()
        example_tasks.main()
        roles.main()
        event_sources.main()
        manifest_schema.main()
        used_api.main()
        new_records.main()
    except ValueError as error:
        sys.exit(str(error))
