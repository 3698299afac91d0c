#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_compose_info
short_description: List Compose stacks of Dokploy
version_added: 1.0.0
description:
  - Lists Compose stacks with their configuration, in the terms of M(community.dokploy.dokploy_compose). Without any
    option, it lists all stacks that the API key can access.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.listed_services
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.listing
  - community.dokploy.listing.services
options:
  compose_id:
    description:
      - Only the stack with this ID.
    type: str
  include_secrets:
    description:
      - Whether to also return the variables, the token of the webhook and the content of files. They are then visible
        in the result of the task, so use C(no_log).
    type: bool
    default: false
  include:
    description:
      - What else to return. Each choice needs requests of its own, a few for all stacks together.
      - V(schedules) and V(volume_backups) are the options of M(community.dokploy.dokploy_compose).
      - V(running) is the containers, as Docker shows them. M(community.dokploy.dokploy_logs_info) returns their logs.
    type: list
    elements: str
    choices:
      - schedules
      - volume_backups
      - running
    default: []
seealso:
  - module: community.dokploy.dokploy_compose
  - module: community.dokploy.dokploy_deployment_info
  - module: community.dokploy.dokploy_logs_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the stacks of an environment
  community.dokploy.dokploy_compose_info:
    project: shop
    environment: production
  register: production

- name: Show what runs of one stack
  community.dokploy.dokploy_compose_info:
    project: shop
    name: search
    include:
      - running
  register: search
