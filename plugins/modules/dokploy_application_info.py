#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_application_info
short_description: List applications of Dokploy
version_added: 1.0.0
description:
  - Lists applications with their configuration, in the terms of M(community.dokploy.dokploy_application). Without any
    option, it lists all applications that the API key can access.
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
  application_id:
    description:
      - Only the application with this ID.
    type: str
  # Written by hand.
  include_secrets:
    description:
      - Whether to also return the variables, build arguments and build secrets, including those of previews, the
        password of the registry, the token of the webhook, the passwords of basic authentication and the content of
        file mounts. They are then visible in the result of the task, so use C(no_log).
    type: bool
    default: false
  include:
    description:
      - What else to return. Each choice needs requests of its own, a few for all applications together.
      - V(schedules), V(volume_backups) and V(patches) are the options of M(community.dokploy.dokploy_application).
        V(patches) needs Dokploy 0.28.0 or newer.
      - V(running) is the containers, as Docker shows them, and the commit of the last successful deployment.
      - V(images) is V(running) with the images that the containers run, and the digests under which registries have
        them. It needs four more requests at most, for all of them together.
      - V(logs) is the last lines of the log of a container. Needs Dokploy 0.29.0 or newer. To follow the log of one
        application, use M(community.dokploy.dokploy_logs_info).
      - V(traefik_config) is the file with its routers, V(monitoring) is Dokploy's measurements of its containers.
    type: list
    elements: str
    choices:
      - schedules
      - volume_backups
      - patches
      - images
      - logs
      - monitoring
      - running
      - traefik_config
    default: []
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_deployment_info
  - module: community.dokploy.dokploy_logs_info
  - module: community.dokploy.dokploy_preview_deployment_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List the applications of an environment
  community.dokploy.dokploy_application_info:
    project: shop
    environment: production
  register: production

- name: Show their status
  ansible.builtin.debug:
    msg: "{{ item.name }} is {{ item.status }}"
  loop: "{{ production.applications }}"
  loop_control:
    label: "{{ item.name }}"

- name: Show one application, including its secrets
  community.dokploy.dokploy_application_info:
    project: shop
    environment: production
    name: web
    include_secrets: true
  no_log: true
  register: web

- name: Show what runs, and the errors in the log of the last hour
  community.dokploy.dokploy_application_info:
    project: shop
    environment: production
    name: web
    include:
      - running
      - logs
    log_since: 1h
    log_search: error
  register: containers

- name: List the schedules and volume backups of all applications
  community.dokploy.dokploy_application_info:
    project: shop
    include:
      - schedules
      - volume_backups
  register: jobs

- name: Show the applications with mounts but without a volume backup
  ansible.builtin.debug:
    msg: "{{ jobs.applications | selectattr('mounts') | rejectattr('volume_backups') | map(attribute='name') }}"
