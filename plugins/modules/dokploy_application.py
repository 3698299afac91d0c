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
    M(community.dokploy.dokploy_deployment) deploys. What needs a deployment, and what takes effect at once, is said of
    each option.
  - Each list of things inside an application, such as O(domains) or O(mounts), is authoritative. What is not in it is
    removed. R(The guide to lists, ansible_collections.community.dokploy.docsite.lists) tells of modules that manage a
    single entry and leave the others alone.
  - An option whose value is a whole, such as O(healthcheck), is written as it is stated, and no part of the old value
    is kept.
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
      - V(started) makes sure that as many containers run as are configured, V(stopped) that none does. Both look at
        what really runs and act only when it is not so. V(reloaded) exchanges the containers for new ones each time,
        which brings what is configured to them without a build.
      - V(started) may have to do the same as V(reloaded), so that a changed configuration may come along. It is an
        error when nothing was ever deployed, with O(replicas=0), and for a job. V(stopped) is an error for
        O(mode.type=global).
      - With V(started), V(stopped) and V(reloaded) only the options that say which application is meant can be given,
        and O(wait_timeout). The containers have to stay up, and an error ends with the log of one that does not.
    type: str
    choices:
      - present
      - absent
      - started
      - stopped
      - reloaded
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
          - Name of the repository, without the owner. V(owner/name) is refused.
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
          - Name of the repository, without the owner. V(owner/name) is refused.
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
          - Name of the repository, without the owner. V(owner/name) is refused.
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
          - Name of the repository, without the owner. V(owner/name) is refused.
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
          - A path of the server, and a name without a host, are refused.
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
          - Anything else is refused, such as a repository with capitals, a scheme, or a variable, which Dokploy does
            not replace.
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
      - Build from a ZIP archive that is uploaded to Dokploy, as M(community.dokploy.dokploy_deployment) does. See
        O(github) for how the sources exclude each other.
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
      server:
        description:
          - Name or id of the build server that builds the image instead of O(server), as listed in Dokploy under
            B(Remote Servers). Needs O(build.registry), since the image has to get from one to the other. Needs Dokploy
            0.26.0 or newer.
          - V("") clears it, and the application is built where it runs.
        type: str
      registry:
        description:
          - Name or id of the registry over which the image gets from O(build.server) to O(server), as listed in Dokploy
            under B(Docker Registry). Where O(registry) is set, too, the image is pushed to both and pulled from
            O(registry). Needs Dokploy 0.26.0 or newer.
          - V("") clears it.
        type: str
  env:
    description:
      - Environment variables of the containers.
      - A mapping of names to values, or environment text in the form of a C(.env) file. The text is stored as it is,
        with its comments. A value of a mapping is quoted where it has to be. V(true) and V(false) become these words.
      - Compared by what Dokploy reads out of it. Order, comments and quotes make no difference.
      - V(${{project.NAME}}) and V(${{environment.NAME}}) in a value stand for the variables of the project and the
        environment, V(${{NAME}}) for another one of the application. A reference to nothing fails the deployment.
      - In a playbook such a value needs the YAML tag C(!unsafe), since Ansible would take it for a template of its own.
      - Docker takes V({{) in a value for the beginning of a template of its own. A warning names such variables.
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
      - Number of containers. Dokploy starts with V(1). With V(0) none runs. As long as O(mode) is set, it has no
        effect.
      - Changes need a deployment.
    type: int
  command:
    description:
      - Program to run instead of the image's entrypoint. Dokploy splits the text at every single blank and knows no
        quotes, so arguments with blanks belong into O(args).
      - A list is refused.
      - V("") clears it, and the entrypoint of the image runs.
      - Changes need a deployment.
    type: str
  args:
    description:
      - Arguments for the entrypoint, or for O(command), instead of the image's command. Needs Dokploy 0.26.0 or newer.
      - The order counts. V([]) clears them.
      - One text with blanks or commas is refused, since Ansible would not split it into the arguments that it holds.
      - Changes need a deployment.
    type: list
    elements: str
  memory_limit:
    description:
      - Most memory that each container may use, for example V(512M) or V(1.5G). Docker ends a container that wants
        more.
      - Units are V(K), V(M), V(G) and V(T), powers of 1024. A number without a unit is bytes. At least V(4M), which is
        the least that Docker accepts.
      - V("") and V(0) clear it, and there is no limit.
      - Changes need a deployment.
    type: str
  memory_reservation:
    description:
      - Memory that a node of the swarm must have left for each container, for example V(256M). A container that fits
        nowhere is not started. The same units as in O(memory_limit), and at least V(4M), too.
      - V("") and V(0) clear it, and nothing is reserved.
      - Changes need a deployment.
    type: str
  cpu_limit:
    description:
      - Most CPUs that each container may use, for example V(0.5) or V(2). At least V(0.001), which is the least that
        Docker accepts.
      - V("") and V(0) clear it, and there is no limit.
      - Changes need a deployment.
    type: str
  cpu_reservation:
    description:
      - CPUs that a node of the swarm must have left for each container, for example V(0.25). At least V(0.001).
      - V("") and V(0) clear it, and nothing is reserved.
      - Changes need a deployment.
    type: str
  healthcheck:
    description:
      - How Docker finds out whether a container does its work. One that fails is replaced, and during an update a new
        one counts only once it is healthy.
      - The value is a whole. What is left out of it is not set, and Docker takes what the image says, or its own
        default.
      - V({}) clears it, and the health check of the image counts, if it has one.
      - Changes need a deployment.
    type: dict
    suboptions:
      test:
        description:
          - Command to run in the container. Its exit code V(0) means healthy.
          - Text is for the container's shell, as in V(curl -f http://localhost:3000/health || exit 1).
          - A list begins with V(CMD) and is run without a shell, begins with V(CMD-SHELL) and has one more entry for
            the shell, or is V([NONE]), which turns the health check of the image off.
        type: raw
      interval:
        description:
          - Time between two checks, such as V(30s) or V(1m30s). Units are V(h), V(m), V(s), V(ms), V(us) and V(ns). At
            least V(1ms). Docker's default is V(30s), which V(0s) stands for, too.
        type: str
      timeout:
        description:
          - Time after which a check counts as failed, such as V(5s). At least V(1ms). Docker's default is V(30s), which
            V(0s) stands for, too.
        type: str
      start_period:
        description:
          - Time in which a container may start and failures do not count, such as V(1m). At least V(1ms). Docker's
            default is V(0s).
        type: str
      retries:
        description:
          - Failures in a row that make a container unhealthy. Docker's default is V(3), which V(0) stands for, too.
        type: int
  restart_policy:
    description:
      - What Docker does when a container ends.
      - The value is a whole. What is left out of it is not set, and Docker takes its default.
      - V({}) clears it, and Docker starts a new container whenever one has ended.
      - Changes need a deployment.
    type: dict
    suboptions:
      condition:
        description:
          - When a new container is started. V(any) is always, V(on-failure) only when the exit code was not V(0), and
            V(none) never. Docker's default is V(any).
        type: str
        choices:
          - none
          - on-failure
          - any
      delay:
        description:
          - Time to wait before that, such as V(10s). Docker's default is V(5s).
        type: str
      max_attempts:
        description:
          - How often it is tried at most within O(restart_policy.window). Docker's default is V(0), which is without
            end.
        type: int
      window:
        description:
          - Time for which O(restart_policy.max_attempts) counts, such as V(2m). Docker's default is V(0s), which is all
            the time.
        type: str
  placement:
    description:
      - On which nodes of the swarm containers may run.
      - The value is a whole. What is left out of it is not set.
      - V({}) clears it. Dokploy then sets the constraint V(node.role==manager) for an application with mounts, and none
        for one without. With any value here it sets none of itself, so state where the data is.
      - Changes need a deployment.
    type: dict
    suboptions:
      constraints:
        description:
          - Conditions that a node must meet, all of them, in Docker's words, such as V(node.role==worker),
            V(node.hostname!=db1) or V(node.labels.zone==a). The order makes no difference.
        type: list
        elements: str
      preferences:
        description:
          - By what containers are spread evenly, the first one first.
        type: list
        elements: dict
        suboptions:
          spread:
            description:
              - A label of nodes, such as V(node.labels.zone).
            type: str
            required: true
      max_replicas:
        description:
          - Number of containers that one node may have at most. Docker's default is V(0), which is any number.
        type: int
      platforms:
        description:
          - Kinds of nodes that will do. The order makes no difference.
        type: list
        elements: dict
        suboptions:
          architecture:
            description:
              - Docker's word for the processor, such as V(x86_64) or V(aarch64).
            type: str
            required: true
          os:
            description:
              - Docker's word for the operating system, such as V(linux).
            type: str
            required: true
  update_config:
    description:
      - How running containers are exchanged for new ones, at each deployment.
      - The value is a whole. What is left out of it is not set, and Docker takes its default, not the one of Dokploy.
      - V({}) clears it. Dokploy then exchanges one after the other, starts the new one before it stops the old one, and
        goes back to the old ones when that fails.
      - Changes need a deployment.
    type: dict
    suboptions:
      parallelism:
        description:
          - Number of containers to exchange at a time. V(0) is all at once. Docker's default is V(1).
        type: int
      delay:
        description:
          - Time between two exchanges, such as V(10s). Docker's default is V(0s).
        type: str
      failure_action:
        description:
          - What to do when new containers fail. Docker's default is V(pause), which leaves old and new ones as they
            are, V(rollback) goes back to the old ones.
        type: str
        choices:
          - pause
          - continue
          - rollback
      monitor:
        description:
          - Time for which a new container is watched for failure, such as V(30s). Docker's default is V(5s), which
            V(0s) stands for, too.
        type: str
      max_failure_ratio:
        description:
          - Part of the containers that may fail, from V(0) to V(1). Docker's default is V(0).
        type: float
      order:
        description:
          - V(stop-first) stops the old container before the new one starts, as is needed where both cannot run side by
            side. V(start-first) does it without a gap. Docker's default is V(stop-first).
        type: str
        choices:
          - stop-first
          - start-first
  rollback_config:
    description:
      - How containers are exchanged when Docker goes back to the old ones, with
        O(update_config.failure_action=rollback).
      - The value is a whole. What is left out of it is not set, and Docker takes its default, not the one of Dokploy.
      - V({}) clears it. Dokploy then exchanges one after the other, and starts the old one before it stops the new one.
      - Changes need a deployment.
    type: dict
    suboptions:
      parallelism:
        description:
          - Number of containers to exchange at a time. V(0) is all at once. Docker's default is V(1).
        type: int
      delay:
        description:
          - Time between two exchanges, such as V(10s). Docker's default is V(0s).
        type: str
      failure_action:
        description:
          - What to do when that fails as well. Docker's default is V(pause).
        type: str
        choices:
          - pause
          - continue
      monitor:
        description:
          - Time for which a container is watched for failure, such as V(30s). Docker's default is V(5s), which V(0s)
            stands for, too.
        type: str
      max_failure_ratio:
        description:
          - Part of the containers that may fail, from V(0) to V(1). Docker's default is V(0).
        type: float
      order:
        description:
          - As O(update_config.order). Docker's default is V(stop-first).
        type: str
        choices:
          - stop-first
          - start-first
  mode:
    description:
      - Docker's mode of the service. As long as it is set, O(replicas) has no effect.
      - Docker cannot change the mode of a service that exists. Remove the application first, or set it before the first
        deployment.
      - The value is a whole. What is left out of it is not set.
      - V({}) clears it, and O(replicas) counts.
      - Changes need a deployment.
    type: dict
    suboptions:
      type:
        description:
          - V(replicated) runs O(mode.replicas) containers, V(global) one on each node that O(placement) allows.
          - V(replicated-job) runs containers until O(mode.total_completions) have ended well, V(global-job) one on each
            node. These are not started anew when they have ended.
          - Required unless O(mode) is V({}).
        type: str
        choices:
          - replicated
          - global
          - replicated-job
          - global-job
      replicas:
        description:
          - Number of containers. Only with O(mode.type=replicated), where Docker's default is V(1).
        type: int
      max_concurrent:
        description:
          - Number of containers that may run at a time. Only with O(mode.type=replicated-job), where Docker's default
            is V(1).
        type: int
      total_completions:
        description:
          - Number of containers that have to end well. Only with O(mode.type=replicated-job), where Docker's default is
            O(mode.max_concurrent).
        type: int
  labels:
    description:
      - Labels of the containers, by name. A value is text. V(true) and V(false) become these words, and numbers become
        text.
      - These are all the labels there are. V({}) clears them.
      - The label C(community.dokploy.deployment) is no matter of this option. M(community.dokploy.dokploy_deployment)
        remembers in it what was deployed.
      - Changes need a deployment.
    type: dict
  stop_grace_period:
    description:
      - Time that a container has to end by itself after it was told to, before Docker kills it, such as V(30s). With
        V(0s) it is killed at once. Needs Dokploy 0.29.0 or newer.
      - Older servers have the setting, but one that holds a value can no longer be asked about the application over
        REST. So it is refused there. What was set in the web UI is read in another way, and can be cleared.
      - V("") clears it, and Docker takes V(10s).
      - Changes need a deployment.
    type: str
  endpoint_spec:
    description:
      - How Docker makes the service reachable. As long as it is set, O(ports) has no effect. Needs Dokploy 0.25.7 or
        newer.
      - The value is a whole. What is left out of it is not set.
      - V({}) clears it, and O(ports) count.
      - Changes need a deployment.
    type: dict
    suboptions:
      mode:
        description:
          - V(vip) gives the service one virtual address, V(dnsrr) answers with the addresses of the containers in turn.
            Docker's default is V(vip). With V(dnsrr) ports can only be published with V(host).
        type: str
        choices:
          - vip
          - dnsrr
      ports:
        description:
          - All ports that are published. The order makes no difference.
        type: list
        elements: dict
        suboptions:
          target_port:
            description:
              - Port that the application listens on in its container, 1 to 65535.
            type: int
            required: true
          published_port:
            description:
              - Port that the nodes listen on, 1 to 65535. Docker chooses one when it is left out.
            type: int
          protocol:
            description:
              - Protocol of both.
            type: str
            choices:
              - tcp
              - udp
              - sctp
            default: tcp
          publish_mode:
            description:
              - With V(ingress) every node of the swarm listens and passes on, with V(host) only a node on which a
                container runs, which can have only one then.
            type: str
            choices:
              - ingress
              - host
            default: ingress
  ulimits:
    description:
      - Limits of the kernel for the processes in a container. Needs Dokploy 0.27.0 or newer.
      - The list is a whole. What is left out of it is not set, and has Docker's own limit. The order makes no
        difference.
      - V([]) clears it.
      - Changes need a deployment.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the limit, such as V(nofile), V(nproc) or V(memlock).
        type: str
        required: true
      soft:
        description:
          - The limit at first, which a process may raise up to O(ulimits[].hard). V(-1) is no limit.
        type: int
        required: true
      hard:
        description:
          - The limit that it cannot pass, not less than O(ulimits[].soft). V(-1) is no limit. Without the option it is
            O(ulimits[].soft).
        type: int
  networks:
    description:
      - Networks for the containers beside C(dokploy-network), by name or id, as listed in Dokploy under B(Networks).
        Only overlay networks are joined. Needs Dokploy 0.29.14 or newer.
      - These are all of them. The order makes no difference, and V([]) clears them.
      - As long as O(network_attachments) is set, it has no effect.
      - Changes need a deployment.
    type: list
    elements: str
  detach_dokploy_network:
    description:
      - Whether the containers are kept out of C(dokploy-network). Traefik is in that network, so O(domains) lead
        nowhere then, unless another network is shared with it. Dokploy starts with V(false). Needs Dokploy 0.29.14 or
        newer.
      - As long as O(network_attachments) is set, it has no effect.
      - Changes need a deployment.
    type: bool
  network_attachments:
    description:
      - The networks in Docker's own terms, with aliases, and also networks that Dokploy does not know. Use it where
        O(networks) is not enough, for that is checked and this is not.
      - As long as it is set, O(networks) and O(detach_dokploy_network) have no effect, and the containers are in no
        other network. So C(dokploy-network) has to be in the list, or O(domains) lead nowhere.
      - The list is a whole. What is left out of it is not set. The order makes no difference.
      - V([]) clears it.
      - Changes need a deployment.
    type: list
    elements: dict
    suboptions:
      target:
        description:
          - Name or id of the network in Docker. It has to exist, and has to be an overlay network.
        type: str
        required: true
      aliases:
        description:
          - Further host names that the containers have in this network. The order makes no difference.
        type: list
        elements: str
      driver_opts:
        description:
          - Options for the driver of the network, by name.
        type: dict
  registry:
    description:
      - Name or id of the registry that a built image is pushed to and from which the nodes of the swarm pull it, as
        listed in Dokploy under B(Docker Registry). Needed where the swarm has more than one node.
      - It is about the image that Dokploy builds. O(docker.registry_url) is where an image of others is pulled from,
        O(build.registry) is for a build server, and O(rollback.registry) keeps images to go back to.
      - V("") clears it, and the image stays on the server that built it.
      - Changes need a deployment.
    type: str
  rollback:
    description:
      - Whether images of earlier deployments are kept, so that one can go back to them. Each suboption stands for
        itself, and those that are not stated are not managed.
      - The next deployment heeds it. A change of this alone does not make a deployment needed.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether the image of each deployment is kept. Without O(rollback.registry) none is. Dokploy starts with
            V(false).
        type: bool
      registry:
        description:
          - Name or id of the registry that keeps the images, as listed in Dokploy under B(Docker Registry). Needs
            Dokploy 0.26.0 or newer.
          - V("") clears it.
        type: str
  preview:
    description:
      - Preview deployments. Dokploy deploys each pull request at GitHub against the branch of the application beside
        it, with a domain of its own, and removes it when the pull request is closed. Only with O(github) as the source.
      - Each suboption stands for itself, and those that are not stated are not managed.
      - The next preview deployment heeds it. A change of this alone does not make a deployment needed.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether pull requests are deployed. Dokploy starts with V(false).
          - Has no effect on an application whose source is not O(github). The module warns of that.
        type: bool
      wildcard:
        description:
          - Domain below which previews get their host names, such as V(*.preview.example.com). It begins with V(*.),
            and its DNS records have to point to the server.
          - V("") clears it, and Dokploy takes V(*.sslip.io), which needs no DNS records.
        type: str
      port:
        description:
          - Port that the application listens on in its container, 1 to 65535. Dokploy starts with V(3000).
        type: int
      path:
        description:
          - As O(domains[].path), for the domains of previews. It begins with V(/). Dokploy starts with V(/), which
            V("") stands for, too.
        type: str
      https:
        description:
          - As O(domains[].https), for the domains of previews. Dokploy starts with V(false).
        type: bool
      certificate:
        description:
          - As O(domains[].certificate), for the domains of previews. Dokploy starts with V(none).
          - Has no effect without O(preview.https=true). The module warns of that.
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
          - Number of previews that may be there at a time. Further pull requests get none. Dokploy starts with V(3).
        type: int
      labels:
        description:
          - Labels of pull requests at GitHub. Only one that bears at least one of them is deployed. The order makes no
            difference.
          - V([]) clears them, and every pull request is.
        type: list
        elements: str
      require_collaborator:
        description:
          - Whether only pull requests of those are deployed who may write to the repository. Without that, anybody can
            run code on the server, and read the variables, by a pull request to a public repository. Dokploy starts
            with V(true).
        type: bool
      env:
        description:
          - Environment variables of previews. O(env) is not used for them. V(DOKPLOY_DEPLOY_URL) is added by Dokploy
            and holds the host name.
          - Takes the same forms as O(env), with the same references, and is cleared and compared in the same way. It is
            always all of them.
          - A secret.
        type: raw
      build_args:
        description:
          - Build arguments of previews. O(build_args) are not used for them.
          - Takes the same forms as O(env), with the same references, and is cleared and compared in the same way. It is
            always all of them.
          - Kept as a secret, but Docker records build arguments in the image.
        type: raw
      build_secrets:
        description:
          - Build secrets of previews. O(build_secrets) are not used for them. Needs Dokploy 0.25.6 or newer.
          - Takes the same forms as O(env), with the same references, and is cleared and compared in the same way. It is
            always all of them.
          - A secret.
        type: raw
  icon:
    description:
      - Picture for the web page, as a data URL such as V(data:image/svg+xml;base64,PHN2Zy8+), at most 1000000
        characters. Needs Dokploy 0.29.0 or newer.
      - V("") clears it.
      - Takes effect at once.
    type: str
  webhook_token:
    description:
      - Last part of the address of the application's webhook, C(https://DOKPLOY/api/deploy/TOKEN). Whoever knows it can
        deploy the application, so make it long and random. 1 to 255 letters, digits, V(_) and V(-).
        M(community.dokploy.dokploy_application_action) has Dokploy make up a new one.
      - Dokploy makes one up itself, so that the option is only needed where another system has to know it beforehand,
        or where it is to be another one. It cannot be cleared. O(auto_deploy=false) turns the webhook off.
      - Takes effect at once. With another token the old address leads nowhere.
      - A secret. Dokploy returns it, so it is compared and written only when it differs.
    type: str
  domains:
    description:
      - All domains of the application. Others are removed, and V([]) removes all. Without the option domains are not
        managed.
      - A domain is recognized by O(domains[].host) and O(domains[].path). One that exists is updated in place, and
        what is not stated of it stays.
      - Where another application has the host and path of a new domain already, the module warns and names it.
      - Takes effect at once, without a deployment. Dokploy writes it into Traefik's configuration.
      - O(redirects) and O(basic_auth) are written after the domains, and removed before them. Where no domain is
        enabled, the task sees to it that Traefik can read the file of the application. See
        R(the guide to Traefik, ansible_collections.community.dokploy.docsite.traefik).
    type: list
    elements: dict
    suboptions:
      host:
        description:
          - Host name, for example V(shop.example.com). Its DNS records have to point to the server.
          - Capitals make no difference, and are written as small letters.
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
          - Has no effect without O(domains[].https=true). The module warns of that.
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
      forward_auth:
        description:
          - Whether requests have to pass the single sign-on of the organization, C(ForwardAuth) in Traefik's words. A
            new domain gets V(false). Needs Dokploy 0.29.8 or newer.
          - Single sign-on is a feature of Dokploy's enterprise licence. Where it is not set up for the server, the
            domain leads nowhere.
        type: bool
      enabled:
        description:
          - Whether Traefik serves the domain. One that it does not serve keeps all its settings. A new domain gets
            V(true). Needs Dokploy 0.30.0 or newer.
        type: bool
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
      source:
        description:
          - What is mounted, in Docker's words. It stands for O(mounts[].name) with O(mounts[].type=volume) and for
            O(mounts[].host_path) with O(mounts[].type=bind).
        type: str
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
      src:
        description:
          - A file with the text, instead of O(mounts[].content). It has to be UTF-8.
          - With a local connection it is looked for where M(ansible.builtin.copy) looks, in C(files) of the role or
            beside the playbook. On another host it is a path there.
          - Its text is a secret, as O(mounts[].content) is.
        type: path
  ports:
    description:
      - All ports of the application that are published past Traefik. Others are removed, and V([]) removes all. Without
        the option ports are not managed. Websites do not need it, O(domains) is for them.
      - A port is recognized by O(ports[].published_port) and O(ports[].protocol). One that exists is updated in place,
        and what is not stated of it stays.
      - As long as O(endpoint_spec) is set, they have no effect.
      - Changes need a deployment.
    type: list
    elements: dict
    suboptions:
      published_port:
        description:
          - Port that the server listens on, 1 to 65535. Nothing else may use it.
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
          - With V(ingress) every node of the swarm listens and passes on, with V(host) only a node on which a container
            runs, which can have only one then. A new port gets V(ingress).
        type: str
        choices:
          - ingress
          - host
  redirects:
    description:
      - All redirects of the application, Traefik's C(RedirectRegex). Others are removed, and V([]) removes all. Without
        the option redirects are not managed. They hold for all its domains, but not for previews.
      - A redirect is recognized by O(redirects[].regex). One that exists is updated in place, and what is not stated of
        it stays.
      - Takes effect at once, without a deployment. Dokploy writes it into Traefik's configuration.
    type: list
    elements: dict
    suboptions:
      regex:
        description:
          - Regular expression in Go's syntax that the whole address of a request is matched against, with scheme and
            host, such as V(^https?://www\\.example\\.com/(.*\)). 1 to 8192 characters.
        type: str
        required: true
      replacement:
        description:
          - Address to go to instead, such as V(https://example.com/${1}), where V(${1}) stands for what the first group
            matched. 1 to 8192 characters.
        type: str
        required: true
      permanent:
        description:
          - Whether browsers may remember it, status 308 or 301 instead of 307 or 302. A new redirect gets V(false).
        type: bool
  basic_auth:
    description:
      - All users who may open the domains of the application, by HTTP basic authentication, Traefik's C(BasicAuth).
        Others are removed, and V([]) removes all, so that everybody may. Without the option users are not managed.
      - They hold for all its domains, and for its previews. Dokploy calls this security.
      - A user is recognized by O(basic_auth[].username). One that exists is updated in place.
      - Takes effect at once, without a deployment. Dokploy writes it into Traefik's configuration.
    type: list
    elements: dict
    suboptions:
      username:
        description:
          - Name of the user, 1 to 255 characters, without blanks and colons.
        type: str
        required: true
      password:
        description:
          - Password of the user, 1 to 1024 characters.
          - A secret. Dokploy returns it, so it is compared and written only when it differs.
        type: str
        required: true
  schedules:
    description:
      - All commands that Dokploy runs at certain times in a container of the application. Others are removed, and V([])
        removes all. Without the option schedules are not managed. The container has to run then, or the run fails.
      - A schedule is recognized by O(schedules[].name). One that exists is updated in place, and what is not stated of
        it stays.
      - They are not part of what Dokploy says of an application. Stating them costs one more request, and they are in
        the result only when they are stated.
      - Takes effect at once, without a deployment.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the schedule, 1 to 255 characters.
        type: str
        required: true
      cron:
        description:
          - When it runs, five fields as in a crontab, such as V(30 3 * * mon-fri), or six with seconds in front, or
            V(@hourly), V(@daily), V(@weekly), V(@monthly) or V(@yearly). Dokploy takes any text and runs nothing when
            it cannot read it, so it is checked here.
        type: str
        required: true
      command:
        description:
          - Command for the shell in the container.
        type: str
        required: true
      shell:
        description:
          - The shell, which the image has to have. A new schedule gets V(bash).
        type: str
        choices:
          - bash
          - sh
      timezone:
        description:
          - Time zone that O(schedules[].cron) is meant in, such as V(Europe/Berlin). Needs Dokploy 0.26.0 or newer.
          - A name that no time zone has is refused, as far as the data of the host that runs the module tell. Dokploy
            would accept the schedule and never run it.
          - V("") clears it, and Dokploy takes UTC.
        type: str
      description:
        description:
          - Text that the web page shows. V("") clears it. Needs Dokploy 0.29.3 or newer.
        type: str
      enabled:
        description:
          - Whether it runs. A new schedule gets V(true).
        type: bool
  volume_backups:
    description:
      - All backups of the application's Docker volumes. Others are removed, and V([]) removes all. Without the option
        volume backups are not managed. Removing one leaves the files that it made where they are.
      - A volume backup is recognized by O(volume_backups[].name). One that exists is updated in place, and what is not
        stated of it stays.
      - They are not part of what Dokploy says of an application. Stating them costs one more request, and they are in
        the result only when they are stated.
      - Takes effect at once, without a deployment.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the volume backup, 1 to 255 characters.
        type: str
        required: true
      volume:
        description:
          - Name of the Docker volume, as in O(mounts[].name).
        type: str
        required: true
      destination:
        description:
          - Name or id of the destination that the files go to, as listed in Dokploy under B(S3 Destinations).
        type: str
        required: true
      cron:
        description:
          - When it runs, in the form of O(schedules[].cron). It is meant in the time zone of Dokploy itself, UTC as a
            rule.
        type: str
        required: true
      prefix:
        description:
          - Folder in the bucket, below the one that Dokploy makes for the application. A new volume backup gets none.
          - It has no blanks and none of a shell's special letters, since Dokploy puts it into commands.
          - V("") clears it.
        type: str
      keep:
        description:
          - Number of files to keep, 0 to 100000. Older ones are deleted after each backup. V(0) keeps all, as a new
            volume backup does.
        type: int
      stop_service:
        description:
          - Whether the application is stopped while the volume is read, so that nothing changes meanwhile. A new volume
            backup gets V(false).
        type: bool
      enabled:
        description:
          - Whether it runs. A new volume backup gets V(true). Dokploy itself would leave it off.
        type: bool
  patches:
    description:
      - All changes to files of the repository that Dokploy makes after each clone, before it builds. Others are
        removed, and V([]) removes all. Without the option patches are not managed. Needs Dokploy 0.28.0 or newer.
      - A patch is recognized by O(patches[].path). One that exists is updated in place, and what is not stated of it
        stays.
      - They are not part of what Dokploy says of an application. Stating them costs one more request, and they are in
        the result only when they are stated.
      - Changes need a deployment. One that builds anew what is there already does not clone, and makes no patches.
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - Path of the file, relative to the root of the repository.
          - Double quotes, C($), backticks and backslashes are refused, since Dokploy puts it into a shell script.
        type: str
        required: true
      type:
        description:
          - V(update) and V(create) write the file, V(delete) deletes it. A new patch gets V(update).
        type: str
        choices:
          - update
          - create
          - delete
      content:
        description:
          - The whole text of the file, not a difference between two. A line break is added at its end where there is
            none. One of it and O(patches[].src) is required, unless O(patches[].type=delete) or the patch has one
            already.
        type: str
      src:
        description:
          - A file with the text, instead of O(patches[].content). It has to be UTF-8.
          - With a local connection it is looked for where M(ansible.builtin.copy) looks, in C(files) of the role or
            beside the playbook. On another host it is a path there.
        type: path
      enabled:
        description:
          - Whether Dokploy makes it. A new patch gets V(true).
        type: bool
  wait_timeout:
    description:
      - Seconds for which O(state=absent) waits for a running build to end. Deleting an application while it is built
        would leave a running service that belongs to nothing.
      - Seconds for which O(state=started), O(state=stopped) and O(state=reloaded) wait until what they are to bring
        about is so.
    type: float
    default: 600.0
seealso:
  - module: community.dokploy.dokploy_application_action
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_basic_auth
  - module: community.dokploy.dokploy_deployment
  - module: community.dokploy.dokploy_domain
  - module: community.dokploy.dokploy_environment
  - module: community.dokploy.dokploy_mount
  - module: community.dokploy.dokploy_patch
  - module: community.dokploy.dokploy_port
  - module: community.dokploy.dokploy_preview_deployment
  - module: community.dokploy.dokploy_redirect
  - module: community.dokploy.dokploy_schedule
  - module: community.dokploy.dokploy_traefik_config
  - module: community.dokploy.dokploy_volume_backup
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
    project: shop
    environment: production
    application: web
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

- name: Limit what it uses, check its health, and exchange its containers one by one without a gap
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

- name: Spread an application over the nodes of one zone, with an image that they pull from a registry
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

- name: Let the health check of the image count again
  community.dokploy.dokploy_application:
    project: shop
    name: web
    healthcheck: {}

- name: Redirect, ask for a password, publish a port, and mount a file that lies beside the playbook
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

- name: Run a command each night, save a volume, and change a file of the repository
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

- name: Deploy each pull request that bears the label preview
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

- name: Keep the images of earlier deployments
  community.dokploy.dokploy_application:
    project: shop
    environment: staging
    name: web
    rollback:
      enabled: true
      registry: acme-registry

- name: Make it run, whatever was done to it by hand
  community.dokploy.dokploy_application:
    project: shop
    name: worker
    state: started

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
    - For O(state=absent) only its id and its name, and null when there was none. For O(state=started), O(state=stopped)
      and O(state=reloaded) only these and its name in Docker.
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
      sample: ''
    app_name:
      description:
        - Its name in Docker, with the six random characters. Without them when check mode would create it.
      returned: unless O(state=absent)
      type: str
      sample: shop-web-k3f9zq
    environment_id:
      description: Id of its environment. Null when check mode would create it.
      returned: O(state=present)
      type: str
      sample: Vb2n6Wk0sXq9RtYu4Lm7c
    server:
      description:
        - Its remote server as O(server) names it, the id when the option is absent, and V("") for Dokploy's own server.
      returned: O(state=present)
      type: str
      sample: ''
    status:
      description:
        - What Dokploy thinks of it, V(idle), V(running), V(done) or V(error). V(running) is a deployment, and V(done)
          does not say that a container runs. Null when check mode would create it.
      returned: O(state=present)
      type: str
      sample: done
    created_at:
      description: When it was created, in UTC. Null when check mode would create it.
      returned: O(state=present)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    source:
      description:
        - Where it comes from, V(github), V(gitlab), V(bitbucket), V(gitea), V(git), V(docker) or V(drop). Only the key
          of this name is returned, and none as long as a new application has no source. Absent when check mode would
          create it without one.
      returned: O(state=present)
      type: str
      sample: docker
    github:
      description: See O(github).
      returned: when RV(application.source=github), O(state=present)
      type: dict
      contains:
        provider:
          description: See O(github.provider). The ID if the option is not set.
          returned: O(state=present)
          type: str
          sample: acme-github
        owner:
          description: See O(github.owner).
          returned: O(state=present)
          type: str
          sample: acme
        repository:
          description: See O(github.repository).
          returned: O(state=present)
          type: str
          sample: shop
        branch:
          description: See O(github.branch).
          returned: O(state=present)
          type: str
          sample: main
        build_path:
          description: See O(github.build_path).
          returned: O(state=present)
          type: str
          sample: /
        trigger:
          description: See O(github.trigger).
          returned: O(state=present)
          type: str
          sample: push
        watch_paths:
          description: See O(github.watch_paths).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(github.submodules).
          returned: O(state=present)
          type: bool
          sample: false
    gitlab:
      description: See O(gitlab).
      returned: when RV(application.source=gitlab), O(state=present)
      type: dict
      contains:
        provider:
          description: See O(gitlab.provider). The ID if the option is not set.
          returned: O(state=present)
          type: str
          sample: acme-gitlab
        owner:
          description: See O(gitlab.owner).
          returned: O(state=present)
          type: str
          sample: acme
        repository:
          description: See O(gitlab.repository).
          returned: O(state=present)
          type: str
          sample: shop
        branch:
          description: See O(gitlab.branch).
          returned: O(state=present)
          type: str
          sample: main
        build_path:
          description: See O(gitlab.build_path).
          returned: O(state=present)
          type: str
          sample: /
        project_id:
          description: See O(gitlab.project_id).
          returned: O(state=present)
          type: int
          sample: 4711
        path_namespace:
          description: See O(gitlab.path_namespace).
          returned: O(state=present)
          type: str
          sample: acme/shop
        watch_paths:
          description: See O(gitlab.watch_paths).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(gitlab.submodules).
          returned: O(state=present)
          type: bool
          sample: false
    bitbucket:
      description: See O(bitbucket).
      returned: when RV(application.source=bitbucket), O(state=present)
      type: dict
      contains:
        provider:
          description: See O(bitbucket.provider). The ID if the option is not set.
          returned: O(state=present)
          type: str
          sample: acme-bitbucket
        owner:
          description: See O(bitbucket.owner).
          returned: O(state=present)
          type: str
          sample: acme
        repository:
          description: See O(bitbucket.repository).
          returned: O(state=present)
          type: str
          sample: shop
        branch:
          description: See O(bitbucket.branch).
          returned: O(state=present)
          type: str
          sample: main
        build_path:
          description: See O(bitbucket.build_path).
          returned: O(state=present)
          type: str
          sample: /
        repository_slug:
          description: See O(bitbucket.repository_slug).
          returned: O(state=present)
          type: str
          sample: ''
        watch_paths:
          description: See O(bitbucket.watch_paths).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(bitbucket.submodules).
          returned: O(state=present)
          type: bool
          sample: false
    gitea:
      description: See O(gitea).
      returned: when RV(application.source=gitea), O(state=present)
      type: dict
      contains:
        provider:
          description: See O(gitea.provider). The ID if the option is not set.
          returned: O(state=present)
          type: str
          sample: acme-gitea
        owner:
          description: See O(gitea.owner).
          returned: O(state=present)
          type: str
          sample: acme
        repository:
          description: See O(gitea.repository).
          returned: O(state=present)
          type: str
          sample: shop
        branch:
          description: See O(gitea.branch).
          returned: O(state=present)
          type: str
          sample: main
        build_path:
          description: See O(gitea.build_path).
          returned: O(state=present)
          type: str
          sample: /
        watch_paths:
          description: See O(gitea.watch_paths).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(gitea.submodules).
          returned: O(state=present)
          type: bool
          sample: false
    git:
      description: See O(git).
      returned: when RV(application.source=git), O(state=present)
      type: dict
      contains:
        url:
          description: See O(git.url).
          returned: O(state=present)
          type: str
          sample: git@git.example.com:acme/shop.git
        branch:
          description: See O(git.branch).
          returned: O(state=present)
          type: str
          sample: main
        build_path:
          description: See O(git.build_path).
          returned: O(state=present)
          type: str
          sample: /
        ssh_key:
          description: See O(git.ssh_key). The ID if the option is not set.
          returned: O(state=present)
          type: str
          sample: deploy
        watch_paths:
          description: See O(git.watch_paths).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - src/**
        submodules:
          description: See O(git.submodules).
          returned: O(state=present)
          type: bool
          sample: false
    docker:
      description: See O(docker).
      returned: when RV(application.source=docker), O(state=present)
      type: dict
      contains:
        image:
          description: See O(docker.image).
          returned: O(state=present)
          type: str
          sample: ghcr.io/acme/shop:1.4.2
        registry_url:
          description: See O(docker.registry_url).
          returned: O(state=present)
          type: str
          sample: ghcr.io
        username:
          description: See O(docker.username).
          returned: O(state=present)
          type: str
          sample: acme-deploy
    drop:
      description: See O(drop).
      returned: when RV(application.source=drop), O(state=present)
      type: dict
      contains:
        build_path:
          description: See O(drop.build_path).
          returned: O(state=present)
          type: str
          sample: ''
    build:
      description: See O(build).
      returned: O(state=present)
      type: dict
      contains:
        type:
          description: See O(build.type).
          returned: O(state=present)
          type: str
          sample: dockerfile
        dockerfile:
          description: See O(build.dockerfile).
          returned: O(state=present)
          type: str
          sample: Dockerfile
        context:
          description: See O(build.context).
          returned: O(state=present)
          type: str
          sample: .
        target:
          description: See O(build.target).
          returned: O(state=present)
          type: str
          sample: runtime
        heroku_version:
          description: See O(build.heroku_version).
          returned: O(state=present)
          type: str
          sample: '24'
        railpack_version:
          description: See O(build.railpack_version).
          returned: O(state=present)
          type: str
          sample: 0.15.4
        publish_directory:
          description: See O(build.publish_directory).
          returned: O(state=present)
          type: str
          sample: ''
        static_spa:
          description: See O(build.static_spa).
          returned: O(state=present)
          type: bool
          sample: false
        server:
          description: See O(build.server). The ID if the option is not set.
          returned: O(state=present)
          type: str
          sample: builder-1
        registry:
          description: See O(build.registry). The ID if the option is not set.
          returned: O(state=present)
          type: str
          sample: acme-registry
    create_env_file:
      description: See O(create_env_file).
      returned: O(state=present)
      type: bool
      sample: true
    auto_deploy:
      description: See O(auto_deploy).
      returned: O(state=present)
      type: bool
      sample: true
    clean_cache:
      description: See O(clean_cache).
      returned: O(state=present)
      type: bool
      sample: false
    replicas:
      description: See O(replicas).
      returned: O(state=present)
      type: int
      sample: 2
    command:
      description: See O(command).
      returned: O(state=present)
      type: str
      sample: ''
    args:
      description: See O(args).
      returned: O(state=present)
      type: list
      elements: str
      sample:
        - --port=3000
    memory_limit:
      description: See O(memory_limit).
      returned: O(state=present)
      type: str
      sample: 512M
    memory_reservation:
      description: See O(memory_reservation).
      returned: O(state=present)
      type: str
      sample: 256M
    cpu_limit:
      description: See O(cpu_limit).
      returned: O(state=present)
      type: str
      sample: '1.5'
    cpu_reservation:
      description: See O(cpu_reservation).
      returned: O(state=present)
      type: str
      sample: '0.25'
    healthcheck:
      description: See O(healthcheck). V({}) if it is not set.
      returned: O(state=present)
      type: dict
      contains:
        test:
          description: See O(healthcheck.test).
          returned: O(state=present), when it is set
          type: list
          elements: str
          sample:
            - CMD-SHELL
            - curl -f http://localhost:3000/health || exit 1
        interval:
          description: See O(healthcheck.interval).
          returned: O(state=present), when it is set
          type: str
          sample: 30s
        timeout:
          description: See O(healthcheck.timeout).
          returned: O(state=present), when it is set
          type: str
          sample: 5s
        start_period:
          description: See O(healthcheck.start_period).
          returned: O(state=present), when it is set
          type: str
          sample: 1m
        retries:
          description: See O(healthcheck.retries).
          returned: O(state=present), when it is set
          type: int
          sample: 3
    restart_policy:
      description: See O(restart_policy). V({}) if it is not set.
      returned: O(state=present)
      type: dict
      contains:
        condition:
          description: See O(restart_policy.condition).
          returned: O(state=present), when it is set
          type: str
          sample: on-failure
        delay:
          description: See O(restart_policy.delay).
          returned: O(state=present), when it is set
          type: str
          sample: 10s
        max_attempts:
          description: See O(restart_policy.max_attempts).
          returned: O(state=present), when it is set
          type: int
          sample: 5
        window:
          description: See O(restart_policy.window).
          returned: O(state=present), when it is set
          type: str
          sample: 2m
    placement:
      description: See O(placement). V({}) if it is not set.
      returned: O(state=present)
      type: dict
      contains:
        constraints:
          description: See O(placement.constraints).
          returned: O(state=present), when it is set
          type: list
          elements: str
          sample:
            - node.role==worker
        preferences:
          description: See O(placement.preferences).
          returned: O(state=present), when it is set
          type: list
          elements: dict
          contains:
            spread:
              description: See O(placement.preferences[].spread).
              returned: O(state=present), when it is set
              type: str
              sample: node.labels.zone
        max_replicas:
          description: See O(placement.max_replicas).
          returned: O(state=present), when it is set
          type: int
          sample: 2
        platforms:
          description: See O(placement.platforms).
          returned: O(state=present), when it is set
          type: list
          elements: dict
          contains:
            architecture:
              description: See O(placement.platforms[].architecture).
              returned: O(state=present), when it is set
              type: str
              sample: x86_64
            os:
              description: See O(placement.platforms[].os).
              returned: O(state=present), when it is set
              type: str
              sample: linux
    update_config:
      description: See O(update_config). V({}) if it is not set.
      returned: O(state=present)
      type: dict
      contains:
        parallelism:
          description: See O(update_config.parallelism).
          returned: O(state=present), when it is set
          type: int
          sample: 1
        delay:
          description: See O(update_config.delay).
          returned: O(state=present), when it is set
          type: str
          sample: 10s
        failure_action:
          description: See O(update_config.failure_action).
          returned: O(state=present), when it is set
          type: str
          sample: rollback
        monitor:
          description: See O(update_config.monitor).
          returned: O(state=present), when it is set
          type: str
          sample: 30s
        max_failure_ratio:
          description: See O(update_config.max_failure_ratio).
          returned: O(state=present), when it is set
          type: float
          sample: 0.25
        order:
          description: See O(update_config.order).
          returned: O(state=present), when it is set
          type: str
          sample: start-first
    rollback_config:
      description: See O(rollback_config). V({}) if it is not set.
      returned: O(state=present)
      type: dict
      contains:
        parallelism:
          description: See O(rollback_config.parallelism).
          returned: O(state=present), when it is set
          type: int
          sample: 1
        delay:
          description: See O(rollback_config.delay).
          returned: O(state=present), when it is set
          type: str
          sample: 10s
        failure_action:
          description: See O(rollback_config.failure_action).
          returned: O(state=present), when it is set
          type: str
          sample: pause
        monitor:
          description: See O(rollback_config.monitor).
          returned: O(state=present), when it is set
          type: str
          sample: 30s
        max_failure_ratio:
          description: See O(rollback_config.max_failure_ratio).
          returned: O(state=present), when it is set
          type: float
          sample: 0.25
        order:
          description: See O(rollback_config.order).
          returned: O(state=present), when it is set
          type: str
          sample: start-first
    mode:
      description: See O(mode). V({}) if it is not set.
      returned: O(state=present)
      type: dict
      contains:
        type:
          description: See O(mode.type).
          returned: O(state=present), when it is set
          type: str
          sample: replicated
        replicas:
          description: See O(mode.replicas).
          returned: O(state=present), when it is set
          type: int
          sample: 2
        max_concurrent:
          description: See O(mode.max_concurrent).
          returned: O(state=present), when it is set
          type: int
          sample: 2
        total_completions:
          description: See O(mode.total_completions).
          returned: O(state=present), when it is set
          type: int
          sample: 10
    labels:
      description: See O(labels).
      returned: O(state=present)
      type: dict
      sample:
        com.example.team: shop
    network_attachments:
      description: See O(network_attachments).
      returned: O(state=present)
      type: list
      elements: dict
      contains:
        target:
          description: See O(network_attachments[].target).
          returned: O(state=present), when it is set
          type: str
          sample: dokploy-network
        aliases:
          description: See O(network_attachments[].aliases).
          returned: O(state=present), when it is set
          type: list
          elements: str
          sample:
            - shop
        driver_opts:
          description: See O(network_attachments[].driver_opts).
          returned: O(state=present), when it is set
          type: dict
          sample:
            com.example.option: '1'
    stop_grace_period:
      description: See O(stop_grace_period).
      returned: O(state=present)
      type: str
      sample: 30s
    endpoint_spec:
      description: See O(endpoint_spec). V({}) if it is not set.
      returned: O(state=present)
      type: dict
      contains:
        mode:
          description: See O(endpoint_spec.mode).
          returned: O(state=present), when it is set
          type: str
          sample: vip
        ports:
          description: See O(endpoint_spec.ports).
          returned: O(state=present), when it is set
          type: list
          elements: dict
          contains:
            target_port:
              description: See O(endpoint_spec.ports[].target_port).
              returned: O(state=present), when it is set
              type: int
              sample: 53
            published_port:
              description: See O(endpoint_spec.ports[].published_port).
              returned: O(state=present), when it is set
              type: int
              sample: 5353
            protocol:
              description: See O(endpoint_spec.ports[].protocol).
              returned: O(state=present), when it is set
              type: str
              sample: udp
            publish_mode:
              description: See O(endpoint_spec.ports[].publish_mode).
              returned: O(state=present), when it is set
              type: str
              sample: host
    ulimits:
      description: See O(ulimits).
      returned: O(state=present)
      type: list
      elements: dict
      contains:
        name:
          description: See O(ulimits[].name).
          returned: O(state=present), when it is set
          type: str
          sample: nofile
        soft:
          description: See O(ulimits[].soft).
          returned: O(state=present), when it is set
          type: int
          sample: 65536
        hard:
          description: See O(ulimits[].hard).
          returned: O(state=present), when it is set
          type: int
          sample: 65536
    networks:
      description: See O(networks). The IDs if the option is not set.
      returned: O(state=present)
      type: list
      elements: str
      sample:
        - shop-internal
    detach_dokploy_network:
      description: See O(detach_dokploy_network).
      returned: O(state=present)
      type: bool
      sample: false
    registry:
      description: See O(registry). The ID if the option is not set.
      returned: O(state=present)
      type: str
      sample: acme-registry
    rollback:
      description: See O(rollback).
      returned: O(state=present)
      type: dict
      contains:
        enabled:
          description: See O(rollback.enabled).
          returned: O(state=present)
          type: bool
          sample: true
        registry:
          description: See O(rollback.registry). The ID if the option is not set.
          returned: O(state=present)
          type: str
          sample: acme-registry
    preview:
      description: See O(preview).
      returned: O(state=present)
      type: dict
      contains:
        enabled:
          description: See O(preview.enabled).
          returned: O(state=present)
          type: bool
          sample: true
        wildcard:
          description: See O(preview.wildcard).
          returned: O(state=present)
          type: str
          sample: '*.preview.example.com'
        port:
          description: See O(preview.port).
          returned: O(state=present)
          type: int
          sample: 3000
        path:
          description: See O(preview.path).
          returned: O(state=present)
          type: str
          sample: /
        https:
          description: See O(preview.https).
          returned: O(state=present)
          type: bool
          sample: true
        certificate:
          description: See O(preview.certificate).
          returned: O(state=present)
          type: str
          sample: letsencrypt
        certificate_resolver:
          description: See O(preview.certificate_resolver).
          returned: O(state=present)
          type: str
          sample: ''
        limit:
          description: See O(preview.limit).
          returned: O(state=present)
          type: int
          sample: 3
        labels:
          description: See O(preview.labels).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - preview
        require_collaborator:
          description: See O(preview.require_collaborator).
          returned: O(state=present)
          type: bool
          sample: true
    icon:
      description: See O(icon).
      returned: O(state=present)
      type: str
      sample: data:image/svg+xml;base64,PHN2Zy8+
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
          description: See O(domains[].host).
          returned: O(state=present)
          type: str
          sample: shop.example.com
        path:
          description: See O(domains[].path).
          returned: O(state=present)
          type: str
          sample: /
        port:
          description: See O(domains[].port).
          returned: O(state=present)
          type: int
          sample: 3000
        https:
          description: See O(domains[].https).
          returned: O(state=present)
          type: bool
          sample: true
        certificate:
          description: See O(domains[].certificate).
          returned: O(state=present)
          type: str
          sample: letsencrypt
        certificate_resolver:
          description: See O(domains[].certificate_resolver).
          returned: O(state=present)
          type: str
          sample: ''
        internal_path:
          description: See O(domains[].internal_path).
          returned: O(state=present)
          type: str
          sample: /
        strip_path:
          description: See O(domains[].strip_path).
          returned: O(state=present)
          type: bool
          sample: false
        entrypoint:
          description: See O(domains[].entrypoint).
          returned: O(state=present)
          type: str
          sample: ''
        middlewares:
          description: See O(domains[].middlewares).
          returned: O(state=present)
          type: list
          elements: str
          sample:
            - compress@file
        forward_auth:
          description: See O(domains[].forward_auth).
          returned: O(state=present)
          type: bool
          sample: false
        enabled:
          description: See O(domains[].enabled).
          returned: O(state=present)
          type: bool
          sample: true
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
          description: See O(mounts[].path).
          returned: O(state=present)
          type: str
          sample: /app/uploads
        type:
          description: See O(mounts[].type).
          returned: O(state=present)
          type: str
          sample: volume
        name:
          description: See O(mounts[].name).
          returned: O(state=present)
          type: str
          sample: shop-uploads
        host_path:
          description: See O(mounts[].host_path).
          returned: O(state=present)
          type: str
          sample: ''
        file_path:
          description: See O(mounts[].file_path).
          returned: O(state=present)
          type: str
          sample: ''
    ports:
      description: Its ports, by published port and protocol.
      returned: O(state=present)
      type: list
      elements: dict
      contains:
        port_id:
          description: Id of the port. Null when check mode would create it.
          returned: O(state=present)
          type: str
          sample: b7UyTr3EwQ9zXcVb1NmLk
        published_port:
          description: See O(ports[].published_port).
          returned: O(state=present)
          type: int
          sample: 8025
        protocol:
          description: See O(ports[].protocol).
          returned: O(state=present)
          type: str
          sample: tcp
        target_port:
          description: See O(ports[].target_port).
          returned: O(state=present)
          type: int
          sample: 25
        publish_mode:
          description: See O(ports[].publish_mode).
          returned: O(state=present)
          type: str
          sample: ingress
    redirects:
      description: Its redirects, by regular expression.
      returned: O(state=present)
      type: list
      elements: dict
      contains:
        redirect_id:
          description: Id of the redirect. Null when check mode would create it.
          returned: O(state=present)
          type: str
          sample: c2WsXe4DcRf5VtGb6YhNj
        regex:
          description: See O(redirects[].regex).
          returned: O(state=present)
          type: str
          sample: ^https?://www\.example\.com/(.*)
        replacement:
          description: See O(redirects[].replacement).
          returned: O(state=present)
          type: str
          sample: https://example.com/${1}
        permanent:
          description: See O(redirects[].permanent).
          returned: O(state=present)
          type: bool
          sample: true
    basic_auth:
      description: Its users, by name.
      returned: O(state=present)
      type: list
      elements: dict
      contains:
        basic_auth_id:
          description: Id of the user. Null when check mode would create it.
          returned: O(state=present)
          type: str
          sample: d8IkOl9PqAz1WsXe2DcRf
        username:
          description: See O(basic_auth[].username).
          returned: O(state=present)
          type: str
          sample: staff
    schedules:
      description: Its schedules, by name.
      returned: O(state=present), when O(schedules) is stated
      type: list
      elements: dict
      contains:
        schedule_id:
          description: Id of the schedule. Null when check mode would create it.
          returned: O(state=present)
          type: str
          sample: e4TgBy5HnUj6MkIl7OpQa
        name:
          description: See O(schedules[].name).
          returned: O(state=present)
          type: str
          sample: cleanup
        cron:
          description: See O(schedules[].cron).
          returned: O(state=present)
          type: str
          sample: 30 3 * * *
        command:
          description: See O(schedules[].command).
          returned: O(state=present)
          type: str
          sample: bin/cleanup --all
        shell:
          description: See O(schedules[].shell).
          returned: O(state=present)
          type: str
          sample: sh
        timezone:
          description: See O(schedules[].timezone).
          returned: O(state=present)
          type: str
          sample: Europe/Berlin
        description:
          description: See O(schedules[].description).
          returned: O(state=present)
          type: str
          sample: ''
        enabled:
          description: See O(schedules[].enabled).
          returned: O(state=present)
          type: bool
          sample: true
    volume_backups:
      description: Its volume backups, by name.
      returned: O(state=present), when O(volume_backups) is stated
      type: list
      elements: dict
      contains:
        volume_backup_id:
          description: Id of the volume backup. Null when check mode would create it.
          returned: O(state=present)
          type: str
          sample: f1RdXw2SzAq3EcVf4TgBh
        name:
          description: See O(volume_backups[].name).
          returned: O(state=present)
          type: str
          sample: uploads
        volume:
          description: See O(volume_backups[].volume).
          returned: O(state=present)
          type: str
          sample: shop-uploads
        destination:
          description: See O(volume_backups[].destination). The ID if the option is not set.
          returned: O(state=present)
          type: str
          sample: acme-s3
        cron:
          description: See O(volume_backups[].cron).
          returned: O(state=present)
          type: str
          sample: 0 2 * * *
        prefix:
          description: See O(volume_backups[].prefix).
          returned: O(state=present)
          type: str
          sample: shop
        keep:
          description: See O(volume_backups[].keep).
          returned: O(state=present)
          type: int
          sample: 7
        stop_service:
          description: See O(volume_backups[].stop_service).
          returned: O(state=present)
          type: bool
          sample: false
        enabled:
          description: See O(volume_backups[].enabled).
          returned: O(state=present)
          type: bool
          sample: true
    patches:
      description: Its patches, by path.
      returned: O(state=present), when O(patches) is stated
      type: list
      elements: dict
      contains:
        patch_id:
          description: Id of the patch. Null when check mode would create it.
          returned: O(state=present)
          type: str
          sample: g6YnUj7MiKo8LpQa9WsEd
        path:
          description: See O(patches[].path).
          returned: O(state=present)
          type: str
          sample: config/production.json
        type:
          description: See O(patches[].type).
          returned: O(state=present)
          type: str
          sample: update
        content:
          description: See O(patches[].content).
          returned: O(state=present)
          type: str
          sample: |
            {"debug": false}
        enabled:
          description: See O(patches[].enabled).
          returned: O(state=present)
          type: bool
          sample: true
running:
  description:
    - What of the application runs afterwards, as Docker says.
    - In check mode, when something would change, only the number that is to run. Null when the application is still to
      be made then.
  returned: O(state=started), O(state=stopped) or O(state=reloaded), and on failure when not enough containers run or
    stay up
  type: dict
  contains:
    replicas_wanted:
      description: The configured number of containers. Null in modes in which the swarm decides it.
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
          returned: success
          type: str
          sample: shop-web-k3f9zq.1
        state:
          description: The state that Docker wants, such as V(running), V(ready), V(shutdown) or V(remove).
          returned: success
          type: str
          sample: running
        current_state:
          description: The state of the task and its duration, as Docker shows them.
          returned: success
          type: str
          sample: Running 3 seconds ago
        error:
          description: The error of the task, as Docker shows it.
          returned: success
          type: str
          sample: ''
        node:
          description: Name of the node that the task is on.
          returned: success
          type: str
          sample: node-1
log:
  description: The end of the log of a container that does not stay up, by line.
  returned: on failure when a container does not stay up
  type: list
  elements: str
  sample:
    - 'Error: DATABASE_URL is not set'
deploy_needed:
  description:
    - Whether a deployment is needed, judged as M(community.dokploy.dokploy_deployment) does it. It is when nothing was
      deployed yet, when the last deployment failed or was cancelled, when Docker has rolled it back, and when what is
      configured is not what was deployed last, whoever changed it.
    - A new commit, or a new image behind the same tag, is not noticed. Changes of patches by others are only noticed
      when O(patches) is stated.
    - V(false) as long as the application has no source that could be deployed.
  returned: O(state=present)
  type: bool
  sample: true
deployment:
  description:
    - What is deployed, the newest deployment that ended well. Null when none did.
    - The configuration may be another one since, see RV(deploy_needed).
  returned: O(state=present)
  type: dict
  contains:
    deployment_id:
      description: ID of the deployment.
      returned: success
      type: str
      sample: w8Er5Ty2Ui9Op3As6Df1G
    application_id:
      description: ID of the application.
      returned: success
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    title:
      description: Title of the deployment. For a repository, the message of the commit.
      returned: success
      type: str
      sample: Add the winter sale
    description:
      description: Description of the deployment. For a repository, it contains the hash of the commit.
      returned: success
      type: str
      sample: 'Commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f'
    status:
      description: V(running), V(done), V(error) or V(cancelled).
      returned: success
      type: str
      sample: done
    commit:
      description: Hash of the commit that was built. Null if Dokploy does not name one.
      returned: success
      type: str
      sample: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f
    created_at:
      description: When Dokploy created the deployment, in UTC.
      returned: success
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    started_at:
      description: When the build began, in UTC.
      returned: success
      type: str
      sample: '2026-03-14T09:26:53.587Z'
    finished_at:
      description: When the deployment ended, in UTC. Null while it runs.
      returned: success
      type: str
      sample: '2026-03-14T09:27:41.020Z'
    duration:
      description: Seconds from the beginning to the end. Null while it runs.
      returned: success
      type: float
      sample: 47.4
    error_message:
      description: Why the deployment could not begin. Only the log says why a build failed.
      returned: success
      type: str
      sample: ''
    log_path:
      description: Path of the log on the server.
      returned: success
      type: str
      sample: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-14:09:26:53.log
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
      description: The resource that changes.
      returned: success
      type: str
      sample: application 'web' in shop/production
    after_header:
      description: The resource that changes.
      returned: success
      type: str
      sample: application 'web' in shop/production
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
  description: The error in a form for conditions in a playbook. The message is in C(msg).
  returned: failure, except for options of a wrong name or type
  type: dict
  contains:
    kind:
      description:
        - The kind of error. R(The guide to errors, ansible_collections.community.dokploy.docsite.errors) lists all
          kinds.
      returned: failure
      type: str
      sample: validation
    procedure:
      description: The procedure of Dokploy's API that failed. Null if the error did not come from the server.
      returned: failure
      type: str
      sample: application.update
    status:
      description: The HTTP status of the answer. Null if there was no answer.
      returned: failure
      type: int
      sample: 400
effect_unknown:
  description:
    - Whether it is unknown if a write took effect, because the connection failed after the request was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
