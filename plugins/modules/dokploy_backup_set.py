#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_backup_set
short_description: Back up the data of a whole Dokploy instance once
version_added: 1.0.0
description:
  - Saves the data of everything in a scope now, and describes in one place what was saved where. A set is that
    description, the file C(archives.yml), with the document of M(community.dokploy.dokploy_export) and its secrets. The
    archives themselves are in the buckets of Dokploy's destinations.
  - Most tasks set O(dest), and O(data=all) with O(destination).
  - "A short example: C(community.dokploy.dokploy_backup_set: {dest: sets/today, data: all, destination: backups})."
  - Each database and each volume has one archive, and the set names the service, the file and its size. It says what is
    not saved, with the reason. If something is missing, the task fails after everything else is saved and written, and
    RV(complete) is false.
  - Nothing is left behind, such as a stopped service, a job or a record. If a task is killed, the next one removes what
    it has left, and starts what it has stopped.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.service_scope
  - community.dokploy.attributes
attributes:
  async:
    support: partial
    details:
      - Not with O(dest).
  check_mode:
    support: full
    details:
      - Nothing is saved, and RV(set) is null. RV(plan) and RV(not_saved) are those of a run.
  diff_mode:
    support: full
    details:
      - Lists the archives that are made.
  idempotent:
    support: none
    details:
      - Each run makes a set.
requirements:
  - For O(jobs) and O(checks), Dokploy 0.30.0 or newer.
