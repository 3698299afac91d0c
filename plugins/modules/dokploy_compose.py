#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_compose
short_description: Manage Compose stacks of Dokploy with their files, variables, domains and mounts
version_added: 1.0.0
description:
  - Creates, updates, moves and removes Compose stacks. A stack is a Compose file, stored in Dokploy or in a repository,
    whose services Dokploy runs with Docker Compose or in Docker Swarm.
  - Most tasks set O(project), O(environment) and O(name), a source such as O(raw), O(git), O(github) or O(template),
    and O(env) and O(domains).
  - 'A short example: C(community.dokploy.dokploy_compose: {project: shop, name: mail, raw: {definition: {services:
    {smtp: {image: "axllent/mailpit:v1.21"}}}}}).'
  - 'An option that is not set is not managed: it is neither compared nor changed. An empty value, such as V("") or
    V([]), clears the setting. A value is written only if it differs.'
  - The module writes the configuration and does not deploy. RV(deploy_needed) says whether a deployment is needed, and
    M(community.dokploy.dokploy_deployment) deploys. Each option says whether it needs a deployment or takes effect at
    once.
  - 'Each list of things inside a stack, such as O(domains) or O(mounts), is authoritative: entries that are not in it
    are removed. R(The guide to lists, ansible_collections.community.dokploy.docsite.lists) describes the modules that
    manage a single entry.'
  - What belongs to a service of the stack, such as a domain, names the service. A service that the Compose file does
    not have is refused before anything is written.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
  - community.dokploy.git_source.compose
  - community.dokploy.lists.compose
  - community.dokploy.jobs.compose
  - community.dokploy.variables
  - community.dokploy.unstated
