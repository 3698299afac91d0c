# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of services, as they begin the names of procedures and columns."""

from __future__ import annotations

DATABASES = ("libsql", "mariadb", "mongo", "mysql", "postgres", "redis")
SERVICES = ("application", "compose", *DATABASES)
