#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_backup_info
short_description: List which data Dokploy backs up, or the files in an S3 destination
version_added: 1.0.0
description:
  - Without O(destination), lists the databases and volumes of services with the backups that have their data, when
    these succeeded last, and what has no backup. With O(max_age), it says what is wrong, and with O(set_destination),
    the archives of backup sets count, too.
  - With O(sets), lists which archives of these backup sets are not in their buckets as they were saved, and reads
    nothing else.
  - With O(destination), lists one folder of its bucket, as Dokploy sees it. Backups of a database or Compose stack are
    in the folder with its name in Docker, and below it in the prefix of the backup.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.service_scope
  - community.dokploy.attributes
  - community.dokploy.attributes.info
notes:
  - The databases and volumes of a Compose stack are those in its Compose file. A database is known by its image, or by
    a backup of it. The module needs PyYAML where it runs to read Compose files.
  - A dump has the data of a database. A volume backup does not replace it, since Dokploy packs the files while the
    database writes to them. Redis has no dumps, so that a backup of its volume counts.
  - Of a database on a remote server, Dokploy saves an empty volume of its own host and reports success. So such a
    volume backup does not count.
  - When a backup succeeded, its runs tell. Dokploy removes them with the backup, also where a run of Ansible makes it
    again, since its prefix was changed. With O(sizes), its newest archive tells it then.
  - Dokploy lists at most 100 files and folders, the first ones by name, which are the oldest backups. With
    O(destination), the module then warns. With O(sizes), it asks for parts of the list until it has the newest files.
  - If the list does not come in 10 seconds, the module lets Dokploy test the connection to the bucket, and fails with
    the reason if there is none. The test needs an API key that may create destinations, and is not made in check mode.
    Without it, the module fails after about 90 seconds, without a reason. With O(sizes), that is a problem of the
    backups and no failure, and nothing else of this destination is asked for.
options:
  destination:
    description:
      - Name or ID of the destination whose files are listed. If several have this name, the module fails and lists
        their IDs.
    type: str
  folder:
    description:
      - Folder in the bucket. V("") is the topmost one. It needs O(destination).
    type: str
    default: ""
  search:
    description:
      - Only files and folders whose path contains this text. Case is not significant. V("") lists all. It needs
        O(destination).
    type: str
    default: ""
  set_destination:
    description:
      - Name or ID of the destination to which M(community.dokploy.dokploy_backup_set) saves what has no backup of its
        own. Its archives are listed among the backups, with the newest one and the one before.
      - Nothing in Dokploy tells of a set, so that the files in the bucket do, one list of a folder for each database,
        volume and folder of the host, ten of them in a request. Whether a set was complete, its C(archives.yml) says.
    type: str
  max_age:
    description:
      - The age that the last success of a backup may have, such as V(36h) or V(7d). The units are V(s), V(m), V(h),
        V(d) and V(w). With it, the module lists RV(problems).
    type: str
  sizes:
    description:
      - Whether to look up the newest archive of each backup and the one before. It takes a list of each folder that a
        backup writes to, ten of them in a request.
    type: bool
    default: false
  sets:
    description:
      - Backup sets, as C(archives.yml) has them. The module looks whether each of their archives is in its bucket with
        its size, and lists those that are not in RV(gone). It takes a list of each folder in the bucket, ten of them in
        a request, however many sets there are.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The name of the set.
        type: str
        required: true
      archives:
        description:
          - C(archives) of its C(archives.yml).
        type: list
        elements: dict
        required: true
seealso:
  - module: community.dokploy.dokploy_destination
  - module: community.dokploy.dokploy_backup
  - module: community.dokploy.dokploy_volume_backup
  - module: community.dokploy.dokploy_restore
  - ref: ansible_collections.community.dokploy.docsite.backups
    description: The guide to backups.
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the data of a project and its backups
  community.dokploy.dokploy_backup_info:
    scope:
      projects: [shop]
    set_destination: backups
    max_age: 36h
    sizes: true
  register: backups

