#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_restore
short_description: Restore a database or a volume from an S3 destination of Dokploy
version_added: 1.0.0
description:
  - Restores a database, a database in a service of a Compose stack, or a Docker volume from a file that a backup has
    uploaded, and waits for it to end.
  - Most tasks set O(project), O(environment) and O(database), O(destination), O(prefix) and O(force). Without O(file),
    the newest one is restored.
  - 'A short example: C(community.dokploy.dokploy_restore: {project: shop, database: orders, destination: backups,
    prefix: nightly, force: true}).'
  - The data that is there is replaced. The module does nothing without O(force=true).
  - The file is looked up before anything is restored. One that is empty is refused.
  - Each run restores again.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.location.database
  - community.dokploy.login
attributes:
  check_mode:
    support: full
    details:
      - It returns the file that would be restored. It cannot tell whether a volume is in use.
  diff_mode:
    support: full
    details:
      - It shows the file that is restored.
  idempotent:
    support: none
    details:
      - Each run restores again.
requirements:
  - For this module, Dokploy 0.28.0 or newer.
notes:
  - The container of the database must run. Dokploy restores into an existing database, and drops and creates again the
    tables that the file contains.
  - No container may use a volume, not even one that has exited. Stop the application or Compose stack first. Its
    containers that have exited are then removed, and those that are stopping are waited for. If another container uses
    the volume, the module fails and lists it. Nothing starts the service again afterwards.
  - Dokploy restores while it downloads. If the download breaks off, PostgreSQL has dropped the tables by then, and a
    volume is gone. The module fails, and the restore must be repeated. Dokploy does not notice a dump of MySQL or
    MariaDB that ends between two statements.
  - The module does not restore a backup of Dokploy itself, since that replaces the database and the files of the server
    that answers. Use the web interface of a new installation.
  - A restore continues on the server if the connection breaks. A proxy in front of Dokploy must not close connections
    that are silent while it works.
  - Dokploy restores volumes of applications and Compose stacks only, and checks nothing of these but that they exist.
    So the volume of a database is restored through any of them. On an instance that has none, the module creates an
    application beside the database, which is never deployed, and removes it afterwards. If the task is killed, the
    next such restore removes it.
  - The volume of a database is restored before the first deployment of the database, or while it is stopped. That of
    PostgreSQL keeps the users, passwords and databases of its origin, so that the database has to be configured alike.
options:
  application:
    description:
      - Name or ID of the application, to restore one of its volumes. If several applications in the environment have
        this name, the module fails and lists their IDs.
      - One of O(database), O(database_id), O(compose), O(compose_id), O(application) and O(application_id) is required.
    type: str
  destination:
    description:
      - Name or ID of the destination with the file. If several have this name, the module fails and lists their IDs.
    type: str
    required: true
  file:
    description:
      - The file to restore. V(latest) is the newest backup in the folder by the time in its name. In an O(folder)
        without an archive of O(volume), it is the newest archive of the only volume there, which has another name on
        another server.
      - A name is a file in the folder. A text with a slash is a whole path in the bucket, as
        M(community.dokploy.dokploy_backup_info) returns it.
    type: str
    default: latest
  before:
    description:
      - With O(file=latest), only backups that were made before this time, as a date or a date and time of ISO 8601,
        such as V(2026-03-14) or V(2026-03-14T12:00:00+01:00). The default time zone is UTC.
    type: str
  prefix:
    description:
      - Folder with the files, below the folder of the database, Compose stack or application, which is the prefix of
        the backup. The default is none.
      - Mutually exclusive with O(folder).
    type: str
  folder:
    description:
      - Folder with the files, from the top of the bucket. Use it to restore a backup of another database, Compose stack
        or application. V("") is the topmost one.
    type: str
  volume:
    description:
      - Name of the Docker volume to restore, of an application, a Compose stack or a database. Of the volume V(data) in
        a Compose file, it is the name of the stack in Docker, an underscore, and V(data). The volume with the data of a
        database is its name in Docker, and C(-data). Otherwise a database is restored.
      - If the volume does not exist, Docker creates it.
    type: str
  from:
    description:
      - An entry of C(archives) in the file C(archives.yml) of a backup set, as a mapping. It says which file is
        restored, and its size, which the file must have. It is restored into the database, Compose stack or application
        that the task names, also if that has other names than the saved one.
      - Of a volume whose name begins with that of the saved service in Docker, the volume begins with the name of the
        service here. O(volume) names another one. Of a database in a Compose stack, O(database_type), O(service),
        O(database_name) and the user of PostgreSQL are those of the entry, unless they are stated.
      - A dump of MariaDB is refused if it may have views, triggers or routines of another user, which MariaDB does not
        let others restore (error 1227), unless the user is the same or C(root). The data volume of a database is
        refused if the database here has another name or user, since the volume keeps both, with the password.
      - Archives of Redis made by C(redis-cli --rdb), and of folders of a host, are refused, since jobs copy them. Use
        M(community.dokploy.dokploy_manifest) to restore a whole set.
      - Mutually exclusive with O(file), O(before), O(prefix) and O(folder).
    type: dict
  database_type:
    description:
      - With O(database), the type of the database, which is only needed if databases of two types have this name.
      - With O(compose), the type of the database in the service of the stack, one of V(postgres), V(mysql), V(mariadb)
        and V(mongo). Required to restore one without O(from).
    type: str
    choices:
      - postgres
      - mysql
      - mariadb
      - mongo
      - redis
      - libsql
  database_name:
    description:
      - Name of the database in the server to restore into, which must exist. The default for a database service is its
        own. Required, without O(from), for a service of a Compose stack, and for V(mongo) and V(libsql).
      - For V(libsql) it has no effect, since the file contains the name.
    type: str
  service:
    description:
      - With O(compose), name of the service of the stack that runs the database, or to whose folder the volume was
        backed up. Required to restore a database.
    type: str
  force:
    description:
      - Whether to replace the data that is there. V(true) is required.
    type: bool
    default: false
  follow:
    description:
      - Whether to show the lines of the restore while it runs. Only in process, that is with a local connection.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds for which the module waits for the restore to end. After that, the module fails, and the restore
        continues.
    type: float
    default: 3600.0
  log_lines:
    description:
      - Number of lines from the end of the output, from 1 to 10000. The keys of the destination and the passwords of
        the database are masked.
    type: int
    default: 50
