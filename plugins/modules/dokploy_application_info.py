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
  application_id:
    description:
      - Only the application with this ID.
    type: str
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
      - V(running) is the containers, as Docker shows them.
      - V(logs) is the last lines of the log of a container. Needs Dokploy 0.29.0 or newer. To follow the log of one
        application, use M(community.dokploy.dokploy_logs_info).
      - V(traefik_config) is the file with its routers, V(monitoring) is Dokploy's measurements of its containers.
    type: list
    elements: str
    choices:
      - schedules
      - volume_backups
      - patches
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
    source:
      description:
        - The source of the application, V(github), V(gitlab), V(bitbucket), V(gitea), V(git), V(docker) or V(drop).
          Only the key of this name is returned, or none if a new application has no source yet.
      type: str
      sample: docker
    github:
      description: See O(community.dokploy.dokploy_application#module:github).
      returned: when RV(applications[].source=github)
      type: dict
      contains:
        provider:
          description: See O(community.dokploy.dokploy_application#module:github.provider). The ID.
          type: str
          sample: acme-github
        owner:
          description: See O(community.dokploy.dokploy_application#module:github.owner).
          type: str
          sample: acme
        repository:
          description: See O(community.dokploy.dokploy_application#module:github.repository).
          type: str
          sample: shop
        branch:
          description: See O(community.dokploy.dokploy_application#module:github.branch).
          type: str
          sample: main
        build_path:
          description: See O(community.dokploy.dokploy_application#module:github.build_path).
          type: str
          sample: /
        trigger:
          description: See O(community.dokploy.dokploy_application#module:github.trigger).
          type: str
          sample: push
        watch_paths:
          description: See O(community.dokploy.dokploy_application#module:github.watch_paths).
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(community.dokploy.dokploy_application#module:github.submodules).
          type: bool
          sample: false
    gitlab:
      description: See O(community.dokploy.dokploy_application#module:gitlab).
      returned: when RV(applications[].source=gitlab)
      type: dict
      contains:
        provider:
          description: See O(community.dokploy.dokploy_application#module:gitlab.provider). The ID.
          type: str
          sample: acme-gitlab
        owner:
          description: See O(community.dokploy.dokploy_application#module:gitlab.owner).
          type: str
          sample: acme
        repository:
          description: See O(community.dokploy.dokploy_application#module:gitlab.repository).
          type: str
          sample: shop
        branch:
          description: See O(community.dokploy.dokploy_application#module:gitlab.branch).
          type: str
          sample: main
        build_path:
          description: See O(community.dokploy.dokploy_application#module:gitlab.build_path).
          type: str
          sample: /
        project_id:
          description: See O(community.dokploy.dokploy_application#module:gitlab.project_id).
          type: int
          sample: 4711
        path_namespace:
          description: See O(community.dokploy.dokploy_application#module:gitlab.path_namespace).
          type: str
          sample: acme/shop
        watch_paths:
          description: See O(community.dokploy.dokploy_application#module:gitlab.watch_paths).
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(community.dokploy.dokploy_application#module:gitlab.submodules).
          type: bool
          sample: false
    bitbucket:
      description: See O(community.dokploy.dokploy_application#module:bitbucket).
      returned: when RV(applications[].source=bitbucket)
      type: dict
      contains:
        provider:
          description: See O(community.dokploy.dokploy_application#module:bitbucket.provider). The ID.
          type: str
          sample: acme-bitbucket
        owner:
          description: See O(community.dokploy.dokploy_application#module:bitbucket.owner).
          type: str
          sample: acme
        repository:
          description: See O(community.dokploy.dokploy_application#module:bitbucket.repository).
          type: str
          sample: shop
        branch:
          description: See O(community.dokploy.dokploy_application#module:bitbucket.branch).
          type: str
          sample: main
        build_path:
          description: See O(community.dokploy.dokploy_application#module:bitbucket.build_path).
          type: str
          sample: /
        repository_slug:
          description: See O(community.dokploy.dokploy_application#module:bitbucket.repository_slug).
          type: str
          sample: ''
        watch_paths:
          description: See O(community.dokploy.dokploy_application#module:bitbucket.watch_paths).
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(community.dokploy.dokploy_application#module:bitbucket.submodules).
          type: bool
          sample: false
    gitea:
      description: See O(community.dokploy.dokploy_application#module:gitea).
      returned: when RV(applications[].source=gitea)
      type: dict
      contains:
        provider:
          description: See O(community.dokploy.dokploy_application#module:gitea.provider). The ID.
          type: str
          sample: acme-gitea
        owner:
          description: See O(community.dokploy.dokploy_application#module:gitea.owner).
          type: str
          sample: acme
        repository:
          description: See O(community.dokploy.dokploy_application#module:gitea.repository).
          type: str
          sample: shop
        branch:
          description: See O(community.dokploy.dokploy_application#module:gitea.branch).
          type: str
          sample: main
        build_path:
          description: See O(community.dokploy.dokploy_application#module:gitea.build_path).
          type: str
          sample: /
        watch_paths:
          description: See O(community.dokploy.dokploy_application#module:gitea.watch_paths).
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(community.dokploy.dokploy_application#module:gitea.submodules).
          type: bool
          sample: false
    git:
      description: See O(community.dokploy.dokploy_application#module:git).
      returned: when RV(applications[].source=git)
      type: dict
      contains:
        url:
          description: See O(community.dokploy.dokploy_application#module:git.url).
          type: str
          sample: git@git.example.com:acme/shop.git
        branch:
          description: See O(community.dokploy.dokploy_application#module:git.branch).
          type: str
          sample: main
        build_path:
          description: See O(community.dokploy.dokploy_application#module:git.build_path).
          type: str
          sample: /
        ssh_key:
          description: See O(community.dokploy.dokploy_application#module:git.ssh_key). The ID.
          type: str
          sample: deploy
        watch_paths:
          description: See O(community.dokploy.dokploy_application#module:git.watch_paths).
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(community.dokploy.dokploy_application#module:git.submodules).
          type: bool
          sample: false
    docker:
      description: See O(community.dokploy.dokploy_application#module:docker).
      returned: when RV(applications[].source=docker)
      type: dict
      contains:
        image:
          description: See O(community.dokploy.dokploy_application#module:docker.image).
          type: str
          sample: ghcr.io/acme/shop:1.4.2
        registry_url:
          description: See O(community.dokploy.dokploy_application#module:docker.registry_url).
          type: str
          sample: ghcr.io
        username:
          description: See O(community.dokploy.dokploy_application#module:docker.username).
          type: str
          sample: acme-deploy
        password:
          description: See O(community.dokploy.dokploy_application#module:docker.password).
          returned: O(include_secrets=true)
          type: str
          sample: token-of-the-registry
    drop:
      description: See O(community.dokploy.dokploy_application#module:drop).
      returned: when RV(applications[].source=drop)
      type: dict
      contains:
        build_path:
          description: See O(community.dokploy.dokploy_application#module:drop.build_path).
          type: str
          sample: ''
    build:
      description: See O(community.dokploy.dokploy_application#module:build).
      type: dict
      contains:
        type:
          description: See O(community.dokploy.dokploy_application#module:build.type).
          type: str
          sample: dockerfile
        dockerfile:
          description: See O(community.dokploy.dokploy_application#module:build.dockerfile).
          type: str
          sample: Dockerfile
        context:
          description: See O(community.dokploy.dokploy_application#module:build.context).
          type: str
          sample: .
        target:
          description: See O(community.dokploy.dokploy_application#module:build.target).
          type: str
          sample: runtime
        heroku_version:
          description: See O(community.dokploy.dokploy_application#module:build.heroku_version).
          type: str
          sample: '24'
        railpack_version:
          description: See O(community.dokploy.dokploy_application#module:build.railpack_version).
          type: str
          sample: 0.15.4
        publish_directory:
          description: See O(community.dokploy.dokploy_application#module:build.publish_directory).
          type: str
          sample: ''
        static_spa:
          description: See O(community.dokploy.dokploy_application#module:build.static_spa).
          type: bool
          sample: false
        server:
          description: See O(community.dokploy.dokploy_application#module:build.server). The ID.
          type: str
          sample: builder-1
        registry:
          description: See O(community.dokploy.dokploy_application#module:build.registry). The ID.
          type: str
          sample: acme-registry
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
      contains:
        test:
          description: See O(community.dokploy.dokploy_application#module:healthcheck.test).
          returned: success, when it is set
          type: list
          elements: str
          sample:
            - CMD-SHELL
            - curl -f http://localhost:3000/health || exit 1
        interval:
          description: See O(community.dokploy.dokploy_application#module:healthcheck.interval).
          returned: success, when it is set
          type: str
          sample: 30s
        timeout:
          description: See O(community.dokploy.dokploy_application#module:healthcheck.timeout).
          returned: success, when it is set
          type: str
          sample: 5s
        start_period:
          description: See O(community.dokploy.dokploy_application#module:healthcheck.start_period).
          returned: success, when it is set
          type: str
          sample: 1m
        retries:
          description: See O(community.dokploy.dokploy_application#module:healthcheck.retries).
          returned: success, when it is set
          type: int
          sample: 3
    restart_policy:
      description: See O(community.dokploy.dokploy_application#module:restart_policy). V({}) if it is not set.
      type: dict
      contains:
        condition:
          description: See O(community.dokploy.dokploy_application#module:restart_policy.condition).
          returned: success, when it is set
          type: str
          sample: on-failure
        delay:
          description: See O(community.dokploy.dokploy_application#module:restart_policy.delay).
          returned: success, when it is set
          type: str
          sample: 10s
        max_attempts:
          description: See O(community.dokploy.dokploy_application#module:restart_policy.max_attempts).
          returned: success, when it is set
          type: int
          sample: 5
        window:
          description: See O(community.dokploy.dokploy_application#module:restart_policy.window).
          returned: success, when it is set
          type: str
          sample: 2m
    placement:
      description: See O(community.dokploy.dokploy_application#module:placement). V({}) if it is not set.
      type: dict
      contains:
        constraints:
          description: See O(community.dokploy.dokploy_application#module:placement.constraints).
          returned: success, when it is set
          type: list
          elements: str
          sample:
            - node.role==worker
        preferences:
          description: See O(community.dokploy.dokploy_application#module:placement.preferences).
          returned: success, when it is set
          type: list
          elements: dict
          contains:
            spread:
              description: See O(community.dokploy.dokploy_application#module:placement.preferences[].spread).
              type: str
              sample: node.labels.zone
        max_replicas:
          description: See O(community.dokploy.dokploy_application#module:placement.max_replicas).
          returned: success, when it is set
          type: int
          sample: 2
        platforms:
          description: See O(community.dokploy.dokploy_application#module:placement.platforms).
          returned: success, when it is set
          type: list
          elements: dict
          contains:
            architecture:
              description: See O(community.dokploy.dokploy_application#module:placement.platforms[].architecture).
              type: str
              sample: x86_64
            os:
              description: See O(community.dokploy.dokploy_application#module:placement.platforms[].os).
              type: str
              sample: linux
    update_config:
      description: See O(community.dokploy.dokploy_application#module:update_config). V({}) if it is not set.
      type: dict
      contains:
        parallelism:
          description: See O(community.dokploy.dokploy_application#module:update_config.parallelism).
          returned: success, when it is set
          type: int
          sample: 1
        delay:
          description: See O(community.dokploy.dokploy_application#module:update_config.delay).
          returned: success, when it is set
          type: str
          sample: 10s
        failure_action:
          description: See O(community.dokploy.dokploy_application#module:update_config.failure_action).
          returned: success, when it is set
          type: str
          sample: rollback
        monitor:
          description: See O(community.dokploy.dokploy_application#module:update_config.monitor).
          returned: success, when it is set
          type: str
          sample: 30s
        max_failure_ratio:
          description: See O(community.dokploy.dokploy_application#module:update_config.max_failure_ratio).
          returned: success, when it is set
          type: float
          sample: 0.25
        order:
          description: See O(community.dokploy.dokploy_application#module:update_config.order).
          returned: success, when it is set
          type: str
          sample: start-first
    rollback_config:
      description: See O(community.dokploy.dokploy_application#module:rollback_config). V({}) if it is not set.
      type: dict
      contains:
        parallelism:
          description: See O(community.dokploy.dokploy_application#module:rollback_config.parallelism).
          returned: success, when it is set
          type: int
          sample: 1
        delay:
          description: See O(community.dokploy.dokploy_application#module:rollback_config.delay).
          returned: success, when it is set
          type: str
          sample: 10s
        failure_action:
          description: See O(community.dokploy.dokploy_application#module:rollback_config.failure_action).
          returned: success, when it is set
          type: str
          sample: pause
        monitor:
          description: See O(community.dokploy.dokploy_application#module:rollback_config.monitor).
          returned: success, when it is set
          type: str
          sample: 30s
        max_failure_ratio:
          description: See O(community.dokploy.dokploy_application#module:rollback_config.max_failure_ratio).
          returned: success, when it is set
          type: float
          sample: 0.25
        order:
          description: See O(community.dokploy.dokploy_application#module:rollback_config.order).
          returned: success, when it is set
          type: str
          sample: start-first
    mode:
      description: See O(community.dokploy.dokploy_application#module:mode). V({}) if it is not set.
      type: dict
      contains:
        type:
          description: See O(community.dokploy.dokploy_application#module:mode.type).
          returned: success, when it is set
          type: str
          sample: replicated
        replicas:
          description: See O(community.dokploy.dokploy_application#module:mode.replicas).
          returned: success, when it is set
          type: int
          sample: 2
        max_concurrent:
          description: See O(community.dokploy.dokploy_application#module:mode.max_concurrent).
          returned: success, when it is set
          type: int
          sample: 2
        total_completions:
          description: See O(community.dokploy.dokploy_application#module:mode.total_completions).
          returned: success, when it is set
          type: int
          sample: 10
    labels:
      description: See O(community.dokploy.dokploy_application#module:labels).
      type: dict
      sample:
        com.example.team: shop
    network_attachments:
      description: See O(community.dokploy.dokploy_application#module:network_attachments).
      type: list
      elements: dict
      contains:
        target:
          description: See O(community.dokploy.dokploy_application#module:network_attachments[].target).
          returned: success, when it is set
          type: str
          sample: dokploy-network
        aliases:
          description: See O(community.dokploy.dokploy_application#module:network_attachments[].aliases).
          returned: success, when it is set
          type: list
          elements: str
          sample:
            - shop
        driver_opts:
          description: See O(community.dokploy.dokploy_application#module:network_attachments[].driver_opts).
          returned: success, when it is set
          type: dict
          sample:
            com.example.option: '1'
    stop_grace_period:
      description: See O(community.dokploy.dokploy_application#module:stop_grace_period).
      type: str
      sample: 30s
    endpoint_spec:
      description: See O(community.dokploy.dokploy_application#module:endpoint_spec). V({}) if it is not set.
      type: dict
      contains:
        mode:
          description: See O(community.dokploy.dokploy_application#module:endpoint_spec.mode).
          returned: success, when it is set
          type: str
          sample: vip
        ports:
          description: See O(community.dokploy.dokploy_application#module:endpoint_spec.ports).
          returned: success, when it is set
          type: list
          elements: dict
          contains:
            target_port:
              description: See O(community.dokploy.dokploy_application#module:endpoint_spec.ports[].target_port).
              type: int
              sample: 53
            published_port:
              description: See O(community.dokploy.dokploy_application#module:endpoint_spec.ports[].published_port).
              type: int
              sample: 5353
            protocol:
              description: See O(community.dokploy.dokploy_application#module:endpoint_spec.ports[].protocol).
              type: str
              sample: udp
            publish_mode:
              description: See O(community.dokploy.dokploy_application#module:endpoint_spec.ports[].publish_mode).
              type: str
              sample: host
    ulimits:
      description: See O(community.dokploy.dokploy_application#module:ulimits).
      type: list
      elements: dict
      contains:
        name:
          description: See O(community.dokploy.dokploy_application#module:ulimits[].name).
          returned: success, when it is set
          type: str
          sample: nofile
        soft:
          description: See O(community.dokploy.dokploy_application#module:ulimits[].soft).
          returned: success, when it is set
          type: int
          sample: 65536
        hard:
          description: See O(community.dokploy.dokploy_application#module:ulimits[].hard).
          returned: success, when it is set
          type: int
          sample: 65536
    networks:
      description: See O(community.dokploy.dokploy_application#module:networks). The IDs.
      type: list
      elements: str
      sample:
        - shop-internal
    detach_dokploy_network:
      description: See O(community.dokploy.dokploy_application#module:detach_dokploy_network).
      type: bool
      sample: false
    registry:
      description: See O(community.dokploy.dokploy_application#module:registry). The ID.
      type: str
      sample: acme-registry
    rollback:
      description: See O(community.dokploy.dokploy_application#module:rollback).
      type: dict
      contains:
        enabled:
          description: See O(community.dokploy.dokploy_application#module:rollback.enabled).
          type: bool
          sample: true
        registry:
          description: See O(community.dokploy.dokploy_application#module:rollback.registry). The ID.
          type: str
          sample: acme-registry
    preview:
      description: See O(community.dokploy.dokploy_application#module:preview).
      type: dict
      contains:
        enabled:
          description: See O(community.dokploy.dokploy_application#module:preview.enabled).
          type: bool
          sample: true
        wildcard:
          description: See O(community.dokploy.dokploy_application#module:preview.wildcard).
          type: str
          sample: '*.preview.example.com'
        port:
          description: See O(community.dokploy.dokploy_application#module:preview.port).
          type: int
          sample: 3000
        path:
          description: See O(community.dokploy.dokploy_application#module:preview.path).
          type: str
          sample: /
        https:
          description: See O(community.dokploy.dokploy_application#module:preview.https).
          type: bool
          sample: true
        certificate:
          description: See O(community.dokploy.dokploy_application#module:preview.certificate).
          type: str
          sample: letsencrypt
        certificate_resolver:
          description: See O(community.dokploy.dokploy_application#module:preview.certificate_resolver).
          type: str
          sample: ''
        limit:
          description: See O(community.dokploy.dokploy_application#module:preview.limit).
          type: int
          sample: 3
        labels:
          description: See O(community.dokploy.dokploy_application#module:preview.labels).
          type: list
          elements: str
          sample:
            - preview
        require_collaborator:
          description: See O(community.dokploy.dokploy_application#module:preview.require_collaborator).
          type: bool
          sample: true
        env:
          description: The variables of previews, by name, as Dokploy parses them.
          returned: O(include_secrets=true)
          type: dict
          sample:
            NODE_ENV: preview
        build_args:
          description: The build arguments of previews, by name, as Dokploy parses them.
          returned: O(include_secrets=true)
          type: dict
          sample:
            NODE_VERSION: '22'
        build_secrets:
          description: The build secrets of previews, by name, as Dokploy parses them.
          returned: O(include_secrets=true)
          type: dict
          sample:
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
      description: Its domains, by host and path.
      type: list
      elements: dict
      contains:
        domain_id:
          description: ID of the domain.
          type: str
          sample: t5NbVc8xZa1SdFg3HjKlQ
        host:
          description: See O(community.dokploy.dokploy_application#module:domains[].host).
          type: str
          sample: shop.example.com
        path:
          description: See O(community.dokploy.dokploy_application#module:domains[].path).
          type: str
          sample: /
        port:
          description: See O(community.dokploy.dokploy_application#module:domains[].port).
          type: int
          sample: 3000
        https:
          description: See O(community.dokploy.dokploy_application#module:domains[].https).
          type: bool
          sample: true
        certificate:
          description: See O(community.dokploy.dokploy_application#module:domains[].certificate).
          type: str
          sample: letsencrypt
        certificate_resolver:
          description: See O(community.dokploy.dokploy_application#module:domains[].certificate_resolver).
          type: str
          sample: ''
        internal_path:
          description: See O(community.dokploy.dokploy_application#module:domains[].internal_path).
          type: str
          sample: /
        strip_path:
          description: See O(community.dokploy.dokploy_application#module:domains[].strip_path).
          type: bool
          sample: false
        entrypoint:
          description: See O(community.dokploy.dokploy_application#module:domains[].entrypoint).
          type: str
          sample: ''
        middlewares:
          description: See O(community.dokploy.dokploy_application#module:domains[].middlewares).
          type: list
          elements: str
          sample:
            - compress@file
        forward_auth:
          description: See O(community.dokploy.dokploy_application#module:domains[].forward_auth).
          type: bool
          sample: false
        enabled:
          description: See O(community.dokploy.dokploy_application#module:domains[].enabled).
          type: bool
          sample: true
    mounts:
      description: Its mounts, by path.
      type: list
      elements: dict
      contains:
        mount_id:
          description: ID of the mount.
          type: str
          sample: p0OiUy7TrEw6QaSdF5gHj
        path:
          description: See O(community.dokploy.dokploy_application#module:mounts[].path).
          type: str
          sample: /app/uploads
        type:
          description: See O(community.dokploy.dokploy_application#module:mounts[].type).
          type: str
          sample: volume
        name:
          description: See O(community.dokploy.dokploy_application#module:mounts[].name).
          type: str
          sample: shop-uploads
        host_path:
          description: See O(community.dokploy.dokploy_application#module:mounts[].host_path).
          type: str
          sample: ''
        file_path:
          description: See O(community.dokploy.dokploy_application#module:mounts[].file_path).
          type: str
          sample: ''
        content:
          description: See O(community.dokploy.dokploy_application#module:mounts[].content).
          returned: O(include_secrets=true)
          type: str
          sample: requests_per_minute = 600
    ports:
      description: Its ports, by published port and protocol.
      type: list
      elements: dict
      contains:
        port_id:
          description: ID of the port.
          type: str
          sample: b7UyTr3EwQ9zXcVb1NmLk
        published_port:
          description: See O(community.dokploy.dokploy_application#module:ports[].published_port).
          type: int
          sample: 8025
        protocol:
          description: See O(community.dokploy.dokploy_application#module:ports[].protocol).
          type: str
          sample: tcp
        target_port:
          description: See O(community.dokploy.dokploy_application#module:ports[].target_port).
          type: int
          sample: 25
        publish_mode:
          description: See O(community.dokploy.dokploy_application#module:ports[].publish_mode).
          type: str
          sample: ingress
    redirects:
      description: Its redirects, by regular expression.
      type: list
      elements: dict
      contains:
        redirect_id:
          description: ID of the redirect.
          type: str
          sample: c2WsXe4DcRf5VtGb6YhNj
        regex:
          description: See O(community.dokploy.dokploy_application#module:redirects[].regex).
          type: str
          sample: ^https?://www\.example\.com/(.*)
        replacement:
          description: See O(community.dokploy.dokploy_application#module:redirects[].replacement).
          type: str
          sample: https://example.com/${1}
        permanent:
          description: See O(community.dokploy.dokploy_application#module:redirects[].permanent).
          type: bool
          sample: true
    basic_auth:
      description: Its users, by name.
      type: list
      elements: dict
      contains:
        basic_auth_id:
          description: ID of the user.
          type: str
          sample: d8IkOl9PqAz1WsXe2DcRf
        username:
          description: See O(community.dokploy.dokploy_application#module:basic_auth[].username).
          type: str
          sample: staff
        password:
          description: See O(community.dokploy.dokploy_application#module:basic_auth[].password).
          returned: O(include_secrets=true)
          type: str
          sample: password-of-staff
    schedules:
      description: Its schedules, by name.
      returned: when O(include) has V(schedules)
      type: list
      elements: dict
      contains:
        schedule_id:
          description: ID of the schedule.
          type: str
          sample: e4TgBy5HnUj6MkIl7OpQa
        name:
          description: See O(community.dokploy.dokploy_application#module:schedules[].name).
          type: str
          sample: cleanup
        cron:
          description: See O(community.dokploy.dokploy_application#module:schedules[].cron).
          type: str
          sample: 30 3 * * *
        command:
          description: See O(community.dokploy.dokploy_application#module:schedules[].command).
          type: str
          sample: bin/cleanup --all
        shell:
          description: See O(community.dokploy.dokploy_application#module:schedules[].shell).
          type: str
          sample: sh
        timezone:
          description: See O(community.dokploy.dokploy_application#module:schedules[].timezone).
          type: str
          sample: Europe/Berlin
        description:
          description: See O(community.dokploy.dokploy_application#module:schedules[].description).
          type: str
          sample: ''
        enabled:
          description: See O(community.dokploy.dokploy_application#module:schedules[].enabled).
          type: bool
          sample: true
    volume_backups:
      description: Its volume backups, by name.
      returned: when O(include) has V(volume_backups)
      type: list
      elements: dict
      contains:
        volume_backup_id:
          description: ID of the volume backup.
          type: str
          sample: f1RdXw2SzAq3EcVf4TgBh
        name:
          description: See O(community.dokploy.dokploy_application#module:volume_backups[].name).
          type: str
          sample: uploads
        volume:
          description: See O(community.dokploy.dokploy_application#module:volume_backups[].volume).
          type: str
          sample: shop-uploads
        destination:
          description: See O(community.dokploy.dokploy_application#module:volume_backups[].destination). The ID.
          type: str
          sample: acme-s3
        cron:
          description: See O(community.dokploy.dokploy_application#module:volume_backups[].cron).
          type: str
          sample: 0 2 * * *
        prefix:
          description: See O(community.dokploy.dokploy_application#module:volume_backups[].prefix).
          type: str
          sample: shop
        keep:
          description: See O(community.dokploy.dokploy_application#module:volume_backups[].keep).
          type: int
          sample: 7
        stop_service:
          description: See O(community.dokploy.dokploy_application#module:volume_backups[].stop_service).
          type: bool
          sample: false
        enabled:
          description: See O(community.dokploy.dokploy_application#module:volume_backups[].enabled).
          type: bool
          sample: true
    patches:
      description: Its patches, by path.
      returned: when O(include) has V(patches)
      type: list
      elements: dict
      contains:
        patch_id:
          description: ID of the patch.
          type: str
          sample: g6YnUj7MiKo8LpQa9WsEd
        path:
          description: See O(community.dokploy.dokploy_application#module:patches[].path).
          type: str
          sample: config/production.json
        type:
          description: See O(community.dokploy.dokploy_application#module:patches[].type).
          type: str
          sample: update
        content:
          description: See O(community.dokploy.dokploy_application#module:patches[].content).
          type: str
          sample: |
            {"debug": false}
        enabled:
          description: See O(community.dokploy.dokploy_application#module:patches[].enabled).
          type: bool
          sample: true
    running:
      description: The containers of the application, as Docker shows them.
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
