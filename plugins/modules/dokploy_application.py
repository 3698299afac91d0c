#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_application
short_description: Manage applications of Dokploy
version_added: 0.1.0
description:
  - Creates, updates, moves and removes applications. An application is a Docker Swarm service that Dokploy runs from an
    image, or from an image that it builds from a repository.
  - An option that is not stated is not managed. It is neither compared nor changed. An empty value, such as V("") or
    V([]), clears. A value is written when it differs.
  - The module writes the configuration and does not deploy. RV(deploy_needed) tells whether what runs is behind, and
    M(community.dokploy.dokploy_deployment) deploys. Only domains, O(name), O(description), O(auto_deploy) and
    O(clean_cache) need no deployment.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
options:
  state:
    description:
      - V(present) makes sure that the application exists and is as stated.
      - V(absent) makes sure that there is no such application. Deployments of it that wait in the queue are dropped, a
        running build is waited for, and then its service, domains and files are deleted. Docker volumes are kept, and
        so is the data in them.
    type: str
    choices:
      - present
      - absent
    default: present
  project:
    description:
      - Name or id of the project. A name that several projects bear is an error that lists their ids.
      - Required unless O(application_id) is given.
    type: str
  environment:
    description:
      - Name or id of the environment in the project. Without it, the project's default environment is meant, whose name
        is V(production).
      - Together with O(application_id) it is the environment that the application is moved to, and O(project) is then
        needed unless this is an id.
    type: str
  name:
    description:
      - Name of the application, 1 to 255 characters. Case matters.
      - Dokploy does not keep names unique. Two applications of this name in one environment are an error that lists
        their ids, and O(application_id) then says which one is meant.
      - Together with O(application_id) it is the new name.
      - One of O(name) and O(application_id) is required.
    type: str
  application_id:
    description:
      - Id of an existing application, to be used instead of O(project), O(environment) and O(name), or together with
        them to move or rename it.
      - Where it leads to nothing, O(state=present) is an error and O(state=absent) is fulfilled.
    type: str
  description:
    description:
      - Text that the web page shows below the name. V("") clears it.
    type: str
  app_name:
    description:
      - Beginning of the name that the application has in Docker, for its service, and as host name for its neighbours.
        1 to 63 letters, digits, V(.), V(_) and V(-).
      - Dokploy turns it into lower case and adds V(-) and six random characters. RV(application.app_name) is the whole.
        Both are accepted here for an existing application.
      - Only used when the application is created. Another value for an existing one is an error, since Dokploy cannot
        change it. Without the option Dokploy invents a name.
    type: str
  server:
    description:
      - Name or id of the server that builds and runs the application, as listed in Dokploy under B(Remote Servers).
        Without it, the server that Dokploy itself runs on.
      - Only used when the application is created. Another value for an existing one is an error, since Dokploy cannot
        move an application between servers.
    type: str
  github:
    description:
      - Build from a repository at GitHub. Stating any of O(github), O(gitlab), O(bitbucket), O(gitea), O(git),
        O(docker) and O(drop), even an empty one, makes it the source of the application. Only one can be stated.
      - Dokploy keeps what it knows of the other sources, so it need not be stated again when the source changes back.
        It shares O(github.watch_paths) and O(github.submodules) between all sources that are repositories.
      - Changes need a deployment.
    type: dict
    suboptions:
      provider:
        description:
          - Name or id of the GitHub provider, as listed in Dokploy under B(Git). It stands for
            a GitHub app that is installed for the owner.
          - Required unless the application has one already.
        type: str
      owner:
        description:
          - The organization or user that owns the repository.
          - Required unless the application has one already.
        type: str
      repository:
        description:
          - Name of the repository, without the owner.
          - Required unless the application has one already.
        type: str
      branch:
        description:
          - Name of the branch.
          - Required unless the application has one already.
        type: str
      build_path:
        description:
          - Folder in the repository to build, relative to its root. V(/) and V("") mean the root.
        type: str
      trigger:
        description:
          - Which event at GitHub starts a deployment when O(auto_deploy=true). V(push) to the branch, or V(tag) for any
            new tag.
          - Dokploy starts with V(push).
        type: str
        choices:
          - push
          - tag
      watch_paths:
        description:
          - Patterns of paths, such as V(src/**). With O(auto_deploy=true), a push that changes none of them starts no
            deployment. The order makes no difference.
          - V([]) clears them, and every push to the branch counts.
        type: list
        elements: str
      submodules:
        description:
          - Whether to clone Git submodules, too. Dokploy starts with V(false).
        type: bool
  gitlab:
    description:
      - Build from a repository at GitLab. See O(github) for how the sources exclude each other.
      - Changes need a deployment.
    type: dict
    suboptions:
      provider:
        description:
          - Name or id of the GitLab provider, as listed in Dokploy under B(Git). It stands for
            an application with access to the repository.
          - Required unless the application has one already.
        type: str
      owner:
        description:
          - The group or user that owns the repository.
          - Required unless the application has one already.
        type: str
      repository:
        description:
          - Name of the repository, without the owner.
          - Required unless the application has one already.
        type: str
      branch:
        description:
          - Name of the branch.
          - Required unless the application has one already.
        type: str
      build_path:
        description:
          - Folder in the repository to build, relative to its root. V(/) and V("") mean the root.
        type: str
      project_id:
        description:
          - Number of the project at GitLab. Dokploy needs it for webhooks and lists of branches.
        type: int
      path_namespace:
        description:
          - Full path of the project at GitLab, with all groups, for example V(acme/web/shop). This is what Dokploy
            clones. V("") clears it.
        type: str
      watch_paths:
        description:
          - Patterns of paths, such as V(src/**). With O(auto_deploy=true), a push that changes none of them starts no
            deployment. The order makes no difference.
          - V([]) clears them, and every push to the branch counts.
        type: list
        elements: str
      submodules:
        description:
          - Whether to clone Git submodules, too. Dokploy starts with V(false).
        type: bool
  bitbucket:
    description:
      - Build from a repository at Bitbucket. See O(github) for how the sources exclude each other.
      - Changes need a deployment.
    type: dict
    suboptions:
      provider:
        description:
          - Name or id of the Bitbucket provider, as listed in Dokploy under B(Git). It stands for
            an account with access to the repository.
          - Required unless the application has one already.
        type: str
      owner:
        description:
          - The workspace that owns the repository.
          - Required unless the application has one already.
        type: str
      repository:
        description:
          - Name of the repository, without the owner.
          - Required unless the application has one already.
        type: str
      branch:
        description:
          - Name of the branch.
          - Required unless the application has one already.
        type: str
      build_path:
        description:
          - Folder in the repository to build, relative to its root. V(/) and V("") mean the root.
        type: str
      repository_slug:
        description:
          - The repository's name as it stands in its address, where that differs from O(bitbucket.repository).
            Needs Dokploy 0.26.7 or newer.
          - V("") clears it, and O(bitbucket.repository) is used.
        type: str
      watch_paths:
        description:
          - Patterns of paths, such as V(src/**). With O(auto_deploy=true), a push that changes none of them starts no
            deployment. The order makes no difference.
          - V([]) clears them, and every push to the branch counts.
        type: list
        elements: str
      submodules:
        description:
          - Whether to clone Git submodules, too. Dokploy starts with V(false).
        type: bool
  gitea:
    description:
      - Build from a repository at Gitea or Forgejo. See O(github) for how the sources exclude each other.
      - Changes need a deployment.
    type: dict
    suboptions:
      provider:
        description:
          - Name or id of the Gitea provider, as listed in Dokploy under B(Git). It stands for
            an application with access to the repository.
          - Required unless the application has one already.
        type: str
      owner:
        description:
          - The organization or user that owns the repository.
          - Required unless the application has one already.
        type: str
      repository:
        description:
          - Name of the repository, without the owner.
          - Required unless the application has one already.
        type: str
      branch:
        description:
          - Name of the branch.
          - Required unless the application has one already.
        type: str
      build_path:
        description:
          - Folder in the repository to build, relative to its root. V(/) and V("") mean the root.
        type: str
      watch_paths:
        description:
          - Patterns of paths, such as V(src/**). With O(auto_deploy=true), a push that changes none of them starts no
            deployment. The order makes no difference.
          - V([]) clears them, and every push to the branch counts.
        type: list
        elements: str
      submodules:
        description:
          - Whether to clone Git submodules, too. Dokploy starts with V(false).
        type: bool
  git:
    description:
      - Build from any other Git repository. See O(github) for how the sources exclude each other.
      - Changes need a deployment.
    type: dict
    suboptions:
      url:
        description:
          - Address to clone from, as C(git clone) takes it, for example V(https://git.example.com/acme/shop.git) or
            V(git@git.example.com:acme/shop.git). It is shown in logs, so do not put a password into it.
          - Required unless the application has one already.
        type: str
      branch:
        description:
          - Name of the branch.
          - Required unless the application has one already.
        type: str
      build_path:
        description:
          - Folder in the repository to build, relative to its root. V(/) and V("") mean the root.
        type: str
      ssh_key:
        description:
          - Name or id of the SSH key to clone with, as listed in Dokploy under B(SSH Keys). V("") clears it.
        type: str
      watch_paths:
        description:
          - Patterns of paths, such as V(src/**). With O(auto_deploy=true), a push that changes none of them starts no
            deployment. The order makes no difference.
          - V([]) clears them, and every push to the branch counts.
        type: list
        elements: str
      submodules:
        description:
          - Whether to clone Git submodules, too. Dokploy starts with V(false).
        type: bool
  docker:
    description:
      - Run an image that a registry holds. O(build) has no effect then. See O(github) for how the sources exclude each
        other.
      - Changes need a deployment, and so does a new image behind the same tag.
    type: dict
    suboptions:
      image:
        description:
          - Reference of the image, as C(docker pull) takes it, for example V(ghcr.io/acme/shop:1.4.2). A tag that does
            not move, or a digest, makes a deployment repeatable.
          - Required unless the application has one already.
        type: str
      registry_url:
        description:
          - Host of the registry to log in to before the pull, for example V(ghcr.io). Without one that is Docker Hub.
            V("") clears it.
          - It does not say where the image comes from. That is part of O(docker.image).
        type: str
      username:
        description:
          - User for the registry. Dokploy logs in when there are a user and a password. V("") clears it.
        type: str
      password:
        description:
          - Password or token for the registry. V("") clears it.
          - A secret. Dokploy returns it, so it is compared and written only when it differs.
        type: str
  drop:
    description:
      - Build from a ZIP archive that is uploaded to Dokploy. This module does not upload one. See O(github) for how the
        sources exclude each other.
      - Changes need a deployment.
    type: dict
    suboptions:
      build_path:
        description:
          - Folder in the archive to build, relative to its root. V("") means the root.
        type: str
  build:
    description:
      - How an image is made from a source that is not O(docker). Each suboption stands for itself, and those that are
        not stated are not managed.
      - Changes need a deployment.
    type: dict
    suboptions:
      type:
        description:
          - What builds the image. Dokploy starts with V(nixpacks).
          - V(dockerfile) runs C(docker build).
          - V(static) puts the files into an image of nginx, which answers on port 80.
          - V(nixpacks), V(railpack), V(heroku_buildpacks) and V(paketo_buildpacks) find out themselves what the code
            needs.
        type: str
        choices:
          - nixpacks
          - dockerfile
          - heroku_buildpacks
          - paketo_buildpacks
          - railpack
          - static
      dockerfile:
        description:
          - Path of the Dockerfile, relative to the folder that is built. Used with O(build.type=dockerfile). Dokploy
            starts with V(Dockerfile), which V("") stands for, too.
        type: str
      context:
        description:
          - Path of the build context, relative to the root of the repository. V(.) is the root. Used with
            O(build.type=dockerfile).
          - V("") clears it. Which folder Dokploy takes then depends on its version, so better state it.
        type: str
      target:
        description:
          - Stage of a multi-stage Dockerfile to build, C(docker build --target). Used with O(build.type=dockerfile).
            V("") clears it, and the last stage is built.
        type: str
      heroku_version:
        description:
          - Version of the Heroku builder image, for example V(24). Used with O(build.type=heroku_buildpacks).
            V("") clears it, and Dokploy takes V(24).
        type: str
      railpack_version:
        description:
          - Version of Railpack, for example V(0.15.4). Used with O(build.type=railpack). It
            must not be empty then.
        type: str
      publish_directory:
        description:
          - Folder with the files that nginx is to serve. With O(build.type=static) it is a folder of the source, with
            O(build.type=nixpacks) one that the build makes. V("") clears it.
        type: str
      static_spa:
        description:
          - Whether nginx answers with C(index.html) where it has no such file, as single-page applications want it.
            Used where nginx serves the files.
        type: bool
  env:
    description:
      - Environment variables of the containers.
      - A mapping of names to values, or environment text in the form of a C(.env) file. The text is stored as it is,
        with its comments. A value of a mapping is quoted where it has to be. V(true) and V(false) become these words.
      - Compared by what Dokploy reads out of it. Order, comments and quotes make no difference.
      - V(${{project.NAME}}) and V(${{environment.NAME}}) in a value stand for the variables of the project and the
        environment, V(${{NAME}}) for another one of the application. A reference to nothing fails the deployment.
      - In a playbook such a value needs the YAML tag C(!unsafe), since Ansible would take it for a template of its own.
      - V({}) or V("") clears it. Null as a value of a mapping means that there is no such variable.
      - Changes need a deployment.
      - A secret. See R(the guide to environment text, ansible_collections.community.dokploy.docsite.environment_text).
    type: raw
  env_mode:
    description:
      - V(replace) makes O(env) all the variables there are.
      - V(merge) sets the variables in O(env), removes those whose value is null, and leaves all other lines as they
        are. In this mode an empty O(env) changes nothing.
    type: str
    choices:
      - replace
      - merge
    default: replace
  build_args:
    description:
      - Build arguments, C(docker build --build-arg). Used where a Dockerfile is built.
      - Takes the same forms as O(env), with the same references, and is cleared and compared in the same way.
      - Changes need a deployment.
      - Kept as a secret, but Docker records build arguments in the image. O(build_secrets) are not recorded.
    type: raw
  build_args_mode:
    description:
      - What O(env_mode) is for O(env), for O(build_args).
    type: str
    choices:
      - replace
      - merge
    default: replace
  build_secrets:
    description:
      - Build secrets, C(docker build --secret), for C(RUN --mount=type=secret) in a Dockerfile. Needs Dokploy 0.25.6 or
        newer.
      - Takes the same forms as O(env), with the same references, and is cleared and compared in the same way.
      - Changes need a deployment.
      - A secret.
    type: raw
  build_secrets_mode:
    description:
      - What O(env_mode) is for O(env), for O(build_secrets).
    type: str
    choices:
      - replace
      - merge
    default: replace
  create_env_file:
    description:
      - Whether O(env) is also written to a file C(.env) beside the Dockerfile before it is built. Dokploy starts with
        V(true). Needs Dokploy 0.26.1 or newer.
      - Changes need a deployment.
    type: bool
  auto_deploy:
    description:
      - Whether an event of the Git provider, or a call of the application's webhook, starts a deployment. Dokploy
        starts with V(true).
      - Takes effect at once.
    type: bool
  clean_cache:
    description:
      - Whether builds start without what earlier ones left in the cache. Dokploy starts with V(false).
      - The next build heeds it. A change of this alone does not make a deployment needed.
    type: bool
  replicas:
    description:
      - Number of containers. Dokploy starts with V(1). With V(0) none runs.
      - Changes need a deployment.
    type: int
  command:
    description:
      - Program to run instead of the image's entrypoint. Dokploy splits the text at every single blank and knows no
        quotes, so arguments with blanks belong into O(args).
      - V("") clears it, and the entrypoint of the image runs.
      - Changes need a deployment.
    type: str
  args:
    description:
      - Arguments for the entrypoint, or for O(command), instead of the image's command. Needs Dokploy 0.26.0 or newer.
      - The order counts. V([]) clears them.
      - Changes need a deployment.
    type: list
    elements: str
  domains:
    description:
      - All domains of the application. Others are removed, and V([]) removes all. Without the option domains are not
        managed.
      - A domain is recognized by O(domains[].host) and O(domains[].path). One that exists is updated in place, and
        what is not stated of it stays.
      - Takes effect at once, without a deployment. Dokploy writes it into Traefik's configuration.
    type: list
    elements: dict
    suboptions:
      host:
        description:
          - Host name, for example V(shop.example.com). Its DNS records have to point to the server.
        type: str
        required: true
      path:
        description:
          - Beginning of the paths that Traefik sends to the application, C(PathPrefix) in its words.
        type: str
        default: /
      port:
        description:
          - Port that the application listens on in its container, 1 to 65535. A new domain gets V(3000).
        type: int
      https:
        description:
          - Whether the domain is served on Traefik's entry point C(websecure), and requests to C(web) are redirected
            there. A new domain gets V(false), and is served on C(web).
        type: bool
      certificate:
        description:
          - Where Traefik gets the certificate from. V(letsencrypt) is the resolver of that name, V(custom) is
            O(domains[].certificate_resolver), and V(none) asks no resolver. A new domain gets V(none).
        type: str
        choices:
          - none
          - letsencrypt
          - custom
      certificate_resolver:
        description:
          - Name of a certificate resolver in Traefik's configuration. Required with O(domains[].certificate=custom).
        type: str
      internal_path:
        description:
          - Prefix that Traefik puts before the path of a request, C(AddPrefix) in its words. A new domain gets V(/),
            which stands for none, as V("") does.
        type: str
      strip_path:
        description:
          - Whether Traefik takes O(domains[].path) off a request before it goes to the application, C(StripPrefix) in
            its words. A new domain gets V(false).
        type: bool
      entrypoint:
        description:
          - Name of a Traefik entry point to serve the domain on, instead of C(web) and C(websecure). Needs Dokploy
            0.29.0 or newer.
          - V("") clears it.
        type: str
      middlewares:
        description:
          - Names of Traefik middlewares for the domain, for example V(compress@file). Needs Dokploy 0.29.0 or newer.
          - Traefik applies them in this order, so another order is a change. V([]) clears them.
        type: list
        elements: str
  mounts:
    description:
      - All mounts of the application. Others are removed, and V([]) removes all. Without the option mounts are not
        managed. Removing a mount deletes neither the volume nor the folder of the host.
      - A mount is recognized by O(mounts[].path). One that exists is updated in place, and what is not
        stated of it stays. With another O(mounts[].type) it is made anew.
      - Changes need a deployment.
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - Path in the container, absolute.
        type: str
        required: true
        aliases:
          - target
      type:
        description:
          - V(volume) is a Docker volume, which is created when it does not exist.
          - V(bind) is a file or folder of the host, which has to exist.
          - V(file) is a file whose text Dokploy keeps.
        type: str
        required: true
        choices:
          - volume
          - bind
          - file
      name:
        description:
          - Name of the Docker volume. Applications that state the same name share it. Required with
            O(mounts[].type=volume).
        type: str
        aliases:
          - volume
      host_path:
        description:
          - Path on the host. Required with O(mounts[].type=bind).
        type: str
        aliases:
          - source
      file_path:
        description:
          - Name of the file in the folder where Dokploy keeps the application's files, such as V(app.conf). Required
            with O(mounts[].type=file).
        type: str
      content:
        description:
          - Text of the file with O(mounts[].type=file). V("") makes it an empty file.
          - A secret. Dokploy returns it, so it is compared and written only when it differs.
        type: str
  wait_timeout:
    description:
      - Seconds for which O(state=absent) waits for a running build to end. Deleting an application while it is built
        would leave a running service that belongs to nothing.
    type: float
    default: 600.0
seealso:
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_deployment
  - module: community.dokploy.dokploy_environment
  - name: Documentation of Dokploy
    description: What sources, build types, domains and mounts are for.
    link: https://docs.dokploy.com
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Run an image
  community.dokploy.dokploy_application:
    project: shop
    environment: production
    name: web
    docker:
      image: ghcr.io/acme/shop:1.4.2
      registry_url: ghcr.io
      username: acme-deploy
      password: "{{ vault_registry_token }}"
    env:
      NODE_ENV: production
      SUPPORT_MAIL: !unsafe "${{project.MAIL}}"
      DATABASE_URL: "{{ vault_database_url }}"
    replicas: 2
    domains:
      - host: shop.example.com
        port: 3000
        https: true
        certificate: letsencrypt
    mounts:
      - type: volume
        name: shop-uploads
        path: /app/uploads
  register: web

- name: Deploy it when what runs is behind
  community.dokploy.dokploy_deployment:
    application_id: "{{ web.application.application_id }}"
  when: web.deploy_needed

- name: Build a Dockerfile from a repository at GitHub
  community.dokploy.dokploy_application:
    project: shop
    environment: staging
    name: web
    app_name: shop-web
    github:
      provider: acme-github-app
      owner: acme
      repository: shop
      branch: develop
      watch_paths:
        - src/**
        - Dockerfile
    build:
      type: dockerfile
      dockerfile: Dockerfile
      context: .
      target: runtime
    build_args:
      NODE_VERSION: "22"
    build_secrets:
      NPM_TOKEN: "{{ vault_npm_token }}"

- name: Build a documentation site from any Git repository on a remote server
  community.dokploy.dokploy_application:
    project: shop
    name: docs
    server: worker-1
    git:
      url: git@git.example.com:acme/docs.git
      branch: main
      ssh_key: deploy
    build:
      type: static
      publish_directory: public
    auto_deploy: false

- name: Change one variable and leave everything else as it is
  community.dokploy.dokploy_application:
    project: shop
    name: web
    env_mode: merge
    env:
      FEATURE_CHECKOUT: "on"
      FEATURE_BETA: null

- name: Serve a path of a second domain, through a middleware of Traefik, and mount a configuration file
  community.dokploy.dokploy_application:
    project: shop
    name: api
    docker:
      image: ghcr.io/acme/shop-api@sha256:9f2c4e0b8d7a6c5e4f3b2a1908f7e6d5c4b3a29180f7e6d5c4b3a29180f7e6d5
    command: /app/server
    args:
      - --listen
      - 0.0.0.0:8080
      - --title=The shop of ACME
    domains:
      - host: api.example.com
        port: 8080
      - host: www.example.com
        path: /api
        port: 8080
        strip_path: true
        middlewares:
          - compress@file
    mounts:
      - type: file
        file_path: limits.toml
        path: /etc/shop/limits.toml
        content: |
          requests_per_minute = 600

- name: Take all domains away
  community.dokploy.dokploy_application:
    project: shop
    name: api
    domains: []

- name: Move an application to another environment
  community.dokploy.dokploy_application:
    application_id: "{{ cron_application_id }}"
    project: shop
    environment: staging

- name: Remove an application
  community.dokploy.dokploy_application:
    project: shop
    name: landing page
    state: absent
"""

RETURN = r"""
application:
  description:
    - The application as it is after the module ran, or as it would be in check mode. The keys are those of the options,
      without secrets.
    - For O(state=absent) only its id and its name, and null when there was none.
  returned: success
  type: dict
  contains:
    application_id:
      description: Id of the application. Null when check mode would create it.
      returned: success
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    name:
      description: Name of the application.
      returned: success
      type: str
      sample: web
    description:
      description: Its description, V("") when there is none.
      returned: O(state=present)
      type: str
      sample: ""
    app_name:
      description:
        - Its name in Docker, with the six random characters. Without them when check mode would create
          it.
      returned: O(state=present)
      type: str
      sample: shop-web-k3f9zq
    environment_id:
      description: Id of its environment. Null when check mode would create it.
      returned: O(state=present)
      type: str
      sample: Vb2n6Wk0sXq9RtYu4Lm7c
    server:
      description:
        - Its remote server as O(server) names it, the id when the option is absent, and V("") for
          Dokploy's own server.
      returned: O(state=present)
      type: str
      sample: ""
    status:
      description:
        - What Dokploy thinks of it, V(idle), V(running), V(done) or V(error). V(running) is a deployment,
          and V(done) does not say that a container runs. Null when check mode would create it.
      returned: O(state=present)
      type: str
      sample: done
    created_at:
      description: When it was created, in UTC. Null when check mode would create it.
      returned: O(state=present)
      type: str
      sample: "2026-03-14T09:26:53.589Z"
    source:
      description:
        - Where it comes from, V(github), V(gitlab), V(bitbucket), V(gitea), V(git), V(docker) or V(drop).
          Only the key of this name is returned. Absent when check mode would create it without one.
      returned: O(state=present)
      type: str
      sample: docker
    github:
      description: As O(github).
      returned: when RV(application.source=github), O(state=present)
      type: dict
      contains:
        provider:
          description: The provider as O(github.provider) names it, its id when the option is absent.
          returned: O(state=present)
          type: str
          sample: acme-github
        owner:
          description: As O(github.owner).
          returned: O(state=present)
          type: str
          sample: acme
        repository:
          description: As O(github.repository).
          returned: O(state=present)
          type: str
          sample: shop
        branch:
          description: As O(github.branch).
          returned: O(state=present)
          type: str
          sample: main
        build_path:
          description: As O(github.build_path).
          returned: O(state=present)
          type: str
          sample: /
        trigger:
          description: As O(github.trigger).
          returned: O(state=present)
          type: str
          sample: push
        watch_paths:
          description: As O(github.watch_paths).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: As O(github.submodules).
          returned: O(state=present)
          type: bool
          sample: false
    gitlab:
      description: As O(gitlab).
      returned: when RV(application.source=gitlab), O(state=present)
      type: dict
      contains:
        provider:
          description: The provider as O(gitlab.provider) names it, its id when the option is absent.
          returned: O(state=present)
          type: str
          sample: acme-gitlab
        owner:
          description: As O(gitlab.owner).
          returned: O(state=present)
          type: str
          sample: acme
        repository:
          description: As O(gitlab.repository).
          returned: O(state=present)
          type: str
          sample: shop
        branch:
          description: As O(gitlab.branch).
          returned: O(state=present)
          type: str
          sample: main
        build_path:
          description: As O(gitlab.build_path).
          returned: O(state=present)
          type: str
          sample: /
        project_id:
          description: As O(gitlab.project_id).
          returned: O(state=present)
          type: int
          sample: 4711
        path_namespace:
          description: As O(gitlab.path_namespace).
          returned: O(state=present)
          type: str
          sample: acme/shop
        watch_paths:
          description: As O(gitlab.watch_paths).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: As O(gitlab.submodules).
          returned: O(state=present)
          type: bool
          sample: false
    bitbucket:
      description: As O(bitbucket).
      returned: when RV(application.source=bitbucket), O(state=present)
      type: dict
      contains:
        provider:
          description: The provider as O(bitbucket.provider) names it, its id when the option is absent.
          returned: O(state=present)
          type: str
          sample: acme-bitbucket
        owner:
          description: As O(bitbucket.owner).
          returned: O(state=present)
          type: str
          sample: acme
        repository:
          description: As O(bitbucket.repository).
          returned: O(state=present)
          type: str
          sample: shop
        branch:
          description: As O(bitbucket.branch).
          returned: O(state=present)
          type: str
          sample: main
        build_path:
          description: As O(bitbucket.build_path).
          returned: O(state=present)
          type: str
          sample: /
        repository_slug:
          description: As O(bitbucket.repository_slug).
          returned: O(state=present)
          type: str
          sample: ""
        watch_paths:
          description: As O(bitbucket.watch_paths).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: As O(bitbucket.submodules).
          returned: O(state=present)
          type: bool
          sample: false
    gitea:
      description: As O(gitea).
      returned: when RV(application.source=gitea), O(state=present)
      type: dict
      contains:
        provider:
          description: The provider as O(gitea.provider) names it, its id when the option is absent.
          returned: O(state=present)
          type: str
          sample: acme-gitea
        owner:
          description: As O(gitea.owner).
          returned: O(state=present)
          type: str
          sample: acme
        repository:
          description: As O(gitea.repository).
          returned: O(state=present)
          type: str
          sample: shop
        branch:
          description: As O(gitea.branch).
          returned: O(state=present)
          type: str
          sample: main
        build_path:
          description: As O(gitea.build_path).
          returned: O(state=present)
          type: str
          sample: /
        watch_paths:
          description: As O(gitea.watch_paths).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: As O(gitea.submodules).
          returned: O(state=present)
          type: bool
          sample: false
    git:
      description: As O(git).
      returned: when RV(application.source=git), O(state=present)
      type: dict
      contains:
        url:
          description: As O(git.url).
          returned: O(state=present)
          type: str
          sample: git@git.example.com:acme/shop.git
        branch:
          description: As O(git.branch).
          returned: O(state=present)
          type: str
          sample: main
        build_path:
          description: As O(git.build_path).
          returned: O(state=present)
          type: str
          sample: /
        ssh_key:
          description: The SSH key as O(git.ssh_key) names it, its id when the option is absent.
          returned: O(state=present)
          type: str
          sample: deploy
        watch_paths:
          description: As O(git.watch_paths).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: As O(git.submodules).
          returned: O(state=present)
          type: bool
          sample: false
    docker:
      description: As O(docker).
      returned: when RV(application.source=docker), O(state=present)
      type: dict
      contains:
        image:
          description: As O(docker.image).
          returned: O(state=present)
          type: str
          sample: ghcr.io/acme/shop:1.4.2
        registry_url:
          description: As O(docker.registry_url).
          returned: O(state=present)
          type: str
          sample: ghcr.io
        username:
          description: As O(docker.username).
          returned: O(state=present)
          type: str
          sample: acme-deploy
    drop:
      description: As O(drop).
      returned: when RV(application.source=drop), O(state=present)
      type: dict
      contains:
        build_path:
          description: As O(drop.build_path).
          returned: O(state=present)
          type: str
          sample: ""
    build:
      description: As O(build).
      returned: O(state=present)
      type: dict
      contains:
        type:
          description: As O(build.type).
          returned: O(state=present)
          type: str
          sample: dockerfile
        dockerfile:
          description: As O(build.dockerfile).
          returned: O(state=present)
          type: str
          sample: Dockerfile
        context:
          description: As O(build.context).
          returned: O(state=present)
          type: str
          sample: .
        target:
          description: As O(build.target).
          returned: O(state=present)
          type: str
          sample: runtime
        heroku_version:
          description: As O(build.heroku_version).
          returned: O(state=present)
          type: str
          sample: "24"
        railpack_version:
          description: As O(build.railpack_version).
          returned: O(state=present)
          type: str
          sample: 0.15.4
        publish_directory:
          description: As O(build.publish_directory).
          returned: O(state=present)
          type: str
          sample: ""
        static_spa:
          description: As O(build.static_spa).
          returned: O(state=present)
          type: bool
          sample: false
    create_env_file:
      description: As O(create_env_file).
      returned: O(state=present)
      type: bool
      sample: true
    auto_deploy:
      description: As O(auto_deploy).
      returned: O(state=present)
      type: bool
      sample: true
    clean_cache:
      description: As O(clean_cache).
      returned: O(state=present)
      type: bool
      sample: false
    replicas:
      description: As O(replicas).
      returned: O(state=present)
      type: int
      sample: 2
    command:
      description: As O(command).
      returned: O(state=present)
      type: str
      sample: ""
    args:
      description: As O(args).
      returned: O(state=present)
      type: list
      elements: str
      sample:
        - --port=3000
    domains:
      description: Its domains, by host and path.
      returned: O(state=present)
      type: list
      elements: dict
      contains:
        domain_id:
          description: Id of the domain. Null when check mode would create it.
          returned: O(state=present)
          type: str
          sample: t5NbVc8xZa1SdFg3HjKlQ
        host:
          description: As O(domains[].host).
          returned: O(state=present)
          type: str
          sample: shop.example.com
        path:
          description: As O(domains[].path).
          returned: O(state=present)
          type: str
          sample: /
        port:
          description: As O(domains[].port).
          returned: O(state=present)
          type: int
          sample: 3000
        https:
          description: As O(domains[].https).
          returned: O(state=present)
          type: bool
          sample: true
        certificate:
          description: As O(domains[].certificate).
          returned: O(state=present)
          type: str
          sample: letsencrypt
        certificate_resolver:
          description: As O(domains[].certificate_resolver).
          returned: O(state=present)
          type: str
          sample: ""
        internal_path:
          description: As O(domains[].internal_path).
          returned: O(state=present)
          type: str
          sample: /
        strip_path:
          description: As O(domains[].strip_path).
          returned: O(state=present)
          type: bool
          sample: false
        entrypoint:
          description: As O(domains[].entrypoint).
          returned: O(state=present)
          type: str
          sample: ""
        middlewares:
          description: As O(domains[].middlewares).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - compress@file
    mounts:
      description: Its mounts, by path.
      returned: O(state=present)
      type: list
      elements: dict
      contains:
        mount_id:
          description: Id of the mount. Null when check mode would create it.
          returned: O(state=present)
          type: str
          sample: p0OiUy7TrEw6QaSdF5gHj
        path:
          description: As O(mounts[].path).
          returned: O(state=present)
          type: str
          sample: /app/uploads
        type:
          description: As O(mounts[].type).
          returned: O(state=present)
          type: str
          sample: volume
        name:
          description: As O(mounts[].name).
          returned: O(state=present)
          type: str
          sample: shop-uploads
        host_path:
          description: As O(mounts[].host_path).
          returned: O(state=present)
          type: str
          sample: ""
        file_path:
          description: As O(mounts[].file_path).
          returned: O(state=present)
          type: str
          sample: ""
  sample:
    application_id: kX3vQ9mT2bWcZ7rLdPfYs
    name: web
    description: ""
    app_name: shop-web-k3f9zq
    server: ""
    environment_id: Vb2n6Wk0sXq9RtYu4Lm7c
    status: done
    created_at: "2026-03-14T09:26:53.589Z"
    source: docker
    docker:
      image: ghcr.io/acme/shop:1.4.2
      registry_url: ghcr.io
      username: acme-deploy
    build:
      type: nixpacks
      dockerfile: Dockerfile
      context: ""
      target: ""
      heroku_version: "24"
      railpack_version: 0.15.4
      publish_directory: ""
      static_spa: false
    create_env_file: true
    auto_deploy: true
    clean_cache: false
    replicas: 2
    command: ""
    args: []
    domains:
      - domain_id: t5NbVc8xZa1SdFg3HjKlQ
        host: shop.example.com
        path: /
        port: 3000
        https: true
        certificate: letsencrypt
        certificate_resolver: ""
        internal_path: /
        strip_path: false
        entrypoint: ""
        middlewares: []
    mounts:
      - mount_id: p0OiUy7TrEw6QaSdF5gHj
        path: /app/uploads
        type: volume
        name: shop-uploads
        host_path: ""
        file_path: ""
deploy_needed:
  description:
    - Whether what runs is not what is configured, as far as the module can tell. It is when nothing was deployed yet,
      when the last deployment failed or was cancelled, and when this run changed something that only a deployment
      brings to the service.
    - A change of an earlier run is not noticed, nor one that somebody made on the web page, nor a new image behind the
      same tag. Deploy in the same run, or keep the value.
    - V(false) as long as the application has no source that could be deployed.
  returned: O(state=present)
  type: bool
  sample: true
diff:
  description:
    - What changed, or would change in check mode, with the values of secrets hidden.
    - It holds the differing options only, and a key C(state) when the whole was created or removed.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: The differing options as they were.
      returned: success
      type: dict
      sample:
        replicas: 1
    after:
      description: The differing options as they are to be.
      returned: success
      type: dict
      sample:
        replicas: 2
    before_header:
      description: What it is about.
      returned: success
      type: str
      sample: application 'web' in shop/production
    after_header:
      description: What it is about.
      returned: success
      type: str
      sample: application 'web' in shop/production
  sample:
    before:
      replicas: 1
    after:
      replicas: 2
    before_header: application 'web' in shop/production
    after_header: application 'web' in shop/production
ids:
  description: The ids of all that bear a name which was to mean a single one.
  returned: when a name is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
options:
  description: The options whose new values the server accepted, but did not store.
  returned: when a written value was not there afterwards
  type: list
  elements: str
  sample:
    - create_env_file
error:
  description: What went wrong, for conditions in a playbook. The words for people are in C(msg).
  returned: failure, except for options of a wrong name or type
  type: dict
  contains:
    kind:
      description:
        - The kind of error. R(The guide to errors, ansible_collections.community.dokploy.docsite.errors) lists them
          all.
      returned: failure
      type: str
      sample: reference
    procedure:
      description: The procedure of Dokploy's API that failed. Null when the server was not at fault.
      returned: failure
      type: str
      sample: application.update
    status:
      description: The HTTP status of the server's answer. Null when there was none.
      returned: failure
      type: int
      sample: 400
  sample:
    kind: validation
    procedure: application.update
    status: 400
effect_unknown:
  description:
    - Whether it is unknown if the request that failed had an effect, since it was a write and the connection broke
      after it was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