seealso:
  - module: community.dokploy.dokploy_backup
  - module: community.dokploy.dokploy_backup_info
  - module: community.dokploy.dokploy_volume_backup
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Restore the newest backup of a database
  community.dokploy.dokploy_restore:
    project: shop
    environment: production
    database: orders
    destination: backups
    prefix: nightly
    force: true

- name: Find out which file an older one would be
  community.dokploy.dokploy_restore:
    project: shop
    database: orders
    destination: backups
    prefix: nightly
    before: "2026-03-14"
    force: true
  check_mode: true
  register: found

- name: Restore this file into another database
  community.dokploy.dokploy_restore:
    project: shop
    environment: staging
    database: orders
    destination: backups
    file: "{{ found.file.path }}"
    force: true

- name: Restore an archive of a backup set into the database that has replaced the saved one
  community.dokploy.dokploy_restore:
    project: shop
    database: orders
    destination: backups
    from: "{{ (lookup('ansible.builtin.file', 'instance/archives.yml') | from_yaml).archives[0] }}"
    force: true

- name: Restore the volume of a Redis that is stopped
  community.dokploy.dokploy_restore:
    project: shop
    database: sessions
    volume: "{{ sessions.database.app_name }}-data"
    destination: backups
    prefix: nightly
    force: true

- name: Restore the database of a Compose stack
  community.dokploy.dokploy_restore:
    project: shop
    compose: blog
    service: db
    database_type: mariadb
    mariadb:
      user: blog
      password: "{{ vault_blog_password }}"
    database_name: blog
    destination: backups
    force: true

- name: Stop the application
  community.dokploy.dokploy_application:
    project: shop
    name: gallery
    state: stopped

- name: Restore its volume
  community.dokploy.dokploy_restore:
    project: shop
    application: gallery
    volume: gallery-uploads
    destination: backups
    force: true

- name: Start the application again
  community.dokploy.dokploy_application:
    project: shop
    name: gallery
    state: started
"""

RETURN = r"""
database_id:
  description: ID of the database.
  returned: success, with O(database) or O(database_id)
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
compose_id:
  description: ID of the Compose stack.
  returned: success, with O(compose) or O(compose_id)
  type: str
  sample: mB7wR2xK9cVtQ4nLzHdPa
application_id:
  description: ID of the application.
  returned: success, with O(application) or O(application_id)
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
file:
  description: The file that was restored, or would be in check mode. Null in check mode if what an earlier task creates
    does not exist yet.
  returned: success
  type: dict
  contains:
    path:
      description: Path in the bucket.
      type: str
      sample: shop-db-x1y2z3/nightly/2026-03-14T02-15-00-120Z.sql.gz
    name:
      description: Last part of the path.
      type: str
      sample: 2026-03-14T02-15-00-120Z.sql.gz
    size:
      description: Size in bytes.
      type: int
      sample: 48120
    is_folder:
      description: V(false).
      type: bool
      sample: false
    created_at:
      description: When the backup was made, in UTC, as its name says. Null for other names.
      type: str
      sample: '2026-03-14T02:15:00.120Z'
log:
  description: The end of the output, as a list of at most O(log_lines) lines. Empty in check mode.
  returned: success, also when the restore failed
  type: list
  elements: str
  sample:
    - Starting restore...
    - 'Restoring database: shop from shop-db-x1y2z3/nightly/2026-03-14T02-15-00-120Z.sql.gz'
    - Restore completed successfully!
proven:
  description: V(true) if Dokploy's success means that the data are restored. Null in check mode, and of MySQL and
    MariaDB, of which Dokploy also reports a success where the dump is missing, of another kind, or ends between two
    statements. Count rows with M(community.dokploy.dokploy_job).
  returned: success
  type: bool
  sample: true
containers:
  description: The names of the containers that use the volume.
  returned: when the volume is in use
  type: list
  elements: str
  sample:
    - shop-web-x1y2z3.1.q8e7w6
diff:
  description: The file that is restored, or would be in check mode.
  returned: success and in diff mode
  type: dict
  sample:
    before:
      restored_from: ''
    after:
      restored_from: shop-db-x1y2z3/nightly/2026-03-14T02-15-00-120Z.sql.gz
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
error:
  description: The error in a form for conditions. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: failure
  type: dict
  sample:
    kind: validation
    procedure: application.update
    status: 400
effect_unknown:
  description: Whether it is unknown if a write took effect, because the connection failed after it was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.restore import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
