#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_database_info
short_description: List databases of Dokploy
version_added: 1.0.0
description:
  - Lists databases with their configuration, in the terms of M(community.dokploy.dokploy_database). Without any option,
    it lists all databases that the API key can access.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.listed_services
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.listing
  - community.dokploy.listing.services
  - community.dokploy.listing.logs
options:
  type:
    description:
      - Only databases of this kind.
    type: str
    choices:
      - postgres
      - mysql
      - mariadb
      - mongo
      - redis
      - libsql
  database_id:
    description:
      - Only the database with this ID.
    type: str
  include_secrets:
    description:
      - Whether to also return the passwords, the variables, the content of file mounts, and the URLs with the password.
        They are then visible in the result of the task, so use C(no_log).
    type: bool
    default: false
  include:
    description:
      - What else to return. Each choice needs requests of its own, a few for all databases together.
      - V(volume_backups) is the option of M(community.dokploy.dokploy_database).
      - V(running) is the containers, as Docker shows them.
      - V(logs) is the last lines of the log of a container. Needs Dokploy 0.29.0 or newer. To follow the log of one
        database, use M(community.dokploy.dokploy_logs_info).
    type: list
    elements: str
    choices:
      - volume_backups
      - logs
      - running
    default: []
seealso:
  - module: community.dokploy.dokploy_database
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_logs_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the databases of an environment
  community.dokploy.dokploy_database_info:
    project: shop
    environment: production
  register: production

- name: Show where they are
  ansible.builtin.debug:
    msg: "{{ item.type }} {{ item.name }} is {{ item.status }} at {{ item.internal_host }}:{{ item.internal_port }}"
  loop: "{{ production.databases }}"
  loop_control:
    label: "{{ item.name }}"

- name: Read the URL of one database
  community.dokploy.dokploy_database_info:
    project: shop
    environment: production
    name: db
    type: postgres
    include_secrets: true
  no_log: true
  register: db
