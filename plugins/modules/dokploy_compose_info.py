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
  # Written by make generate, but for what is described below.
  compose_id:
    description:
      - Only the Compose stack with this ID.
    type: str
  # Written by hand.
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
      - V(running) is the containers, as Docker shows them, and the commit of the last successful deployment.
        M(community.dokploy.dokploy_logs_info) returns their logs.
      - V(images) is V(running) with the images that the containers run, and the digests under which registries have
        them. It needs four more requests at most, for all of them together.
    type: list
    elements: str
    choices:
      - schedules
      - volume_backups
      - images
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
    url:
      description: URL of the first enabled domain in the order of RV(compose_stacks[].domains), V("") if there is none.
      type: str
      sample: https://shop.example.com/
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
      description: See O(community.dokploy.dokploy_compose#module:mounts). Sorted by C(file_path), each with its
        C(mount_id). C(content) is returned with O(include_secrets=true) only.
      type: list
      elements: dict
      sample:
        - mount_id: p0OiUy7TrEw6QaSdF5gHj
          file_path: nginx/app.conf
          type: file
          content: requests_per_minute = 600
    running:
      description:
        - The containers of the stack, as RV(community.dokploy.dokploy_compose#module:running).
        - With V(images) also the images that run and their digests, as
          RV(community.dokploy.dokploy_application#module:running.images).
        - C(commit) is that of the last successful deployment. Null if its source is no repository.
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
          - service: web
            image: nginx:1.29
            image_id: sha256:5b6e07b3bc8b2b9bd7d0d4a1b8f9b8c77b0c5b6b6e1e9a7c8d0f5a7e3c1d2b4a
            digest: nginx@sha256:4ad0c6b2e9c1a5d8f7b3e2a1908f6d5c4b3a29181706f5e4d3c2b1a09f8e7d6c
        commit: 6d1f2c8a90be7f3154a0c9d2e8b7a6f5c4d3e2b1
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
      sample:
        content: |
          services:
            web:
              image: nginx:1.29
    github:
      description: See O(community.dokploy.dokploy_compose#module:github). C(provider) is an ID.
      returned: when RV(compose_stacks[].source=github)
      type: dict
      sample:
        provider: gP-SkwxLQ2-co6eGjXQYQ
        owner: acme
        repository: shop
        branch: main
        compose_path: ./docker-compose.yml
        trigger: push
        watch_paths:
          - src/**
        submodules: false
    gitlab:
      description: See O(community.dokploy.dokploy_compose#module:gitlab). C(provider) is an ID.
      returned: when RV(compose_stacks[].source=gitlab)
      type: dict
      sample:
        provider: gP-SkwxLQ2-co6eGjXQYQ
        owner: acme
        repository: shop
        branch: main
        compose_path: ./docker-compose.yml
        project_id: 4711
        path_namespace: acme/shop
        watch_paths:
          - src/**
        submodules: false
    bitbucket:
      description: See O(community.dokploy.dokploy_compose#module:bitbucket). C(provider) is an ID.
      returned: when RV(compose_stacks[].source=bitbucket)
      type: dict
      sample:
        provider: gP-SkwxLQ2-co6eGjXQYQ
        owner: acme
        repository: shop
        branch: main
        compose_path: ./docker-compose.yml
        repository_slug: ''
        watch_paths:
          - src/**
        submodules: false
    gitea:
      description: See O(community.dokploy.dokploy_compose#module:gitea). C(provider) is an ID.
      returned: when RV(compose_stacks[].source=gitea)
      type: dict
      sample:
        provider: gP-SkwxLQ2-co6eGjXQYQ
        owner: acme
        repository: shop
        branch: main
        compose_path: ./docker-compose.yml
        watch_paths:
          - src/**
        submodules: false
    git:
      description: See O(community.dokploy.dokploy_compose#module:git). C(ssh_key) is an ID.
      returned: when RV(compose_stacks[].source=git)
      type: dict
      sample:
        url: git@git.example.com:acme/shop.git
        branch: main
        compose_path: ./docker-compose.yml
        ssh_key: Zp4WcT9nLk2sVx7QyRb1D
        watch_paths:
          - src/**
        submodules: false
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
      sample:
        - service: web
          networks:
            - p5NGUUpYVB2x2BYRenZeY
          detach_dokploy_network: false
    icon:
      description: See O(community.dokploy.dokploy_compose#module:icon).
      type: str
      sample: data:image/svg+xml;base64,PHN2Zy8+
    domains:
      description: See O(community.dokploy.dokploy_compose#module:domains). Sorted by C(host) and C(path), each with its
        C(domain_id).
      type: list
      elements: dict
      sample:
        - domain_id: t5NbVc8xZa1SdFg3HjKlQ
          host: shop.example.com
          service: web
          path: /
          port: 3000
          https: true
          certificate: letsencrypt
          certificate_resolver: ''
          internal_path: /
          strip_path: false
          entrypoint: ''
          middlewares:
            - compress@file
          forward_auth: false
          enabled: true
    schedules:
      description: See O(community.dokploy.dokploy_compose#module:schedules). Sorted by C(name), each with its
        C(schedule_id).
      type: list
      elements: dict
      sample:
        - schedule_id: e4TgBy5HnUj6MkIl7OpQa
          name: cleanup
          service: web
          command: bin/cleanup --all
          shell: sh
          cron: 30 3 * * *
          timezone: Europe/Berlin
          description: ''
          enabled: true
    volume_backups:
      description: See O(community.dokploy.dokploy_compose#module:volume_backups). Sorted by C(name), each with its
        C(volume_backup_id). C(destination) is an ID.
      type: list
      elements: dict
      sample:
        - volume_backup_id: f1RdXw2SzAq3EcVf4TgBh
          name: uploads
          service: web
          volume: shop-uploads
          destination: kQ4ixQTo6LwWpnNijhaTz
          cron: 0 2 * * *
          prefix: shop
          keep: 7
          stop_service: false
          enabled: true
    backups:
      description: See O(community.dokploy.dokploy_compose#module:backups). Sorted by C(destination), C(prefix),
        C(database_name) and C(service), each with its C(backup_id). C(destination) is an ID. C(mysql), C(mariadb) and
        C(mongo) are returned with O(include_secrets=true) only.
      type: list
      elements: dict
      sample:
        - backup_id: FhIJr2fo0WBKxIPRwUPmw
          destination: kQ4ixQTo6LwWpnNijhaTz
          prefix: nightly
          database_name: shop
          service: db
          database_type: postgres
          postgres:
            user: shop
          mysql:
            root_password: password-of-root
          mariadb:
            user: shop
            password: password-of-shop
          mongo:
            user: shop
            password: password-of-shop
          cron: 15 2 * * *
          keep: 14
          enabled: true
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
