#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_deployment
short_description: Deploy applications of Dokploy
version_added: 0.1.0
description:
  - Deploys an application where that is needed, waits for the end, and finds out whether what was deployed really runs.
    Or builds it again, goes back to an earlier deployment, or drops deployments that wait in the queue.
  - A deployment brings the configuration that Dokploy has stored to the running service.
  - Unless it is told otherwise, Dokploy builds one thing after the other on each server. So a deployment may have to
    wait for those of other applications.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
attributes:
  check_mode:
    support: partial
    details:
      - Compares what Dokploy has stored with what was deployed. In check mode an earlier task of the same play has
        stored nothing. So with O(trigger=changed) the result is not changed although that task would change the
        application. R(The guide to check mode, ansible_collections.community.dokploy.docsite.check_mode) shows how to
        pass the result of that task on, as the roles do.
      - An application or a source that is missing is a warning, since an earlier task may only have promised to create
        or to set it.
  diff_mode:
    support: full
    details:
      - Shows which deployment is the newest one, for O(state=cancelled) how many waited, and for O(state=rolled_back)
        which deployment runs.
  idempotent:
    support: partial
    details:
      - With O(state=redeployed), and with O(trigger=always), each run starts a deployment.
      - Everything else is idempotent.
options:
  state:
    description:
      - V(deployed) takes the newest commit of the branch, or pulls the image, or uploads files, and builds and starts
        the service. See O(trigger) for when it does so.
      - V(redeployed) builds again what was taken the last time, with the configuration as it is now. There is no clone
        and no pull, and no patches are applied. It starts a deployment each time.
      - V(finished) waits for deployments that were started with O(wait=false), all at once, and fails when one of them
        does not end well. It takes O(handles) instead of an application.
      - V(cancelled) drops the deployments of the application that wait in the queue. What is being built goes on,
        unless O(kill_build=true).
      - V(rolled_back) runs the image and the configuration that an earlier good deployment has left, without a build.
        Dokploy keeps them only where O(community.dokploy.dokploy_application#module:rollback.enabled) and
        O(community.dokploy.dokploy_application#module:rollback.registry) were set at that time. The configuration that
        is stored stays as it is, so that V(deployed) brings it back the next time. Dokploy goes back without
        O(community.dokploy.dokploy_application#module:args), file mounts and some settings of the swarm.
    type: str
    choices:
      - deployed
      - redeployed
      - finished
      - cancelled
      - rolled_back
    default: deployed
  project:
    description:
      - Name or id of the project. A name that several projects bear is an error that lists their ids.
      - Required unless O(application_id) is given.
    type: str
  environment:
    description:
      - Name or id of the environment in the project. Without it, the project's default environment is meant.
    type: str
  application:
    description:
      - Name or id of the application. Two applications of this name in one environment are an error that lists their
        ids.
      - One of O(application) and O(application_id) is required, except for O(state=finished).
    type: str
  application_id:
    description:
      - Id of the application, to be used instead of O(project), O(environment) and O(application).
    type: str
  trigger:
    description:
      - When O(state=deployed) starts a deployment.
      - With V(changed), when nothing was deployed yet, when the last deployment failed or was cancelled, when Docker
        has rolled it back (see O(verify_period)), when what is
        configured (source, build, variables, limits, mounts, ports, networks, patches and all else that takes a
        deployment) is not what was deployed last, whoever changed it, when O(revision) is not the one that is deployed,
        or when the files of O(archive) or O(path) are not those that are. A deployment of this very configuration that
        runs or waits already is waited for instead.
      - What was deployed is remembered in a label of the service, C(community.dokploy.deployment), as a fingerprint. An
        application without it is deployed once.
      - A new commit in the branch, or another image behind the same tag, is nothing that Dokploy could tell beforehand.
        Say which O(revision) is wanted, or V(always).
      - With V(always), each time.
    type: str
    choices:
      - changed
      - always
    default: changed
  revision:
    description:
      - What is to be deployed.
      - For a repository the hash of a commit, or its first 7 digits or more. When it is deployed already, nothing is
        done. Dokploy always takes the newest commit of the branch. When that turns out to have been another one, the
        task fails and says both. Needs Dokploy 0.25.7 or newer.
      - For an image its tag, or its digest with C(sha256:) before it. The tag has to be that of
        O(community.dokploy.dokploy_application#module:docker.image). The digest is compared with the one that was
        pulled.
    type: str
  archive:
    description:
      - A ZIP archive with the files of the application, which is uploaded and built. Needs Dokploy 0.29.0 or newer.
      - It is on the host that the module runs on. On the controller it is also found in C(files), as with
        M(ansible.builtin.copy). For a file of the controller, delegate the task to C(localhost).
      - Only files that are not those of the last good deployment are uploaded. What counts is what they are called,
        what is in them and whether they can be executed.
      - The application has to be one of O(community.dokploy.dokploy_application#module:drop), or without a source yet.
      - An archive with nothing but a folder at its root, and an entry for it, is taken for that folder. Links in it are
        refused.
      - Dokploy 0.29.3 to 0.30.2 takes only files whose names are made of letters and digits of ASCII, blanks and
        C([]_.:/-). Others are refused before anything is uploaded.
      - Dokploy does not keep the permissions of files, and forgets that they can be executed.
      - Of a deployment with files, Dokploy takes no O(title) and no O(description).
    type: path
  path:
    description:
      - A folder with the files of the application, which is packed, uploaded and built, as with O(archive).
      - It is always packed the same way, so that the same files are not uploaded again. Folders named C(.git) and empty
        folders are left out. A link to something in the folder is packed as what it leads to. One that leads outside is
        an error.
    type: path
  ignore:
    description:
      - Patterns of files in O(path) that are left out, as in a C(.gitignore) file. C(*), C(?), C([...]) and C(**) stand
        for characters, a slash at the end for folders only, a slash elsewhere ties the pattern to the root, and C(!)
        takes back what an earlier pattern said.
    type: list
    elements: str
  deployment_id:
    description:
      - The deployment to go back to, for O(state=rolled_back). Without it, the newest one before the last that ended
        well and is not known to have failed after that, by an earlier task that looked or went back.
    type: str
  title:
    description:
      - Title of the deployment in Dokploy's list. The default is V(Deployed by Ansible), and V(Rebuilt by Ansible) with
        O(state=redeployed).
      - With O(state=deployed) and a repository as source, Dokploy puts the commit's message in its place.
    type: str
  description:
    description:
      - Description of the deployment in Dokploy's list.
      - With O(state=deployed) and a repository as source, Dokploy puts the commit's hash in its place.
    type: str
  wait:
    description:
      - Whether to wait until the deployment has ended. One that does not end well is then a failure, whose message ends
        with the end of the build log.
      - With V(false) the module ends as soon as Dokploy has queued the deployment. RV(handle) is then for a later task
        with O(state=finished).
      - With O(state=cancelled) and O(kill_build=true), whether to wait until the build has stopped.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait for the end, including the time in the queue. When they have passed the module fails, and the
        deployment goes on. RV(status) says what it was doing.
      - Finding out whether it runs has 30 seconds more than O(verify_period) in any case.
    type: float
    default: 900.0
  follow:
    description:
      - Whether to show the build log while it is written, each line with the application before it. It goes to standard
        error, so that what callbacks write to standard output stays whole.
      - Only when the task runs in Ansible's own process, see R(the guide to
        that,ansible_collections.community.dokploy.docsite.in_process), and with Dokploy 0.29.5 or newer. Otherwise it
        has no effect.
      - The message of a deployment that fails then does not repeat the log. RV(log) has its end all the same.
      - Without it, a line now and then says how it goes when a deployment takes more than 10 seconds.
    type: bool
    default: false
  log_lines:
    description:
      - How many lines from the end of the build log a failed deployment shows. V(0) shows none.
      - The values of the application's variables, build arguments, build secrets and registry password are masked
        in it, the text of its file mounts and patches, too. What else a build prints is shown.
      - At most V(10000).
      - The log is only there with Dokploy 0.29.5 or newer.
    type: int
    default: 50
  verify:
    description:
      - Whether to find out, after a deployment that ended well, that its containers run. For Dokploy a deployment has
        ended well when there is an image and Docker has accepted the service.
      - Containers that keep exiting, or do not come up in time, and a service that Docker takes back to what ran
        before, are a failure, whose message ends with the end of the log of the container that failed. The next run
        with O(trigger=changed) deploys again.
      - An application without replicas, and one that is a job, is not looked at. Without O(wait) none is.
    type: bool
    default: true
  verify_period:
    description:
      - Seconds for which the new containers have to run without one of them being replaced.
      - Docker can roll back a deployment for the time of
        O(community.dokploy.dokploy_application#module:update_config.monitor). When that is longer than this period,
        later runs with O(trigger=changed) ask Docker, in two more requests, and deploy again what it has rolled back.
    type: float
    default: 5.0
  health_check:
    description:
      - Asks the application over HTTP when it runs, until it answers as it should. Otherwise the task fails, and the
        next run with O(trigger=changed) deploys again.
      - The question comes from the host that the module runs on.
    type: dict
    suboptions:
      url:
        description:
          - The address, which may hold a name and a password. Without it, that of the application's first domain that
            is enabled.
        type: str
      host:
        description:
          - The C(Host) header, where it is another one than the address says, for a domain that is not in the DNS yet.
        type: str
      status_codes:
        description:
          - The statuses that are well.
        type: list
        elements: int
        default: [200]
      timeout:
        description:
          - Seconds to wait for each answer.
        type: float
        default: 10.0
      retries:
        description:
          - How often to ask again.
        type: int
        default: 10
      delay:
        description:
          - Seconds between two attempts.
        type: float
        default: 3.0
      validate_certs:
        description:
          - Whether the certificate has to be valid.
        type: bool
        default: true
      follow_redirects:
        description:
          - Whether it is the end of redirects that counts.
        type: bool
        default: true
  handles:
    description:
      - The deployments to wait for with O(state=finished), each the RV(handle) that O(state=deployed) with
        O(wait=false) has returned. Where nothing was deployed there is none.
    type: list
    elements: dict
    suboptions:
      application_id:
        description:
          - Id of the application.
        type: str
        required: true
      application:
        description:
          - What messages call the application.
        type: str
      title:
        description:
          - The title that the deployment was given.
        type: str
      known_deployments:
        description:
          - Ids of the deployments that there were before.
        type: list
        elements: str
      ahead:
        description:
          - How many others of the application waited before it.
        type: int
      deployment_id:
        description:
          - Id of the deployment, if it was known.
        type: str
      revision:
        description:
          - The O(revision) that was wanted.
        type: str
      known_tasks:
        description:
          - Ids of the service's tasks that there were before.
        type: list
        elements: str
      clones:
        description:
          - Whether it takes a commit of a repository.
        type: bool
  kill_build:
    description:
      - Whether O(state=cancelled) also stops what is being built. A self-hosted Dokploy can do that only by
        interrupting B(every docker build on the server), those of other applications too.
      - A build with buildpacks may go on all the same. This is a failure then, after a minute at most. Needs Dokploy
        0.25.8 or newer.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_deployment_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Deploy an application if there is anything new in its configuration
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    application: web
  register: release

- name: Say what was done, and why
  ansible.builtin.debug:
    msg: >-
      {{ release.deployment.title }} took {{ release.deployment.duration }} seconds, since {{ release.reason }}
  when:
    - release is changed
    - not ansible_check_mode

- name: Deploy a certain tag, and show the log while it is built
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    application: web
    revision: 1.4.2
    title: Release 1.4.2
    follow: true

- name: Deploy in any case, and ask its first domain whether it is well
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    application: web
    trigger: always
    verify_period: 3
    health_check:
      url: "{{ web_address }}"
      status_codes: [200, 204]
      retries: 5
      delay: 1

- name: Deploy once more what was taken the last time
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    application: web
    state: redeployed

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

- name: Say how each of them ended
  ansible.builtin.debug:
    msg: "{{ item.application }}: {{ item.status }}"
  loop: "{{ ended.deployments }}"
  loop_control:
    label: "{{ item.application }}"

- name: Make an application of files
  community.dokploy.dokploy_application:
    project: shop
    environment: staging
    name: page
    drop: {}
    build:
      type: static

- name: Upload a folder, if anything in it is new, and build it
  community.dokploy.dokploy_deployment:
    project: shop
    environment: staging
    application: page
    path: "{{ page_folder }}"
    ignore:
      - node_modules/
      - "*.log"

- name: Drop what still waits
  community.dokploy.dokploy_deployment:
    project: shop
    application: worker
    state: cancelled

- name: Drop what waits, and stop what is being built, with every other docker build on the server
  community.dokploy.dokploy_deployment:
    project: shop
    application: worker
    state: cancelled
    kill_build: true

- name: Deploy, and go back to what ran before when it does not stay up
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

- name: Deploy, and show the end of the build log when it fails
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
"""

RETURN = r"""
application_id:
  description: Id of the application.
  returned: success, except for O(state=finished)
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
reason:
  description:
    - Why a deployment was started, or would be in check mode. Null when none was needed.
    - V(never deployed), V(no record of the last deployment), V(last deployment failed), V(last deployment was
      cancelled), V(last deployment did not start), V(last deployment failed verification or was rolled back), V(rolled
      back by Docker), V(source changed), V(configuration changed), V(patches changed), V(files changed), V(revision
      changed), V(another revision is being deployed), V(deployment requested) with O(trigger=always), V(redeployment
      requested) with O(state=redeployed), or V(another image runs) with O(state=rolled_back).
  returned: O(state=deployed), O(state=redeployed) or O(state=rolled_back), on failure of what was started, too
  type: str
  sample: configuration changed
deployment:
  description:
    - The deployment that was started or waited for, as it ended, or as it was last seen when it failed or did not end
      in time. Where none was needed, the one that is deployed. Null in check mode, with O(wait=false), and when Dokploy
      has not begun with it.
    - For O(state=rolled_back) the deployment that was gone back to.
    - For O(state=cancelled) the deployment that runs and goes on, or that was stopped, and null when none did.
  returned: success, except for O(state=finished), or when the deployment failed or did not end in time
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
handle:
  description:
    - What O(handles) takes, to wait for the deployment in a later task. Null when nothing was started, and with
      O(wait=true).
  returned: O(state=deployed) or O(state=redeployed)
  type: dict
  contains:
    application_id:
      description: Id of the application.
      returned: success
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    application:
      description: What messages call the application.
      returned: success
      type: str
      sample: application 'web' in shop/production
    title:
      description: The title that the deployment was given. Null when it was started by somebody else.
      returned: success
      type: str
      sample: Deployed by Ansible
    deployment_id:
      description: Id of the deployment. Null when it is not known yet.
      returned: success
      type: str
      sample: w8Er5Ty2Ui9Op3As6Df1G
    ahead:
      description: How many others of the application waited before it.
      returned: success
      type: int
      sample: 0
    revision:
      description: The O(revision) that was wanted.
      returned: success
      type: str
      sample: 55535fa
    clones:
      description: Whether it takes a commit of a repository.
      returned: success
      type: bool
      sample: true
    known_deployments:
      description: Ids of the deployments that there were before.
      returned: success
      type: list
      elements: str
      sample: []
    known_tasks:
      description: Ids of the service's tasks that there were before. Null when what runs is not looked at.
      returned: success
      type: list
      elements: str
      sample: []
running:
  description:
    - What runs after the deployment, as Docker says. Null when that was not looked at.
  returned: O(state=deployed), O(state=redeployed) or O(state=rolled_back), and on failure when what was deployed does
    not stay up
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
health:
  description: What the O(health_check) came to. Null without one.
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
  description: What came of each deployment, in the order of O(handles).
  returned: O(state=finished), on failure, too
  type: list
  elements: dict
  contains:
    application_id:
      description: Id of the application.
      returned: success
      type: str
      sample: kX3vQ9mT2bWcZ7rLdPfYs
    application:
      description: The application, with its project and its environment.
      returned: success
      type: str
      sample: shop/production/web
    failed:
      description: Whether it did not end well.
      returned: success
      type: bool
      sample: false
    status:
      description:
        - How it ended, V(done), V(error) or V(cancelled). Or what it was doing when the time was up, as in RV(status).
          Or the kind of error when something else was wrong, such as V(not_running), V(not_healthy) or V(revision).
      returned: success
      type: str
      sample: done
    msg:
      description: What was wrong, with the end of the log. Empty when nothing was.
      returned: success
      type: str
      sample: ''
    log:
      description: The end of the log of one that failed, line by line.
      returned: success
      type: list
      elements: str
      sample: []
    deployment:
      description: The deployment, as RV(deployment). Null when Dokploy has not begun with it.
      returned: success
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
    running:
      description: What runs after it, as RV(running).
      returned: success
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
          description: The tasks of the service in Docker, including those that ended lately, the newest of each slot
            first.
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
    health:
      description: What the O(health_check) came to, as RV(health).
      returned: success
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
cancelled:
  description: The number of waiting deployments that were removed from the queue, or would be in check mode.
  returned: O(state=cancelled)
  type: int
  sample: 1
stopped:
  description: The deployments whose build was stopped. Empty in check mode and with O(wait=false).
  returned: O(state=cancelled)
  type: list
  elements: dict
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
log:
  description:
    - The end of the build log, line by line, at most O(log_lines) lines. Or that of the log of the container that
      failed when what was deployed does not stay up.
  returned: when the deployment failed
  type: list
  elements: str
  sample:
    - 'ERROR: failed to solve: exit code: 1'
    - Error occurred, check the logs for details.
status:
  description:
    - What the deployment was doing when the time was up. V(running), V(queued behind N), V(unknown), or V(lost) when it
      is neither in the queue nor in the list, as after a restart of Dokploy.
  returned: when the deployment did not end in time
  type: str
  sample: running
diff:
  description: Which deployment is the newest one, and for O(state=cancelled) how many wait.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: What was there.
      returned: success
      type: dict
      sample:
        newest_deployment: w8Er5Ty2Ui9Op3As6Df1G
    after:
      description: What is there now, or would be in check mode.
      returned: success
      type: dict
      sample:
        newest_deployment: (a new one, deployed)
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.deployment import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
