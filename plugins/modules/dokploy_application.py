#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_application
short_description: Manage applications of Dokploy with their sources, variables, domains and mounts
version_added: 1.0.0
description:
  - Creates, updates, moves and removes applications. An application is a Docker Swarm service that Dokploy runs from an
    image, or from an image that it builds from source code.
  - Most tasks set O(project), O(environment) and O(name), a source such as O(docker), O(git) or O(github), and O(env),
    O(domains) and O(mounts).
  - 'A short example: C(community.dokploy.dokploy_application: {project: shop, name: web, docker: {image: "nginx:1.27"},
    domains: [{host: shop.example.com}]}).'
  - 'An option that is not set is not managed: it is neither compared nor changed. An empty value, such as V("") or
    V([]), clears the setting. A value is written only if it differs.'
  - The module writes the configuration and does not deploy. RV(deploy_needed) says whether a deployment is needed, and
    M(community.dokploy.dokploy_deployment) deploys. Each option says whether it needs a deployment or takes effect at
    once.
  - 'Each list of things inside an application, such as O(domains) or O(mounts), is authoritative: entries that are not
    in it are removed. R(The guide to lists, ansible_collections.community.dokploy.docsite.lists) describes the modules
    that manage a single entry.'
  - An option that is compared as a whole, such as O(healthcheck), replaces the old value completely.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
  - community.dokploy.swarm
  - community.dokploy.git_source
  - community.dokploy.lists.application
  - community.dokploy.jobs.application
  - community.dokploy.variables
  - community.dokploy.unstated
