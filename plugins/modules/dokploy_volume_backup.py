#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_volume_backup
short_description: Manage a backup of a volume of an application of Dokploy, or run it
version_added: 0.1.0
description:
  - Packs a Docker volume of an application and sends it to an S3 bucket, again and again, or now.
  - A volume backup is recognized by O(name). Dokploy does not keep it unique. Two of an application with the same name
    are an error that lists their ids.
  - The module manages one volume backup and leaves its siblings alone.
    O(community.dokploy.dokploy_application#module:volume_backups) is the list of all of them instead, and removes those
    that it does not hold. Use one of the two for an application.
  - An option that is not stated is not managed. It is neither compared nor changed, and a new volume backup gets what
    Dokploy takes of itself. V("") clears a text.
  - Takes effect at once, without a deployment.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - For O(state=executed) it says no more than that there is a new run.
  idempotent:
    support: partial
    details:
      - O(state=executed) runs the volume backup each time.
notes:
  - Dokploy packs the volume in a container of the image C(ubuntu), and sends the archive with C(rclone). The server has
    to be able to pull the one, and the other comes with Dokploy.
options:
  state:
    description:
      - V(present) makes sure that the volume backup exists and is as stated.
      - V(absent) makes sure that there is no such volume backup. What is in the bucket is kept.
      - V(executed) runs an existing volume backup now, whether it is enabled or not, and waits for its end. A run that
        fails is a failure, whose message ends with the end of its log. Nothing else is compared or written.
    type: str
    choices:
      - present
      - absent
      - executed
    default: present
  project:
    description:
      - Name or id of the project. A name that several projects bear is an error that lists their ids.
      - Required unless O(application_id) is given.
    type: str
  environment:
    description:
      - Name or id of the environment in the project. Without it, the project's default environment is meant.
    type: str
  application:
    description:
      - Name or id of the application. Two applications of this name in one environment are an error that lists their
        ids.
      - One of O(application) and O(application_id) is required.
    type: str
  application_id:
    description:
      - Id of the application, to be used instead of O(project), O(environment) and O(application).
    type: str
  volume_backup_id:
    description:
      - Id of an existing volume backup, to be used instead of O(name), or together with it to rename it.
      - Where it leads to nothing, O(state=present) and O(state=executed) are errors and O(state=absent) is fulfilled.
      - One of O(name) and O(volume_backup_id) is required.
    type: str
  name:
    description:
      - Name of the volume backup, 1 to 255 characters. Case matters.
    type: str
  volume:
    description:
      - Name of the Docker volume, which is C(name) where M(community.dokploy.dokploy_mount) mounts it. Required for a
        new volume backup.
      - Docker creates a volume of that name when there is none, and the backup is empty then.
    type: str
  destination:
    description:
      - Name or id of the bucket to send it to, as listed in Dokploy under B(S3 Destinations). Two of the same name are
        an error that lists their ids. Required for a new volume backup.
    type: str
  cron:
    description:
      - When it runs, as a cron expression, in the time zone of the server. Required for a new volume backup.
      - Five fields, for minute, hour, day of the month, month and day of the week, or six with the second before them,
        or one of V(@hourly), V(@daily), V(@weekly), V(@monthly) and V(@yearly). Dokploy does not look at it, and never
        runs what it cannot read, so the module does.
    type: str
  prefix:
    description:
      - Folder in the bucket, below the folder that bears the application's name in Docker. V("") clears it, and there
        is none then, as for a new volume backup.
      - It has no blanks and none of the letters that mean something to a shell, since Dokploy puts it into commands.
    type: str
  keep:
    description:
      - How many archives of the volume to keep in the bucket, up to 100000. After each run Dokploy deletes older ones.
        V(0) keeps all, as a new volume backup does.
    type: int
  stop_service:
    description:
      - Whether to stop the application while the volume is packed, so that nothing changes meanwhile. A new volume
        backup gets V(false).
      - Dokploy starts it again with as many replicas as before. When the volume cannot be packed, the application stays
        stopped.
    type: bool
  enabled:
    description:
      - Whether it runs by O(cron). A new volume backup gets V(true).
    type: bool
  wait_timeout:
    description:
      - Seconds for which O(state=executed) waits for the run to end. When they have passed the module fails, and the
        run goes on.
    type: float
    default: 600.0
  log_lines:
    description:
      - How many lines from the end of the run's log are returned. V(0) returns none.
      - The values of the application's variables, build arguments, build secrets and registry password are masked
        in it, the text of its file mounts and patches, too. What else the run prints is shown.
      - The log is only there with Dokploy 0.29.5 or newer.
    type: int
    default: 50
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_mount
  - module: community.dokploy.dokploy_schedule
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Back a volume up every night
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

- name: Back it up now, before something is changed
  community.dokploy.dokploy_volume_backup:
    project: shop
    application: web
    name: nightly uploads
    state: executed

- name: Stop the application meanwhile from now on
  community.dokploy.dokploy_volume_backup:
    project: shop
    application: web
    volume_backup_id: "{{ nightly.volume_backup.volume_backup_id }}"
    stop_service: true

- name: Remove the volume backup, and keep what is in the bucket
  community.dokploy.dokploy_volume_backup:
    project: shop
    application: web
    name: nightly uploads
    state: absent
"""

RETURN = r"""
application_id:
  description: Id of the application. Null when there is none, which only check mode and O(state=absent) put up with.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
volume_backup:
  description:
    - The volume backup as it is after the module ran, or as it would be in check mode. The keys are those of the
      options. Null for O(state=absent).
  returned: O(state=present) or O(state=absent)
  type: dict
  contains:
    volume_backup_id:
      description: Id of the volume backup. Null when check mode would create it.
      returned: O(state=present)
      type: str
      sample: Vb7Nm6Qw5Er4Ty3Ui2Op1
    name:
      description: See O(name).
      returned: O(state=present)
      type: str
      sample: nightly uploads
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
  description: Id of the volume backup that ran. Null when check mode assumes that it will exist.
  returned: O(state=executed)
  type: str
  sample: Vb7Nm6Qw5Er4Ty3Ui2Op1
run:
  description: The run as it ended. Null in check mode.
  returned: O(state=executed), also when the run failed
  type: dict
  contains:
    deployment_id:
      description: Id of the run among Dokploy's deployments.
      returned: always
      type: str
      sample: w8Er5Ty2Ui9Op3As6Df1G
    status:
      description: V(done), V(error) or V(cancelled).
      returned: always
      type: str
      sample: done
    created_at:
      description: When Dokploy began with it, in UTC.
      returned: always
      type: str
      sample: '2026-03-14T09:30:00.120Z'
    started_at:
      description: When it began, in UTC.
      returned: always
      type: str
      sample: '2026-03-14T09:30:00.118Z'
    finished_at:
      description: When it ended, in UTC.
      returned: always
      type: str
      sample: '2026-03-14T09:30:02.618Z'
    log:
      description: The end of its log, line by line. At most O(log_lines) lines.
      returned: always
      type: list
      elements: str
      sample:
        - Initializing volume backup
        - 'Volume name: shop-uploads'
        - 'Backup file name: shop-uploads-2026-03-14T09-30-00-120Z.tar'
        - Starting volume backup
        - Volume backup done ✅
        - Starting upload to S3...
        - Upload to S3 done ✅
status:
  description:
    - What the run was doing when the time was up. V(running), or V(unknown) when Dokploy had not begun with it.
  returned: when the run did not end in time
  type: str
  sample: running
diff:
  description:
    - What changed, or would change in check mode.
    - It holds the differing options only, below C(volume_backups) and the volume backup's name. With O(state=executed)
      only that there is a new run.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: The differing options as they were.
      returned: success
      type: dict
      sample:
        volume_backups:
          nightly uploads:
            keep: 7
    after:
      description: The differing options as they are to be.
      returned: success
      type: dict
      sample:
        volume_backups:
          nightly uploads:
            keep: 14
    before_header:
      description: The resource that changes.
      returned: success
      type: str
      sample: application 'web' in shop/production
    after_header:
      description: The resource that changes.
      returned: success
      type: str
      sample: application 'web' in shop/production
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
error:
  description: The error in a form for conditions in a playbook. The message is in C(msg).
  returned: failure, except for options of a wrong name or type
  type: dict
  contains:
    kind:
      description:
        - The kind of error. R(The guide to errors, ansible_collections.community.dokploy.docsite.errors) lists all
          kinds.
      returned: failure
      type: str
      sample: validation
    procedure:
      description: The procedure of Dokploy's API that failed. Null if the error did not come from the server.
      returned: failure
      type: str
      sample: application.update
    status:
      description: The HTTP status of the answer. Null if there was no answer.
      returned: failure
      type: int
      sample: 400
effect_unknown:
  description:
    - Whether it is unknown if a write took effect, because the connection failed after the request was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import (
    VOLUME_BACKUP_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