"""

RETURN = r"""
compose_stacks:
  description:
    - The stacks, sorted by the names of their projects, their environments and their own.
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
    environment_id:
      description: ID of its environment.
      type: str
      sample: Vb2n6Wk0sXq9RtYu4Lm7c
    status:
      description:
        - Status that Dokploy stores, V(idle), V(running), V(done) or V(error). V(running) means a running deployment,
          V(done) does not mean that a container runs.
      type: str
      sample: done
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    source:
      description:
        - The source of the stack, V(raw), V(github), V(gitlab), V(bitbucket), V(gitea) or V(git). Only the key of this
          name is returned, or none if a new stack has no source yet.
      type: str
      sample: raw
    env:
      description: The variables, by name, as Dokploy parses them.
      returned: O(include_secrets=true)
      type: dict
      sample:
        NODE_ENV: production
    webhook_token:
      description: See O(community.dokploy.dokploy_compose#module:webhook_token).
      returned: O(include_secrets=true)
      type: str
      sample: token-of-the-webhook
    mounts:
      description: Its files, by path.
      type: list
      elements: dict
      contains:
        mount_id:
          description: ID of the mount.
          type: str
          sample: p0OiUy7TrEw6QaSdF5gHj
        type:
          description: See O(community.dokploy.dokploy_compose#module:mounts[].type).
          type: str
          sample: file
        file_path:
          description: See O(community.dokploy.dokploy_compose#module:mounts[].file_path).
          type: str
          sample: nginx/app.conf
        content:
          description: See O(community.dokploy.dokploy_compose#module:mounts[].content).
          returned: O(include_secrets=true)
          type: str
          sample: requests_per_minute = 600
    running:
      description: The containers of the stack, as Docker shows them.
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
    compose_id:
      description: ID of the stack.
      type: str
      sample: hV6qXc9tRn2bZ8wKd3mLs
    name:
      description: See O(community.dokploy.dokploy_compose#module:name).
      type: str
      sample: web
    description:
      description: See O(community.dokploy.dokploy_compose#module:description).
      type: str
      sample: ''
    app_name:
      description: See O(community.dokploy.dokploy_compose#module:app_name).
      type: str
      sample: shop-web-k3f9zq
    server:
      description: See O(community.dokploy.dokploy_compose#module:server). The ID.
      type: str
      sample: ''
    type:
      description: See O(community.dokploy.dokploy_compose#module:type).
      type: str
      sample: docker-compose
    raw:
      description: See O(community.dokploy.dokploy_compose#module:raw).
      returned: when RV(compose_stacks[].source=raw)
      type: dict
      contains:
        content:
          description: See O(community.dokploy.dokploy_compose#module:raw.content).
          type: str
          sample: |
            services:
              web:
                image: nginx:1.29
    github:
      description: See O(community.dokploy.dokploy_compose#module:github).
      returned: when RV(compose_stacks[].source=github)
      type: dict
      contains:
        provider:
          description: See O(community.dokploy.dokploy_compose#module:github.provider). The ID.
          type: str
          sample: acme-github
        owner:
          description: See O(community.dokploy.dokploy_compose#module:github.owner).
          type: str
          sample: acme
        repository:
          description: See O(community.dokploy.dokploy_compose#module:github.repository).
          type: str
          sample: shop
        branch:
          description: See O(community.dokploy.dokploy_compose#module:github.branch).
          type: str
          sample: main
        compose_path:
          description: See O(community.dokploy.dokploy_compose#module:github.compose_path).
          type: str
          sample: ./docker-compose.yml
        trigger:
          description: See O(community.dokploy.dokploy_compose#module:github.trigger).
          type: str
          sample: push
        watch_paths:
          description: See O(community.dokploy.dokploy_compose#module:github.watch_paths).
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(community.dokploy.dokploy_compose#module:github.submodules).
          type: bool
          sample: false
    gitlab:
      description: See O(community.dokploy.dokploy_compose#module:gitlab).
      returned: when RV(compose_stacks[].source=gitlab)
      type: dict
      contains:
        provider:
          description: See O(community.dokploy.dokploy_compose#module:gitlab.provider). The ID.
          type: str
          sample: acme-gitlab
        owner:
          description: See O(community.dokploy.dokploy_compose#module:gitlab.owner).
          type: str
          sample: acme
        repository:
          description: See O(community.dokploy.dokploy_compose#module:gitlab.repository).
          type: str
          sample: shop
        branch:
          description: See O(community.dokploy.dokploy_compose#module:gitlab.branch).
          type: str
          sample: main
        compose_path:
          description: See O(community.dokploy.dokploy_compose#module:gitlab.compose_path).
          type: str
          sample: ./docker-compose.yml
        project_id:
          description: See O(community.dokploy.dokploy_compose#module:gitlab.project_id).
          type: int
          sample: 4711
        path_namespace:
          description: See O(community.dokploy.dokploy_compose#module:gitlab.path_namespace).
          type: str
          sample: acme/shop
        watch_paths:
          description: See O(community.dokploy.dokploy_compose#module:gitlab.watch_paths).
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(community.dokploy.dokploy_compose#module:gitlab.submodules).
          type: bool
          sample: false
    bitbucket:
      description: See O(community.dokploy.dokploy_compose#module:bitbucket).
      returned: when RV(compose_stacks[].source=bitbucket)
      type: dict
      contains:
        provider:
          description: See O(community.dokploy.dokploy_compose#module:bitbucket.provider). The ID.
          type: str
          sample: acme-bitbucket
        owner:
          description: See O(community.dokploy.dokploy_compose#module:bitbucket.owner).
          type: str
          sample: acme
        repository:
          description: See O(community.dokploy.dokploy_compose#module:bitbucket.repository).
          type: str
          sample: shop
        branch:
          description: See O(community.dokploy.dokploy_compose#module:bitbucket.branch).
          type: str
          sample: main
        compose_path:
          description: See O(community.dokploy.dokploy_compose#module:bitbucket.compose_path).
          type: str
          sample: ./docker-compose.yml
        repository_slug:
          description: See O(community.dokploy.dokploy_compose#module:bitbucket.repository_slug).
          type: str
          sample: ''
        watch_paths:
          description: See O(community.dokploy.dokploy_compose#module:bitbucket.watch_paths).
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(community.dokploy.dokploy_compose#module:bitbucket.submodules).
          type: bool
          sample: false
    gitea:
      description: See O(community.dokploy.dokploy_compose#module:gitea).
      returned: when RV(compose_stacks[].source=gitea)
      type: dict
      contains:
        provider:
          description: See O(community.dokploy.dokploy_compose#module:gitea.provider). The ID.
          type: str
          sample: acme-gitea
        owner:
          description: See O(community.dokploy.dokploy_compose#module:gitea.owner).
          type: str
          sample: acme
        repository:
          description: See O(community.dokploy.dokploy_compose#module:gitea.repository).
          type: str
          sample: shop
        branch:
          description: See O(community.dokploy.dokploy_compose#module:gitea.branch).
          type: str
          sample: main
        compose_path:
          description: See O(community.dokploy.dokploy_compose#module:gitea.compose_path).
          type: str
          sample: ./docker-compose.yml
        watch_paths:
          description: See O(community.dokploy.dokploy_compose#module:gitea.watch_paths).
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(community.dokploy.dokploy_compose#module:gitea.submodules).
          type: bool
          sample: false
    git:
      description: See O(community.dokploy.dokploy_compose#module:git).
      returned: when RV(compose_stacks[].source=git)
      type: dict
      contains:
        url:
          description: See O(community.dokploy.dokploy_compose#module:git.url).
          type: str
          sample: git@git.example.com:acme/shop.git
        branch:
          description: See O(community.dokploy.dokploy_compose#module:git.branch).
          type: str
          sample: main
        compose_path:
          description: See O(community.dokploy.dokploy_compose#module:git.compose_path).
          type: str
          sample: ./docker-compose.yml
        ssh_key:
          description: See O(community.dokploy.dokploy_compose#module:git.ssh_key). The ID.
          type: str
          sample: deploy
        watch_paths:
          description: See O(community.dokploy.dokploy_compose#module:git.watch_paths).
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(community.dokploy.dokploy_compose#module:git.submodules).
          type: bool
          sample: false
    create_env_file:
      description: See O(community.dokploy.dokploy_compose#module:create_env_file).
      type: bool
      sample: true
    auto_deploy:
      description: See O(community.dokploy.dokploy_compose#module:auto_deploy).
      type: bool
      sample: true
    command:
      description: See O(community.dokploy.dokploy_compose#module:command).
      type: str
      sample: ''
    randomize:
      description: See O(community.dokploy.dokploy_compose#module:randomize).
      type: bool
      sample: false
    suffix:
      description: See O(community.dokploy.dokploy_compose#module:suffix).
      type: str
      sample: ''
    isolated_deployment:
      description: See O(community.dokploy.dokploy_compose#module:isolated_deployment).
      type: bool
      sample: false
    isolated_volumes:
      description: See O(community.dokploy.dokploy_compose#module:isolated_volumes).
      type: bool
      sample: false
    service_networks:
      description: See O(community.dokploy.dokploy_compose#module:service_networks).
      type: list
      elements: dict
      contains:
        service:
          description: See O(community.dokploy.dokploy_compose#module:service_networks[].service).
          returned: success, when it is set
          type: str
          sample: web
        networks:
          description: See O(community.dokploy.dokploy_compose#module:service_networks[].networks). The IDs.
          returned: success, when it is set
          type: list
          elements: str
          sample:
            - backend
        detach_dokploy_network:
          description: See O(community.dokploy.dokploy_compose#module:service_networks[].detach_dokploy_network).
          returned: success, when it is set
          type: bool
          sample: false
    icon:
      description: See O(community.dokploy.dokploy_compose#module:icon).
      type: str
      sample: data:image/svg+xml;base64,PHN2Zy8+
    domains:
      description: Its domains.
      type: list
      elements: dict
      contains:
        domain_id:
          description: ID of the domain.
          type: str
          sample: t5NbVc8xZa1SdFg3HjKlQ
        host:
          description: See O(community.dokploy.dokploy_compose#module:domains[].host).
          type: str
          sample: shop.example.com
        service:
          description: See O(community.dokploy.dokploy_compose#module:domains[].service).
          type: str
          sample: web
        path:
          description: See O(community.dokploy.dokploy_compose#module:domains[].path).
          type: str
          sample: /
        port:
          description: See O(community.dokploy.dokploy_compose#module:domains[].port).
          type: int
          sample: 3000
        https:
          description: See O(community.dokploy.dokploy_compose#module:domains[].https).
          type: bool
          sample: true
        certificate:
          description: See O(community.dokploy.dokploy_compose#module:domains[].certificate).
          type: str
          sample: letsencrypt
        certificate_resolver:
          description: See O(community.dokploy.dokploy_compose#module:domains[].certificate_resolver).
          type: str
          sample: ''
        internal_path:
          description: See O(community.dokploy.dokploy_compose#module:domains[].internal_path).
          type: str
          sample: /
        strip_path:
          description: See O(community.dokploy.dokploy_compose#module:domains[].strip_path).
          type: bool
          sample: false
        entrypoint:
          description: See O(community.dokploy.dokploy_compose#module:domains[].entrypoint).
          type: str
          sample: ''
        middlewares:
          description: See O(community.dokploy.dokploy_compose#module:domains[].middlewares).
          type: list
          elements: str
          sample:
            - compress@file
        forward_auth:
          description: See O(community.dokploy.dokploy_compose#module:domains[].forward_auth).
          type: bool
          sample: false
        enabled:
          description: See O(community.dokploy.dokploy_compose#module:domains[].enabled).
          type: bool
          sample: true
    schedules:
      description: Its schedules.
      type: list
      elements: dict
      contains:
        schedule_id:
          description: ID of the schedule.
          type: str
          sample: e4TgBy5HnUj6MkIl7OpQa
        name:
          description: See O(community.dokploy.dokploy_compose#module:schedules[].name).
          type: str
          sample: cleanup
        service:
          description: See O(community.dokploy.dokploy_compose#module:schedules[].service).
          type: str
          sample: web
        cron:
          description: See O(community.dokploy.dokploy_compose#module:schedules[].cron).
          type: str
          sample: 30 3 * * *
        command:
          description: See O(community.dokploy.dokploy_compose#module:schedules[].command).
          type: str
          sample: bin/cleanup --all
        shell:
          description: See O(community.dokploy.dokploy_compose#module:schedules[].shell).
          type: str
          sample: sh
        timezone:
          description: See O(community.dokploy.dokploy_compose#module:schedules[].timezone).
          type: str
          sample: Europe/Berlin
        description:
          description: See O(community.dokploy.dokploy_compose#module:schedules[].description).
          type: str
          sample: ''
        enabled:
          description: See O(community.dokploy.dokploy_compose#module:schedules[].enabled).
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
          description: See O(community.dokploy.dokploy_compose#module:volume_backups[].name).
          type: str
          sample: uploads
        service:
          description: See O(community.dokploy.dokploy_compose#module:volume_backups[].service).
          type: str
          sample: web
        volume:
          description: See O(community.dokploy.dokploy_compose#module:volume_backups[].volume).
          type: str
          sample: shop-uploads
        destination:
          description: See O(community.dokploy.dokploy_compose#module:volume_backups[].destination). The ID.
          type: str
          sample: acme-s3
        cron:
          description: See O(community.dokploy.dokploy_compose#module:volume_backups[].cron).
          type: str
          sample: 0 2 * * *
        prefix:
          description: See O(community.dokploy.dokploy_compose#module:volume_backups[].prefix).
          type: str
          sample: shop
        keep:
          description: See O(community.dokploy.dokploy_compose#module:volume_backups[].keep).
          type: int
          sample: 7
        stop_service:
          description: See O(community.dokploy.dokploy_compose#module:volume_backups[].stop_service).
          type: bool
          sample: false
        enabled:
          description: See O(community.dokploy.dokploy_compose#module:volume_backups[].enabled).
          type: bool
          sample: true
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
          description: See O(community.dokploy.dokploy_compose#module:backups[].destination). The ID.
          type: str
          sample: kQ4ixQTo6LwWpnNijhaTz
        prefix:
          description: See O(community.dokploy.dokploy_compose#module:backups[].prefix).
          type: str
          sample: nightly
        database_name:
          description: See O(community.dokploy.dokploy_compose#module:backups[].database_name).
          type: str
          sample: shop
        service:
          description: See O(community.dokploy.dokploy_compose#module:backups[].service).
          type: str
          sample: db
        database_type:
          description: See O(community.dokploy.dokploy_compose#module:backups[].database_type).
          type: str
          sample: postgres
        postgres:
          description: See O(community.dokploy.dokploy_compose#module:backups[].postgres). Null if it does not apply.
          type: dict
          contains:
            user:
              description: See O(community.dokploy.dokploy_compose#module:backups[].postgres.user).
              returned: success, when it is set
              type: str
              sample: shop
        mysql:
          description: See O(community.dokploy.dokploy_compose#module:backups[].mysql). Null if it does not apply.
          returned: O(include_secrets=true)
          type: dict
          contains:
            root_password:
              description: See O(community.dokploy.dokploy_compose#module:backups[].mysql.root_password).
              type: str
              sample: password-of-root
        mariadb:
          description: See O(community.dokploy.dokploy_compose#module:backups[].mariadb). Null if it does not apply.
          returned: O(include_secrets=true)
          type: dict
          contains:
            user:
              description: See O(community.dokploy.dokploy_compose#module:backups[].mariadb.user).
              returned: success, when it is set
              type: str
              sample: shop
            password:
              description: See O(community.dokploy.dokploy_compose#module:backups[].mariadb.password).
              type: str
              sample: password-of-shop
        mongo:
          description: See O(community.dokploy.dokploy_compose#module:backups[].mongo). Null if it does not apply.
          returned: O(include_secrets=true)
          type: dict
          contains:
            user:
              description: See O(community.dokploy.dokploy_compose#module:backups[].mongo.user).
              returned: success, when it is set
              type: str
              sample: shop
            password:
              description: See O(community.dokploy.dokploy_compose#module:backups[].mongo.password).
              type: str
              sample: password-of-shop
        cron:
          description: See O(community.dokploy.dokploy_compose#module:backups[].cron).
          type: str
          sample: 15 2 * * *
        keep:
          description: See O(community.dokploy.dokploy_compose#module:backups[].keep).
          type: int
          sample: 14
        enabled:
          description: See O(community.dokploy.dokploy_compose#module:backups[].enabled).
          type: bool
          sample: true
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