options:
  # Written by make generate, but for what is described below.
  project:
    description:
      - Name or ID of the project. If several projects have this name, the module fails and lists their IDs.
      - Required unless O(application_id) is set.
    type: str
  environment:
    description:
      - Name or ID of the environment in the project. The default is the default environment of the project,
        V(production).
      - With O(application_id), the environment to move the application to. O(project) is then required unless this is
        an ID.
    type: str
  name:
    description:
      - Name of the application, 1 to 255 characters. Case is significant.
      - Dokploy does not enforce unique names. If several applications in the environment have this name, the module
        fails and lists their IDs. Select one with O(application_id).
      - With O(application_id), the new name.
      - One of O(name) and O(application_id) is required.
    type: str
  application_id:
    description:
      - ID of an existing application. Use it instead of O(project), O(environment) and O(name), or with them to move or
        rename it.
      - If it does not exist, O(state=absent) changes nothing, and other states fail.
    type: str
  # Written by hand.
  state:
    description:
      - V(present) creates the application, or updates it where it differs.
      - V(absent) removes the application. Its deployments in the queue are cancelled, a running build is waited for,
        and then its service, domains and files are deleted. Docker volumes and their data are kept.
      - V(started) ensures that the configured number of containers runs, V(stopped) that none runs. Both check the
        tasks in Docker and act only if needed. V(reloaded) replaces the containers each time, which applies the
        configuration without a build.
      - V(started) may have to do the same as V(reloaded), which then also applies a changed configuration. It fails if
        the application was never deployed, with O(replicas=0), and for a job. V(stopped) fails for O(mode.type=global).
      - With V(started), V(stopped) and V(reloaded), only the options that select the application and O(wait_timeout)
        can be set. If a container does not stay up, the module fails and shows the end of its log.
    type: str
    choices:
      - present
      - absent
      - started
      - stopped
      - reloaded
    default: present
  app_name:
    description:
      - Beginning of the name of the application's service in Docker, which is also its host name for other containers.
        1 to 63 letters, digits, V(.), V(_) and V(-).
      - Dokploy converts it to lower case and appends V(-) and six random characters. RV(application.app_name) is the
        full name. For an existing application, both forms are accepted.
      - Only used to create the application. Another value for an existing application is an error, since Dokploy cannot
        change it. The default is a name that Dokploy generates.
    type: str
  server:
    description:
      - Name or ID of the server that builds and runs the application, as listed in Dokploy under B(Remote Servers). The
        default is the server that runs Dokploy.
      - Only used to create the application. Another value for an existing application is an error, since Dokploy cannot
        move an application between servers.
    type: str
  docker:
    description:
      - Run an image from a registry. O(build) then has no effect. See O(github) for how the sources exclude each other.
      - The registry is a part of O(docker.image), and its login is O(docker.registry_url), O(docker.username) and
        O(docker.password). The option O(registry) is another one, for images that Dokploy builds.
      - Changes need a deployment, and so does a new image behind the same tag.
    type: dict
    suboptions:
      image:
        description:
          - Reference of the image, as for C(docker pull), for example V(ghcr.io/acme/shop:1.4.2). With a fixed tag or a
            digest, deployments are repeatable.
          - Invalid references are refused, such as a repository with upper-case letters, a URL scheme, or a variable,
            which Dokploy does not replace.
          - Required unless the application has one already.
        type: str
      registry_url:
        description:
          - Host of the registry to log in to before the pull, for example V(ghcr.io). If it is empty, Dokploy logs in
            to Docker Hub. V("") clears it.
          - It does not select where the image comes from, which is a part of O(docker.image).
        type: str
      username:
        description:
          - User of the registry. Dokploy logs in if a user and a password are set. V("") clears it.
        type: str
      password:
        description:
          - Password or token for the registry. V("") clears it.
          - A secret. Dokploy returns it, so it is compared, and written only if it differs.
        type: str
  drop:
    description:
      - Build from a ZIP archive that M(community.dokploy.dokploy_deployment) uploads. See O(github) for how the sources
        exclude each other.
      - Changes need a deployment.
    type: dict
    suboptions:
      build_path:
        description:
          - Folder in the archive to build, relative to its root. V("") means the root.
        type: str
  build:
    description:
      - How to build the image of a source other than O(docker). Each suboption is independent, and those that are not
        set are not managed.
      - Changes need a deployment.
    type: dict
    suboptions:
      type:
        description:
          - The builder of the image. Dokploy's default is V(nixpacks).
          - V(dockerfile) runs C(docker build).
          - V(static) puts the files into an image of nginx, which answers on port 80.
          - V(nixpacks), V(railpack), V(heroku_buildpacks) and V(paketo_buildpacks) detect what the source code needs.
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
          - Path of the Dockerfile, relative to the folder that is built. Used with O(build.type=dockerfile). Dokploy's
            default is V(Dockerfile), which V("") also selects.
        type: str
      context:
        description:
          - Path of the build context, relative to the root of the repository. V(.) is the root. Used with
            O(build.type=dockerfile).
          - V("") clears it. The folder that Dokploy then uses depends on its version, so set it explicitly.
        type: str
      target:
        description:
          - Stage of a multi-stage Dockerfile to build, C(docker build --target). Used with O(build.type=dockerfile).
            V("") clears it, and the last stage is built.
        type: str
      heroku_version:
        description:
          - Version of the Heroku builder image, for example V(24). Used with O(build.type=heroku_buildpacks). V("")
            clears it, and Dokploy uses V(24).
        type: str
      railpack_version:
        description:
          - Version of Railpack, for example V(0.15.4). V("") clears it, but O(build.type=railpack) needs a version.
        type: str
      publish_directory:
        description:
          - Folder with the files that nginx serves. With O(build.type=static), it is a folder of the source, with
            O(build.type=nixpacks), a folder that the build creates. V("") clears it.
        type: str
      static_spa:
        description:
          - Whether nginx answers with C(index.html) if a file does not exist, as single-page applications need it. Used
            where nginx serves the files.
        type: bool
      server:
        description:
          - Name or ID of the build server that builds the image instead of O(server), as listed in Dokploy under
            B(Remote Servers). Needs O(build.registry) to transfer the image. Needs Dokploy 0.26.0 or newer.
          - V("") clears it, and O(server) builds the image.
        type: str
      registry:
        description:
          - Name or ID of the registry through which O(build.server) transfers the image to O(server), as listed in
            Dokploy under B(Docker Registry). If O(registry) is also set, the image is pushed to both and pulled from
            O(registry). Needs Dokploy 0.26.0 or newer.
          - V("") clears it.
        type: str
  env:
    description:
      - Environment variables of the containers.
      - A mapping of names to values, or text in the format of a C(.env) file. The text is stored unchanged, with its
        comments. Values of a mapping are quoted where necessary. V(true) and V(false) become text.
      - A mapping changes the text on the server in place. Comments, blank lines and the lines of variables that do not
        change stay.
      - The values that Dokploy parses are compared. Order, comments and quotes are not significant.
      - In a value, V(${{project.NAME}}) and V(${{environment.NAME}}) refer to variables of the project and the
        environment, V(${{NAME}}) to another variable of the application. If a variable does not exist, the deployment
        fails.
      - In a playbook, such a value needs the YAML tag C(!unsafe), since Ansible otherwise takes it for a template.
      - Docker takes V({{) in a value for the beginning of its own template. The module warns about such variables.
      - V({}) or V("") clears all. In a mapping, null removes the variable.
      - Changes need a deployment.
      - A secret. See R(the guide to environment text, ansible_collections.community.dokploy.docsite.environment_text).
    type: raw
  build_args:
    description:
      - Build arguments, C(docker build --build-arg). Used with a Dockerfile.
      - Accepts the same formats and references as O(env), and is cleared and compared in the same way.
      - Changes need a deployment.
      - Handled as a secret, but Docker records build arguments in the image. It does not record O(build_secrets).
    type: raw
  build_args_mode:
    description:
      - As O(env_mode), for O(build_args).
    type: str
    choices:
      - replace
      - merge
    default: replace
  build_secrets:
    description:
      - Build secrets, C(docker build --secret), for C(RUN --mount=type=secret) in a Dockerfile. Needs Dokploy 0.25.6 or
        newer.
      - Accepts the same formats and references as O(env), and is cleared and compared in the same way.
      - Changes need a deployment.
      - A secret.
    type: raw
  build_secrets_mode:
    description:
      - As O(env_mode), for O(build_secrets).
    type: str
    choices:
      - replace
      - merge
    default: replace
  create_env_file:
    description:
      - Whether to also write O(env) to a file C(.env) beside the Dockerfile before the build. Dokploy's default is
        V(true). Needs Dokploy 0.26.1 or newer.
      - Changes need a deployment.
    type: bool
  auto_deploy:
    description:
      - Whether an event of the Git provider, or a request to the application's webhook, starts a deployment. Dokploy's
        default is V(true).
      - Takes effect at once.
    type: bool
  clean_cache:
    description:
      - Whether builds ignore the cache of earlier builds. Dokploy's default is V(false).
      - Takes effect with the next build. A change of this alone does not make a deployment needed.
    type: bool
  replicas:
    description:
      - Number of containers. Dokploy's default is V(1). With V(0), no container runs. It has no effect while O(mode) is
        set.
      - Changes need a deployment.
    type: int
  runs:
    description:
      - V(once) is for containers that run to their end, such as migrations. A deployment waits for their end, and fails
        if an exit code is not 0. RV(community.dokploy.dokploy_deployment#module:job) has the code and the end of the
        log. They run again at the next deployment, when the configuration or the revision has changed. In a document,
        what is C(after) it waits for the end, and is left out after a failure.
      - V(once) states C(condition=none) in O(restart_policy) and C(failure_action=continue) in O(update_config), where
        V(pause) may be stated. With V(rollback), Docker would run the containers of the former version once more.
      - V(permanently), for an application that has run once, states C(condition=any) in O(restart_policy), unless
        V(on-failure) is stated there.
      - It is not returned, since Dokploy stores O(restart_policy) and O(update_config).
      - Changes need a deployment.
    type: str
    choices:
      - once
      - permanently
  command:
    description:
      - Program to run instead of the entrypoint of the image. Dokploy splits the text at each space and does not
        support quotes, so set arguments with spaces in O(args). The module issues a warning if there is a space between
        quotes.
      - A list is refused.
      - V("") clears it, and the entrypoint of the image is used.
      - Changes need a deployment.
    type: str
  args:
    description:
      - Arguments of the entrypoint or of O(command), instead of the command of the image. Needs Dokploy 0.26.0 or
        newer.
      - The order is significant. V([]) clears them.
      - A single text with whitespace or commas is refused, since Ansible would not split it into arguments.
      - Changes need a deployment.
    type: list
    elements: str
  detach_dokploy_network:
    description:
      - Whether to detach the containers from C(dokploy-network). Traefik reaches the containers through that network,
        so O(domains) do not work then, unless they share another network with Traefik. Dokploy's default is V(false).
        Needs Dokploy 0.29.14 or newer.
      - It has no effect while O(network_attachments) is set.
      - Changes need a deployment.
    type: bool
  registry:
    description:
      - Name or ID of the registry to push a built image to, from which the nodes of the swarm pull it, as listed in
        Dokploy under B(Docker Registry). Required for a swarm of several nodes.
      - This is for images that Dokploy builds. O(docker.registry_url) is for images that others have built,
        O(build.registry) is for a build server, and O(rollback.registry) is for rollbacks.
      - V("") clears it, and the image stays on the server that built it.
      - Changes need a deployment.
    type: str
  rollback:
    description:
      - Whether to keep the images of earlier deployments for rollbacks. Each suboption is independent, and those that
        are not set are not managed.
      - Takes effect with the next deployment. A change of this alone does not make a deployment needed.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether to keep the image of each deployment. Needs O(rollback.registry). Dokploy's default is V(false).
        type: bool
      registry:
        description:
          - Name or ID of the registry that keeps the images, as listed in Dokploy under B(Docker Registry). Needs
            Dokploy 0.26.0 or newer.
          - V("") clears it.
        type: str
  preview:
    description:
      - Preview deployments. Dokploy deploys each pull request at GitHub against the branch of the application, with a
        domain of its own, and removes it when the pull request is closed. Only with O(github) as the source.
      - Each suboption is independent, and those that are not set are not managed.
      - Takes effect with the next preview deployment. A change of this alone does not make a deployment needed.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether to deploy pull requests. Dokploy's default is V(false).
          - Has no effect on an application whose source is not O(github). The module then issues a warning.
        type: bool
      wildcard:
        description:
          - Domain of the host names of previews, such as V(*.preview.example.com). It begins with V(*.), and its DNS
            records must point to the server.
          - V("") clears it, and Dokploy uses V(*.sslip.io), which needs no DNS records.
        type: str
      port:
        description:
          - Port that the application listens on in its container, 1 to 65535. Dokploy's default is V(3000).
        type: int
      path:
        description:
          - As O(domains[].path), for the domains of previews. It begins with V(/). Dokploy's default is V(/), which
            V("") also selects.
        type: str
      https:
        description:
          - As O(domains[].https), for the domains of previews. Dokploy's default is V(false).
        type: bool
      certificate:
        description:
          - As O(domains[].certificate), for the domains of previews. Dokploy's default is V(none).
          - Has no effect without O(preview.https=true). The module then issues a warning.
        type: str
        choices:
          - none
          - letsencrypt
          - custom
      certificate_resolver:
        description:
          - As O(domains[].certificate_resolver), for the domains of previews. Required with
            O(preview.certificate=custom), unless it is set already.
        type: str
      limit:
        description:
          - Maximum number of previews at a time. Further pull requests are not deployed. Dokploy's default is V(3).
        type: int
      labels:
        description:
          - Labels of pull requests at GitHub. Only pull requests with one of them are deployed. The order is not
            significant.
          - V([]) clears them, and every pull request is deployed.
        type: list
        elements: str
      require_collaborator:
        description:
          - Whether to deploy only pull requests of users who may write to the repository. Otherwise, anyone can run
            code on the server and read the variables with a pull request to a public repository. Dokploy's default is
            V(true).
        type: bool
      env:
        description:
          - Environment variables of previews, which do not use O(env). Dokploy adds V(DOKPLOY_DEPLOY_URL) with the host
            name.
          - Accepts the same formats and references as O(env), and is cleared and compared in the same way. It always
            replaces all variables.
          - A secret.
        type: raw
      build_args:
        description:
          - Build arguments of previews, which do not use O(build_args).
          - Accepts the same formats and references as O(env), and is cleared and compared in the same way. It always
            replaces all variables.
          - Handled as a secret, but Docker records build arguments in the image.
        type: raw
      build_secrets:
        description:
          - Build secrets of previews, which do not use O(build_secrets). Needs Dokploy 0.25.6 or newer.
          - Accepts the same formats and references as O(env), and is cleared and compared in the same way. It always
            replaces all variables.
          - A secret.
        type: raw
  icon:
    description:
      - Icon in the web interface, as a data URL such as V(data:image/svg+xml;base64,PHN2Zy8+), at most 1000000
        characters. Needs Dokploy 0.29.0 or newer.
      - V("") clears it.
      - Takes effect at once.
    type: str
  webhook_token:
    description:
      - Last part of the URL of the application's webhook, C(https://DOKPLOY/api/deploy/TOKEN). Anyone who knows it can
        deploy the application, so make it long and random. 1 to 255 letters, digits, V(_) and V(-).
        M(community.dokploy.dokploy_application_action) can have Dokploy generate a new one.
      - Dokploy generates one, so you need the option only to use a specific token. It cannot be cleared.
        O(auto_deploy=false) disables the webhook.
      - Takes effect at once. The URL with the old token no longer works.
      - A secret. Dokploy returns it, so it is compared, and written only if it differs.
    type: str
  ports:
    description:
      - All ports of the application that Docker publishes, bypassing Traefik. Others are removed, and V([]) removes
        all. Without the option ports are not managed. For websites, use O(domains).
      - A port is identified by O(ports[].published_port) and O(ports[].protocol). An existing one is updated in place,
        and its options that are not set do not change.
      - They have no effect while O(endpoint_spec) is set.
      - Changes need a deployment.
    type: list
    elements: dict
    suboptions:
      published_port:
        description:
          - Port on the server, 1 to 65535. It must not be in use.
        type: int
        required: true
      protocol:
        description:
          - Protocol of both ports.
        type: str
        choices:
          - tcp
          - udp
        default: tcp
      target_port:
        description:
          - Port that the application listens on in its container, 1 to 65535.
        type: int
        required: true
      publish_mode:
        description:
          - With V(ingress), every node of the swarm accepts and forwards connections. With V(host), only a node with a
            container accepts them, and it can have only one container. The default for a new port is V(ingress).
        type: str
        choices:
          - ingress
          - host
  redirects:
    description:
      - All redirects of the application (Traefik's C(RedirectRegex)). Others are removed, and V([]) removes all.
        Without the option redirects are not managed. They apply to all its domains, but not to previews.
      - A redirect is identified by O(redirects[].regex). An existing one is updated in place, and its options that are
        not set do not change.
      - Takes effect at once, without a deployment. Dokploy writes it to Traefik's configuration.
    type: list
    elements: dict
    suboptions:
      regex:
        description:
          - Regular expression in Go's syntax for the URL of a request, with scheme and host, such as
            V(^https?://www\\.example\\.com/(.*\)). 1 to 8192 characters.
        type: str
        required: true
      replacement:
        description:
          - URL to redirect to, such as V(https://example.com/${1}), where V(${1}) is the match of the first group. 1 to
            8192 characters.
        type: str
        required: true
      permanent:
        description:
          - Whether the redirect is permanent, status 308 or 301 instead of 307 or 302. The default for a new redirect
            is V(false).
        type: bool
  basic_auth:
    description:
      - All users who may open the domains of the application, with HTTP basic authentication (Traefik's C(BasicAuth)).
        Others are removed, and V([]) removes all, which allows everyone. Without the option users are not managed.
      - They apply to all its domains, and to its previews. Dokploy calls this security.
      - A user is identified by O(basic_auth[].username). An existing one is updated in place.
      - Takes effect at once, without a deployment. Dokploy writes it to Traefik's configuration.
    type: list
    elements: dict
    suboptions:
      username:
        description:
          - Name of the user, 1 to 255 characters, without whitespace and colons.
        type: str
        required: true
      password:
        description:
          - Password of the user, 1 to 1024 characters.
          - A secret. Dokploy returns it, so it is compared, and written only if it differs.
        type: str
        required: true
  patches:
    description:
      - All changes to files of the repository that Dokploy makes after each clone and before the build. Others are
        removed, and V([]) removes all. Without the option patches are not managed. Needs Dokploy 0.28.0 or newer.
      - A patch is identified by O(patches[].path). An existing one is updated in place, and its options that are not
        set do not change.
      - Dokploy does not return them with the application. Setting the option costs one more request, and they are in
        the result only then.
      - Changes need a deployment. A redeployment does not clone the repository and applies no patches.
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - Path of the file, relative to the root of the repository.
          - Double quotes, C($), backticks and backslashes are refused, since Dokploy inserts it into a shell script.
        type: str
        required: true
      type:
        description:
          - V(update) and V(create) write the file, V(delete) deletes it. The default for a new patch is V(update).
        type: str
        choices:
          - update
          - create
          - delete
      content:
        description:
          - The whole content of the file, not a diff. A line break is added at the end if it is missing. Either this or
            O(patches[].src) is required, unless O(patches[].type=delete) or the patch has content already.
        type: str
      src:
        description:
          - File with the content, instead of O(patches[].content). It must be UTF-8.
          - With a local connection, the file is searched for as with M(ansible.builtin.copy), in C(files) of the role
            or beside the playbook. With another connection, it is a path on the remote host.
        type: path
      enabled:
        description:
          - Whether Dokploy applies the patch. The default for a new patch is V(true).
        type: bool
  wait_timeout:
    description:
      - Seconds for which O(state=absent) waits for a running build to end. If an application were deleted during a
        build, its service would remain.
      - Seconds for which O(state=started), O(state=stopped) and O(state=reloaded) wait for the containers.
    type: float
    default: 600.0
seealso:
  - module: community.dokploy.dokploy_application_action
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_basic_auth
  - module: community.dokploy.dokploy_deployment
  - module: community.dokploy.dokploy_domain
  - module: community.dokploy.dokploy_environment
  - module: community.dokploy.dokploy_logs_info
  - module: community.dokploy.dokploy_mount
  - module: community.dokploy.dokploy_patch
  - module: community.dokploy.dokploy_port
  - module: community.dokploy.dokploy_preview_deployment
  - module: community.dokploy.dokploy_redirect
  - module: community.dokploy.dokploy_schedule
  - module: community.dokploy.dokploy_traefik_config
  - module: community.dokploy.dokploy_volume_backup
  - name: Documentation of Dokploy
    description: The documentation of sources, build types, domains and mounts.
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
    env:
      NODE_ENV: production
    domains:
      - host: shop.example.com
        port: 3000
        https: true
        certificate: letsencrypt
  register: web

- name: Deploy it if the configuration has changed
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    application: web
  when: web.deploy_needed

- name: Configure first, and deploy in a handler what has changed
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Configure the administration
      community.dokploy.dokploy_application:
        project: shop
        environment: production
        name: admin
        docker:
          image: ghcr.io/acme/shop-admin:1.4.2
      register: admin
      # Also if an earlier run ended before its handlers.
      changed_when: admin is changed or admin.deploy_needed | default(false)
      notify: Deploy the administration
  handlers:
    - name: Deploy the administration
      community.dokploy.dokploy_deployment:
        project: shop
        environment: production
        application: admin

- name: Pull a private image, add secrets, replicas and a volume
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
    mounts:
      - type: volume
        name: shop-uploads
        path: /app/uploads

- name: Change one variable and leave everything else as it is
  community.dokploy.dokploy_application:
    project: shop
    name: web
    env_mode: merge
    env:
      FEATURE_CHECKOUT: "on"
      FEATURE_BETA: null

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

- name: Redirect, require a password, publish a port, and mount a file beside the playbook
  community.dokploy.dokploy_application:
    project: shop
    name: api
    redirects:
      - regex: ^https?://api\.example\.com/v1/(.*)
        replacement: https://api.example.com/v2/${1}
        permanent: true
    basic_auth:
      - username: staff
        password: "{{ vault_staff_password }}"
    ports:
      - published_port: 8025
        target_port: 25
        publish_mode: host
    mounts:
      - type: volume
        name: shop-data
        path: /data
      - type: file
        file_path: api.toml
        path: /etc/shop/api.toml
        src: api.toml

- name: Remove all domains
  community.dokploy.dokploy_application:
    project: shop
    name: api
    domains: []

- name: Start it, even if it was stopped in the web interface
  community.dokploy.dokploy_application:
    project: shop
    name: worker
    state: started

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

- name: Limit the resources, check the health, and replace the containers one by one without an interruption
  community.dokploy.dokploy_application:
    project: shop
    environment: production
    name: web
    memory_limit: 512M
    memory_reservation: 128M
    cpu_limit: 1.5
    healthcheck:
      test: curl -f http://localhost:3000/health || exit 1
      interval: 15s
      timeout: 5s
      start_period: 1m
      retries: 3
    update_config:
      order: start-first
      failure_action: rollback
      monitor: 30s
    restart_policy:
      condition: on-failure
      delay: 10s
      max_attempts: 5
    stop_grace_period: 30s
    ulimits:
      - name: nofile
        soft: 65536

- name: Use the health check of the image again
  community.dokploy.dokploy_application:
    project: shop
    name: web
    healthcheck: {}

- name: Run a command each night, back up a volume, and change a file of the repository
  community.dokploy.dokploy_application:
    project: shop
    environment: staging
    name: web
    schedules:
      - name: cleanup
        cron: 30 3 * * *
        timezone: Europe/Berlin
        command: bin/cleanup --all
        shell: sh
    volume_backups:
      - name: uploads
        volume: shop-uploads
        destination: acme-s3
        cron: 0 2 * * *
        keep: 7
        stop_service: true
    patches:
      - path: config/production.json
        content: |
          {"debug": false}

- name: Keep the images of earlier deployments
  community.dokploy.dokploy_application:
    project: shop
    environment: staging
    name: web
    rollback:
      enabled: true
      registry: acme-registry

- name: Deploy each pull request with the label preview
  community.dokploy.dokploy_application:
    project: shop
    environment: staging
    name: web
    preview:
      enabled: true
      wildcard: "*.preview.example.com"
      port: 3000
      https: true
      certificate: letsencrypt
      limit: 5
      labels:
        - preview
      env:
        NODE_ENV: preview
        DATABASE_URL: "{{ vault_preview_database_url }}"

- name: Spread an application over the nodes of one zone, with an image from a registry
  community.dokploy.dokploy_application:
    project: shop
    environment: staging
    name: web
    replicas: 4
    registry: acme-registry
    placement:
      constraints:
        - node.role==worker
        - node.labels.zone==a
      preferences:
        - spread: node.labels.rack
      max_replicas: 2
    networks:
      - shop-internal
    labels:
      com.example.team: shop
"""

RETURN = r"""
application:
  description:
    - The application after the module ran, or as predicted in check mode. Its keys are the options, without secrets.
    - For O(state=absent), only its ID and name, or null if it did not exist. For O(state=started), O(state=stopped) and
      O(state=reloaded), only these and its name in Docker.
  returned: success
  type: dict
  contains:
    application_id:
      description: ID of the application. V((generated\)) if check mode would create it.
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    name:
      description: Name of the application.
      type: str
      sample: web
    description:
      description: Description of the application, V("") if there is none.
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
    environment_id:
      description: ID of its environment. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: Vb2n6Wk0sXq9RtYu4Lm7c
    server:
      description:
        - Its remote server as in O(server), the ID if the option is not set, and V("") for the server that runs
          Dokploy.
      returned: O(state=present)
      type: str
      sample: ''
    status:
      description:
        - Status that Dokploy stores, V(idle), V(running), V(done) or V(error). V(running) means a running deployment,
          V(done) does not mean that a container runs. V((generated\)) if check mode would create the application.
      returned: O(state=present)
      type: str
      sample: done
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    url:
      description: URL of the first enabled domain in the order of RV(application.domains), V("") if there is none.
      returned: O(state=present)
      type: str
      sample: https://shop.example.com/
    source:
      description:
        - The source of the application, V(github), V(gitlab), V(bitbucket), V(gitea), V(git), V(docker) or V(drop).
          Only the key of this name is returned, or none if a new application has no source yet. Absent if check mode
          would create it without one.
      returned: O(state=present)
      type: str
      sample: docker
    github:
      description: See O(github). C(provider) is an ID unless the task sets it.
      returned: when RV(application.source=github), O(state=present) or O(state=started) or O(state=stopped) or
        O(state=reloaded)
      type: dict
      sample:
        provider: acme-github
        owner: acme
        repository: shop
        branch: main
        build_path: /
        trigger: push
        watch_paths:
          - src/**
        submodules: false
    gitlab:
      description: See O(gitlab). C(provider) is an ID unless the task sets it.
      returned: when RV(application.source=gitlab), O(state=present) or O(state=started) or O(state=stopped) or
        O(state=reloaded)
      type: dict
      sample:
        provider: acme-gitlab
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
      description: See O(bitbucket). C(provider) is an ID unless the task sets it.
      returned: when RV(application.source=bitbucket), O(state=present) or O(state=started) or O(state=stopped) or
        O(state=reloaded)
      type: dict
      sample:
        provider: acme-bitbucket
        owner: acme
        repository: shop
        branch: main
        build_path: /
        repository_slug: ''
        watch_paths:
          - src/**
        submodules: false
    gitea:
      description: See O(gitea). C(provider) is an ID unless the task sets it.
      returned: when RV(application.source=gitea), O(state=present) or O(state=started) or O(state=stopped) or
        O(state=reloaded)
      type: dict
      sample:
        provider: acme-gitea
        owner: acme
        repository: shop
        branch: main
        build_path: /
        watch_paths:
          - src/**
        submodules: false
    git:
      description: See O(git). C(ssh_key) is an ID unless the task sets it.
      returned: when RV(application.source=git), O(state=present) or O(state=started) or O(state=stopped) or
        O(state=reloaded)
      type: dict
      sample:
        url: git@git.example.com:acme/shop.git
        branch: main
        build_path: /
        ssh_key: deploy
        watch_paths:
          - src/**
        submodules: false
    docker:
      description: See O(docker).
      returned: when RV(application.source=docker), O(state=present) or O(state=started) or O(state=stopped) or
        O(state=reloaded)
      type: dict
      sample:
        image: ghcr.io/acme/shop:1.4.2
        registry_url: ghcr.io
        username: acme-deploy
    drop:
      description: See O(drop).
      returned: when RV(application.source=drop), O(state=present) or O(state=started) or O(state=stopped) or
        O(state=reloaded)
      type: dict
      sample:
        build_path: ''
    build:
      description: See O(build). C(server) and C(registry) are IDs unless the task sets them.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
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
        server: builder-1
        registry: acme-registry
    create_env_file:
      description: See O(create_env_file).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: bool
      sample: true
    auto_deploy:
      description: See O(auto_deploy).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: bool
      sample: true
    clean_cache:
      description: See O(clean_cache).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: bool
      sample: false
    replicas:
      description: See O(replicas).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: int
      sample: 2
    command:
      description: See O(command).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: str
      sample: ''
    args:
      description: See O(args).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: list
      elements: str
      sample:
        - --port=3000
    memory_limit:
      description: See O(memory_limit).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: str
      sample: 512M
    memory_reservation:
      description: See O(memory_reservation).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: str
      sample: 256M
    cpu_limit:
      description: See O(cpu_limit).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: str
      sample: '1.5'
    cpu_reservation:
      description: See O(cpu_reservation).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: str
      sample: '0.25'
    healthcheck:
      description: See O(healthcheck). V({}) if it is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
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
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: dict
      sample:
        condition: on-failure
        delay: 10s
        max_attempts: 5
        window: 2m
    placement:
      description: See O(placement). V({}) if it is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
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
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
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
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
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
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: dict
      sample:
        type: replicated
        replicas: 2
    labels:
      description: See O(labels).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: dict
      sample:
        com.example.team: shop
    network_attachments:
      description: See O(network_attachments).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
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
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: str
      sample: 30s
    endpoint_spec:
      description: See O(endpoint_spec). V({}) if it is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
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
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: list
      elements: dict
      sample:
        - name: nofile
          soft: 65536
          hard: 65536
    networks:
      description: See O(networks). The IDs if the option is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: list
      elements: str
      sample:
        - shop-internal
    detach_dokploy_network:
      description: See O(detach_dokploy_network).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: bool
      sample: false
    registry:
      description: See O(registry). The ID if the option is not set.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: str
      sample: acme-registry
    rollback:
      description: See O(rollback). C(registry) is an ID unless the task sets it.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: dict
      sample:
        enabled: true
        registry: acme-registry
    preview:
      description: See O(preview).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
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
    icon:
      description: See O(icon).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: str
      sample: data:image/svg+xml;base64,PHN2Zy8+
    domains:
      description: See O(domains). Sorted by C(host) and C(path), each with its C(domain_id).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
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
      description: See O(mounts). Sorted by C(path), each with its C(mount_id).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: list
      elements: dict
      sample:
        - mount_id: p0OiUy7TrEw6QaSdF5gHj
          path: /app/uploads
          type: volume
          name: shop-uploads
          host_path: ''
          file_path: ''
    ports:
      description: See O(ports). Sorted by C(published_port) and C(protocol), each with its C(port_id).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: list
      elements: dict
      sample:
        - port_id: b7UyTr3EwQ9zXcVb1NmLk
          published_port: 8025
          protocol: tcp
          target_port: 25
          publish_mode: ingress
    redirects:
      description: See O(redirects). Sorted by C(regex), each with its C(redirect_id).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: list
      elements: dict
      sample:
        - redirect_id: c2WsXe4DcRf5VtGb6YhNj
          regex: ^https?://www\.example\.com/(.*)
          replacement: https://example.com/${1}
          permanent: true
    basic_auth:
      description: See O(basic_auth). Sorted by C(username), each with its C(basic_auth_id).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
      type: list
      elements: dict
      sample:
        - basic_auth_id: d8IkOl9PqAz1WsXe2DcRf
          username: staff
    schedules:
      description: See O(schedules). Sorted by C(name), each with its C(schedule_id).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
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
      description: See O(volume_backups). Sorted by C(name), each with its C(volume_backup_id). C(destination) is an ID
        unless the task sets it.
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
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
          stop_service: false
          enabled: true
    patches:
      description: See O(patches). Sorted by C(path), each with its C(patch_id).
      returned: O(state=present) or O(state=started) or O(state=stopped) or O(state=reloaded)
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
    - The containers of the application after the module ran, as Docker shows them.
    - If check mode would change something, only the configured number. Null if check mode would create the application.
  returned: O(state=started), O(state=stopped) or O(state=reloaded), and on failure when not enough containers run or
    stay up
  type: dict
  contains:
    replicas_wanted:
      description:
        - The configured number of containers. Null in modes in which the swarm decides it. For a Compose stack, those
          that have not completed.
      returned: success
      type: int
      sample: 2
    replicas_running:
      description: The number of containers that run.
      returned: success
      type: int
      sample: 2
    tasks:
      description: The tasks of the service in Docker, including those that ended lately, the newest of each slot first.
      returned: success
      type: list
      elements: dict
      contains:
        name:
          description: Name of the task, which ends with the number of its slot.
          type: str
          sample: shop-web-k3f9zq.1
        desired_state:
          description: The state that Docker wants, such as V(running), V(ready), V(shutdown) or V(remove). A task with
            V(shutdown) can still be running as long as its container ends.
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
    images:
      description:
        - The images that the containers run, sorted by their names. Several while containers of one service run
          different ones, as after a tag has moved. Each image of a Compose stack has the C(service) that runs it. Empty
          if nothing runs.
        - To read them takes three requests more, so that only tasks that have started containers have them.
          O(community.dokploy.dokploy_application_info#module:include=images) reads them at any time.
      returned: when the module has started containers
      type: list
      elements: dict
      contains:
        image:
          description: The image as it is configured.
          type: str
          sample: ghcr.io/acme/shop:1.4.2
        image_id:
          description: What Docker calls the image. Null of containers on another node of the swarm than that of Dokploy
            or of O(server).
          type: str
          sample: sha256:5b6e07b3bc8b2b9bd7d0d4a1b8f9b8c77b0c5b6b6e1e9a7c8d0f5a7e3c1d2b4a
        digest:
          description: The image with the digest under which a registry has it. Null if none is known to have it, as of
            one that was only built on its host, and of containers without RV(running.images[].image_id).
          type: str
          sample: ghcr.io/acme/shop@sha256:4ad0c6b2e9c1a5d8f7b3e2a1908f6d5c4b3a29181706f5e4d3c2b1a09f8e7d6c
    commit:
      description: The commit of what runs. Null if the source is no repository. A database has none.
      returned: with RV(running.images)
      type: str
      sample: 6d1f2c8a90be7f3154a0c9d2e8b7a6f5c4d3e2b1
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
    - A new commit, or a new image with the same tag, is not detected. Patches that others have changed are only
      detected if O(patches) is set.
    - V(false) if the application has no source that could be deployed.
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
    application_id: kX3vQ9mT2bWcZ7rLdPfYs
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