- name: Show what is not saved, or was not for 36 hours
  ansible.builtin.debug:
    msg: "{{ item.path }} {{ item.what }} {{ item.name }}: {{ item.msg }}"
  loop: "{{ backups.problems }}"
  loop_control:
    label: "{{ item.path }}"

- name: Look whether the archives of a backup set are there
  community.dokploy.dokploy_backup_info:
    sets:
      - name: newest
        archives: "{{ (lookup('ansible.builtin.file', 'sets/newest/archives.yml') | from_yaml).archives }}"
  register: looked
  failed_when: looked.gone | default([], true) | length > 0

- name: List the folders of a bucket
  community.dokploy.dokploy_backup_info:
    destination: backups
  register: top

- name: List the files of one month in each of them
  community.dokploy.dokploy_backup_info:
    destination: backups
    folder: "{{ item.path }}"
    search: 2026-03-
  loop: "{{ top.files | selectattr('is_folder') }}"
  loop_control:
    label: "{{ item.path }}"
"""

RETURN = r"""
coverage:
  description: The databases, volumes and bind mounts, sorted by the paths of their services.
  returned: without O(destination) and O(sets)
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of the service, V(application), V(compose) or V(database).
      type: str
      sample: database
    path:
      description: The service, with its project and its environment.
      type: str
      sample: shop/production/db
    what:
      description:
        - V(database), V(volume), or V(bind) for a folder of the host, which Dokploy cannot save. V(unknown) stands for
          a stack whose Compose file cannot be read, and for a mount with a variable whose value is not known.
      type: str
      sample: database
    name:
      description: Name of the database, of the volume in Docker, or path on the host. Null if it is not known.
      type: str
      sample: shop
    service:
      description: The service of a Compose stack that has it. Null for others.
      type: str
      sample: null
    database_type:
      description: The kind of a database. Null for a volume and a bind mount.
      type: str
      sample: postgres
    backups:
      description: The backups that have its data, first the enabled ones, the last success first.
      type: list
      elements: dict
      contains:
        kind:
          description: V(backup), V(volume_backup), or V(set) for the archives of backup sets.
          type: str
          sample: backup
        id:
          description: ID of the backup. Null for sets.
          type: str
          sample: vT1gS0m3Q9wXkZ2uYbNcE
        name:
          description: Name of the volume backup. A backup has none, and is called by its destination, prefix and
            database. Sets are called by their destination, V(sets in offsite).
          type: str
          sample: offsite/nightly/shop
        enabled:
          description: Whether it runs by itself. True for sets, whose schedule Dokploy does not know.
          type: bool
          sample: true
        cron:
          description: When it runs. Null for sets.
          type: str
          sample: 15 2 * * *
        destination:
          description: Name of its destination, or the ID if the API key may not list destinations.
          type: str
          sample: offsite
        prefix:
          description: Its prefix in the bucket.
          type: str
          sample: nightly
        keep:
          description: How many archives it keeps, V(0) for all. Null for sets.
          type: int
          sample: 14
        folder:
          description: The folder of the bucket with its archives.
          type: str
          sample: shop-db-x1y2z3/nightly
        status:
          description: Status of its last run, V(done), V(error), V(running) or V(cancelled). Null if there was none,
            and for sets.
          type: str
          sample: done
        ran_at:
          description: When its last run has ended, or began if it has not.
          type: str
          sample: '2026-03-14T02:15:04.381Z'
        succeeded_at:
          description: When its last run that succeeded has ended. Of sets, and with O(sizes) of a backup without runs,
            when the newest archive was made.
          type: str
          sample: '2026-03-14T02:15:04.381Z'
        listed:
          description: Whether its folder was listed.
          type: bool
          sample: true
        newest:
          description: Its newest archive. Null if there is none, and, but for sets, without O(sizes).
          type: dict
          contains:
            path:
              description: Path in the bucket.
              type: str
              sample: shop-db-x1y2z3/nightly/2026-03-14T02-15-00-120Z.sql.gz
            size:
              description: Size in bytes.
              type: int
              sample: 48120
            created_at:
              description: When it was made, in UTC.
              type: str
              sample: '2026-03-14T02:15:00.120Z'
        previous:
          description: The archive before that, with the same keys.
          type: dict
          sample:
            path: shop-db-x1y2z3/nightly/2026-03-13T02-15-00-098Z.sql.gz
            size: 47981
            created_at: '2026-03-13T02:15:00.098Z'
        unread:
          description: Why its runs or its folder could not be read. Null if they were.
          type: str
          sample: null
    reason:
      description: Why no backup has its data. Null if one has.
      type: str
      sample: null
    expected:
      description: Whether it should have a backup. Not what Dokploy cannot save, unless a set has it, and not a volume
        whose data the backup of a database has.
      type: bool
      sample: true
    problems:
      description: What is wrong with it, with O(max_age).
      type: list
      elements: dict
      contains:
        problem:
          description: As in RV(problems[].problem).
          type: str
          sample: smaller
        msg:
          description: The problem as a sentence.
          type: str
          sample: The newest archive of offsite/nightly/shop has 10.2 KiB, the one before 47.0 KiB.