"""

RETURN = r"""
applications:
  description: The applications, sorted by project, environment and name.
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
    application_id:
      description: ID of the application.
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    name:
      description: Name of the application.
      type: str
      sample: web
    description:
      description: Description of the application, V("") if there is none.
      type: str
      sample: ''
    app_name:
      description: Name of its service in Docker, with the six random characters.
      type: str
      sample: shop-web-k3f9zq
    environment_id:
      description: ID of its environment.
      type: str
      sample: Vb2n6Wk0sXq9RtYu4Lm7c
    server:
      description: See O(community.dokploy.dokploy_application#module:server). The ID.
      type: str
      sample: ''
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
      description: URL of the first enabled domain in the order of RV(applications[].domains), V("") if there is none.
      type: str
      sample: https://shop.example.com/
    source:
      description:
        - The source of the application, V(github), V(gitlab), V(bitbucket), V(gitea), V(git), V(docker) or V(drop).
          Only the key of this name is returned, or none if a new application has no source yet.
      type: str
      sample: docker
    github:
      description: See O(community.dokploy.dokploy_application#module:github). C(provider) is an ID.
      returned: when RV(applications[].source=github)
      type: dict
      sample:
        provider: gP-SkwxLQ2-co6eGjXQYQ
        owner: acme
        repository: shop
        branch: main
        build_path: /
        trigger: push
        watch_paths:
          - src/**
        submodules: false
    gitlab:
      description: See O(community.dokploy.dokploy_application#module:gitlab). C(provider) is an ID.
      returned: when RV(applications[].source=gitlab)
      type: dict
      sample:
        provider: gP-SkwxLQ2-co6eGjXQYQ
        owner: acme
        repository: shop
        branch: main
        build_path: /
        project_id: 4711
        path_namespace: acme/shop
        watch_paths:
          - src/**
        submodules: false
    bitbucket:
      description: See O(community.dokploy.dokploy_application#module:bitbucket). C(provider) is an ID.
      returned: when RV(applications[].source=bitbucket)
      type: dict
      sample:
        provider: gP-SkwxLQ2-co6eGjXQYQ
        owner: acme
        repository: shop
        branch: main
        build_path: /
        repository_slug: ''
        watch_paths:
          - src/**
        submodules: false
    gitea:
      description: See O(community.dokploy.dokploy_application#module:gitea). C(provider) is an ID.
      returned: when RV(applications[].source=gitea)
      type: dict
      sample:
        provider: gP-SkwxLQ2-co6eGjXQYQ
        owner: acme
        repository: shop
        branch: main
        build_path: /
        watch_paths:
          - src/**
        submodules: false
    git:
      description: See O(community.dokploy.dokploy_application#module:git). C(ssh_key) is an ID.
      returned: when RV(applications[].source=git)
      type: dict
      sample:
        url: git@git.example.com:acme/shop.git
        branch: main
        build_path: /
        ssh_key: Zp4WcT9nLk2sVx7QyRb1D
        watch_paths:
          - src/**
        submodules: false
    docker:
      description: See O(community.dokploy.dokploy_application#module:docker). C(password) is returned with
        O(include_secrets=true) only.
      returned: when RV(applications[].source=docker)
      type: dict
      sample:
        image: ghcr.io/acme/shop:1.4.2
        registry_url: ghcr.io
        username: acme-deploy
        password: token-of-the-registry
    drop:
      description: See O(community.dokploy.dokploy_application#module:drop).
      returned: when RV(applications[].source=drop)
      type: dict
      sample:
        build_path: ''
    build:
      description: See O(community.dokploy.dokploy_application#module:build). C(server) and C(registry) are IDs.
      type: dict
      sample:
        type: dockerfile
        dockerfile: Dockerfile
        context: .
        target: runtime
        heroku_version: '24'
        railpack_version: 0.15.4
        publish_directory: ''
        static_spa: false
        server: fLdjvz_GFr-f4uCHC9Vc3
        registry: Xq3TnV7bKp0sLw9RyEj2M
    env:
      description: The variables, by name, as Dokploy parses them.
      returned: O(include_secrets=true)
      type: dict
      sample:
        NODE_ENV: production
    build_args:
      description: The build arguments, by name, as Dokploy parses them.
      returned: O(include_secrets=true)
      type: dict
      sample:
        NODE_VERSION: '22'
    build_secrets:
      description: The build secrets, by name, as Dokploy parses them.
      returned: O(include_secrets=true)
      type: dict
      sample:
        NPM_TOKEN: token-of-npm
    create_env_file:
      description: See O(community.dokploy.dokploy_application#module:create_env_file).
      type: bool
      sample: true
    auto_deploy:
      description: See O(community.dokploy.dokploy_application#module:auto_deploy).
      type: bool
      sample: true
    clean_cache:
      description: See O(community.dokploy.dokploy_application#module:clean_cache).
      type: bool
      sample: false
    replicas:
      description: See O(community.dokploy.dokploy_application#module:replicas).
      type: int
      sample: 2
    command:
      description: See O(community.dokploy.dokploy_application#module:command).
      type: str
      sample: ''
    args:
      description: See O(community.dokploy.dokploy_application#module:args).
      type: list
      elements: str
      sample:
        - --port=3000
    memory_limit:
      description: See O(community.dokploy.dokploy_application#module:memory_limit).
      type: str
      sample: 512M
    memory_reservation:
      description: See O(community.dokploy.dokploy_application#module:memory_reservation).
      type: str
      sample: 256M
    cpu_limit:
      description: See O(community.dokploy.dokploy_application#module:cpu_limit).
      type: str
      sample: '1.5'
    cpu_reservation:
      description: See O(community.dokploy.dokploy_application#module:cpu_reservation).
      type: str
      sample: '0.25'
    healthcheck:
      description: See O(community.dokploy.dokploy_application#module:healthcheck). V({}) if it is not set.
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
      description: See O(community.dokploy.dokploy_application#module:restart_policy). V({}) if it is not set.
      type: dict
      sample:
        condition: on-failure
        delay: 10s
        max_attempts: 5
        window: 2m
    placement:
      description: See O(community.dokploy.dokploy_application#module:placement). V({}) if it is not set.
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
      description: See O(community.dokploy.dokploy_application#module:update_config). V({}) if it is not set.
      type: dict
      sample:
        parallelism: 1
        delay: 10s
        failure_action: rollback
        monitor: 30s
        max_failure_ratio: 0.25
        order: start-first
    rollback_config:
      description: See O(community.dokploy.dokploy_application#module:rollback_config). V({}) if it is not set.
      type: dict
      sample:
        parallelism: 1
        delay: 10s
        failure_action: pause
        monitor: 30s
        max_failure_ratio: 0.25
        order: start-first
    mode:
      description: See O(community.dokploy.dokploy_application#module:mode). V({}) if it is not set.
      type: dict
      sample:
        type: replicated
        replicas: 2
    labels:
      description: See O(community.dokploy.dokploy_application#module:labels).
      type: dict
      sample:
        com.example.team: shop
    network_attachments:
      description: See O(community.dokploy.dokploy_application#module:network_attachments).
      type: list
      elements: dict
      sample:
        - target: dokploy-network
          aliases:
            - shop
          driver_opts:
            com.example.option: '1'
    stop_grace_period:
      description: See O(community.dokploy.dokploy_application#module:stop_grace_period).
      type: str
      sample: 30s
    endpoint_spec:
      description: See O(community.dokploy.dokploy_application#module:endpoint_spec). V({}) if it is not set.
      type: dict
      sample:
        mode: vip
        ports:
          - target_port: 53
            published_port: 5353
            protocol: udp
            publish_mode: host
    ulimits:
      description: See O(community.dokploy.dokploy_application#module:ulimits).
      type: list
      elements: dict
      sample:
        - name: nofile
          soft: 65536
          hard: 65536
    networks:
      description: See O(community.dokploy.dokploy_application#module:networks). The IDs.
      type: list
      elements: str
      sample:
        - p5NGUUpYVB2x2BYRenZeY
    detach_dokploy_network:
      description: See O(community.dokploy.dokploy_application#module:detach_dokploy_network).
      type: bool
      sample: false
    registry:
      description: See O(community.dokploy.dokploy_application#module:registry). The ID.
      type: str
      sample: Xq3TnV7bKp0sLw9RyEj2M
    rollback:
      description: See O(community.dokploy.dokploy_application#module:rollback). C(registry) is an ID.
      type: dict
      sample:
        enabled: true
        registry: Xq3TnV7bKp0sLw9RyEj2M
    preview:
      description: See O(community.dokploy.dokploy_application#module:preview). C(env), C(build_args) and
        C(build_secrets) are returned with O(include_secrets=true) only.
      type: dict
      sample:
        enabled: true
        wildcard: '*.preview.example.com'
        port: 3000
        path: /
        https: true
        certificate: letsencrypt
        certificate_resolver: ''
        limit: 3
        labels:
          - preview
        require_collaborator: true
        env:
          NODE_ENV: preview
        build_args:
          NODE_VERSION: '22'
        build_secrets:
          NPM_TOKEN: token-of-npm
    icon:
      description: See O(community.dokploy.dokploy_application#module:icon).
      type: str
      sample: data:image/svg+xml;base64,PHN2Zy8+
    webhook_token:
      description: See O(community.dokploy.dokploy_application#module:webhook_token).
      returned: O(include_secrets=true)
      type: str
      sample: token-of-the-webhook
    domains:
      description: See O(community.dokploy.dokploy_application#module:domains). Sorted by C(host) and C(path), each with
        its C(domain_id).
      type: list
      elements: dict
      sample:
        - domain_id: t5NbVc8xZa1SdFg3HjKlQ
          host: shop.example.com
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
    mounts:
      description: See O(community.dokploy.dokploy_application#module:mounts). Sorted by C(path), each with its
        C(mount_id). C(content) is returned with O(include_secrets=true) only.
      type: list
      elements: dict
      sample:
        - mount_id: p0OiUy7TrEw6QaSdF5gHj
          path: /app/uploads
          type: volume
          name: shop-uploads
          host_path: ''
          file_path: ''
          content: requests_per_minute = 600
    ports:
      description: See O(community.dokploy.dokploy_application#module:ports). Sorted by C(published_port) and
        C(protocol), each with its C(port_id).
      type: list
      elements: dict
      sample:
        - port_id: b7UyTr3EwQ9zXcVb1NmLk
          published_port: 8025
          protocol: tcp
          target_port: 25
          publish_mode: ingress
    redirects:
      description: See O(community.dokploy.dokploy_application#module:redirects). Sorted by C(regex), each with its
        C(redirect_id).
      type: list
      elements: dict
      sample:
        - redirect_id: c2WsXe4DcRf5VtGb6YhNj
          regex: ^https?://www\.example\.com/(.*)
          replacement: https://example.com/${1}
          permanent: true
    basic_auth:
      description: See O(community.dokploy.dokploy_application#module:basic_auth). Sorted by C(username), each with its
        C(basic_auth_id). C(password) is returned with O(include_secrets=true) only.
      type: list
      elements: dict
      sample:
        - basic_auth_id: d8IkOl9PqAz1WsXe2DcRf
          username: staff
          password: password-of-staff
    schedules:
      description: See O(community.dokploy.dokploy_application#module:schedules). Sorted by C(name), each with its
        C(schedule_id).
      type: list
      elements: dict
      sample:
        - schedule_id: e4TgBy5HnUj6MkIl7OpQa
          name: cleanup
          command: bin/cleanup --all
          shell: sh
          cron: 30 3 * * *
          timezone: Europe/Berlin
          description: ''
          enabled: true
    volume_backups:
      description: See O(community.dokploy.dokploy_application#module:volume_backups). Sorted by C(name), each with its
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
          stop_service: false
          enabled: true
    patches:
      description: See O(community.dokploy.dokploy_application#module:patches). Sorted by C(path), each with its
        C(patch_id).
      type: list
      elements: dict
      sample:
        - patch_id: g6YnUj7MiKo8LpQa9WsEd
          path: config/production.json
          type: update
          content: |
            {"debug": false}
          enabled: true
    running:
      description:
        - The containers of the application, as RV(community.dokploy.dokploy_application#module:running).
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
          - image: nginx:1.29
            image_id: sha256:5b6e07b3bc8b2b9bd7d0d4a1b8f9b8c77b0c5b6b6e1e9a7c8d0f5a7e3c1d2b4a
            digest: nginx@sha256:4ad0c6b2e9c1a5d8f7b3e2a1908f6d5c4b3a29181706f5e4d3c2b1a09f8e7d6c
        commit: 6d1f2c8a90be7f3154a0c9d2e8b7a6f5c4d3e2b1
    logs:
      description:
        - The last lines of the log of one of its containers, with the values of its variables masked. Empty if nothing
          runs, or if no line contains O(log_search).
      returned: when O(include) has V(logs)
      type: list
      elements: str
      sample:
        - listening on port 3000
    traefik_config:
      description:
        - The file with its routers, as Traefik reads it. Null if Dokploy has not written one.
        - Passwords in it are masked unless O(include_secrets=true).
      returned: when O(include) has V(traefik_config)
      type: str
      sample: |
        http:
          routers:
            shop-web-k3f9zq-router-1:
              rule: Host(`shop.example.com`)
    monitoring:
      description:
        - Dokploy's measurements of its containers, as the API returns them, in the lists C(cpu), C(memory), C(disk),
          C(network) and C(block), which are empty without monitoring. Null if nothing runs, and in Dokploy Cloud.
      returned: when O(include) has V(monitoring)
      type: dict
      sample:
        cpu:
          - value: 0.41%
            time: '2026-03-14T09:26:53.589Z'
        memory: []
        disk: []
        network: []
        block: []
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import INFO_OPERATION


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