notes:
  - The document has what the same O(scope) selects with M(community.dokploy.dokploy_export).
  - While a service is worked on, it has a disabled volume backup that says so. Another set, and
    M(community.dokploy.dokploy_volume_backup) with O(community.dokploy.dokploy_volume_backup#module:stop=true), wait
    until it is gone. One whose run was killed is not waited for longer than a minute.
  - The archives of a set are in folders of the bucket that have the name of the service in Docker, C(set) and O(series)
    in them, so that no O(community.dokploy.dokploy_backup#module:keep) of a backup removes them, and O(keep) removes
    nothing else.
  - At the end, each archive of the new set and of the sets beside it is looked for in its bucket. If one is missing or
    has another size, the task fails, and RV(gone) names it. In check mode, the sets that there are are looked at.
  - An archive of a volume is a copy of files. If nothing wrote into it meanwhile, C(at_rest) is true in
    RV(set.archives).
options:
  state:
    description:
      - V(created) makes a set.
    type: str
    choices:
      - created
    default: created
  data:
    description:
      - V(configured) saves what has a backup, to the destination of that. Data without one makes the set incomplete.
      - V(all) also saves the rest, once, to O(destination). Of databases in a Compose stack, the login is that of its
        Compose file.
      - A service of a Compose stack is a database if its image is called like one, such as C(postgres), and it is the
        server. The volume at the folder of the data of the image, such as C(/var/lib/postgresql/data), is then covered
        by the dump. All other volumes are saved as volumes, and so are those of a client, such as C(psql).
      - Existing backups are not run. A set takes the destination and the login of one, and whether Dokploy stops the
        service for it.
    type: str
    choices:
      - configured
      - all
    default: configured
  destination:
    description:
      - Name or ID of the destination for what has no backup. Needed with O(data=all) and O(jobs=true) if there is such
        data.
    type: str
  jobs:
    description:
      - Whether jobs save what no backup of Dokploy can, see M(community.dokploy.dokploy_job). They copy folders and
        files of the host (bind mounts) into a volume, and dump Redis with C(redis-cli --rdb) while it runs. The volume
        is saved and removed.
      - Without it, a bind mount makes the set incomplete, and Redis is saved by its volume.
    type: bool
    default: false
  job_image:
    description:
      - The image of the jobs that copy folders, which has C(/bin/sh) and C(cp). The default is the image that Dokploy
        itself saves volumes with.
    type: str
    default: ubuntu
  count_rows_below:
    description:
      - The size of a table from which on its rows are not counted, such as V(500MB). Units are powers of 1024.
      - With O(jobs), jobs count the rows of each table of a PostgreSQL, MySQL or MariaDB database before and after its
        dump, and M(community.dokploy.dokploy_manifest) compares them after a restore. Of a larger table, they only look
        whether it has rows. V(0) counts none.
      - Those of a database in a Compose stack are counted in its container, by a schedule that is made for it and is
        gone then. The password is that of its variables, such as C(MARIADB_PASSWORD). This needs Dokploy 0.29.5.
    type: str
    default: 1GB
  stop:
    description:
      - Whether to stop each service for as long as its volumes and bind mounts are saved. It is started again as it
        was, also after a failure.
      - Without it, a file that is written meanwhile can make the archive of a volume fail as a whole.
      - Databases with a dump and what is stopped already are not stopped, nor are Compose stacks of
        O(community.dokploy.dokploy_compose#module:type=stack), since Dokploy cannot start them again.
    type: bool
    default: false
  stacks:
    description:
      - How the data of databases in Compose stacks is saved. V(volumes) saves their volumes in place of dumps, as of a
        stack that was stopped before. Of one that runs, this is no consistent copy.
    type: str
    choices:
      - dumps
      - volumes
    default: dumps
  keep:
    description:
      - How many archives to keep of each database, volume and folder in O(series). V(0) keeps all. When a new one is
        there, Dokploy removes the oldest ones.
      - What a set beside O(dest) has is kept in any case. It goes with the next set after the folder of that set is
        removed.
      - Needs O(dest) or O(series).
    type: int
    default: 0
  series:
    description:
      - A token of eight digits of 0 to 9 and a to f, which is in the folders of the archives. Only sets with the same
        token share these folders.
      - The default with O(dest) is the token in the file C(.series) in the folder above, which the first set makes.
        Otherwise a set has a token of its own.
    type: str
  sets:
    description:
      - The sets whose archives have to stay. With O(dest) the default is those in the folder above that have
        C(archives.yml).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - The name of the set.
        type: str
        required: true
      archives:
        description:
          - RV(set.archives) of it.
        type: list
        elements: dict
        required: true
  leave_out:
    description:
      - What is not saved, and is not missing either. A pattern for the path of a service, such as
        V(shop/production/cache), or for one of its data, such as V(shop/production/web:/srv/cache) or V(*/staging/*:*).
        C(*), C(?) and C([ab]) stand for any characters, for one, and for one of these.
      - "After the colon is the name of the data: of the database, the volume in Docker or the path on the host, or
        V(database), V(volume) or V(bind) for all of a kind."
      - "A service of a Compose stack has its name after that of the stack: V(shop/production/forum/db) for all that it
        keeps, V(shop/production/forum/db:database) for its database. A volume also has its key in the Compose file:
        V(shop/production/forum:uploads). What several services of a stack mount is that of the stack: a pattern with
        the name of a service leaves it out only if it fits each of them, such as V(shop/production/forum/*:uploads)."
      - A pattern that selects nothing is a mistake. The message has the names that there are, and nothing is saved.
      - With O(jobs), V(shop/production/db:routines) accepts that the routines and events of a database of MySQL or
        MariaDB are not saved. Dokploy's dumps do not have them.
    type: list
    elements: str
    default: []
  checks:
    description:
      - Commands that prove the data, such as a count of rows. Each runs as a job beside its service, before that is
        saved, and the set has its output. After a recovery the same command tells whether the data is there.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the check, unique for its service.
        type: str
        required: true
      service:
        description:
          - The service, such as V(shop/production/db).
        type: str
        required: true
      script:
        description:
          - Text that C(/bin/sh -e) of the image runs. If it fails, the set is not complete.
          - For a database, the variables C(DB_HOST), C(DB_PORT), C(DB_NAME), C(DB_USER) and C(DB_PASSWORD) are set, and
            those of its client, such as C(PGPASSWORD), C(MYSQL_PWD) or C(REDISCLI_AUTH).
          - For an application or a Compose stack, its volumes and bind mounts are where the service has them. If
            services of a stack have different ones at one path, those of the second are below a folder with its name.
        type: str
        required: true
      image:
        description:
          - The image in which it runs. The default is that of the database, or of an application that runs an image.
            Needed for a Compose stack.
        type: str
      compare:
        description:
          - What a later output has to be. V(equal) is the same text. V(at_least) allows numbers to be larger, line by
            line.
          - V(between) is for a service that is written to meanwhile. The check runs before and after the archives of
            the service are made. Line by line, a later number has to be between both, and another word equal to one of
            them.
        type: str
        choices:
          - equal
          - at_least
          - between
        default: equal
      looks_at:
        description:
          - What of the data of the service it looks at, as patterns of O(leave_out), such as
            V(shop/production/forum/db:database). After a recovery, it proves the archives of these only.
          - Without it, it proves the database of a database service, and what an application or a Compose stack has if
            that is one volume, folder or database. Of a service with several, it proves none.
        type: list
        elements: str
        default: []
  at_once:
    description:
      - How many services are saved at the same time.
    type: int
    default: 3
  wait_timeout:
    description:
      - Seconds to wait for each archive, each check, and for another run that works on the same service.
    type: float
    default: 3600.0
  dest:
    description:
      - The folder for the set, on the controller. It gets C(archives.yml), the document in the folder C(instance), and
        the secrets. It is made if the folder above exists.
      - A relative path begins in the folder of the playbook, for a playbook of a collection in the working directory.
      - Without it, the set is only in RV(set), and has no document.
    type: path
  secrets:
    description:
      - What becomes of the secrets of the document. V(vault) writes them to O(secrets_dest), encrypted with the vault
        password that Ansible was started with. V(file) writes them there as they are, for the user of the task only.
        V(names_only) writes none. Without them, a recovery needs them from elsewhere.
      - The default is V(vault) if O(dest) is set.
    type: str
    choices:
      - vault
      - file
      - names_only
  secrets_dest:
    description:
      - Where to write the secrets, on the controller. The default is C(secrets.yml) in the folder of O(dest).
    type: path
seealso:
  - module: community.dokploy.dokploy_backup_info
    description: Which data has a backup, and when it last succeeded.
  - module: community.dokploy.dokploy_backup
  - module: community.dokploy.dokploy_volume_backup
  - module: community.dokploy.dokploy_export
  - module: community.dokploy.dokploy_manifest
"""

EXAMPLES = r"""
- name: Look at what a set would have, and what it would lack
  community.dokploy.dokploy_backup_set:
    data: all
    destination: backups
  check_mode: true
  register: foreseen

- name: Save everything that has a backup, and describe it in a folder
  community.dokploy.dokploy_backup_set:
    dest: sets/today

- name: Save one project as a whole, with proof of its rows, and keep the last seven of each
  community.dokploy.dokploy_backup_set:
    scope:
      projects:
        - shop
    data: all
    destination: backups
    jobs: true
    stop: true
    keep: 7
    leave_out:
      - shop/production/web:/srv/cache
    checks:
      - name: orders
        service: shop/production/db
        script: psql -At -c "select count(*) from orders"
        compare: at_least
    dest: sets/shop
"""

RETURN = r"""
complete:
  description: Whether there is an archive, nothing is missing and no check has failed. In check mode, whether nothing
    is missing that is known before.
  returned: success, or if the set is not complete
  type: bool
  sample: true
plan:
  description: What the set has, or would have in check mode.
  returned: success, or if the set is not complete
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of service, C(application), C(compose) or C(database).
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
      description: The database, the volume in Docker, or the path on the host. Null for Redis.
      returned: always
      type: str
      sample: shop
    method:
      description: C(dump), C(volume) for the files of a volume, C(rdb) for a dump of Redis by a job, or C(bind) for a
        copy of a folder by a job.
      returned: always
      type: str
      sample: dump
    backup:
      description: The backup whose destination and login it takes. Null if there is none.
      returned: always
      type: str
      sample: offsite/nightly/shop
not_saved:
  description: What the set does not have, with the reason. What O(leave_out) names, parts of the host such as
    C(/var/run/docker.sock), and volumes without a name are listed and are not missing.
  returned: success, or if the set is not complete
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of service.
      returned: always
      type: str
      sample: application
    path:
      description: The names of project, environment and service.
      returned: always
      type: str
      sample: shop/production/web
    service:
      description: The service of a Compose stack that has the data.
      returned: always
      type: str
      sample: null
    what:
      description: C(database), C(volume), C(bind), C(routines) for the routines and events of a database, or C(unknown)
        for what a Compose file does not tell.
      returned: always
      type: str
      sample: bind
    name:
      description: The database, the volume in Docker, or the path on the host.
      returned: always
      type: str
      sample: /srv/cache
    left_out:
      description: Whether the set is complete without it.
      returned: always
      type: bool
      sample: true
    reason:
      description: Why it is not saved.
      returned: always
      type: str
      sample: It is left out, as stated in leave_out.
gone:
  description: The archives of O(sets) that are not in their buckets as they were saved.
  returned: success, or if the set is not complete
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
set:
  description: The content of C(archives.yml). Null in check mode.
  returned: success, or if the set is not complete
  type: dict
  contains:
    version:
      description: The version of the format.
      returned: always
      type: int
      sample: 1
    created_at:
      description: When the set began.
      returned: always
      type: str
      sample: '2026-12-01T02:15:00Z'
    finished_at:
      description: When it ended.
      returned: always
      type: str
      sample: '2026-12-01T02:16:10Z'
    dokploy:
      description: The server.
      returned: always
      type: dict
      contains:
        url:
          description: Its address.
          type: str
          sample: https://dokploy.example.com
        release:
          description: The release of Dokploy.
          type: str
          sample: 0.30.2
    scope:
      description: The scope, as stated. Null if none was.
      returned: always
      type: dict
      contains:
        kinds:
          description: See O(scope.kinds).
          type: list
          elements: str
          sample: null
        projects:
          description: See O(scope.projects).
          type: list
          elements: str
          sample:
            - shop
        environments:
          description: See O(scope.environments).
          type: list
          elements: str
          sample: null
        services:
          description: See O(scope.services).
          type: list
          elements: str
          sample: null
    series:
      description: The token in the folders of the archives, see O(series).
      returned: always
      type: str
      sample: 0a1b2c3d
    complete:
      description: See RV(complete).
      returned: always
      type: bool
      sample: true
    services:
      description: All services in the scope, also those without data.
      returned: always
      type: list
      elements: dict
      contains:
        kind:
          description: The kind of service.
          type: str
          sample: database
        path:
          description: The names of project, environment and service.
          type: str
          sample: shop/production/db
        app_name:
          description: The name in Docker, with which the folders of the bucket begin.
          type: str
          sample: shop-db-ab12cd
        type:
          description: The kind of a database.
          type: str
          sample: postgres
        server:
          description: The server on which it runs. Null for that of Dokploy.
          type: str
          sample: null
        image:
          description: The image that is configured. Null if it is built, or of a stack.
          type: str
          sample: postgres:18
        digest:
          description: The digest of the image that runs, as far as it is known.
          type: str
          sample: null
        commit:
          description: The commit of what runs, as far as it is known.
          type: str
          sample: null
    archives:
      description: The archives.
      returned: always
      type: list
      elements: dict
      contains:
        kind:
          description: The kind of service.
          type: str
          sample: database
        path:
          description: The names of project, environment and service.
          type: str
          sample: shop/production/db
        what:
          description: C(database), C(volume) or C(bind).
          type: str
          sample: database
        method:
          description: C(dump), C(volume), C(rdb) or C(bind), see RV(plan[].method).
          type: str
          sample: dump
        destination:
          description: The destination that has it.
          type: dict
          contains:
            name:
              description: Its name.
              type: str
              sample: offsite
            endpoint:
              description: Its endpoint.
              type: str
              sample: https://s3.example.com
            bucket:
              description: Its bucket.
              type: str
              sample: backups
        file:
          description: The path in the bucket.
          type: str
          sample: shop-db-ab12cd/set/0a1b2c3d/shop/2026-12-01T02-15-03-120Z.sql.gz
        size:
          description: The size in bytes.
          type: int
          sample: 119000000
        created_at:
          description: When it was begun. What was written later may not be in it.
          type: str
          sample: '2026-12-01T02:15:03.120Z'
        service:
          description: The service of a Compose stack that has the data.
          type: str
          sample: null
        database_type:
          description: The kind of the database. Of a volume, that of the database whose data it has.
          type: str
          sample: postgres
        database:
          description: The database, of a dump and of a volume with the data of a database.
          type: dict
          contains:
            name:
              description: Its name.
              type: str
              sample: shop
            user:
              description: The user who owns it, as far as it is known.
              type: str
              sample: shopper
        volume:
          description: The name of the volume in Docker. For Redis, that of the volume with its data.
          type: str
          sample: null
        bind:
          description: The path on the host, as the service states it.
          type: str
          sample: null
        at_rest:
          description: Of a volume or folder, whether nothing wrote into it meanwhile.
          type: bool
          sample: null
        fingerprint:
          description: What the set saw of the data, with which it is compared after a restore. Null if that was not
            looked at, such as the files of a volume into which something may have written.
          type: dict
          contains:
            kind:
              description: C(files), C(keys) for a Redis, or C(tables).
              type: str
              sample: files
            files:
              description: How many files there are. Of a Redis, those of its dump, with their bytes and sum.
              type: int
              sample: 3
            bytes:
              description: How many bytes they have.
              type: int
              sample: 2048
            sha256:
              description: SHA-256 over the names and the contents of the files.
              type: str
              sample: 8d7ec2aecaccf8cb9d7aa68e52f3d043703a7dc46657df3ce9f563b42bc85225
            key_count:
              description: The least and the most keys that a Redis has. Those with a time to live may be gone.
              type: list
              elements: int
              sample: null
            tables:
              description: By the names of tables, the least and the most rows that each had around the dump. The most
                is null if they were not counted.
              type: dict
              sample: null
            estimated:
              description: Whether the rows of some tables were not counted, see O(count_rows_below).
              type: bool
              sample: null
        definers:
          description: Of MySQL and MariaDB, the users who own views, triggers and routines. Null if that is not known.
          type: list
          elements: str
          sample: null
    checks:
      description: The checks.
      returned: always
      type: list
      elements: dict
      contains:
        name:
          description: The name of the check.
          type: str
          sample: orders
        kind:
          description: The kind of service.
          type: str
          sample: database
        path:
          description: The names of project, environment and service.
          type: str
          sample: shop/production/db
        script:
          description: What was run.
          type: str
          sample: psql -At -c "select count(*) from orders"
        output:
          description: What it said.
          type: str
          sample: '200000'
        output_after:
          description: What it said after the archives were made, with O(checks[].compare=between).
          type: str
          sample: null
        exit_code:
          description: How it ended. C(-1) if it did not run.
          type: int
          sample: 0
        image:
          description: The image in which it ran, as stated.
          type: str
          sample: null
        compare:
          description: See O(checks[].compare).
          type: str
          sample: at_least
        looks_at:
          description: The names of the data that it looks at, in a stack with that of its service before, such as
            C(db:shop). Null without O(checks[].looks_at).
          type: list
          elements: str
          sample: null
    not_saved:
      description: See RV(not_saved).
      returned: always
      type: list
      elements: dict
      contains:
        kind:
          description: The kind of service.
          type: str
          sample: application
        path:
          description: The names of project, environment and service.
          type: str
          sample: shop/production/web
        what:
          description: See RV(not_saved[].what).
          type: str
          sample: bind
        reason:
          description: See RV(not_saved[].reason).
          type: str
          sample: It is left out, as stated in leave_out.
        name:
          description: See RV(not_saved[].name).
          type: str
          sample: /srv/cache
        service:
          description: See RV(not_saved[].service).
          type: str
          sample: null
        left_out:
          description: See RV(not_saved[].left_out).
          type: bool
          sample: true
diff:
  description: The archives that the set has, or would have.
  returned: in diff mode
  type: dict
  sample:
    before:
      archives: []
    after:
      archives:
        - database shop of shop/production/db (dump)
dest:
  description: The folder of the set.
  returned: with O(dest)
  type: str
  sample: /srv/backups/today
files:
  description: The files of the set, from the folder of RV(dest), without that of the secrets.
  returned: with O(dest)
  type: list
  elements: str
  sample:
    - archives.yml
    - instance/instance.yml
    - instance/projects/shop.yml
secrets_dest:
  description: The file of the secrets. Null if there is none.
  returned: with O(dest)
  type: str
  sample: /srv/backups/today/secrets.yml
missing:
  description: What the document does not have, as of M(community.dokploy.dokploy_export).
  returned: with O(dest)
  type: list
  elements: dict
  sample: []
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
from ansible_collections.community.dokploy.plugins.module_utils._sets.backup_set import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