"""

RETURN = r"""
databases:
  description: The databases, sorted by project, environment and name.
  returned: success
  type: list
  elements: dict
  contains:
    project:
      description: Name of its project.
      type: str
      sample: shop
    project_id:
      description: ID of its project.
      type: str
      sample: 8OYmGSp4Gg3lRPDmVxk2s
    environment:
      description: Name of its environment.
      type: str
      sample: production
    database_id:
      description: ID of the database.
      type: str
      sample: Vk1mT9xQz3Lr7WcYb5NdE
    type:
      description: See O(community.dokploy.dokploy_database#module:type).
      type: str
      sample: postgres
    name:
      description: Name of the database.
      type: str
      sample: db
    description:
      description: Description of the database, V("") if there is none.
      type: str
      sample: ''
    app_name:
      description: Name of its service in Docker, with the six random characters.
      type: str
      sample: shop-db-k3f9zq
    environment_id:
      description: ID of its environment.
      type: str
      sample: Vb2n6Wk0sXq9RtYu4Lm7c
    server:
      description: Its remote server as in O(community.dokploy.dokploy_database#module:server) by its ID, and V("") for
        the server that runs Dokploy.
      type: str
      sample: ''
    status:
      description: Status that Dokploy stores, V(idle), V(running), V(done) or V(error). V(idle) is a new or a stopped
        database. V(done) does not mean that a container runs.
      type: str
      sample: done
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    internal_host:
      description: Host name for other containers, which is RV(databases[].app_name).
      type: str
      sample: shop-db-k3f9zq
    internal_port:
      description: Port for other containers.
      type: int
      sample: 5432
    internal_url:
      description:
        - URL for applications on the same server, with user and password, such as
          C(postgresql://user:password@host:port/database).
        - The scheme is C(postgresql), C(mysql) (for O(community.dokploy.dokploy_database#module:type=mariadb) as well),
          C(mongodb), C(redis), or C(http) for O(community.dokploy.dokploy_database#module:type=libsql).
      returned: O(include_secrets=true)
      type: str
      sample: postgresql://shop:S3cret@shop-db-k3f9zq:5432/shop
    external_url:
      description: URL for clients outside of Docker, null without
        O(community.dokploy.dokploy_database#module:external_port). The host is the IP address of
        O(community.dokploy.dokploy_database#module:server), without one the host in
        O(community.dokploy.dokploy_database#module:dokploy_url).
      returned: O(include_secrets=true)
      type: str
      sample: postgresql://shop:S3cret@dokploy.example.com:5433/shop
    logs:
      description:
        - The last lines of the log of one of its containers, with the values of its variables masked. Empty if nothing
          runs, or if no line contains O(log_search).
      returned: when O(include) has V(logs)
      type: list
      elements: str
      sample:
        - Ready to accept connections
    running:
      description: The containers of the database, as Docker shows them.
      returned: when O(include) has V(running)
      type: dict
      contains:
        replicas_wanted:
          description:
            - The configured number of containers. Null in modes in which the swarm decides it. For a Compose stack,
              those that have not completed.
          type: int
          sample: 2
        replicas_running:
          description: The number of containers that run.
          type: int
          sample: 2
        tasks:
          description: The tasks of the service in Docker, including those that ended lately, the newest of each slot
            first.
          type: list
          elements: dict
          contains:
            name:
              description: Name of the task, which ends with the number of its slot.
              type: str
              sample: shop-web-k3f9zq.1
            desired_state:
              description: The state that Docker wants, such as V(running), V(ready), V(shutdown) or V(remove). A task
                with V(shutdown) can still be running as long as its container ends.
              type: str
              sample: running
            current_state:
              description: The state of the task and its duration, as Docker shows them.
              type: str
              sample: Running 3 seconds ago
            error:
              description: The error of the task, as Docker shows it.
              type: str
              sample: ''
            node:
              description: Name of the node that the task is on.
              type: str
              sample: node-1
    image:
      description: See O(community.dokploy.dokploy_database#module:image).
      type: str
      sample: postgres:17
    database:
      description: See O(community.dokploy.dokploy_database#module:database).
      type: str
      sample: shop
    user:
      description: See O(community.dokploy.dokploy_database#module:user).
      type: str
      sample: shop
    external_port:
      description: See O(community.dokploy.dokploy_database#module:external_port).
      type: int
      sample: 5433
    replicas:
      description: See O(community.dokploy.dokploy_database#module:replicas).
      type: int
      sample: 1
    command:
      description: See O(community.dokploy.dokploy_database#module:command).
      type: str
      sample: ''
    args:
      description: See O(community.dokploy.dokploy_database#module:args).
      type: list
      elements: str
      sample: []
    memory_limit:
      description: See O(community.dokploy.dokploy_database#module:memory_limit).
      type: str
      sample: 512M
    memory_reservation:
      description: See O(community.dokploy.dokploy_database#module:memory_reservation).
      type: str
      sample: 256M
    cpu_limit:
      description: See O(community.dokploy.dokploy_database#module:cpu_limit).
      type: str
      sample: '1.5'
    cpu_reservation:
      description: See O(community.dokploy.dokploy_database#module:cpu_reservation).
      type: str
      sample: '0.25'
    healthcheck:
      description: See O(community.dokploy.dokploy_database#module:healthcheck). V({}) if it is not set.
      type: dict
      contains:
        test:
          description: See O(community.dokploy.dokploy_database#module:healthcheck.test).
          returned: success, when it is set
          type: list
          elements: str
          sample:
            - CMD-SHELL
            - curl -f http://localhost:3000/health || exit 1
        interval:
          description: See O(community.dokploy.dokploy_database#module:healthcheck.interval).
          returned: success, when it is set
          type: str
          sample: 30s
        timeout:
          description: See O(community.dokploy.dokploy_database#module:healthcheck.timeout).
          returned: success, when it is set
          type: str
          sample: 5s
        start_period:
          description: See O(community.dokploy.dokploy_database#module:healthcheck.start_period).
          returned: success, when it is set
          type: str
          sample: 1m
        retries:
          description: See O(community.dokploy.dokploy_database#module:healthcheck.retries).
          returned: success, when it is set
          type: int
          sample: 3
    restart_policy:
      description: See O(community.dokploy.dokploy_database#module:restart_policy). V({}) if it is not set.
      type: dict
      contains:
        condition:
          description: See O(community.dokploy.dokploy_database#module:restart_policy.condition).
          returned: success, when it is set
          type: str
          sample: on-failure
        delay:
          description: See O(community.dokploy.dokploy_database#module:restart_policy.delay).
          returned: success, when it is set
          type: str
          sample: 10s
        max_attempts:
          description: See O(community.dokploy.dokploy_database#module:restart_policy.max_attempts).
          returned: success, when it is set
          type: int
          sample: 5
        window:
          description: See O(community.dokploy.dokploy_database#module:restart_policy.window).
          returned: success, when it is set
          type: str
          sample: 2m
    placement:
      description: See O(community.dokploy.dokploy_database#module:placement). V({}) if it is not set.
      type: dict
      contains:
        constraints:
          description: See O(community.dokploy.dokploy_database#module:placement.constraints).
          returned: success, when it is set
          type: list
          elements: str
          sample:
            - node.role==worker
        preferences:
          description: See O(community.dokploy.dokploy_database#module:placement.preferences).
          returned: success, when it is set
          type: list
          elements: dict
          contains:
            spread:
              description: See O(community.dokploy.dokploy_database#module:placement.preferences[].spread).
              type: str
              sample: node.labels.zone
        max_replicas:
          description: See O(community.dokploy.dokploy_database#module:placement.max_replicas).
          returned: success, when it is set
          type: int
          sample: 2
        platforms:
          description: See O(community.dokploy.dokploy_database#module:placement.platforms).
          returned: success, when it is set
          type: list
          elements: dict
          contains:
            architecture:
              description: See O(community.dokploy.dokploy_database#module:placement.platforms[].architecture).
              type: str
              sample: x86_64
            os:
              description: See O(community.dokploy.dokploy_database#module:placement.platforms[].os).
              type: str
              sample: linux
    update_config:
      description: See O(community.dokploy.dokploy_database#module:update_config). V({}) if it is not set.
      type: dict
      contains:
        parallelism:
          description: See O(community.dokploy.dokploy_database#module:update_config.parallelism).
          returned: success, when it is set
          type: int
          sample: 1
        delay:
          description: See O(community.dokploy.dokploy_database#module:update_config.delay).
          returned: success, when it is set
          type: str
          sample: 10s
        failure_action:
          description: See O(community.dokploy.dokploy_database#module:update_config.failure_action).
          returned: success, when it is set
          type: str
          sample: rollback
        monitor:
          description: See O(community.dokploy.dokploy_database#module:update_config.monitor).
          returned: success, when it is set
          type: str
          sample: 30s
        max_failure_ratio:
          description: See O(community.dokploy.dokploy_database#module:update_config.max_failure_ratio).
          returned: success, when it is set
          type: float
          sample: 0.25
        order:
          description: See O(community.dokploy.dokploy_database#module:update_config.order).
          returned: success, when it is set
          type: str
          sample: start-first
    rollback_config:
      description: See O(community.dokploy.dokploy_database#module:rollback_config). V({}) if it is not set.
      type: dict
      contains:
        parallelism:
          description: See O(community.dokploy.dokploy_database#module:rollback_config.parallelism).
          returned: success, when it is set
          type: int
          sample: 1
        delay:
          description: See O(community.dokploy.dokploy_database#module:rollback_config.delay).
          returned: success, when it is set
          type: str
          sample: 10s
        failure_action:
          description: See O(community.dokploy.dokploy_database#module:rollback_config.failure_action).
          returned: success, when it is set
          type: str
          sample: pause
        monitor:
          description: See O(community.dokploy.dokploy_database#module:rollback_config.monitor).
          returned: success, when it is set
          type: str
          sample: 30s
        max_failure_ratio:
          description: See O(community.dokploy.dokploy_database#module:rollback_config.max_failure_ratio).
          returned: success, when it is set
          type: float
          sample: 0.25
        order:
          description: See O(community.dokploy.dokploy_database#module:rollback_config.order).
          returned: success, when it is set
          type: str
          sample: start-first
    mode:
      description: See O(community.dokploy.dokploy_database#module:mode). V({}) if it is not set.
      type: dict
      contains:
        type:
          description: See O(community.dokploy.dokploy_database#module:mode.type).
          returned: success, when it is set
          type: str
          sample: replicated
        replicas:
          description: See O(community.dokploy.dokploy_database#module:mode.replicas).
          returned: success, when it is set
          type: int
          sample: 2
        max_concurrent:
          description: See O(community.dokploy.dokploy_database#module:mode.max_concurrent).
          returned: success, when it is set
          type: int
          sample: 2
        total_completions:
          description: See O(community.dokploy.dokploy_database#module:mode.total_completions).
          returned: success, when it is set
          type: int
          sample: 10
    labels:
      description: See O(community.dokploy.dokploy_database#module:labels).
      type: dict
      sample:
        com.example.team: shop
    network_attachments:
      description: See O(community.dokploy.dokploy_database#module:network_attachments).
      type: list
      elements: dict
      contains:
        target:
          description: See O(community.dokploy.dokploy_database#module:network_attachments[].target).
          returned: success, when it is set
          type: str
          sample: dokploy-network
        aliases:
          description: See O(community.dokploy.dokploy_database#module:network_attachments[].aliases).
          returned: success, when it is set
          type: list
          elements: str
          sample:
            - shop
        driver_opts:
          description: See O(community.dokploy.dokploy_database#module:network_attachments[].driver_opts).
          returned: success, when it is set
          type: dict
          sample:
            com.example.option: '1'
    stop_grace_period:
      description: See O(community.dokploy.dokploy_database#module:stop_grace_period).
      type: str
      sample: 30s
    endpoint_spec:
      description: See O(community.dokploy.dokploy_database#module:endpoint_spec). V({}) if it is not set.
      type: dict
      contains:
        mode:
          description: See O(community.dokploy.dokploy_database#module:endpoint_spec.mode).
          returned: success, when it is set
          type: str
          sample: vip
        ports:
          description: See O(community.dokploy.dokploy_database#module:endpoint_spec.ports).
          returned: success, when it is set
          type: list
          elements: dict
          contains:
            target_port:
              description: See O(community.dokploy.dokploy_database#module:endpoint_spec.ports[].target_port).
              type: int
              sample: 53
            published_port:
              description: See O(community.dokploy.dokploy_database#module:endpoint_spec.ports[].published_port).
              type: int
              sample: 5353
            protocol:
              description: See O(community.dokploy.dokploy_database#module:endpoint_spec.ports[].protocol).
              type: str
              sample: udp
            publish_mode:
              description: See O(community.dokploy.dokploy_database#module:endpoint_spec.ports[].publish_mode).
              type: str
              sample: host
    ulimits:
      description: See O(community.dokploy.dokploy_database#module:ulimits).
      type: list
      elements: dict
      contains:
        name:
          description: See O(community.dokploy.dokploy_database#module:ulimits[].name).
          returned: success, when it is set
          type: str
          sample: nofile
        soft:
          description: See O(community.dokploy.dokploy_database#module:ulimits[].soft).
          returned: success, when it is set
          type: int
          sample: 65536
        hard:
          description: See O(community.dokploy.dokploy_database#module:ulimits[].hard).
          returned: success, when it is set
          type: int
          sample: 65536
    networks:
      description: See O(community.dokploy.dokploy_database#module:networks). The IDs.
      type: list
      elements: str
      sample:
        - shop-internal
    detach_dokploy_network:
      description: See O(community.dokploy.dokploy_database#module:detach_dokploy_network).
      type: bool
      sample: false
    replica_sets:
      description: See O(community.dokploy.dokploy_database#module:replica_sets).
      type: bool
      sample: false
    node:
      description: See O(community.dokploy.dokploy_database#module:node).
      type: str
      sample: primary
    primary_url:
      description: See O(community.dokploy.dokploy_database#module:primary_url).
      type: str
      sample: ''
    namespaces:
      description: See O(community.dokploy.dokploy_database#module:namespaces).
      type: bool
      sample: false
    external_grpc_port:
      description: See O(community.dokploy.dokploy_database#module:external_grpc_port).
      type: int
      sample: 0
    external_admin_port:
      description: See O(community.dokploy.dokploy_database#module:external_admin_port).
      type: int
      sample: 0
    mounts:
      description: Its mounts, also the data volume that Dokploy makes.
      type: list
      elements: dict
      contains:
        mount_id:
          description: ID of the mount.
          type: str
          sample: p0OiUy7TrEw6QaSdF5gHj
        path:
          description: See O(community.dokploy.dokploy_database#module:mounts[].path).
          type: str
          sample: /app/uploads
        type:
          description: See O(community.dokploy.dokploy_database#module:mounts[].type).
          type: str
          sample: volume
        name:
          description: See O(community.dokploy.dokploy_database#module:mounts[].name).
          type: str
          sample: shop-uploads
        host_path:
          description: See O(community.dokploy.dokploy_database#module:mounts[].host_path).
          type: str
          sample: ''
        file_path:
          description: See O(community.dokploy.dokploy_database#module:mounts[].file_path).
          type: str
          sample: ''
        content:
          description: See O(community.dokploy.dokploy_database#module:mounts[].content).
          returned: O(include_secrets=true)
          type: str
          sample: text
    password:
      description: See O(community.dokploy.dokploy_database#module:password).
      returned: O(include_secrets=true)
      type: str
      sample: S3cret-of-the-shop
    root_password:
      description: See O(community.dokploy.dokploy_database#module:root_password).
      returned: O(include_secrets=true)
      type: str
      sample: S3cret-of-the-root
    env:
      description: See O(community.dokploy.dokploy_database#module:env).
      returned: O(include_secrets=true)
      type: dict
      sample:
        A: one
    backups:
      description: Its backups.
      type: list
      elements: dict
      contains:
        backup_id:
          description: ID of the backup.
          type: str
          sample: FhIJr2fo0WBKxIPRwUPmw
        destination:
          description: See O(community.dokploy.dokploy_database#module:backups[].destination). The ID.
          type: str
          sample: kQ4ixQTo6LwWpnNijhaTz
        prefix:
          description: See O(community.dokploy.dokploy_database#module:backups[].prefix).
          type: str
          sample: nightly
        database_name:
          description: See O(community.dokploy.dokploy_database#module:backups[].database_name).
          type: str
          sample: shop
        cron:
          description: See O(community.dokploy.dokploy_database#module:backups[].cron).
          type: str
          sample: 15 2 * * *
        keep:
          description: See O(community.dokploy.dokploy_database#module:backups[].keep).
          type: int
          sample: 14
        enabled:
          description: See O(community.dokploy.dokploy_database#module:backups[].enabled).
          type: bool
          sample: true
    volume_backups:
      description: Its volume backups.
      type: list
      elements: dict
      contains:
        volume_backup_id:
          description: ID of the volume backup.
          type: str
          sample: f1RdXw2SzAq3EcVf4TgBh
        name:
          description: See O(community.dokploy.dokploy_database#module:volume_backups[].name).
          type: str
          sample: uploads
        volume:
          description: See O(community.dokploy.dokploy_database#module:volume_backups[].volume).
          type: str
          sample: shop-uploads
        destination:
          description: See O(community.dokploy.dokploy_database#module:volume_backups[].destination). The ID.
          type: str
          sample: acme-s3
        cron:
          description: See O(community.dokploy.dokploy_database#module:volume_backups[].cron).
          type: str
          sample: 0 2 * * *
        prefix:
          description: See O(community.dokploy.dokploy_database#module:volume_backups[].prefix).
          type: str
          sample: shop
        keep:
          description: See O(community.dokploy.dokploy_database#module:volume_backups[].keep).
          type: int
          sample: 7
        enabled:
          description: See O(community.dokploy.dokploy_database#module:volume_backups[].enabled).
          type: bool
          sample: true
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
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.database import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
