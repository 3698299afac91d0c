#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_backup
short_description: Manage a backup of a database or of Dokploy itself, or run it
version_added: 1.0.0
description:
  - Manages a scheduled dump of a database, of a database in a service of a Compose stack, or of Dokploy itself, to an
    S3 bucket, or runs it now.
  - Most tasks set O(project), O(environment) and O(database), O(destination), O(prefix), O(database_name), O(cron) and
    O(keep).
  - 'A short example: C(community.dokploy.dokploy_backup: {project: shop, database: orders, destination: backups,
    prefix: nightly, database_name: orders, cron: 15 2 * * *}).'
  - A backup has no name in Dokploy. It is identified by O(destination), O(prefix), O(database_name) and, of a Compose
    stack, O(service). If several backups of the same owner agree in those that are set, the module fails and lists
    their IDs.
  - The module manages one backup and does not change the others of the same owner.
    O(community.dokploy.dokploy_database#module:backups) and O(community.dokploy.dokploy_compose#module:backups) manage
    the whole list and remove the others. Use one of the two for a database or a Compose stack.
  - Takes effect at once, without a deployment.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.location.backup
  - community.dokploy.login
  - community.dokploy.jobs.run
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - For O(state=executed), it only shows that there is a new run.
  idempotent:
    support: partial
    details:
      - O(state=executed) runs the backup each time.
notes:
  - Dokploy dumps the database with the program of its container (C(pg_dump), C(mysqldump), C(mariadb-dump) or
    C(mongodump)), which must run and have C(bash), and uploads it with C(rclone). Of libSQL it packs the folder
    O(database_name). Redis has no backups; use M(community.dokploy.dokploy_volume_backup).
  - The files are in the folder of the bucket with the name of the database or Compose stack in Docker, below it in
    O(prefix). That of a service of a Compose stack is the name of the stack, an underscore, and the name of the
    service.
  - Two backups of the same owner with the same O(destination) and O(prefix) share a folder, and O(keep) of each also
    counts and deletes the files of the other. Give them different prefixes.
  - A backup to a destination that does not answer fails after about 90 seconds.
options:
  state:
    description:
      - V(present) creates the backup, or updates it where it differs.
      - V(absent) removes the backup. The files in the bucket are kept.
      - V(executed) runs an existing backup now, even if it is disabled, and waits for it to end. If the run fails, the
        module fails with the end of its log. Nothing else is compared or written.
      - A run that ends well and has made no file, or an empty one, is a failure of V(executed) too. The
        file is found by what the folder of the bucket had before.
    type: str
    choices:
      - present
      - absent
      - executed
    default: present
  project:
    description:
      - Name or ID of the project of the database or Compose stack. If several projects have this name, the module fails
        and lists their IDs.
      - Required with O(database) and O(compose).
    type: str
  web_server:
    description:
      - Whether to back up Dokploy itself, which is its own database and the folder C(/etc/dokploy). The backup belongs
        to the user of the API key, and other users do not see it.
      - One of O(database), O(database_id), O(compose), O(compose_id) and O(web_server=true) is required.
    type: bool
  backup_id:
    description:
      - ID of an existing backup. Use it instead of the options that identify it, or with them to change these.
      - If it does not exist, O(state=present) and O(state=executed) fail, and O(state=absent) changes nothing.
      - One of O(destination) and O(backup_id) is required.
    type: str
  destination:
    description:
      - Name or ID of the destination, which is O(community.dokploy.dokploy_destination#module:name). If several have
        this name, the module fails and lists their IDs. Required for a new backup.
    type: str
  prefix:
    description:
      - Folder in the bucket, below the folder of the owner. V("") is none, which is the default.
      - It must not contain whitespace or special characters of a shell. It must not lead out of the folder with C(..).
    type: str
  database_name:
    description:
      - Name of the database in the server, which may have several. For a database service it usually is
        O(community.dokploy.dokploy_database#module:database). Required for a new backup, except of Dokploy itself.
      - It may hold only letters, digits, V(_), V(.) and V(-), since Dokploy inserts it into commands.
    type: str
  service:
    description:
      - With O(compose), name of the service of the stack that runs the database. Required for a new backup.
    type: str
  cron:
    description:
      - When to run, as a cron expression, in the time zone of the server. Required for a new backup.
      - Five fields, for minute, hour, day of the month, month and day of the week, or six with the second first, or one
        of V(@hourly), V(@daily), V(@weekly), V(@monthly) and V(@yearly). The module validates it, since Dokploy accepts
        any text and never runs what it cannot parse.
    type: str
  keep:
    description:
      - Number of files to keep in the folder, up to 100000. Dokploy deletes older ones after each successful run. V(0),
        the default for a new backup, keeps all.
    type: int
  enabled:
    description:
      - Whether it runs at the times of O(cron). The default for a new backup is V(true).
    type: bool
  include_encryption_key:
    description:
      - With O(web_server), whether the backup contains the key with which Dokploy encrypts secrets, without which they
        cannot be restored. Whoever can read the file can then read the secrets. The default for a new backup is
        V(true).
      - Needs Dokploy 0.29.12 or newer.
    type: bool
  log_lines:
    description:
      - Number of lines from the end of the log of the run, 0 to 10000. V(0) returns none.
      - The log needs Dokploy 0.29.5 or newer.
    type: int
    default: 50
  once:
    description:
      - With O(state=executed), whether to make one backup for which no backup has to exist. The module creates one that
        nothing else runs, runs it, and removes it. Its file stays.
      - O(prefix) is V(once) by default. It must not be that of another backup, whose O(keep) would count the file, and
        delete it.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_destination
  - module: community.dokploy.dokploy_backup_info
  - module: community.dokploy.dokploy_restore
  - module: community.dokploy.dokploy_volume_backup
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Back up a database every night
  community.dokploy.dokploy_backup:
    project: shop
    environment: production
    database: orders
    destination: backups
    prefix: nightly
    database_name: orders
    cron: 15 2 * * *
    keep: 14
  register: nightly

- name: Back it up now
  community.dokploy.dokploy_backup:
    project: shop
    database: orders
    backup_id: "{{ nightly.backup.backup_id }}"
    state: executed

- name: Back it up before an upgrade, into a file that no other backup counts or deletes
  community.dokploy.dokploy_backup:
    project: shop
    database: orders
    destination: backups
    prefix: before-upgrade
    database_name: orders
    state: executed
    once: true
  register: saved

- name: Back up the database of a Compose stack
  community.dokploy.dokploy_backup:
    project: shop
    compose: blog
    service: db
    database_type: mariadb
    mariadb:
      user: blog
      password: "{{ vault_blog_password }}"
    database_name: blog
    destination: backups
    cron: "@daily"

- name: Back up Dokploy itself, without its encryption key
  community.dokploy.dokploy_backup:
    web_server: true
    destination: backups
    prefix: dokploy
    cron: 30 3 * * 0
    include_encryption_key: false

- name: Remove a backup and keep the files in the bucket
  community.dokploy.dokploy_backup:
    project: shop
    compose: blog
    service: db
    database_name: blog
    destination: backups
    state: absent
"""

RETURN = r"""
web_server_id:
  description: ID of the user to whom the backups of Dokploy itself belong.
  returned: with O(web_server=true)
  type: str
  sample: JmIiN4kTJXmjCsr7lZ8VI5BzZKkxvDhc
database_id:
  description: ID of the database. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: with O(database) or O(database_id)
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
compose_id:
  description: ID of the Compose stack. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: with O(compose) or O(compose_id)
  type: str
  sample: mB7wR2xK9cVtQ4nLzHdPa
backup:
  description:
    - The backup after the module ran, or as predicted in check mode. Its keys are the options that this kind of owner
      has, without secrets. Null for O(state=absent).
  returned: O(state=present) or O(state=absent)
  type: dict
  contains:
    backup_id:
      description: ID of the backup. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: FhIJr2fo0WBKxIPRwUPmw
    destination:
      description: See O(destination). The ID if the option is not set.
      returned: O(state=present)
      type: str
      sample: backups
    prefix:
      description: See O(prefix).
      returned: O(state=present)
      type: str
      sample: nightly
    database_name:
      description: See O(database_name).
      returned: O(state=present)
      type: str
      sample: shop
    service:
      description: See O(service).
      returned: O(state=present)
      type: str
      sample: db
    database_type:
      description: See O(database_type).
      returned: O(state=present)
      type: str
      sample: postgres
    postgres:
      description: See O(postgres). Null if it does not apply.
      returned: O(state=present)
      type: dict
      sample:
        user: shop
    cron:
      description: See O(cron).
      returned: O(state=present)
      type: str
      sample: 15 2 * * *
    keep:
      description: See O(keep).
      returned: O(state=present)
      type: int
      sample: 14
    enabled:
      description: See O(enabled).
      returned: O(state=present)
      type: bool
      sample: true
    include_encryption_key:
      description: See O(include_encryption_key).
      returned: O(state=present)
      type: bool
      sample: true
backup_id:
  description: ID of the backup that ran. V((generated\)) in check mode if it does not exist yet. Null with
    O(once=true), since it is removed.
  returned: O(state=executed)
  type: str
  sample: FhIJr2fo0WBKxIPRwUPmw
run:
  description: The run in its last known state, as RV(community.dokploy.dokploy_schedule#module:run). Null in check
    mode.
  returned: O(state=executed), also when the run failed
  type: dict
  sample:
    deployment_id: w8Er5Ty2Ui9Op3As6Df1G
    status: done
    created_at: '2026-03-14T09:30:00.120Z'
    started_at: '2026-03-14T09:30:00.118Z'
    finished_at: '2026-03-14T09:30:02.618Z'
    log:
      - Initializing backup
      - '[Sat Mar 14 09:30:00 UTC 2026] Starting backup process...'
      - '[Sat Mar 14 09:30:02 UTC 2026] ✅ Backup uploaded to S3 successfully'
      - Backup done ✅
status:
  description:
    - The last known status of the run, V(running), or V(unknown) if Dokploy has not started it.
  returned: when the run did not end in time
  type: str
  sample: running
file:
  description: The file in the bucket that the run has made, as
    RV(community.dokploy.dokploy_backup_info#module:files[]). Null in check mode.
  returned: O(state=executed)
  type: dict
  sample:
    path: shop-db-x1y2z3/nightly/2026-03-14T09-30-00-120Z.sql.gz
    name: 2026-03-14T09-30-00-120Z.sql.gz
    size: 48120
    is_folder: false
    created_at: '2026-03-14T09:30:00.120Z'
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      backups:
        backups/nightly/shop:
          keep: 7
    after:
      backups:
        backups/nightly/shop:
          keep: 14
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.backup import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