problems:
  description: All problems of RV(coverage).
  returned: with O(max_age)
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of the service.
      type: str
      sample: database
    path:
      description: The service, with its project and its environment.
      type: str
      sample: shop/production/db
    what:
      description: As in RV(coverage[].what).
      type: str
      sample: database
    name:
      description: Name of the database, of the volume in Docker, or path on the host.
      type: str
      sample: shop
    service:
      description: The service of a Compose stack that has it.
      type: str
      sample: null
    problem:
      description:
        - V(missing), no backup has its data. V(disabled), all of its backups are switched off. V(never), none has
          succeeded. V(old), the last success is older than O(max_age), whichever of the enabled backups it was.
        - V(failed), the last run of an enabled backup failed.
        - With O(sizes), V(smaller), the newest archive has less than half the size of the one before, and
          V(no_archive), a run succeeded and there is no archive in the folder.
        - V(unknown), the Compose file, the runs or the bucket cannot be read.
      type: str
      sample: old
    msg:
      description: The problem as a sentence.
      type: str
      sample: The last success of offsite/nightly/shop was at 2026-03-12T02:15:04.381Z, longer than 36h ago.
gone:
  description: The archives of O(sets) that are not in their buckets as they were saved.
  returned: with O(sets)
  type: list
  elements: dict
  contains:
    set:
      description: The name of the set. Null if a whole destination cannot be looked at, as are all but
        RV(gone[].destination) and RV(gone[].reason) then.
      returned: always
      type: str
      sample: 2026-12-01T02-15-00Z
    kind:
      description: The kind of service.
      returned: always
      type: str
      sample: database
    path:
      description: The names of project, environment and service.
      returned: always
      type: str
      sample: shop/production/db
    service:
      description: The service of a Compose stack that has the data.
      returned: always
      type: str
      sample: null
    what:
      description: C(database), C(volume) or C(bind).
      returned: always
      type: str
      sample: database
    name:
      description: The database, the volume in Docker, or the path on the host.
      returned: always
      type: str
      sample: shop
    file:
      description: The path in the bucket.
      returned: always
      type: str
      sample: shop-db-ab12cd/set/0a1b2c3d/shop/2026-12-01T02-15-03-120Z.sql.gz
    destination:
      description: The name of the destination.
      returned: always
      type: str
      sample: offsite
    reason:
      description: Why it cannot be used.
      returned: always
      type: str
      sample: The bucket does not have it any more.
files:
  description: The files and folders, sorted by path.
  returned: with O(destination)
  type: list
  elements: dict
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
      description: Size in bytes, 0 for a folder.
      type: int
      sample: 48120
    is_folder:
      description: Whether it is a folder.
      type: bool
      sample: false
    created_at:
      description: When the backup was made, in UTC, as its name says. Null for other names.
      type: str
      sample: '2026-03-14T02:15:00.120Z'
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.info import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
