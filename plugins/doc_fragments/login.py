# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a login to a database in a service of a Compose stack."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  database_type:
    description:
      - With O(database), the type of the database, which is only needed if databases of two types have this name.
      - With O(compose), the type of the database in the service of the stack, one of V(postgres), V(mysql), V(mariadb)
        and V(mongo). Required to create a backup or to restore one.
    type: str
    choices:
      - postgres
      - mysql
      - mariadb
      - mongo
      - libsql
  postgres:
    description:
      - With O(compose) and O(database_type=postgres), how to log in. Required to create a backup or to restore one.
      - Treated as a secret.
    type: dict
    suboptions:
      user:
        description:
          - Name of the user. Required.
        type: str
  mysql:
    description:
      - With O(compose) and O(database_type=mysql), how to log in, as C(root). Required to create a backup or to restore
        one.
      - Treated as a secret.
    type: dict
    suboptions:
      root_password:
        description:
          - Password of C(root). Required. A secret.
        type: str
  mariadb:
    description:
      - With O(compose) and O(database_type=mariadb), how to log in. Required to create a backup or to restore one.
      - Treated as a secret.
    type: dict
    suboptions:
      user:
        description:
          - Name of the user. Required.
        type: str
      password:
        description:
          - Its password. Required. A secret.
        type: str
  mongo:
    description:
      - With O(compose) and O(database_type=mongo), how to log in. Required to create a backup or to restore one.
      - Treated as a secret.
    type: dict
    suboptions:
      user:
        description:
          - Name of the user. Required.
        type: str
      password:
        description:
          - Its password. Required. A secret.
        type: str
"""
