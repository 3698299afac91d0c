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
  # Written by make generate, but for what is described below.
  database_id:
    description:
      - Only the database with this ID.
    type: str
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
  # Written by hand.
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
      - V(images) is V(running) with the images that the containers run, and the digests under which registries have
        them. It needs four more requests at most, for all of them together.
      - V(logs) is the last lines of the log of a container. Needs Dokploy 0.29.0 or newer. To follow the log of one
        database, use M(community.dokploy.dokploy_logs_info).
    type: list
    elements: str
    choices:
      - volume_backups
      - images
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
    urlencoded_password:
      description: The password as URLs have it, for a URL that differs from RV(databases[].internal_url).
      returned: O(include_secrets=true)
      type: str
      sample: S3cret%40shop
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
      description:
        - The containers of the database, as RV(community.dokploy.dokploy_database#module:running).
        - With V(images) also the images that run and their digests, as
          RV(community.dokploy.dokploy_application#module:running.images).
      returned: when O(include) has V(running) or V(images)
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
      sample:
        test:
          - CMD-SHELL
          - curl -f http://localhost:3000/health || exit 1
        interval: 30s
        timeout: 5s
        start_period: 1m
        retries: 3
    restart_policy:
      description: See O(community.dokploy.dokploy_database#module:restart_policy). V({}) if it is not set.
      type: dict
      sample:
        condition: on-failure
        delay: 10s
        max_attempts: 5
        window: 2m
    placement:
      description: See O(community.dokploy.dokploy_database#module:placement). V({}) if it is not set.
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
      description: See O(community.dokploy.dokploy_database#module:update_config). V({}) if it is not set.
      type: dict
      sample:
        parallelism: 1
        delay: 10s
        failure_action: rollback
        monitor: 30s
        max_failure_ratio: 0.25
        order: start-first
    rollback_config:
      description: See O(community.dokploy.dokploy_database#module:rollback_config). V({}) if it is not set.
      type: dict
      sample:
        parallelism: 1
        delay: 10s
        failure_action: pause
        monitor: 30s
        max_failure_ratio: 0.25
        order: start-first
    mode:
      description: See O(community.dokploy.dokploy_database#module:mode). V({}) if it is not set.
      type: dict
      sample:
        type: replicated
        replicas: 2
    labels:
      description: See O(community.dokploy.dokploy_database#module:labels).
      type: dict
      sample:
        com.example.team: shop
    network_attachments:
      description: See O(community.dokploy.dokploy_database#module:network_attachments).
      type: list
      elements: dict
      sample:
        - target: dokploy-network
          aliases:
            - shop
          driver_opts:
            com.example.option: '1'
    stop_grace_period:
      description: See O(community.dokploy.dokploy_database#module:stop_grace_period).
      type: str
      sample: 30s
    endpoint_spec:
      description: See O(community.dokploy.dokploy_database#module:endpoint_spec). V({}) if it is not set.
      type: dict
      sample:
        mode: vip
        ports:
          - target_port: 53
            published_port: 5353
            protocol: udp
            publish_mode: host
    ulimits:
      description: See O(community.dokploy.dokploy_database#module:ulimits).
      type: list
      elements: dict
      sample:
        - name: nofile
          soft: 65536
          hard: 65536
    networks:
      description: See O(community.dokploy.dokploy_database#module:networks). The IDs.
      type: list
      elements: str
      sample:
        - p5NGUUpYVB2x2BYRenZeY
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
      description: Its mounts, also the data volume that Dokploy makes, each with its C(mount_id). See
        O(community.dokploy.dokploy_database#module:mounts). C(content) is returned with O(include_secrets=true) only.
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
      description: See O(community.dokploy.dokploy_database#module:backups). Sorted by C(destination), C(prefix) and
        C(database_name), each with its C(backup_id). C(destination) is an ID.
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
    volume_backups:
      description: See O(community.dokploy.dokploy_database#module:volume_backups). Sorted by C(name), each with its
        C(volume_backup_id). C(destination) is an ID.
      type: list
      elements: dict
      sample:
        - volume_backup_id: f1RdXw2SzAq3EcVf4TgBh
          name: uploads
          volume: shop-uploads
          destination: kQ4ixQTo6LwWpnNijhaTz
          cron: 0 2 * * *
          prefix: shop
          keep: 7
          enabled: true
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