options:
  # Written by make generate, but for what is described below.
  project:
    description:
      - Name or ID of the project. If several projects have this name, the module fails and lists their IDs.
      - Required unless O(compose_id) is set.
    type: str
  environment:
    description:
      - Name or ID of the environment in the project. The default is the default environment of the project,
        V(production).
      - With O(compose_id), the environment to move the Compose stack to. O(project) is then required unless this is an
        ID.
    type: str
  name:
    description:
      - Name of the Compose stack, 1 to 255 characters. Case is significant.
      - Dokploy does not enforce unique names. If several Compose stacks in the environment have this name, the module
        fails and lists their IDs. Select one with O(compose_id).
      - With O(compose_id), the new name.
      - One of O(name) and O(compose_id) is required.
    type: str
  compose_id:
    description:
      - ID of an existing Compose stack. Use it instead of O(project), O(environment) and O(name), or with them to move
        or rename it.
      - If it does not exist, O(state=absent) changes nothing, and other states fail.
    type: str
  # Written by hand.
  state:
    description:
      - V(present) creates the stack, or updates it where it differs.
      - V(absent) removes the stack. Its deployments in the queue are cancelled, a running deployment is waited for, and
        then its containers, domains and files are deleted. Docker volumes and their data are kept, unless
        O(delete_volumes=true).
      - V(started) ensures that the containers of the last deployment run, V(stopped) that none runs. Both look at the
        containers in Docker and act only if needed. V(started) uses the files of the last deployment, so that a changed
        configuration takes effect with a deployment only. It fails if the stack was never deployed.
      - Dokploy cannot start a stack of O(type=stack), since its stop removes it from Docker Swarm. Deploy it instead.
        There is no V(reloaded), since Dokploy has no reload of a stack.
      - With V(started) and V(stopped), only the options that select the stack and O(wait_timeout) can be set. If a
        container does not stay up, the module fails and shows the end of its log.
    type: str
    choices:
      - present
      - absent
      - started
      - stopped
    default: present
  app_name:
    description:
      - Beginning of the name of the stack in Docker, which is the name of its Docker Compose project. 1 to 63 letters,
        digits, V(.), V(_) and V(-).
      - Dokploy converts it to lower case and appends V(-) and six random characters. RV(compose.app_name) is the full
        name. For an existing stack, both forms are accepted.
      - Only used to create the stack. Another value for an existing stack is an error, since Dokploy cannot change it.
        The default is a name that Dokploy generates.
    type: str
  server:
    description:
      - Name or ID of the server that builds and runs the stack, as listed in Dokploy under B(Remote Servers). The
        default is the server that runs Dokploy.
      - Only used to create the stack. Another value for an existing stack is an error, since Dokploy cannot move a
        stack between servers.
    type: str
  type:
    description:
      - V(docker-compose) runs the file with C(docker compose) on one host, V(stack) with C(docker stack) in Docker
        Swarm. Dokploy's default is V(docker-compose).
      - Dokploy does not remove the containers of the old type. Set O(state=stopped) before you change it. The module
        warns about a stack that runs.
      - Changes need a deployment.
    type: str
    choices:
      - docker-compose
      - stack
  raw:
    description:
      - A Compose file that Dokploy stores. See O(github) for how the sources exclude each other.
      - Exactly one of O(raw.content), O(raw.src) and O(raw.definition) is needed, unless the stack has a file already.
      - Two files are compared by their content. Comments, the order of keys, quotes and line endings are not
        significant, so a change of these alone is not written. Without PyYAML on the host that runs the module, only
        line endings are not significant.
      - A file that is no valid YAML, that is no mapping, that has a key twice or that has no services is refused before
        anything is written, if PyYAML is there. On the controller it always is.
      - The file is shown in results and diffs. Set secrets in O(env), and refer to them with C(${NAME}) in the file.
      - Changes need a deployment.
    type: dict
    suboptions:
      content:
        description:
          - Text of the Compose file.
        type: str
      src:
        description:
          - The Compose file, encoded as UTF-8. Use it instead of O(raw.content).
          - With the connection plugin P(ansible.builtin.local#connection), it is a file on the controller, and a
            relative path is searched for in the folder C(files) and beside the playbook or role, as with
            M(ansible.builtin.copy). Otherwise it is a file on the host that runs the task.
        type: path
      definition:
        description:
          - The Compose file as a mapping. Use it instead of O(raw.content). It is written as YAML in the order of its
            keys. Needs PyYAML on the host that runs the module.
        type: dict
  env:
    description:
      - Environment variables. Dokploy writes them to a file C(.env) beside the Compose file, so that they reach a
        container only where the Compose file says so, with C(${NAME}) or C(env_file). With O(type=stack), only
        the first line of a variable of several lines arrives by C(env_file).
      - A mapping of names to values, or text in the format of a C(.env) file. The text is stored unchanged, with its
        comments. Values of a mapping are quoted where necessary. V(true) and V(false) become text.
      - A mapping changes the text on the server in place. Comments, blank lines and the lines of variables that do not
        change stay.
      - The values that Dokploy parses are compared. Order, comments and quotes are not significant.
      - The comment line in which M(community.dokploy.dokploy_deployment) records the last deployment is neither shown
        nor changed.
      - In a value, V(${{project.NAME}}) and V(${{environment.NAME}}) refer to variables of the project and the
        environment, V(${{NAME}}) to another variable of the stack. If a variable does not exist, the deployment fails.
      - In a playbook, such a value needs the YAML tag C(!unsafe), since Ansible otherwise takes it for a template.
      - V({}) or V("") clears all. In a mapping, null removes the variable.
      - Changes need a deployment.
      - A secret. See R(the guide to environment text, ansible_collections.community.dokploy.docsite.environment_text).
    type: raw
  create_env_file:
    description:
      - Whether to write O(env) to the file C(.env). Dokploy's default is V(true). Needs Dokploy 0.30.0 or newer.
      - Changes need a deployment.
    type: bool
  auto_deploy:
    description:
      - Whether an event of the Git provider, or a request to the stack's webhook, starts a deployment. Dokploy's
        default is V(true).
      - Takes effect at once.
    type: bool
  command:
    description:
      - Command that deploys the stack, without the word C(docker) at its beginning, for example V(compose -p shop -f
        docker-compose.yml up -d --build). Further commands can follow after C(&&), if each begins with C(docker
        compose). Other characters of a shell are refused, as Dokploy does.
      - V("") clears it, and Dokploy uses C(docker compose up -d --build --remove-orphans), or C(docker stack deploy).
      - Changes need a deployment.
    type: str
  randomize:
    description:
      - Whether to append V(-) and O(suffix) to the names of services, volumes, networks, configs and secrets. Dokploy's
        default is V(false).
      - What belongs to a service, such as O(domains[].service), has to use the name with the suffix.
      - Changes need a deployment.
    type: bool
  suffix:
    description:
      - Suffix for O(randomize), and name of the network for O(isolated_deployment). Letters, digits, V(_), V(.) and
        V(-).
      - 'Has no effect without one of them. The module then issues a warning. V("") clears it: O(randomize) then changes
        no name.'
      - Changes need a deployment.
    type: str
  isolated_deployment:
    description:
      - Whether to put all services into a network of their own instead of C(dokploy-network). Dokploy does not remove
        that network with the stack. Dokploy's default is V(false).
      - Changes need a deployment.
    type: bool
  isolated_volumes:
    description:
      - Whether O(isolated_deployment) also gives the volumes names of their own. Dokploy's default is V(false). Has no
        effect without O(isolated_deployment=true). The module then issues a warning.
      - Changes need a deployment.
    type: bool
  service_networks:
    description:
      - Docker networks of services of the stack, beside those of the Compose file. Needs Dokploy 0.29.14 or newer.
      - The list is compared as a whole. Parts that you leave out are not set. The order is not significant, and V([])
        clears it.
      - Changes need a deployment.
    type: list
    elements: dict
    suboptions:
      service:
        description:
          - Name of a service in the Compose file.
        type: str
        required: true
      networks:
        description:
          - Names or IDs of the networks, as listed in Dokploy under B(Networks). The order is not significant.
          - They are looked for on the server in O(server), then on the host of Dokploy itself, and then on all servers.
        type: list
        elements: str
      detach_dokploy_network:
        description:
          - Whether to remove the service from the networks C(dokploy-network) and C(default). The default is V(false).
        type: bool
  icon:
    description:
      - Icon in the web interface, as a data URL such as V(data:image/svg+xml;base64,PHN2Zy8+), at most 1000000
        characters. Needs Dokploy 0.29.14 or newer.
      - V("") clears it.
      - Takes effect at once.
    type: str
  webhook_token:
    description:
      - Last part of the URL of the stack's webhook, C(https://DOKPLOY/api/deploy/compose/TOKEN). Anyone who knows it
        can deploy the stack, so make it long and random. 1 to 255 letters, digits, V(_) and V(-).
      - Dokploy generates one, so you need the option only to use a specific token. It cannot be cleared.
        O(auto_deploy=false) disables the webhook.
      - Takes effect at once. The URL with the old token no longer works.
      - A secret. Dokploy returns it, so it is compared, and written only if it differs.
    type: str
  backups:
    description:
      - All scheduled dumps of the databases in the stack, which Dokploy uploads to a bucket. Others are removed, and
        V([]) removes all. Without the option backups are not managed. Removing a backup does not delete its files.
      - A backup is identified by O(backups[].destination), O(backups[].prefix), O(backups[].database_name) and
        O(backups[].service). An existing one is updated in place, and its options that are not set do not change.
      - M(community.dokploy.dokploy_backup) manages one of them, and runs it.
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
          - Folder in the bucket, below the folder with the names of the Compose stack in Docker and of the service,
            joined by an underscore. V("") is none, which is the default.
          - It must not contain whitespace or special characters of a shell, since Dokploy inserts it into commands. It
            must not lead out of the folder with C(..).
        type: str
        default: /
      database_name:
        description:
          - Name of the database in the server.
          - It may hold only letters, digits, V(_), V(.) and V(-).
        type: str
        required: true
      service:
        description:
          - Name of the service of the stack that runs the database.
        type: str
        required: true
      database_type:
        description:
          - Type of the database in the service.
        type: str
        required: true
        choices:
          - postgres
          - mysql
          - mariadb
          - mongo
      postgres:
        description:
          - How to log in, required with O(backups[].database_type=postgres).
          - The value is compared and written as a whole. Parts that you leave out are not set.
        type: dict
        suboptions:
          user:
            description:
              - Name of the user. Required.
            type: str
      mysql:
        description:
          - How to log in, as C(root). Required with O(backups[].database_type=mysql).
          - The value is compared and written as a whole. Parts that you leave out are not set.
          - A secret. Dokploy returns it, so it is compared, and written only if it differs.
        type: dict
        suboptions:
          root_password:
            description:
              - Password of C(root). Required. A secret.
            type: str
      mariadb:
        description:
          - How to log in, required with O(backups[].database_type=mariadb).
          - The value is compared and written as a whole. Parts that you leave out are not set.
          - A secret. Dokploy returns it, so it is compared, and written only if it differs.
        type: dict
        suboptions:
          user:
            description:
              - Name of the user. Required.
            type: str
          password:
            description:
              - Its password. Required. A secret.
            type: str
      mongo:
        description:
          - How to log in, required with O(backups[].database_type=mongo).
          - The value is compared and written as a whole. Parts that you leave out are not set.
          - A secret. Dokploy returns it, so it is compared, and written only if it differs.
        type: dict
        suboptions:
          user:
            description:
              - Name of the user. Required.
            type: str
          password:
            description:
              - Its password. Required. A secret.
            type: str
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
  template:
    description:
      - 'A template that gives a new stack its file, variables, domains and files. If the stack exists, the option has
        no effect: each use of a template makes other passwords and another stack.'
      - Options that are set beside it are applied to the new stack, so that for example O(domains) replaces the domains
        of the template.
      - The template is not deployed.
    type: dict
    suboptions:
      id:
        description:
          - ID of a template, as M(community.dokploy.dokploy_template_info) lists it. O(app_name) cannot be set with it.
            One of O(template.id) and O(template.base64) is needed.
        type: str
      base_url:
        description:
          - URL of a list of templates. The default is Dokploy's own list. Dokploy downloads it, so that the URL has to
            be reachable from the server.
        type: str
      base64:
        description:
          - 'A template in the form in which Dokploy imports it: the Base64 text of a JSON object with the texts
            C(compose) and C(config).'
          - A secret.
        type: str
  delete_volumes:
    description:
      - Whether O(state=absent) also deletes the Docker volumes of the stack, with their data. Refused for
        O(type=stack), whose volumes Dokploy never deletes.
      - A volume that M(community.dokploy.dokploy_restore) has restored is kept, since Docker Compose deletes only
        volumes that it has created.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds for which O(state=absent) waits for a running deployment to end. If a stack were deleted during a
        deployment, its containers would remain.
      - Seconds for which O(state=started) and O(state=stopped) wait for the containers. O(state=stopped) of a stack of
        O(type=stack) then waits at most 60 seconds more for its networks to go, without which its next deployment would
        fail, and warns of those that stay.
    type: float
    default: 600.0
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_compose_info
  - module: community.dokploy.dokploy_deployment
  - module: community.dokploy.dokploy_domain
  - module: community.dokploy.dokploy_logs_info
  - module: community.dokploy.dokploy_mount
  - module: community.dokploy.dokploy_schedule
  - module: community.dokploy.dokploy_template_info
  - module: community.dokploy.dokploy_volume_backup
  - name: Documentation of Dokploy
    description: The documentation of Compose stacks.
    link: https://docs.dokploy.com/docs/core/docker-compose
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Configure a stack with a Compose file in the playbook
  community.dokploy.dokploy_compose:
    project: shop
    environment: production
    name: search
    raw:
      definition:
        services:
          engine:
            image: getmeili/meilisearch:v1.11
            environment:
              MEILI_MASTER_KEY: ${MASTER_KEY}
            volumes:
              - data:/meili_data
        volumes:
          data: {}
    env:
      MASTER_KEY: "{{ vault_master_key }}"
  register: search

- name: Deploy it if needed
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    compose: search

- name: Configure first, and deploy in a handler what has changed
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Configure the mail catcher
      community.dokploy.dokploy_compose:
        project: shop
        environment: staging
        name: mail
        raw:
          definition:
            services:
              catcher:
                image: axllent/mailpit:v1.21
      register: mail
      # Also if an earlier run ended before its handlers.
      changed_when: mail is changed or mail.deploy_needed | default(false)
      notify: Deploy the mail catcher
  handlers:
    - name: Deploy the mail catcher
      community.dokploy.dokploy_deployment:
        project: shop
        environment: staging
        compose: mail

- name: Serve one of its services under a domain
  community.dokploy.dokploy_compose:
    project: shop
    environment: production
    name: search
    domains:
      - host: search.example.com
        service: engine
        port: 7700
        https: true
        certificate: letsencrypt

- name: Configure a stack from a Compose file beside the playbook
  community.dokploy.dokploy_compose:
    project: shop
    name: monitoring
    raw:
      src: monitoring.yml
    mounts:
      - file_path: prometheus.yml
        src: prometheus.yml

- name: Configure a stack from a repository
  community.dokploy.dokploy_compose:
    project: shop
    name: tools
    git:
      url: https://git.example.com/acme/tools.git
      branch: main
      compose_path: deploy/compose.yml

- name: Create a stack from a template, if there is none of this name
  community.dokploy.dokploy_compose:
    project: shop
    name: analytics
    template:
      id: plausible

- name: Change one variable and leave everything else as it is
  community.dokploy.dokploy_compose:
    project: shop
    name: search
    env_mode: merge
    env:
      LOG_LEVEL: WARN

- name: Stop a stack
  community.dokploy.dokploy_compose:
    project: shop
    name: search
    state: stopped

- name: Remove a stack and its data
  community.dokploy.dokploy_compose:
    project: shop
    name: tools
    state: absent
    delete_volumes: true
"""

RETURN = r"""
compose:
  description:
    - The stack after the module ran, or as predicted in check mode. Its keys are the options, without secrets.
    - For O(state=absent), only its ID and name, or null if it did not exist. For O(state=started) and O(state=stopped),
      only these and its name in Docker.
  returned: success
  type: dict
  contains:
    environment_id:
      description: ID of its environment. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: Vb2n6Wk0sXq9RtYu4Lm7c
    status:
      description:
        - 'Status that Dokploy stores: V(idle), V(running), V(done) or V(error). It says how the last action ended, not
          what runs now. See RV(compose.status) with M(community.dokploy.dokploy_compose_info) and
          O(community.dokploy.dokploy_compose_info#module:include=running) for the containers.'
      returned: O(state=present)
      type: str
      sample: done
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    url:
      description: URL of the first enabled domain in the order of RV(compose.domains), V("") if there is none.
      returned: O(state=present)
      type: str
      sample: https://shop.example.com/
    name:
      description: Name of the stack.
      type: str
      sample: web
    description:
      description: Description of the stack, V("") if there is none.
      returned: O(state=present)
      type: str
      sample: ''
    app_name:
      description:
        - Name of its service in Docker, with the six random characters. If check mode would create it, the name as
          stated without them, or V((generated\)).
      returned: unless O(state=absent)
      type: str
      sample: shop-web-k3f9zq
    server:
      description:
        - Its remote server as in O(server), the ID if the option is not set, and V("") for the server that runs
          Dokploy.
      returned: O(state=present)
      type: str
      sample: ''
    source:
      description:
        - The source of the stack, V(raw), V(github), V(gitlab), V(bitbucket), V(gitea) or V(git). Only the key of this
          name is returned, or none if a new stack has no source yet. Absent if check mode would create it without one.
      returned: O(state=present)
      type: str
      sample: raw
    create_env_file:
      description: See O(create_env_file).
      returned: O(state=present) or O(state=started) or O(state=stopped)
      type: bool
      sample: true
    auto_deploy:
      description: See O(auto_deploy).
      returned: O(state=present) or O(state=started) or O(state=stopped)
      type: bool
      sample: true
    icon:
      description: See O(icon).
      returned: O(state=present) or O(state=started) or O(state=stopped)
      type: str
      sample: data:image/svg+xml;base64,PHN2Zy8+
    github:
      description: See O(github). C(provider) is an ID unless the task sets it.
      returned: when RV(compose.source=github), O(state=present) or O(state=started) or O(state=stopped)
      type: dict
      sample:
        provider: acme-github
        owner: acme
        repository: shop
        branch: main
        compose_path: ./docker-compose.yml
        trigger: push
        watch_paths:
          - src/**
        submodules: false
    gitlab:
      description: See O(gitlab). C(provider) is an ID unless the task sets it.
      returned: when RV(compose.source=gitlab), O(state=present) or O(state=started) or O(state=stopped)
      type: dict
      sample:
        provider: acme-gitlab
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
      description: See O(bitbucket). C(provider) is an ID unless the task sets it.
      returned: when RV(compose.source=bitbucket), O(state=present) or O(state=started) or O(state=stopped)
      type: dict
      sample:
        provider: acme-bitbucket
        owner: acme
        repository: shop
        branch: main
        compose_path: ./docker-compose.yml
        repository_slug: ''
        watch_paths:
          - src/**
        submodules: false
    gitea:
      description: See O(gitea). C(provider) is an ID unless the task sets it.
      returned: when RV(compose.source=gitea), O(state=present) or O(state=started) or O(state=stopped)
      type: dict
      sample:
        provider: acme-gitea
        owner: acme
        repository: shop
        branch: main
        compose_path: ./docker-compose.yml
        watch_paths:
          - src/**
        submodules: false
    git:
      description: See O(git). C(ssh_key) is an ID unless the task sets it.
      returned: when RV(compose.source=git), O(state=present) or O(state=started) or O(state=stopped)
      type: dict
      sample:
        url: git@git.example.com:acme/shop.git
        branch: main
        compose_path: ./docker-compose.yml
        ssh_key: deploy
        watch_paths:
          - src/**
        submodules: false
    domains:
      description: See O(domains). Sorted by C(host) and C(path), each with its C(domain_id).
      returned: O(state=present) or O(state=started) or O(state=stopped)
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
      description: See O(schedules). Sorted by C(name), each with its C(schedule_id).
      returned: O(state=present) or O(state=started) or O(state=stopped)
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
      description: See O(volume_backups). Sorted by C(name), each with its C(volume_backup_id). C(destination) is an ID
        unless the task sets it.
      returned: O(state=present) or O(state=started) or O(state=stopped)
      type: list
      elements: dict
      sample:
        - volume_backup_id: f1RdXw2SzAq3EcVf4TgBh
          name: uploads
          service: web
          volume: shop-uploads
          destination: acme-s3
          cron: 0 2 * * *
          prefix: shop
          keep: 7
          stop_service: false
          enabled: true
    backups:
      description: See O(backups). Sorted by C(destination), C(prefix), C(database_name) and C(service), each with its
        C(backup_id). C(destination) is an ID unless the task sets it.
      returned: O(state=present) or O(state=started) or O(state=stopped)
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
          cron: 15 2 * * *
          keep: 14
          enabled: true
    mounts:
      description: See O(mounts). Sorted by C(file_path), each with its C(mount_id).
      returned: O(state=present) or O(state=started) or O(state=stopped)
      type: list
      elements: dict
      sample:
        - mount_id: p0OiUy7TrEw6QaSdF5gHj
          file_path: nginx/app.conf
          type: file
    type:
      description: See O(type).
      returned: O(state=present) or O(state=started) or O(state=stopped)
      type: str
      sample: docker-compose
    raw:
      description: See O(raw).
      returned: when RV(compose.source=raw), O(state=present) or O(state=started) or O(state=stopped)
      type: dict
      sample:
        content: |
          services:
            web:
              image: nginx:1.29
    command:
      description: See O(command).
      returned: O(state=present) or O(state=started) or O(state=stopped)
      type: str
      sample: ''
    randomize:
      description: See O(randomize).
      returned: O(state=present) or O(state=started) or O(state=stopped)
      type: bool
      sample: false
    suffix:
      description: See O(suffix).
      returned: O(state=present) or O(state=started) or O(state=stopped)
      type: str
      sample: ''
    isolated_deployment:
      description: See O(isolated_deployment).
      returned: O(state=present) or O(state=started) or O(state=stopped)
      type: bool
      sample: false
    isolated_volumes:
      description: See O(isolated_volumes).
      returned: O(state=present) or O(state=started) or O(state=stopped)
      type: bool
      sample: false
    service_networks:
      description: See O(service_networks).
      returned: O(state=present) or O(state=started) or O(state=stopped)
      type: list
      elements: dict
      sample:
        - service: web
          networks:
            - backend
          detach_dokploy_network: false
    compose_id:
      description: ID of the stack. V((generated\)) if check mode would create it.
      type: str
      sample: hV6qXc9tRn2bZ8wKd3mLs
running:
  description:
    - The containers of the stack after the module ran, as RV(community.dokploy.dokploy_application#module:running).
    - If check mode would change something, only their number. Null if check mode would create the stack.
  returned: O(state=started) or O(state=stopped), and on failure when not enough containers run or stay up
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
log:
  description: The end of the log of a container that does not stay up, as a list of lines.
  returned: on failure when a container does not stay up
  type: list
  elements: str
  sample:
    - 'Error: DATABASE_URL is not set'
deploy_needed:
  description:
    - Whether a deployment is needed, by the rules of O(community.dokploy.dokploy_deployment#module:trigger). It is
      needed if nothing was deployed yet, if the last deployment failed, was cancelled or was rolled back by Docker, if
      it was stopped and nothing of it runs, or if the configuration differs from what was deployed last, regardless of
      who changed it.
    - A new commit, or a new image with the same tag, is not detected.
    - V(false) if the stack has no source that could be deployed.
  returned: O(state=present)
  type: bool
  sample: true
deployment:
  description:
    - The newest successful deployment, as RV(community.dokploy.dokploy_deployment#module:deployment). Null if there is
      none.
    - The configuration may have changed since, see RV(deploy_needed).
  returned: O(state=present)
  type: dict
  sample:
    deployment_id: w8Er5Ty2Ui9Op3As6Df1G
    compose_id: kX3vQ9mT2bWcZ7rLdPfYs
    title: Add the winter sale
    description: 'Commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f'
    status: done
    commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f
    created_at: '2026-03-14T09:26:53.589Z'
    started_at: '2026-03-14T09:26:53.587Z'
    finished_at: '2026-03-14T09:27:41.020Z'
    duration: 47.4
    error_message: ''
    log_path: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-14:09:26:53.log
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
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
