#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_database
short_description: Manage PostgreSQL, MySQL, MariaDB, MongoDB, Redis and libSQL databases of Dokploy
version_added: 1.0.0
description:
  - Creates, updates, moves, deploys and removes databases. A database is a Docker Swarm service that Dokploy runs from
    an image of PostgreSQL, MySQL, MariaDB, MongoDB, Redis or libSQL, with a volume for its data.
  - Most tasks set O(project), O(environment), O(name), O(type) and O(image), O(database), O(user) and O(password), and
    O(state=deployed).
  - 'A short example: C(community.dokploy.dokploy_database: {project: shop, name: db, type: postgres, image:
    "postgres:17", database: shop, user: shop, state: deployed}).'
  - 'An option that is not set is not managed: it is neither compared nor changed. An empty value, such as V("") or
    V([]), clears the setting. A value is written only if it differs.'
  - Dokploy deploys databases synchronously and keeps no record of deployments. RV(deploy_needed) says whether one is
    needed, and O(state=deployed) deploys.
  - With O(include_secrets=true) the result has the URL under which applications reach the database, for their
    variables.
  - An option that is compared as a whole, such as O(healthcheck), replaces the old value completely.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
  - community.dokploy.swarm
  - community.dokploy.lists.database
  - community.dokploy.jobs.database
  - community.dokploy.variables
  - community.dokploy.unstated
