# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that select the service on which a module acts."""

from __future__ import annotations

_ENVIRONMENT = r"""
options:
  project:
    description:
      - Name or ID of the project. If several projects have this name, the module fails and lists their IDs.
      - Required unless an ID selects the service.
    type: str
  environment:
    description:
      - Name or ID of the environment in the project. The default is the default environment of the project,
        V(production).
    type: str
"""

_APPLICATION = r"""
  application:
    description:
      - Name or ID of the application. If several applications in the environment have this name, the module fails and
        lists their IDs.
      - One of SELECTORS is required.
    type: str
  application_id:
    description:
      - ID of the application. Use it instead of O(project), O(environment) and O(application).
    type: str
"""

_COMPOSE = r"""
  compose:
    description:
      - Name or ID of the Compose stack. If several stacks in the environment have this name, the module fails and lists
        their IDs.
    type: str
  compose_id:
    description:
      - ID of the Compose stack. Use it instead of O(project), O(environment) and O(compose).
    type: str
"""

_DATABASE = r"""
  database:
    description:
      - Name or ID of the database service in Dokploy, which is O(community.dokploy.dokploy_database#module:name). If
        several databases in the environment have this name, the module fails and lists their IDs.
    type: str
  database_id:
    description:
      - ID of the database service. Use it instead of O(project), O(environment) and O(database).
    type: str
"""


def _application(*others: str) -> str:
    """The options of an application, of which one is required unless another service is selected."""
    *first, last = [f"O({name})" for name in ("application", "application_id", *others)]
    return _APPLICATION.replace("SELECTORS", f"{', '.join(first)} and {last}")


class ModuleDocFragment:
    # With an annotation, since the yamllint of ansible-test takes a plain assignment for that of a literal.

    # An application.
    DOCUMENTATION: str = _ENVIRONMENT + _application()

    # An application or a Compose stack.
    COMPOSE: str = _ENVIRONMENT + _application("compose", "compose_id") + _COMPOSE

    # An application, a Compose stack or a database.
    DATABASE: str = (
        _ENVIRONMENT + _application("compose", "compose_id", "database", "database_id") + _COMPOSE + _DATABASE
    )

    # Beside them: any kind of database.
    DATABASE_TYPE = r"""
options:
  database_type:
    description:
      - Kind of the database. Only needed if databases of several kinds in the environment have the name in O(database).
    type: str
    choices:
      - postgres
      - mysql
      - mariadb
      - mongo
      - redis
      - libsql
"""

    # What has a database: a Compose stack or a database.
    BACKUP: str = _ENVIRONMENT + _COMPOSE + _DATABASE
