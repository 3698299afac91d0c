#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_volume_backup
short_description: Manage a backup of a volume of a service of Dokploy, or run it
version_added: 1.0.0
description:
  - Manages a backup of a Docker volume of an application, a Compose stack or a database to an S3 bucket, or runs it
    now.
  - Most tasks set O(project), O(environment) and O(application), O(compose) or O(database), O(name), O(volume),
    O(destination), O(cron) and O(keep).
  - 'A short example: C(community.dokploy.dokploy_volume_backup: {project: shop, application: web, name: nightly,
    volume: shop-data, destination: backups, cron: 15 2 * * *}).'
  - A volume backup is identified by O(name). Dokploy does not enforce that it is unique. If several volume backups of a
    service have the same name, the module fails and lists their IDs.
  - The module manages one volume backup and does not change the others.
    O(community.dokploy.dokploy_application#module:volume_backups),
    O(community.dokploy.dokploy_compose#module:volume_backups) and
    O(community.dokploy.dokploy_database#module:volume_backups) manage the whole list and remove the others. Use one of
    the two for a service.
  - Takes effect at once, without a deployment.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes
  - community.dokploy.notes.cleared
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.location.database
  - community.dokploy.location.database_type
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
      - O(state=executed) runs the volume backup each time.
notes:
  - Dokploy packs the volume in a container of the image C(ubuntu), which the server must be able to pull, and uploads
    the archive with C(rclone), which is a part of Dokploy.
options:
  # Written by make generate, but for what is described below.
  volume_backup_id:
    description:
      - ID of an existing volume backup. Use it instead of O(name), or with it to rename the volume backup.
      - If it does not exist, O(state=present) and O(state=executed) fail, and O(state=absent) changes nothing.
      - One of O(name) and O(volume_backup_id) is required.
    type: str
  # Written by hand.
  state:
    description:
      - V(present) creates the volume backup, or updates it where it differs.
      - V(absent) removes the volume backup. The files in the bucket are kept.
      - V(executed) runs an existing volume backup now, even if it is disabled, and waits for it to end. If the run
        fails, the module fails with the end of its log. Nothing else is compared or written.
      - A run that ends well and has made no file, or an empty one, is a failure of V(executed) too. The
        file is found by what the folder of the bucket had before.
    type: str
    choices:
      - present
      - absent
      - executed
    default: present
  name:
    description:
      - Name of the volume backup, 1 to 255 characters. Case is significant.
    type: str
  service:
    description:
      - Name of the service of the Compose stack that uses the volume. Required for a new volume backup of a stack, and
        not supported for an application.
      - A name that the Compose file does not have is refused. Of a repository the services are known once it was
        deployed.
    type: str
  volume:
    description:
      - Name of the Docker volume, which is O(community.dokploy.dokploy_mount#module:name) of its mount. Of a stack it
        begins with the name of the stack in Docker and V(_), unless the Compose file names it. Required for a new
        volume backup.
      - If the volume does not exist, Docker creates it, and the backup is empty.
    type: str
  destination:
    description:
      - Name or ID of the bucket, as listed in Dokploy under B(S3 Destinations). If several have this name, the module
        fails and lists their IDs. Required for a new volume backup.
    type: str
  cron:
    description:
      - When to run, as a cron expression, in the time zone of the server. Required for a new volume backup.
      - Five fields, for minute, hour, day of the month, month and day of the week, or six with the second first, or one
        of V(@hourly), V(@daily), V(@weekly), V(@monthly) and V(@yearly). The module validates it, since Dokploy accepts
        any text and never runs what it cannot parse.
    type: str
  prefix:
    description:
      - Folder in the bucket, below the folder with the name of the application in Docker. V("") clears it. The default
        for a new volume backup is none.
      - It must not contain whitespace or special characters of a shell, since Dokploy inserts it into commands. It must
        not lead out of the folder with C(..).
    type: str
  keep:
    description:
      - Number of archives to keep in the bucket, up to 100000. Dokploy deletes older ones after each run. V(0), the
        default for a new volume backup, keeps all.
    type: int
  stop_service:
    description:
      - Whether to stop the application, or the container of the service of a stack, while the volume is packed, so that
        its files do not change. Not supported for a database. The default for a new volume backup is V(false).
      - Dokploy then starts it again with the same number of replicas. If the volume cannot be packed, the application
        remains stopped.
    type: bool
  enabled:
    description:
      - Whether it runs at the times of O(cron). The default for a new volume backup is V(true).
    type: bool
  once:
    description:
      - With O(state=executed), whether to make one backup for which no volume backup has to exist. The module creates
        one that nothing else runs, runs it, and removes it. Its file stays.
      - O(prefix) is V(once) by default. It must not be that of another backup, whose O(keep) would count the file, and
        delete it.
    type: bool
    default: false
  stop:
    description:
      - With O(state=executed), whether to stop the application, the Compose stack or the database for the backup, wait
        until its containers have ended, and start it again, also if the backup fails. What is stopped already stays so.
      - Meanwhile a record says so, a disabled volume backup of the service. If the task is killed, the next backup of
        a volume of the service starts the service and removes the record, and so does
        M(community.dokploy.dokploy_backup_set). Two tasks never stop one service at the same time. The second one
        waits.
      - A Compose stack of O(community.dokploy.dokploy_compose#module:type=stack) is refused, since Dokploy cannot start
        it again.
      - Dokploy's own O(stop_service) does not wait for the containers. The backup can fail then, as it can if a file is
        written meanwhile, and the service can stay stopped.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_compose
  - module: community.dokploy.dokploy_mount
  - module: community.dokploy.dokploy_schedule
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Back up a volume every night
  community.dokploy.dokploy_volume_backup:
    project: shop
    environment: production
    application: web
    name: nightly uploads
    volume: shop-uploads
    destination: backups
    cron: 15 2 * * *
    prefix: shop
    keep: 14
  register: nightly

- name: Back it up now
  community.dokploy.dokploy_volume_backup:
    project: shop
    application: web
    name: nightly uploads
    state: executed

- name: Stop the application during each backup
  community.dokploy.dokploy_volume_backup:
    project: shop
    application: web
    volume_backup_id: "{{ nightly.volume_backup.volume_backup_id }}"
    stop_service: true

- name: Remove the volume backup and keep the files in the bucket
  community.dokploy.dokploy_volume_backup:
    project: shop
    application: web
    name: nightly uploads
    state: absent
"""

RETURN = r"""
application_id:
  description: ID of the application. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success, for an application
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
compose_id:
  description: ID of the Compose stack. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success, for a stack
  type: str
  sample: mB7wR2xK9cVtQ4nLzHdPa
database_id:
  description: ID of the database. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success, for a database
  type: str
  sample: hV6qXc9tRn2bZ8wKd3mLs
volume_backup:
  description:
    - The volume backup after the module ran, or as predicted in check mode. Its keys are the options. Null for
      O(state=absent).
  returned: O(state=present) or O(state=absent)
  type: dict
  contains:
    volume_backup_id:
      description: ID of the volume backup. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: Vb7Nm6Qw5Er4Ty3Ui2Op1
    name:
      description: See O(name).
      returned: O(state=present)
      type: str
      sample: nightly uploads
    service:
      description: See O(service).
      returned: O(state=present)
      type: str
      sample: web
    volume:
      description: See O(volume).
      returned: O(state=present)
      type: str
      sample: shop-uploads
    destination:
      description: See O(destination). The ID if the option is not set.
      returned: O(state=present)
      type: str
      sample: backups
    cron:
      description: See O(cron).
      returned: O(state=present)
      type: str
      sample: 15 2 * * *
    prefix:
      description: See O(prefix).
      returned: O(state=present)
      type: str
      sample: shop
    keep:
      description: See O(keep).
      returned: O(state=present)
      type: int
      sample: 14
    stop_service:
      description: See O(stop_service).
      returned: O(state=present)
      type: bool
      sample: false
    enabled:
      description: See O(enabled).
      returned: O(state=present)
      type: bool
      sample: true
volume_backup_id:
  description: ID of the volume backup that ran. V((generated\)) in check mode if it does not exist yet. Null with
    O(once=true), since it is removed.
  returned: O(state=executed)
  type: str
  sample: Vb7Nm6Qw5Er4Ty3Ui2Op1
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
      - Initializing volume backup
      - 'Volume name: shop-uploads'
      - 'Backup file name: shop-uploads-2026-03-14T09-30-00-120Z.tar'
      - Starting volume backup
      - Volume backup done ✅
      - Starting upload to S3...
      - Upload to S3 done ✅
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
    path: shop-web-x1y2z3/shop-data-2026-03-14T09-30-00-120Z.tar
    name: shop-data-2026-03-14T09-30-00-120Z.tar
    size: 409600
    is_folder: false
    created_at: '2026-03-14T09:30:00.120Z'
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      volume_backups:
        nightly uploads:
          keep: 7
    after:
      volume_backups:
        nightly uploads:
          keep: 14
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.operations import (
    VOLUME_BACKUP_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