options:
  # Written by make generate, but for what is described below.
  project:
    description:
      - Name or ID of the project. If several projects have this name, the module fails and lists their IDs.
      - Required unless O(database_id) is set.
    type: str
  environment:
    description:
      - Name or ID of the environment in the project. The default is the default environment of the project,
        V(production).
      - With O(database_id), the environment to move the database to. O(project) is then required unless this is an ID.
    type: str
  # Written by hand.
  state:
    description:
      - V(present) creates the database, or updates it where it differs. What runs does not change until a deployment.
      - V(absent) removes the database with its service, its backups and its volume backups. Docker volumes and their
        data are kept, unless O(delete_volumes=true).
      - V(deployed) does what V(present) does, deploys the database if what is configured is not what runs, and waits
        until its container runs. See O(trigger). A deployment replaces the container, so that the database is down for
        some seconds.
      - V(started) ensures that a container of the database runs, V(stopped) that none runs. Both check the tasks in
        Docker and act only if needed. V(reloaded) stops and starts it each time, which takes at least 10 seconds.
        Unlike with an application, this applies no changed configuration, for which V(deployed) is needed.
      - V(rebuilt) does what V(present) does, B(deletes the volumes of the database with all of its data), and deploys
        it with new ones. It does so each time, and needs O(force=true). The database is stopped first, and the module
        waits up to O(wait_timeout) until its containers have ended, since Docker deletes no volume that a container
        holds. If it fails, run it again to complete it.
      - With V(started), V(stopped) and V(reloaded), only the options that select the database and O(wait_timeout) can
        be set. If a container does not stay up, the module fails and shows the end of its log.
    type: str
    choices:
      - present
      - absent
      - started
      - stopped
      - reloaded
      - deployed
      - rebuilt
    default: present
  type:
    description:
      - The kind of the database. Databases of different kinds can have the same name.
      - An option that another kind has, and this one does not have, is refused.
    type: str
    required: true
    choices:
      - postgres
      - mysql
      - mariadb
      - mongo
      - redis
      - libsql
  name:
    description:
      - Name of the database in Dokploy, 1 to 255 characters. Case is significant. It is not O(database), the name of
        the database in the server.
      - Dokploy does not enforce unique names. If several databases of this O(type) in the environment have this name,
        the module fails and lists their IDs. Select one with O(database_id).
      - With O(database_id), the new name.
      - One of O(name) and O(database_id) is required.
    type: str
  database_id:
    description:
      - ID of an existing database of this O(type). Use it instead of O(project), O(environment) and O(name), or with
        them to move or rename it.
      - If it does not exist, O(state=present) fails and O(state=absent) changes nothing.
    type: str
  app_name:
    description:
      - Beginning of the name of the database's service in Docker, which is also its host name for other containers. 1
        to 63 letters, digits, V(.), V(_) and V(-).
      - Dokploy converts it to lower case and appends V(-) and six random characters. RV(database.app_name) is the full
        name. For an existing database, both forms are accepted.
      - Only used to create the database. Another value for an existing database is an error, since Dokploy cannot
        change it. The default is O(type).
    type: str
  server:
    description:
      - Name or ID of the server that runs the database, as listed in Dokploy under B(Remote Servers). The default is
        the server that runs Dokploy.
      - Only used to create the database. Another value for an existing database is an error, since Dokploy cannot move
        a database between servers.
    type: str
  image:
    description:
      - Reference of the image, as for C(docker pull), 1 to 512 characters, for example V(postgres:17). The module warns
        about an image without a tag, since the next deployment may run another major version.
      - Required to create a database with O(type=mariadb) or O(type=mongo), since Dokploy's default images of these do
        not exist. Dokploy's other defaults are V(postgres:18), V(mysql:8) and V(redis:8).
      - PostgreSQL 18 keeps its data in another folder than older versions, and Dokploy chooses the path of the data
        volume once, by the image at creation. A change of the image for which that path would be wrong is refused. Dump
        and restore the data, or add a mount at the new path to O(mounts).
      - Not for O(type=libsql), of which Dokploy always runs the same image.
      - Changes need a deployment.
    type: str
  database:
    description:
      - Name of the database that the image creates when it first starts, 1 to 255 characters. Letters, digits, V(_),
        V(.) and V(-).
      - Required to create a database with O(type=postgres), O(type=mysql) or O(type=mariadb), and refused with the
        others.
      - Another value is refused once the database was deployed, since an existing data volume keeps its own.
        O(state=rebuilt) starts again with an empty one.
    type: str
  user:
    description:
      - Name of the user that the image creates when it first starts, 1 to 255 characters. Letters, digits, V(_), V(.)
        and V(-).
      - Required to create a database, except with O(type=redis), which has no such option.
      - Another value is refused once the database was deployed, except with O(type=libsql), since an existing data
        volume keeps its own.
    type: str
  password:
    description:
      - Password of O(user). By default, Dokploy generates one for a new database.
      - '1 to 255 characters. Letters, digits and V(@ # % ^ & * ( \) _ + - = [ ] { } | ; : , . < > ? ~ `), without
        spaces. With O(type=redis), letters, digits and V(@ % ^ _ + = : , . -).'
      - A changed password of a database that was deployed is changed in the database itself, which must run. With
        O(type=postgres), Dokploy can only do so if a database with the name of O(user) exists. Releases before 0.29.0
        cannot do so at all. Then a deployment brings it to the variables of the container.
      - With O(type=redis) and O(type=libsql), a changed password takes effect with the next deployment.
      - A secret. Dokploy returns it, so it is compared, and written only if it differs.
    type: str
  root_password:
    description:
      - Password of the user C(root), with O(type=mysql) and O(type=mariadb). By default, Dokploy generates one for a
        new database.
      - 1 to 255 characters. The characters and the rules for a change are those of O(password).
      - A secret. Dokploy returns it, so it is compared, and written only if it differs.
    type: str
  replica_sets:
    description:
      - Whether to run MongoDB as a replica set with one member, C(rs0), which transactions need. Only with
        O(type=mongo). Dokploy's default is V(false).
      - Changes need a deployment.
    type: bool
  node:
    description:
      - Whether the server accepts writes, V(primary), or follows the server at O(primary_url), V(replica). Only with
        O(type=libsql). Dokploy's default is V(primary).
      - Changes need a deployment.
    type: str
    choices:
      - primary
      - replica
  primary_url:
    description:
      - URL of the primary for O(node=replica), which requires it, such as V(http://primary:5001). With
        O(node=primary) it has no effect, and the module warns about that. V("") clears it. Only with
        O(type=libsql).
      - Changes need a deployment.
    type: str
  namespaces:
    description:
      - Whether to enable namespaces. Only with O(type=libsql). Dokploy's default is V(false).
      - Changes need a deployment.
    type: bool
  env:
    description:
      - Environment variables of the container, beside those that Dokploy sets itself, such as C(POSTGRES_PASSWORD). A
        variable of the same name replaces Dokploy's.
      - A mapping of names to values, or text in the format of a C(.env) file. The text is stored unchanged, with its
        comments. Values of a mapping are quoted where necessary. V(true) and V(false) become text.
      - A mapping changes the text on the server in place. Comments, blank lines and the lines of variables that do not
        change stay.
      - The values that Dokploy parses are compared. Order, comments and quotes are not significant.
      - In a value, V(${{project.NAME}}) and V(${{environment.NAME}}) refer to variables of the project and the
        environment, V(${{NAME}}) to another variable of the database. If a variable does not exist, the deployment
        fails.
      - In a playbook, such a value needs the YAML tag C(!unsafe), since Ansible otherwise takes it for a template.
      - Docker takes V({{) in a value for the beginning of its own template. The module warns about such variables.
      - V({}) or V("") clears all. In a mapping, null removes the variable.
      - Changes need a deployment.
      - A secret. See R(the guide to environment text, ansible_collections.community.dokploy.docsite.environment_text).
    type: raw
  external_port:
    description:
      - Port of the server under which clients outside of Docker reach the database, 1 to 65535. V(0) publishes none.
      - A port that a container on the same server or another database of Dokploy uses is refused, and so are the ports
        of Dokploy's Traefik, such as V(80) and V(443).
      - It has no effect while O(endpoint_spec) is set. The module warns about that.
      - Changes need a deployment.
    type: int
  external_grpc_port:
    description:
      - As O(external_port), for the gRPC interface, which replicas connect to. Only with O(type=libsql).
      - Changes need a deployment.
    type: int
  external_admin_port:
    description:
      - As O(external_port), for the admin interface. Only with O(type=libsql).
      - Changes need a deployment.
    type: int
  replicas:
    description:
      - Number of containers. Dokploy's default is V(1). With V(0), no container runs. It has no effect while O(mode) is
        set.
      - All containers use the same data volume, so that more than one damages the data. The module warns about that.
      - Changes need a deployment.
    type: int
  command:
    description:
      - Program to run instead of the entrypoint of the image. Dokploy splits the text at each space and does not
        support quotes, so set arguments with spaces in O(args). The module issues a warning if there is a space between
        quotes.
      - With O(type=redis), O(command) and O(args) replace the command that sets the password, so that Redis starts
        without one unless they set it. The module warns about that. With Dokploy's own command, each stop loses what
        Redis has not saved, see R(the guide, ansible_collections.community.dokploy.docsite.databases.redis). With
        O(type=libsql), a shell runs the whole text.
      - V("") clears it.
      - Changes need a deployment.
    type: str
  args:
    description:
      - Arguments of the entrypoint or of O(command), instead of the command of the image. Needs Dokploy 0.26.0 or
        newer. Not for O(type=libsql).
      - They have no effect with O(replica_sets=true).
      - The order is significant. V([]) clears them.
      - A single text with whitespace or commas is refused, since Ansible would not split it into arguments.
      - Changes need a deployment.
    type: list
    elements: str
  detach_dokploy_network:
    description:
      - Whether to detach the containers from C(dokploy-network). Applications reach the database through that network,
        unless they share another one with it. Dokploy's default is V(false). Needs Dokploy 0.29.14 or newer.
      - It has no effect while O(network_attachments) is set.
      - Changes need a deployment.
    type: bool
  backups:
    description:
      - All scheduled dumps of the database, which Dokploy uploads to a bucket. Others are removed, and V([]) removes
        all. Without the option backups are not managed. Removing a backup does not delete its files.
      - A backup is identified by O(backups[].destination), O(backups[].prefix) and O(backups[].database_name). An
        existing one is updated in place, and its options that are not set do not change.
      - M(community.dokploy.dokploy_backup) manages one of them, and runs it.
      - Redis has no backups.
      - Takes effect at once, without a deployment.
    type: list
    elements: dict
    suboptions:
      destination:
        description:
          - Name or ID of the destination of the files.
        type: str
        required: true
      prefix:
        description:
          - Folder in the bucket, below the folder of the database. V("") is none, which is the default.
          - It must not contain whitespace or special characters of a shell, since Dokploy inserts it into commands. It
            must not lead out of the folder with C(..).
        type: str
        default: /
      database_name:
        description:
          - Name of the database in the server, usually that of O(database). Of libSQL, it is V(iku.db).
          - It may hold only letters, digits, V(_), V(.) and V(-).
        type: str
        required: true
      cron:
        description:
          - When to run, as a cron expression, in the time zone of Dokploy, usually UTC.
        type: str
        required: true
      keep:
        description:
          - Number of files to keep, 0 to 100000. Older files are deleted after each backup. V(0), the default for a new
            backup, keeps all.
        type: int
      enabled:
        description:
          - Whether the backup runs at these times. The default for a new backup is V(true), which the module sets.
        type: bool
  trigger:
    description:
      - When O(state=deployed) deploys.
      - V(changed) deploys if the database was never deployed, the last deployment failed, nothing of it runs, or the
        configuration differs from that of the containers, regardless of who changed it. A new image with the same tag
        is not detected.
      - V(always) deploys each time.
      - V(adopt) deploys nothing. It takes over a database that was deployed without this module. It compares what
        Docker runs with what would be configured, option by option, and records it as the last deployment. If something
        differs, or nothing runs, the module fails, names the options, and writes nothing. The content of files is not
        compared, see RV(adopted). A second run changes nothing. R(The guide to adopting a server,
        ansible_collections.community.dokploy.docsite.taking_over) has an example.
    type: str
    choices:
      - changed
      - always
      - adopt
    default: changed
  verify_period:
    description:
      - Seconds for which the container must run without a replacement after a deployment. Docker rolls back a container
        that fails within O(update_config.monitor), and the next run with O(state=deployed) notices that.
    type: float
    default: 5.0
  force:
    description:
      - Confirms that O(state=rebuilt) deletes the data of the database.
    type: bool
    default: false
  delete_volumes:
    description:
      - 'Whether O(state=absent) also deletes the Docker volumes of the database with their data: those of its mounts
        with O(mounts[].type=volume).'
      - They are deleted after the database, when its containers have ended. A volume that another container uses is
        kept, and the task fails and names it.
      - It needs Dokploy 0.30.0 or newer, and an API key that may read Docker.
    type: bool
    default: false
  include_secrets:
    description:
      - Whether to also return the passwords, the variables, the content of file mounts, RV(database.internal_url),
        RV(database.external_url) and RV(database.urlencoded_password). They are then visible in the result of the task,
        so use C(no_log). A registered result can be used all the same.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds for which O(state=deployed), O(state=rebuilt), O(state=started), O(state=stopped) and O(state=reloaded)
        wait for the containers, and O(state=absent) for the volumes to be free.
    type: float
    default: 600.0
seealso:
  - module: community.dokploy.dokploy_database_info
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_logs_info
  - module: community.dokploy.dokploy_mount
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Create and deploy a PostgreSQL database with a password of its own
  community.dokploy.dokploy_database:
    project: shop
    environment: production
    name: db
    type: postgres
    image: postgres:17
    database: shop
    user: shop
    password: "{{ vault_database_password }}"
    state: deployed

- name: Create and deploy Redis, with a password that Dokploy generates, and read its URL
  community.dokploy.dokploy_database:
    project: shop
    environment: production
    name: cache
    type: redis
    image: redis:8
    state: deployed
    include_secrets: true
  no_log: true
  register: cache

- name: Let an application use it
  community.dokploy.dokploy_application:
    project: shop
    environment: production
    name: web
    env:
      REDIS_URL: "{{ cache.database.internal_url }}"
    env_mode: merge

- name: Publish the database to clients outside of Docker
  community.dokploy.dokploy_database:
    project: shop
    environment: production
    name: db
    type: postgres
    external_port: 5433

- name: Limit the memory, pass options to the server, and deploy if the configuration has changed
  community.dokploy.dokploy_database:
    project: shop
    environment: production
    name: db
    type: postgres
    memory_limit: 1G
    args: [-c, max_connections=200]
    state: deployed

- name: Back up the database to a bucket every night
  community.dokploy.dokploy_database:
    project: shop
    environment: production
    name: db
    type: postgres
    backups:
      - destination: acme-s3
        prefix: db
        database_name: shop
        cron: 15 2 * * *
        keep: 14

- name: Change the password in the running database
  community.dokploy.dokploy_database:
    project: shop
    environment: production
    name: db
    type: postgres
    password: "{{ vault_new_database_password }}"

- name: Stop a database
  community.dokploy.dokploy_database:
    project: shop
    environment: production
    name: db
    type: postgres
    state: stopped

- name: Start again with an empty database
  community.dokploy.dokploy_database:
    project: shop
    environment: production
    name: db
    type: postgres
    image: postgres:17
    state: rebuilt
    force: true

- name: Remove the database with its data
  community.dokploy.dokploy_database:
    project: shop
    environment: production
    name: db
    type: postgres
    state: absent
    delete_volumes: true
"""

RETURN = r"""
database:
  description:
    - The database after the module ran, or as predicted in check mode. Its keys are the options that its O(type) has,
      without secrets.
    - For O(state=absent), only its ID and name, or null if it did not exist. For O(state=started), O(state=stopped) and
      O(state=reloaded), only these and its name in Docker.
  returned: success
  type: dict
  contains:
    database_id:
      description: ID of the database. V((generated\)) if check mode would create it.
      type: str
      sample: Vk1mT9xQz3Lr7WcYb5NdE
    type:
      description: See O(type).
      returned: O(state=present) or O(state=deployed) or O(state=rebuilt)
      type: str
      sample: postgres
    name:
      description: Name of the database.
      type: str
      sample: db
    description:
      description: Description of the database, V("") if there is none.
      returned: O(state=present) or O(state=deployed) or O(state=rebuilt)
      type: str
      sample: ''
    app_name:
      description:
        - Name of its service in Docker, with the six random characters. If check mode would create it, the name as
          stated without them, or V((generated\)).
      returned: unless O(state=absent)
      type: str
      sample: shop-db-k3f9zq
    environment_id:
      description: ID of its environment. V((generated\)) if check mode would create it.
      returned: O(state=present) or O(state=deployed) or O(state=rebuilt)
      type: str
      sample: Vb2n6Wk0sXq9RtYu4Lm7c
    server:
      description:
        - Its remote server as in O(server), the ID if the option is not set, and V("") for the server that runs
          Dokploy.
      returned: O(state=present) or O(state=deployed) or O(state=rebuilt)
      type: str
      sample: ''
    status:
      description:
        - Status that Dokploy stores, V(idle), V(running), V(done) or V(error). V(idle) is a new or a stopped database.
          V(done) does not mean that a container runs. V((generated\)) if check mode would create the database.
      returned: O(state=present) or O(state=deployed) or O(state=rebuilt)
      type: str
      sample: done
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present) or O(state=deployed) or O(state=rebuilt)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    internal_host:
      description:
        - Host name for other containers, which is RV(database.app_name). V((generated\)) if check mode would create it.
      returned: O(state=present) or O(state=deployed) or O(state=rebuilt)
      type: str
      sample: shop-db-k3f9zq
    internal_port:
      description: Port for other containers.
      returned: O(state=present) or O(state=deployed) or O(state=rebuilt)
      type: int
      sample: 5432
    internal_url:
      description:
        - URL for applications on the same server, with user and password, such as
          C(postgresql://user:password@host:port/database). V((generated\)) if check mode would create the database.
        - The scheme is C(postgresql), C(mysql) (for O(type=mariadb) as well), C(mongodb), C(redis), or C(http) for
          O(type=libsql).
      returned: O(include_secrets=true)
      type: str
      sample: postgresql://shop:S3cret@shop-db-k3f9zq:5432/shop
    external_url:
      description:
        - URL for clients outside of Docker, null without O(external_port). The host is the IP address of O(server),
          without one the host in O(dokploy_url).
        - V((generated\)) if check mode would create the database and Dokploy would generate its password.
      returned: O(include_secrets=true)
      type: str
      sample: postgresql://shop:S3cret@dokploy.example.com:5433/shop
    urlencoded_password:
      description: The password as URLs have it, for a URL that differs from RV(database.internal_url).
      returned: O(include_secrets=true)
      type: str
      sample: S3cret%40shop
    image:
      description: See O(image).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: str
      sample: postgres:17
    database:
      description: See O(database).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: str
      sample: shop
    user:
      description: See O(user).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: str
      sample: shop
    external_port:
      description: See O(external_port).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: int
      sample: 5433
    replicas:
      description: See O(replicas).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: int
      sample: 1
    command:
      description: See O(command).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: str
      sample: ''
    args:
      description: See O(args).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: list
      elements: str
      sample: []
    memory_limit:
      description: See O(memory_limit).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: str
      sample: 512M
    memory_reservation:
      description: See O(memory_reservation).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: str
      sample: 256M
    cpu_limit:
      description: See O(cpu_limit).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: str
      sample: '1.5'
    cpu_reservation:
      description: See O(cpu_reservation).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: str
      sample: '0.25'
    healthcheck:
      description: See O(healthcheck). V({}) if it is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: dict
      sample:
        test:
          - CMD-SHELL
          - curl -f http://localhost:3000/health || exit 1
        interval: 30s
        timeout: 5s
        start_period: 1m
        retries: 3
    restart_policy:
      description: See O(restart_policy). V({}) if it is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: dict
      sample:
        condition: on-failure
        delay: 10s
        max_attempts: 5
        window: 2m
    placement:
      description: See O(placement). V({}) if it is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: dict
      sample:
        constraints:
          - node.role==worker
        preferences:
          - spread: node.labels.zone
        max_replicas: 2
        platforms:
          - architecture: x86_64
            os: linux
    update_config:
      description: See O(update_config). V({}) if it is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: dict
      sample:
        parallelism: 1
        delay: 10s
        failure_action: rollback
        monitor: 30s
        max_failure_ratio: 0.25
        order: start-first
    rollback_config:
      description: See O(rollback_config). V({}) if it is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: dict
      sample:
        parallelism: 1
        delay: 10s
        failure_action: pause
        monitor: 30s
        max_failure_ratio: 0.25
        order: start-first
    mode:
      description: See O(mode). V({}) if it is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: dict
      sample:
        type: replicated
        replicas: 2
    labels:
      description: See O(labels).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: dict
      sample:
        com.example.team: shop
    network_attachments:
      description: See O(network_attachments).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: list
      elements: dict
      sample:
        - target: dokploy-network
          aliases:
            - shop
          driver_opts:
            com.example.option: '1'
    stop_grace_period:
      description: See O(stop_grace_period).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: str
      sample: 30s
    endpoint_spec:
      description: See O(endpoint_spec). V({}) if it is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: dict
      sample:
        mode: vip
        ports:
          - target_port: 53
            published_port: 5353
            protocol: udp
            publish_mode: host
    ulimits:
      description: See O(ulimits).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: list
      elements: dict
      sample:
        - name: nofile
          soft: 65536
          hard: 65536
    networks:
      description: See O(networks). The IDs if the option is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: list
      elements: str
      sample:
        - shop-internal
    detach_dokploy_network:
      description: See O(detach_dokploy_network).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: bool
      sample: false
    replica_sets:
      description: See O(replica_sets).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: bool
      sample: false
    node:
      description: See O(node).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: str
      sample: primary
    primary_url:
      description: See O(primary_url).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: str
      sample: ''
    namespaces:
      description: See O(namespaces).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: bool
      sample: false
    external_grpc_port:
      description: See O(external_grpc_port).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: int
      sample: 0
    external_admin_port:
      description: See O(external_admin_port).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: int
      sample: 0
    mounts:
      description: Its mounts, also the data volume that Dokploy makes, each with its C(mount_id). See O(mounts).
        C(content) is returned with O(include_secrets=true) only.
      returned: O(state=present) or O(state=deployed) or O(state=rebuilt)
      type: list
      elements: dict
      sample:
        - mount_id: p0OiUy7TrEw6QaSdF5gHj
          path: /app/uploads
          type: volume
          name: shop-uploads
          host_path: ''
          file_path: ''
          content: text
    volume_backups:
      description: See O(volume_backups). Sorted by C(name), each with its C(volume_backup_id). C(destination) is an ID
        unless the task sets it.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: list
      elements: dict
      sample:
        - volume_backup_id: f1RdXw2SzAq3EcVf4TgBh
          name: uploads
          volume: shop-uploads
          destination: acme-s3
          cron: 0 2 * * *
          prefix: shop
          keep: 7
          enabled: true
    backups:
      description: See O(backups). Sorted by C(destination), C(prefix) and C(database_name), each with its C(backup_id).
        C(destination) is an ID unless the task sets it.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded) or O(state=deployed) or
        O(state=rebuilt)
      type: list
      elements: dict
      sample:
        - backup_id: FhIJr2fo0WBKxIPRwUPmw
          destination: kQ4ixQTo6LwWpnNijhaTz
          prefix: nightly
          database_name: shop
          cron: 15 2 * * *
          keep: 14
          enabled: true
    password:
      description: See O(password).
      returned: O(include_secrets=true)
      type: str
      sample: S3cret-of-the-shop
    root_password:
      description: See O(root_password).
      returned: O(include_secrets=true)
      type: str
      sample: S3cret-of-the-root
    env:
      description: See O(env).
      returned: O(include_secrets=true)
      type: dict
      sample:
        A: one
running:
  description:
    - The containers of the database after the module ran, as RV(community.dokploy.dokploy_application#module:running).
    - If check mode would change something, only the configured number. Null if check mode would create the database.
  returned: O(state=started), O(state=stopped) or O(state=reloaded), and on failure when not enough containers run or
    stay up
  type: dict
  sample:
    replicas_wanted: 2
    replicas_running: 2
    tasks:
      - name: shop-web-k3f9zq.1
        desired_state: running
        current_state: Running 3 seconds ago
        error: ''
        node: node-1
    images:
      - image: postgres:17
        image_id: sha256:5b6e07b3bc8b2b9bd7d0d4a1b8f9b8c77b0c5b6b6e1e9a7c8d0f5a7e3c1d2b4a
        digest: postgres@sha256:4ad0c6b2e9c1a5d8f7b3e2a1908f6d5c4b3a29181706f5e4d3c2b1a09f8e7d6c
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      replicas: 1
    after:
      replicas: 2
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
log:
  description: The end of the log of a container that does not stay up, as a list of lines.
  returned: on failure when a container does not stay up
  type: list
  elements: str
  sample:
    - 'Error: DATABASE_URL is not set'
deploy_needed:
  description:
    - 'Whether a deployment is needed: the database was never deployed, it is stopped, its last deployment failed, or
      the configuration differs from what was deployed last, regardless of who changed it.'
    - O(state=present) does not look at the containers themselves. O(state=deployed) does.
    - With O(state=deployed), V(false) after the deployment, and V(true) in check mode if it would deploy.
  returned: O(state=present) or O(state=deployed) or O(state=rebuilt), O(state=deployed) and O(state=rebuilt)
  type: bool
  sample: true
deployed:
  description: Whether the task deployed the database, or would in check mode.
  returned: O(state=deployed) and O(state=rebuilt)
  type: bool
  sample: true
seconds:
  description: How many seconds the deployment took, until the containers were verified. Null if nothing was deployed.
  returned: O(state=deployed) and O(state=rebuilt)
  type: float
  sample: 8.3
reason:
  description:
    - Why the database was deployed, or would be in check mode, or why it was adopted. Null if nothing was needed.
    - V(never deployed), V(no record of the last deployment), V(last deployment failed), V(stopped), V(configuration
      changed), V(nothing of it runs), V(another version runs), V(deployment requested) with O(trigger=always), or
      V(rebuild requested) with O(state=rebuilt).
    - There is V(no record of the last deployment) if the database was deployed without this module, or if its labels
      were replaced. Where what runs is what is configured, the module records that and replaces nothing, and says V(no
      record of the last deployment, and what runs is what is configured). Otherwise it warns before it replaces the
      container.
    - The diff shows the reason beside the deployment.
  returned: O(state=deployed) and O(state=rebuilt)
  type: str
  sample: configuration changed
adopted:
  description: What O(trigger=adopt) has compared before it recorded what runs, or would in check mode. Otherwise null.
  returned: O(state=deployed) and O(state=rebuilt)
  type: dict
  contains:
    compared:
      description: The options that are as configured.
      type: list
      elements: str
      sample:
        - env
        - image
        - memory_limit
        - mounts
    not_compared:
      description: What cannot be seen in what runs, such as the content of files.
      type: list
      elements: str
      sample:
        - mounts (content of files)
different:
  description: The options in which what runs is not what is configured, with the names of variables and labels.
  returned: on failure of O(trigger=adopt) for this reason
  type: list
  elements: str
  sample:
    - env (TZ)
    - memory_limit
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
