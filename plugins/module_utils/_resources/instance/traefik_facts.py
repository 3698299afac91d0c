# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What Traefik and the server do with empty and invalid files, for modules that do not read a file."""

from __future__ import annotations

# Measured with Traefik 3.7.
INVALID_FILE_EFFECT = "Traefik refuses the file and ignores every later change of a route on this server"
EMPTY_MAIN_FILE = "must not be empty: Traefik does not start without a configuration in its main file"
# The server refuses an empty text.
EMPTY = "{}\n"
