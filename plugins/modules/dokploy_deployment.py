#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_deployment
short_description: Deploy applications and Compose stacks of Dokploy, verify that they run, or roll back
version_added: 1.0.0
description:
  - Deploys an application or a Compose stack if needed, waits for the deployment to end, and verifies that its
    containers run. It can also rebuild it, roll back an application to an earlier deployment, or cancel deployments in
    the queue.
  - Most tasks set O(project), O(environment) and O(application) or O(compose), and sometimes O(revision), O(follow) and
    O(http_check).
  - 'A short example: C(community.dokploy.dokploy_deployment: {project: shop, application: web}).'
  - A deployment applies the configuration in Dokploy to the running containers.
  - By default, Dokploy builds one application or Compose stack after the other on each server, so a deployment may wait
    for others.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.location.compose
attributes:
  check_mode:
    support: partial
    details:
      - Compares the configuration in Dokploy with the last deployment. In check mode, an earlier task of the same play
        has not changed the configuration. So with O(trigger=changed), the module does not report a change even if that
        task would change the application or the Compose stack. R(The guide to check mode,
        ansible_collections.community.dokploy.docsite.check_mode) shows how to pass on the result of that task, as the
        roles do.
      - If the application, the Compose stack or its source does not exist, the module issues a warning, since an
        earlier task may create it.
  diff_mode:
    support: full
    details:
      - Shows the newest deployment, for O(state=cancelled) the number of waiting deployments, and for
        O(state=rolled_back) the running deployment, or the image and the newest deployment.
  idempotent:
    support: partial
    details:
      - With O(state=redeployed), and with O(trigger=always), each run starts a deployment.
      - Everything else is idempotent.
options:
  state:
    description:
      - V(deployed) builds the newest commit of the branch, pulls the image, uploads files, or writes the Compose file,
        and starts the containers. See O(trigger) for the conditions.
      - V(redeployed) builds the same source again, with the current configuration. It does not clone or pull, and
        applies no patches. It starts a deployment each time.
      - V(finished) waits for several deployments that were started with O(wait=false), and fails if one of them fails.
        It requires O(handles) instead of an application or a Compose stack.
      - V(cancelled) removes the deployments of the application or the Compose stack from the queue. A running build
        continues, unless O(kill_build=true).
      - V(rolled_back) runs the image and the configuration of an earlier successful deployment of an application,
        without a build. Dokploy keeps them only if
        O(community.dokploy.dokploy_application#module:rollback.enabled) and
        O(community.dokploy.dokploy_application#module:rollback.registry) were set at that time, and never those of a
        Compose stack. The configuration in Dokploy does not change, so the next V(deployed) applies it again. Dokploy
        does not restore O(community.dokploy.dokploy_application#module:args), file mounts and some settings of the
        swarm.
      - If the source of the application is an image and Dokploy keeps no deployments, V(rolled_back) sets
        O(community.dokploy.dokploy_application#module:docker.image) to the image of an earlier successful deployment
        and deploys it with the title V(Rolled back by Ansible), with the current configuration otherwise. The image is
        in the log of a deployment, which needs Dokploy 0.29.5 or newer, or is stated by O(image). It must still be in
        its registry. A tag that has moved since then is not the same image.
    type: str
    choices:
      - deployed
      - redeployed
      - finished
      - cancelled
      - rolled_back
    default: deployed
  application:
    description:
      - Name or ID of the application. If several applications in the environment have this name, the module fails and
        lists their IDs.
      - One of O(application), O(application_id), O(compose) and O(compose_id) is required, except for
        O(state=finished). The options of an application and those of a Compose stack are mutually exclusive.
    type: str
  compose:
    description:
      - Name or ID of the Compose stack. If several Compose stacks in the environment have this name, the module fails
        and lists their IDs.
      - O(archive), O(path) and O(state=rolled_back) are not possible with a Compose stack, and neither is O(revision)
        if its source is O(community.dokploy.dokploy_compose#module:raw).
    type: str
  trigger:
    description:
      - When O(state=deployed) starts a deployment.
      - V(changed) starts one if nothing was deployed yet, if the last deployment failed, was cancelled, or was rolled
        back by Docker (see O(verify_period)), if the service was stopped and nothing of it runs, or if the
        configuration, O(revision), or the files of O(archive) or O(path) differ from what was deployed last.
      - The configuration is everything that needs a deployment, such as the source, the Compose file, variables,
        limits, mounts, ports, networks, patches and the domains of a Compose stack, regardless of who changed it.
      - If a deployment of the same configuration already runs or waits, the module waits for it instead.
      - The last deployment is recorded as a fingerprint, C(community.dokploy.deployment). It is a label of an
        application's service, and a comment in the variables of a Compose stack, which reaches no container and which
        the modules of this collection do not show. Without it, the application or the Compose stack is deployed once.
      - Dokploy cannot detect a new commit in the branch or a new image with the same tag. Set O(revision), or
        V(always).
      - V(always) starts one in each run.
      - V(adopt) starts none. It takes over what was deployed without this module. It compares what Docker runs with
        what is configured, and records it as the last deployment. If something differs, nothing runs, or the last
        deployment failed, the module fails, says why, and records nothing. With O(revision), the last deployment must
        have deployed it. Options about the deployment itself, such as O(title) and O(http_check), have no effect. A
        second run changes nothing. R(The guide to adopting a server,
        ansible_collections.community.dokploy.docsite.taking_over) has an example.
      - Of an application, V(adopt) compares the whole specification of its service. What it is built from cannot be
        seen in what runs, only that its last deployment succeeded. Of a Compose stack, V(adopt) compares the services,
        their images, variables and labels, which include the domains. RV(adopted) lists what is not compared.
    type: str
    choices:
      - changed
      - always
      - adopt
    default: changed
  revision:
    description:
      - The revision to deploy.
      - For a repository, the hash of a commit, or at least its first 7 digits. If it is already deployed, nothing is
        done. Dokploy always builds the newest commit of the branch. If that is another commit, the task fails and names
        both. Needs Dokploy 0.25.7 or newer.
      - For an image, its tag, or its digest with the prefix C(sha256:). The tag must be that of
        O(community.dokploy.dokploy_application#module:docker.image). The digest is compared with that of the pulled
        image.
    type: str
  archive:
    description:
      - ZIP archive with the files of the application, which is uploaded and built. Needs Dokploy 0.29.0 or newer.
      - It is on the host that runs the module. On the controller, it is also searched for in C(files), as with
        M(ansible.builtin.copy). For a file on the controller, delegate the task to C(localhost).
      - The files are only uploaded if they differ from those of the last successful deployment, by name, content and
        executable bit.
      - The source of the application must be O(community.dokploy.dokploy_application#module:drop), or not be set yet.
      - An archive that contains only one folder at its root, with an entry of its own, is treated as that folder. Links
        in it are refused.
      - Dokploy 0.29.3 to 0.30.2 only accepts files whose names consist of ASCII letters and digits, spaces and
        C([]_.:/-). Others are refused before the upload.
      - Dokploy does not preserve the permissions of files, including the executable bit.
      - For a deployment with files, Dokploy ignores O(title) and O(description).
    type: path
  path:
    description:
      - Folder with the files of the application, which is packed, uploaded and built, as with O(archive).
      - The same files always produce the same archive, so they are not uploaded again. Folders named C(.git) and empty
        folders are left out. A link to a file or folder inside is packed as its target. A link to the outside is an
        error.
    type: path
  exclude:
    description:
      - Patterns of files in O(path) to leave out, as in a C(.gitignore) file. C(*), C(?), C([...]) and C(**) match
        characters, a slash at the end matches only folders, a slash elsewhere anchors the pattern to the root, and C(!)
        negates an earlier pattern.
    type: list
    elements: str
  deployment_id:
    description:
      - The deployment to roll back to, for O(state=rolled_back). The default is the newest successful deployment before
        the last one that is not known to have failed afterwards.
      - If the image is set and deployed, the default is the newest of these with another image than that of the last
        deployment. After a rollback, each further run without O(deployment_id) changes nothing.
    type: str
  image:
    description:
      - With O(state=rolled_back), the image to set and deploy, if no log names it. Mutually exclusive with
        O(deployment_id).
    type: str
  title:
    description:
      - Title of the deployment in Dokploy. The default is V(Deployed by Ansible), and V(Rebuilt by Ansible) with
        O(state=redeployed).
      - With O(state=deployed) and a repository as the source, Dokploy replaces it with the message of the commit.
    type: str
  description:
    description:
      - Description of the deployment in Dokploy.
      - With O(state=deployed) and a repository as the source, Dokploy replaces it with the hash of the commit.
    type: str
  wait:
    description:
      - Whether to wait for the deployment to end. If it fails, the module fails with the end of the build log.
      - With V(false), the module returns as soon as Dokploy has queued the deployment. Pass RV(handle) to a later task
        with O(state=finished).
      - With O(state=cancelled) and O(kill_build=true), whether to wait for the build to stop.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait for the deployment to end, including the time in the queue. After that, the module fails, and
        the deployment continues. RV(status) is its last status.
      - The verification always has 30 seconds more than O(verify_period).
    type: float
    default: 900.0
  follow:
    description:
      - Whether to show the build log while it is written, each line prefixed with the application or the Compose
        stack. It is written to standard error, so that it does not disturb the output of callbacks.
      - Only if the task runs in the process of Ansible, see R(the guide to execution in
        process,ansible_collections.community.dokploy.docsite.in_process), and with Dokploy 0.29.5 or newer. Otherwise
        it has no effect.
      - The error message of a failed deployment then does not repeat the log. RV(log) still contains its end.
      - Otherwise, a status line is shown from time to time if a deployment takes more than 10 seconds.
    type: bool
    default: false
  log_lines:
    description:
      - Number of lines from the end of the build log that a failed deployment shows, without those that Dokploy puts
        around what the build has written. The first line of the message says why it failed, as far as the log tells.
      - V(0) shows none and reads no log, so that the message does not say why.
      - The values of the variables, build arguments, build secrets and registry password, and the content of file
        mounts and patches, are masked. Other output of a build is shown.
      - At most V(10000).
      - The log needs Dokploy 0.29.5 or newer.
    type: int
    default: 50
  verify:
    description:
      - Whether to verify that the containers run after a successful deployment. For Dokploy, a deployment is successful
        if the image exists and Docker has accepted the service. That of a Compose stack of the type V(stack) is always
        successful.
      - If containers keep exiting or do not start in time, or if Docker rolls back the service, the module fails with
        the end of the log of the failed container. The next run with O(trigger=changed) deploys again.
      - All containers of a Compose stack must run, and those with a health check must be healthy, except for containers
        that have exited with the code 0 and are not restarted. The logs of containers need Dokploy 0.29.0 or newer.
      - Of an application that runs once, see O(community.dokploy.dokploy_application#module:runs), all containers must
        end with the exit code 0 within O(wait_timeout); RV(job) has the code and the end of the log. While such a run
        has not ended, a further deployment is refused, since it would end it in the middle.
      - An application without replicas is not verified. Without O(wait), nothing is verified.
    type: bool
    default: true
  verify_period:
    description:
      - Seconds for which the new containers must run without a replacement.
      - Docker can roll back a deployment within O(community.dokploy.dokploy_application#module:update_config.monitor).
        If that is longer than this period, later runs with O(trigger=changed) ask Docker, with two more requests, and
        deploy again if it has rolled back. They do not ask about a Compose stack.
    type: float
    default: 5.0
  http_check:
    description:
      - Requests a URL over HTTP once the containers run, until the answer is as expected. Otherwise the task fails, and
        the next run with O(trigger=changed) deploys again.
      - The host that runs the module sends the requests.
    type: dict
    suboptions:
      url:
        description:
          - The URL, which may contain a user and a password. The default is the URL of the first enabled domain.
        type: str
      host:
        description:
          - The C(Host) header, if it differs from the URL, for example for a domain that is not in the DNS yet.
        type: str
      status_codes:
        description:
          - The expected status codes.
        type: list
        elements: int
        default:
          - 200
      timeout:
        description:
          - Seconds to wait for each answer.
        type: float
        default: 10.0
      retries:
        description:
          - Number of retries.
        type: int
        default: 10
      delay:
        description:
          - Seconds between two attempts.
        type: float
        default: 3.0
      validate_certs:
        description:
          - Whether to validate the TLS certificate.
        type: bool
        default: true
      follow_redirects:
        description:
          - Whether to follow redirects.
        type: bool
        default: true
  handles:
    description:
      - The deployments to wait for with O(state=finished), each the RV(handle) of a task with O(state=deployed) and
        O(wait=false). If nothing was deployed, there is no handle.
    type: list
    elements: dict
    suboptions:
      application_id:
        description:
          - ID of the application. Either this or O(handles[].compose_id) is required.
        type: str
      application:
        description:
          - The label of the application in messages.
        type: str
      compose_id:
        description:
          - ID of the Compose stack.
        type: str
      compose:
        description:
          - The label of the Compose stack in messages.
        type: str
      title:
        description:
          - The title of the deployment.
        type: str
      known_deployments:
        description:
          - IDs of the deployments that existed before.
        type: list
        elements: str
      ahead:
        description:
          - Number of deployments of the application or the Compose stack that waited before it.
        type: int
      deployment_id:
        description:
          - ID of the deployment, if it was known.
        type: str
      revision:
        description:
          - The requested O(revision).
        type: str
      known_tasks:
        description:
          - IDs of the tasks of the service that existed before.
        type: list
        elements: str
      clones:
        description:
          - Whether the deployment clones a repository.
        type: bool
  on_failure:
    description:
      - What to do when the deployment fails, or what it has deployed does not stay up or fails its O(http_check).
      - V(keep) leaves it as it is. Docker goes back by itself only where the update configuration of an application
        says so, and then to the image that its tag means now.
      - With V(return), what ran before runs again, and the task still fails. RV(returned) and the message say what
        runs. An image comes back by its digest, of a build what Dokploy has kept with the option C(rollback) of
        M(community.dokploy.dokploy_application), and of a Compose stack with the source C(raw) its content and its
        variables. The configuration in Dokploy becomes that of before, but for a rollback, so that the next run of the
        task that configures it finds the difference and wants the new one again.
      - Dokploy keeps nothing of a stack, so that each deployment with V(return) that stays up is recorded in a comment
        of the variables. The first one has nothing to return to, unless M(community.dokploy.dokploy_manifest) has
        changed the stack in the same task.
      - Other options that an earlier task has changed, such as the variables of an application, stay as they are. A
        warning says so if nothing can come back, such as of a build that Dokploy does not keep, or of the source of a
        stack that is a repository, of which Dokploy deploys the newest commit only.
      - If a run ends before it has seen that the deployment stays up, the next one deploys again, and still returns to
        what ran before.
      - It takes up to four requests more to find out what runs, and two to record that the deployment stays up. It
        needs O(wait=true), and O(state=deployed) or O(state=redeployed).
    type: str
    choices:
      - keep
      - return
    default: keep
  fresh_volumes:
    description:
      - Whether to delete the volumes of a Compose stack, B(with all of their data), before it is deployed.
      - Only with O(compose), for a stack of the type V(docker-compose), and with O(trigger=always) or
        O(state=redeployed). Needs Dokploy 0.30.5 or newer; an older server is refused, and nothing is deployed.
    type: bool
    default: false
  kill_build:
    description:
      - Whether O(state=cancelled) also stops a running build. A self-hosted Dokploy can only do that by interrupting
        B(every docker build on the server), including those of other applications. For a Compose stack, it interrupts
        B(every docker compose command on the server), including those of other Compose stacks.
      - A build with buildpacks and the deployment of a Compose stack of the type V(stack) may continue. The module then
        fails after at most one minute. Needs Dokploy 0.25.8 or newer.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_compose
  - module: community.dokploy.dokploy_deployment_info
  - module: community.dokploy.dokploy_logs_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Deploy an application if its configuration has changed
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    application: web
  register: release

- name: Show the result and the reason
  ansible.builtin.debug:
    msg: >-
      {{ release.deployment.title }} took {{ release.deployment.duration }} seconds, since {{ release.reason }}
  when:
    - release is changed
    - not ansible_check_mode

- name: Deploy a Compose stack if its configuration has changed, and verify all its containers
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    compose: metrics

- name: Configure first, and deploy in a handler what has changed
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Configure the manual
      community.dokploy.dokploy_application:
        project: shop
        environment: staging
        name: manual
        docker:
          image: ghcr.io/acme/shop-manual:1.4.2
      register: manual
      # Also if an earlier run ended before its handlers.
      changed_when: manual is changed or manual.deploy_needed | default(false)
      notify: Deploy the manual
  handlers:
    - name: Deploy the manual
      community.dokploy.dokploy_deployment:
        project: shop
        environment: staging
        application: manual

- name: Deploy a tag, and show the log of the build
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    application: web
    revision: 1.4.2
    title: Release 1.4.2
    follow: true

- name: Deploy, and show the end of the build log if it fails
  block:
    - name: Deploy a branch that does not build
      community.dokploy.dokploy_deployment:
        project: shop
        environment: staging
        application: broken
        log_lines: 20
  rescue:
    - name: Show the log
      ansible.builtin.debug:
        var: ansible_failed_result.log

- name: Deploy always, and check the first domain
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    application: web
    trigger: always
    verify_period: 3
    http_check:
      url: "{{ web_address }}"
      status_codes: [200, 204]
      retries: 5
      delay: 1

- name: Deploy, and roll back if the containers do not stay up
  block:
    - name: Deploy a release
      community.dokploy.dokploy_deployment:
        project: shop
        environment: production
        application: kept
  rescue:
    - name: Go back
      community.dokploy.dokploy_deployment:
        project: shop
        environment: production
        application: kept
        state: rolled_back
      when: ansible_failed_result.error.kind == "not_running"

- name: Deploy a stack, and go back to its earlier content if a container does not stay up
  community.dokploy.dokploy_deployment:
    project: shop
    compose: search
    on_failure: return

- name: Start deployments of several applications
  community.dokploy.dokploy_deployment:
    project: shop
    application: "{{ item }}"
    trigger: always
    wait: false
  loop:
    - web
    - worker
  register: started

- name: Wait for all of them
  community.dokploy.dokploy_deployment:
    state: finished
    handles: "{{ started.results | map(attribute='handle') | select | list }}"
  register: ended

- name: Show the result of each of them
  ansible.builtin.debug:
    msg: "{{ item.application }}: {{ item.status }}"
  loop: "{{ ended.deployments }}"
  loop_control:
    label: "{{ item.application }}"

- name: Create an application that is built from files
  community.dokploy.dokploy_application:
    project: shop
    environment: staging
    name: page
    drop: {}
    build:
      type: static

- name: Upload a folder if its files have changed, and build it
  community.dokploy.dokploy_deployment:
    project: shop
    environment: staging
    application: page
    path: "{{ page_folder }}"
    exclude:
      - node_modules/
      - "*.log"

- name: Build the same source again
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    application: web
    state: redeployed

- name: Go back to the image that was deployed before
  community.dokploy.dokploy_deployment:
    project: shop
    application: gallery
    state: rolled_back
    image: nginx:1.27

- name: Cancel the waiting deployments
  community.dokploy.dokploy_deployment:
    project: shop
    application: worker
    state: cancelled

- name: Cancel the waiting deployments, and interrupt every docker build on the server
  community.dokploy.dokploy_deployment:
    project: shop
    application: worker
    state: cancelled
    kill_build: true
"""

RETURN = r"""
application_id:
  description: ID of the application.
  returned: success, except for O(state=finished), for an application
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
compose_id:
  description: ID of the Compose stack.
  returned: success, except for O(state=finished), for a Compose stack
  type: str
  sample: mB7wR2xK9cVtQ4nLzHdPa
image:
  description: The image that was set and deployed.
  returned: O(state=rolled_back), if O(image) is set, or if the source is an image and Dokploy keeps no deployments
  type: str
  sample: ghcr.io/acme/web:1.4.1
reason:
  description:
    - Why a deployment was started, or would be in check mode, or why it was adopted. Null if nothing was needed.
    - V(never deployed), V(no record of the last deployment), V(last deployment failed), V(last deployment was
      cancelled), V(last deployment did not start), V(last deployment failed verification or was rolled back), V(rolled
      back by Docker), V(stopped), V(source changed), V(configuration changed), V(patches changed), V(files changed),
      V(revision changed), V(another revision is being deployed), V(no record of the last deployment, and what runs is
      what is configured), where what runs is recorded and nothing is deployed, V(deployment requested) with
      O(trigger=always), V(redeployment requested) with O(state=redeployed), or V(another image runs) or V(another image
      was deployed) with O(state=rolled_back).
  returned: O(state=deployed), O(state=redeployed) or O(state=rolled_back), on failure of what was started, too
  type: str
  sample: configuration changed
seconds:
  description: Seconds from the beginning of the build until its containers were verified. Null if nothing was waited
    for.
  returned: O(state=deployed), O(state=redeployed) or O(state=rolled_back), on failure of what was started, too
  type: float
  sample: 56.2
adopted:
  description: What O(trigger=adopt) has compared before it recorded what runs, or would in check mode. Otherwise null.
  returned: O(state=deployed) and O(state=redeployed)
  type: dict
  contains:
    compared:
      description: The options that are as configured; of a Compose stack the parts of its file.
      type: list
      elements: str
      sample:
        - docker.image
        - env
        - mounts
        - replicas
    not_compared:
      description: What cannot be seen in what runs.
      type: list
      elements: str
      sample:
        - mounts (content of files)
different:
  description:
    - The options in which what runs is not what is configured, with the names of variables and labels; of a Compose
      stack its services, with what differs of each.
  returned: on failure of O(trigger=adopt) for this reason
  type: list
  elements: str
  sample:
    - docker.image
    - env (TZ)
deployment:
  description:
    - The deployment that was started or waited for, in its last known state. If none was needed, the current one. Null
      in check mode, with O(wait=false), and if Dokploy has not started it.
    - For O(state=rolled_back), the deployment that was rolled back to, or that of the earlier image.
    - For O(state=cancelled), the running or the stopped deployment, null if there was none.
  returned: success, except for O(state=finished), or when the deployment failed or did not end in time
  type: dict
  contains:
    deployment_id:
      description: ID of the deployment.
      type: str
      sample: w8Er5Ty2Ui9Op3As6Df1G
    application_id:
      description: ID of the application.
      returned: for an application
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    compose_id:
      description: ID of the Compose stack.
      returned: for a Compose stack
      type: str
      sample: mB7wR2xK9cVtQ4nLzHdPa
    title:
      description: Title of the deployment. For a repository, the message of the commit.
      type: str
      sample: Add the winter sale
    description:
      description: Description of the deployment. For a repository, it contains the hash of the commit.
      type: str
      sample: 'Commit: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f'
    status:
      description: V(running), V(done), V(error) or V(cancelled).
      type: str
      sample: done
    commit:
      description: Hash of the commit that was built. Null if Dokploy does not name one.
      type: str
      sample: 4f0c9e1b7a2d8e6f3c5b1a9d7e2f4c6b8a0d1e3f
    created_at:
      description: When Dokploy created the deployment, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    started_at:
      description: When the build began, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.587Z'
    finished_at:
      description: When the deployment ended, in UTC. Null while it runs.
      type: str
      sample: '2026-03-14T09:27:41.020Z'
    duration:
      description: Seconds from the beginning to the end. Null while it runs.
      type: float
      sample: 47.4
    error_message:
      description: Why the deployment could not begin. Only the log says why a build failed.
      type: str
      sample: ''
    log_path:
      description: Path of the log on the server.
      type: str
      sample: /etc/dokploy/logs/shop-web-k3f9zq/shop-web-k3f9zq-2026-03-14:09:26:53.log
handle:
  description:
    - The value for O(handles), to wait for the deployment in a later task. Null if nothing was started, and with
      O(wait=true).
  returned: O(state=deployed), O(state=redeployed), or O(state=rolled_back) that deploys an earlier image
  type: dict
  contains:
    application_id:
      description: ID of the application.
      returned: for an application
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    compose_id:
      description: ID of the Compose stack.
      returned: for a Compose stack
      type: str
      sample: mB7wR2xK9cVtQ4nLzHdPa
    application:
      description: The label of the application in messages.
      returned: for an application
      type: str
      sample: application 'web' in shop/production
    compose:
      description: The label of the Compose stack in messages.
      returned: for a Compose stack
      type: str
      sample: compose 'metrics' in shop/production
    title:
      description: The title of the deployment. Null if it was not started by this collection.
      type: str
      sample: Deployed by Ansible
    deployment_id:
      description: ID of the deployment. Null if it is not known yet.
      type: str
      sample: w8Er5Ty2Ui9Op3As6Df1G
    ahead:
      description: Number of deployments of the same application or Compose stack that waited before it.
      type: int
      sample: 0
    revision:
      description: The requested O(revision).
      type: str
      sample: 55535fa
    clones:
      description: Whether the deployment clones a repository.
      type: bool
      sample: true
    known_deployments:
      description: IDs of the deployments that existed before.
      type: list
      elements: str
      sample: []
    known_tasks:
      description: IDs of the tasks of the service that existed before. Null if they are not verified.
      type: list
      elements: str
      sample: []
running:
  description:
    - The containers after the deployment, as RV(community.dokploy.dokploy_application#module:running). Null if they
      were not verified.
    - If they stay up, with the images that they run and their digests,
      RV(community.dokploy.dokploy_application#module:running.images), and the commit. Only the images of a Compose
      stack have a C(service). To read them takes three requests more, for all O(handles) together.
  returned: O(state=deployed), O(state=redeployed) or O(state=rolled_back), and on failure when what was deployed does
    not stay up
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
        image: ghcr.io/acme/shop:1.4.2
        image_id: sha256:5b6e07b3bc8b2b9bd7d0d4a1b8f9b8c77b0c5b6b6e1e9a7c8d0f5a7e3c1d2b4a
        digest: ghcr.io/acme/shop@sha256:4ad0c6b2e9c1a5d8f7b3e2a1908f6d5c4b3a29181706f5e4d3c2b1a09f8e7d6c
    commit: null
job:
  description: How its containers have ended, of an application that runs once, see
    O(community.dokploy.dokploy_application#module:runs). Otherwise null.
  returned: O(state=deployed), O(state=redeployed) or O(state=rolled_back), also when it has failed
  type: dict
  contains:
    exit_code:
      description: Exit code of the first container that has failed, or 0. Null if its container did not start.
      type: int
      sample: 0
    output:
      description: The end of what it has written, at most O(log_lines) lines, without secrets.
      type: str
      sample: applied 3 migrations
    output_lines:
      description: The same as a list of lines.
      type: list
      elements: str
      sample:
        - applied 3 migrations
    seconds:
      description: Seconds from the end of the build to the end of the last container.
      type: float
      sample: 4.2
http_check:
  description: The result of the O(http_check). Null without one.
  returned: O(state=deployed), O(state=redeployed) or O(state=rolled_back), and on failure when what was deployed does
    not answer as it should
  type: dict
  contains:
    url:
      description: The address of the request, without a password.
      returned: success
      type: str
      sample: https://shop.example.com/
    status:
      description: The HTTP status of the answer. Null if it is not one of the expected ones.
      returned: success
      type: int
      sample: 200
    error:
      description: The answer, or the error of the request.
      returned: when the check fails
      type: str
      sample: HTTP 502
deployments:
  description: The result of each deployment, in the order of O(handles).
  returned: O(state=finished), on failure, too
  type: list
  elements: dict
  contains:
    application_id:
      description: ID of the application.
      returned: for an application
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    compose_id:
      description: ID of the Compose stack.
      returned: for a Compose stack
      type: str
      sample: mB7wR2xK9cVtQ4nLzHdPa
    application:
      description: The application, with its project and its environment.
      returned: for an application
      type: str
      sample: shop/production/web
    compose:
      description: The Compose stack, with its project and its environment.
      returned: for a Compose stack
      type: str
      sample: shop/production/metrics
    failed:
      description: Whether it failed.
      returned: success
      type: bool
      sample: false
    status:
      description:
        - Its status, V(done), V(error) or V(cancelled), or its last status after a timeout, as in RV(status), or the
          kind of another error, such as V(not_running), V(not_answering) or V(revision).
      returned: success
      type: str
      sample: done
    msg:
      description: The error message with the end of the log. Empty if it succeeded.
      returned: success
      type: str
      sample: ''
    log:
      description: The end of the log of a failed deployment, as a list of lines.
      returned: success
      type: list
      elements: str
      sample: []
    deployment:
      description: The deployment, as RV(deployment). Null if Dokploy has not started it.
      returned: success
      type: dict
      sample:
        deployment_id: w8Er5Ty2Ui9Op3As6Df1G
        application_id: kX3vQ9mT2bWcZ7rLdPfYs
        compose_id: mB7wR2xK9cVtQ4nLzHdPa
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
    seconds:
      description: Seconds from the beginning of the build until its containers were verified. Null while it runs.
      type: float
      sample: 56.2
    running:
      description: The containers after it, as RV(running).
      returned: success
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
            image: ghcr.io/acme/shop:1.4.2
            image_id: sha256:5b6e07b3bc8b2b9bd7d0d4a1b8f9b8c77b0c5b6b6e1e9a7c8d0f5a7e3c1d2b4a
            digest: ghcr.io/acme/shop@sha256:4ad0c6b2e9c1a5d8f7b3e2a1908f6d5c4b3a29181706f5e4d3c2b1a09f8e7d6c
        commit: null
    job:
      description: How its containers have ended, as RV(job).
      type: dict
      sample:
        exit_code: 0
        output: applied 3 migrations
        output_lines:
          - applied 3 migrations
        seconds: 4.2
    http_check:
      description: The result of the O(http_check), as RV(http_check).
      returned: success
      type: dict
      sample:
        url: https://shop.example.com/
        status: 200
        error: HTTP 502
cancelled:
  description: The number of waiting deployments that were removed from the queue, or would be in check mode.
  returned: O(state=cancelled)
  type: int
  sample: 1
stopped:
  description: The deployments whose build was stopped, each as RV(deployment). Empty in check mode and with
    O(wait=false).
  returned: O(state=cancelled)
  type: list
  elements: dict
  sample:
    - deployment_id: w8Er5Ty2Ui9Op3As6Df1G
      application_id: kX3vQ9mT2bWcZ7rLdPfYs
      compose_id: mB7wR2xK9cVtQ4nLzHdPa
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
log:
  description:
    - The end of the build log, as a list of at most O(log_lines) lines. If the containers do not stay up, the end of
      the log of the failed container.
  returned: when the deployment failed
  type: list
  elements: str
  sample:
    - 'ERROR: failed to solve: exit code: 1'
    - Error occurred, check the logs for details.
status:
  description:
    - The last known status of the deployment. V(running), V(queued behind N), V(unknown), or V(lost) if it is neither
      in the queue nor in the list, as after a restart of Dokploy.
  returned: when the deployment did not end in time
  type: str
  sample: running
returned:
  description: What has come back after the failure, and what runs now.
  returned: when the deployment failed, and O(on_failure=return)
  type: dict
  contains:
    what:
      description: What has come back, in words. Null if nothing has.
      type: str
      sample: the image ghcr.io/acme/shop@sha256:4ad0c6b2e9c1a5d8f7b3e2a1908f6d5c4b3a29181706f5e4d3c2b1a09f8e7d6c
    runs:
      description: Whether it runs.
      type: bool
      sample: true
    msg:
      description: What has happened, or why nothing has come back, as the message of the task has it.
      type: str
      sample: 'Returned: the image ghcr.io/acme/shop:1.4.1 runs again'
    running:
      description: The containers afterwards, with their images, as RV(running). Null if they were not read.
      type: dict
      sample:
        replicas_wanted: 1
        replicas_running: 1
        tasks:
          - name: shop-web-k3f9zq.1
            desired_state: running
            current_state: Running 8 seconds ago
            error: ''
            node: node-1
        images:
          - service: web
            image: ghcr.io/acme/shop:1.4.1
            image_id: sha256:a4b2d1c3e7a5f0d8c7a9e1e6b6b5c0b77c8b9f8b1a4d0d7db9b2b8cb3b70e6b5
            digest: ghcr.io/acme/shop@sha256:c6d7e8f90a1b2c3d4e5f60718192a3b4c5d6f8091a2e3b7f8d5a1c9e2b6c0da4
        commit: 6d1f2c8a90be7f3154a0c9d2e8b7a6f5c4d3e2b1
    deployment_id:
      description: ID of the deployment that has brought it back, or that Dokploy has rolled back to. Null if none was
        needed.
      type: str
      sample: ddPuAJ9ut2LR5ozRj8yZ4
diff:
  description: The newest deployment, or why there is a new one, and for O(state=cancelled) the number of waiting
    deployments.
  returned: success and in diff mode
  type: dict
  sample:
    before:
      deployment: Deployed by Ansible, 2026-07-09T20:23:16.000Z, done
    after:
      deployment: '(a new one: configuration changed)'
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.deployment import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
