#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_manifest
short_description: Bring a whole Dokploy instance into the state that one document describes
version_added: 1.0.0
description:
  - Plans everything that a document describes at once, shows the plan, and applies it in as few requests as possible,
    from registries and servers to projects, databases, Compose stacks and applications with all that belongs to them.
  - Most tasks set O(src), and some of them O(prune) and O(expected_plan).
  - 'A short example: C(community.dokploy.dokploy_manifest: {projects: [{name: shop}]}).'
  - Each section of the document has entries with the options of one module, with the same meaning. An option that is
    not set is not managed, unless O(unstated=default) is set, an empty one is cleared, and what the document does not
    name does not change, unless O(prune) names its kind. If an entry is absent, so is what the document names in it.
  - An entry that had another name, or was in another project or environment, says so with C(moved_from), and is renamed
    or moved instead of created anew. Its value is a name, or a path such as V(shop/staging/web).
  - An application, Compose stack or database that somebody has renamed or moved on the server is known again by the
    name in the record of its first deployment, see O(on_rename). Without such a record, a database with the same
    database and user in the same environment, or an application with the same volume, that no entry names is a
    mistake. C(moved_from) says that it is the one, and C(new=true) in the entry that it is another one.
  - Entries can refer to each other, in any order. A name is enough where an option takes one. For other values, such
    as the URL of a database, use P(community.dokploy.reference#filter).
  - An application, Compose stack or database that has to run after other ones, although nothing in it refers to them,
    names these in C(after). Names are those of services of its environment, or paths such as V(shop/staging/web).
  - An application or a Compose stack that is to run what another one runs, without a build, names that with
    C(image_of), such as V(shop/staging/web). An application takes the image by its digest and its login, and has no
    registry of its own then; one with a repository of its own takes the commit, as with C(revision). A stack takes the
    content of the other one. What runs is read when the plan is made, in six requests at most for all entries. An
    application of which nothing runs is refused, since its tag may mean another image by now than the one that ran.
  - Two applications, Compose stacks or databases of one server that have a volume, a folder of the host, a published
    port or a host with its path in common cause a warning, also where the document does not name one of them. With
    C(shared), an entry says that this is right, such as V([uploads, /srv/media, shop.example.com/api, 8080]) or
    V(["*"]). Volumes of databases must not be shared.
  - All mistakes of the document are found before anything is written, and reported at once, each with its place; of one
    kind, the first ten.
  - If an entry fails, those that depend on it are left out, the others are applied, and the module fails at the end. A
    second run goes on from there.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.manifest_sections
attributes:
  check_mode:
    support: full
    details:
      - The plan is the same as that of a real run, also on an empty server.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  src:
    description:
      - A file with the sections of the document, or a folder of such files, on the controller. It is found as
        the C(src) of M(ansible.builtin.copy) is, or else from the working directory, and read as files of variables
        are, with Ansible Vault and templates.
      - Of a folder, all files that end in C(.yml), C(.yaml) or C(.json) are read in the order of their paths, those in
        folders below too. Hidden ones are left out. The lists of one section come one after another, mappings are
        merged, and what is stated twice is an error. Sections that are options of the task are added to them.
      - A key that is not text, such as C(80) or C(yes) without quotes, and a key twice in one mapping are errors. All
        files have at most 10 MB and 500,000 values, no more than 50 levels deep.
    type: path
  secrets_file:
    description:
      - A file of variables with secrets on the controller, as an export writes it. It is found as O(src) is, and may be
        encrypted with Ansible Vault, as a whole or value by value.
      - The document of O(src) takes its variables from there first, even before extra variables. Nothing else sees
        them.
      - From ansible-core 2.22 on, Ansible redacts each value of an encrypted file that it reads as variables, wherever
        the value occurs in the output. Of this file it redacts only what may be a secret, and no numbers, usual words
        and the like.
    type: path
  version:
    description:
      - The version of the format of the document, V(1).
    type: int
  unstated:
    description:
      - What becomes of the options that entries do not state. With V(keep), which is the default, they stay as they are
        on the server. With V(default), they get the values of a new record, lists of things inside are emptied, and so
        are variables. It is a key of the document, so that a file says what it means. An entry can have an C(unstated)
        of its own, and an C(ignore) with options that are left to others.
      - Never reset are secrets such as passwords and tokens, what Dokploy chooses by itself, what it never shows, and
        what only a new record can have. The plan, the diff and drift name what is reset.
    type: str
    choices:
      - keep
      - default
  list_unstated:
    description:
      - Whether RV(plan.unstated) lists what is set on the server, that an entry does not state, where it stays as it
        is. Lists of things inside are read for that.
    type: bool
    default: false
  report_facts:
    description:
      - Whether to return RV(release) and RV(backups), which a report about the server shows beside the plan. Each
        service takes a query more, with up to 100 queries in one request, and so does each volume backup.
    type: bool
    default: false
  reset_limit:
    description:
      - How many entries O(unstated=default) may reset, as a number, or as the share of those that exist. A share limits
        nothing where there are less than 10.
    type: str
    default: 30%
  state:
    description:
      - V(present) brings each entry into its own state. V(absent) removes all entries whatever their states are, except
        for O(settings), O(schedules) and O(backups), and what the document does not name stays.
    type: str
    choices:
      - present
      - absent
    default: present
  force:
    description:
      - Whether to remove projects and environments that are to be absent even if they have services that the document
        does not name. An entry can have a C(force) of its own.
    type: bool
    default: false
  prune:
    description:
      - Kinds of which everything is removed that the document does not name. A kind is the name of a module without
        C(dokploy_), such as V(application) or V(registry).
      - Applications, Compose stacks and databases are removed from the environments that the document names only, and
        environments from the projects that it names. So an application in a project that the document does not name
        stays, unless V(project), V(environment) and V(application) are all in the list.
      - Default environments, the owner, the user of the API key, providers that Dokploy's API cannot create, and the
        data volumes of databases are never removed.
      - Fails before anything is written if the API key does not show everything of these kinds, if the document is
        empty, and if more would be removed than O(prune_limit).
    type: list
    elements: str
    default: []
  prune_limit:
    description:
      - How much O(prune) may remove, as a number, or as the share of what there is of these kinds. A share limits
        nothing where there are less than 10.
    type: str
    default: 30%
  owner:
    description:
      - A name for what this document manages, if several documents share a server, such as V(platform). Every project
        of the document gets the tag V(owner:platform), O(prune) removes only projects with this tag, and what is in
        them, and a project of another owner is an error. Needs Dokploy 0.29.0 or newer.
    type: str
  adopt:
    description:
      - Whether to take over projects of the document that exist and have no owner. Without it, they are an error if
        O(owner) is set.
    type: bool
    default: false
  on_rename:
    description:
      - What becomes of an application, Compose stack or database that has another name on the server, or is in another
        environment of its project or of another project of the document, than when it was deployed first.
      - V(rename) brings back the name and the place that the document has. V(refuse) is a mistake that says what was
        renamed. V(keep) configures it under the name and in the place that it has now.
    type: str
    choices:
      - rename
      - refuse
      - keep
    default: rename
  hold:
    description:
      - What is left out, so that it does not act on others yet, whatever the entries state. V(domains), V(schedules)
        and V(backups), with which go volume backups, are lists of entries. V(notifications) are entries. What exists of
        them stays as it is, and is not pruned.
      - With V(containers), applications and Redis have no C(replicas), unless they state a C(mode), and the C(command)
        of Compose stacks only pulls and builds their images. They are deployed, also with O(archives_rehearsal), so
        that their images are there and a later run is the faster. An entry that does not state its C(replicas) or
        C(command) needs O(unstated=default), so that the later run starts it, and O(reset_limit) counts it then. What
        runs of a stack already goes on.
      - The images of a Compose stack are those of the files, profiles and variables with which its C(command) starts
        it. They come to the host to which Dokploy deploys it, and not to other nodes of its swarm. It needs Docker
        Compose 2.22 or newer there, which must accept the file, also of a stack of the type V(stack). It refuses a
        C(container_name) of a service with several replicas, or a C(depends_on) of a service that is not there, which
        Docker Swarm ignores.
      - A later run without it makes them. RV(plan.held) lists what is left out.
      - An C(http_check) without a URL is left out with the domains. References to the C(url) of a
        service have the address that it gets.
    type: list
    elements: str
    choices:
      - domains
      - schedules
      - backups
      - notifications
      - containers
    default: []
  rename:
    description:
      - 'Other names for projects, environments and services, such as C({shop: shop-drill}),
        C({shop/production: shop/drill}) or C({shop/production/web: shop/production/web-moving}).
        C({"*": "{}-drill"}) is for all other projects, where C({}) stands for the old name.
        The document is applied as if it had these names. References between entries that are renamed follow.
        Entries that keep their names, and what these refer to, stay as they are.'
      - Where the original project is on the same server, each host, published port, volume and folder of the host that
        an entry would share with it is refused, unless O(hold) leaves it out, O(rename_rules) gives another one, or
        O(on_server) puts it on another server. A volume whose name has the C(app_name) of its own service is another
        one by itself.
      - A C(webhook_token), a C(moved_from) and the C(container_name) of a Compose file are left out of what is renamed.
    type: dict
  rename_passwords:
    description:
      - What becomes of the passwords of databases that O(rename) concerns. With V(new), a database gets one of its own
        when it is created, and keeps that. Where other texts of these entries have the old password, such as the
        variables of an application, they take the new one. It has to have at least 8 characters for that.
      - A database keeps a password that is in its own arguments or variables, too, as a warning says.
      - A volume with the data of a database has the password in it, so that it is refused.
    type: str
    choices:
      - keep
      - new
    default: keep
  rename_rules:
    description:
      - 'Other values for what entries that O(rename) concerns would share with the originals. Each is a mapping of old
        values to new ones. The key V(*) is for all others, and V({}) in a new value stands for the old one, as in
        C({"*": "{}-drill"}). In a key such as C(*.example.com), V(*) stands for any text, which is V({}) in the new
        value, as in C({"*.example.com": "{}.staging.example.com"}).'
      - A folder that is a part of the host itself, such as C(/var/run/docker.sock), needs no rule.
      - They are also those of the volumes and folders into which the archives of O(archives) come back, whose services
        have the new names.
      - The Compose files of O(projects) that are stated as text or as a definition are changed, too. One in a Git
        repository cannot be.
    type: dict
    suboptions:
      hosts:
        description: The hosts of domains.
        type: dict
      ports:
        description: Published ports. V(0) does not publish one.
        type: dict
      volumes:
        description: The names of volumes.
        type: dict
      paths:
        description: Folders of the host. A folder is also one in them.
        type: dict
  scope:
    description:
      - The entries of the document that the run is about. Without it, all of them. The others are left out, as if the
        document did not have them, and RV(plan.unmanaged) is empty.
      - Patterns are those of a shell, as in O(community.dokploy.dokploy_export#module:scope). What an entry is in comes
        with it.
      - Mutually exclusive with O(prune).
    type: dict
    suboptions:
      kinds:
        description:
          - Kinds of entries, which are the names of their modules without C(dokploy_), such as V(registry).
        type: list
        elements: str
      projects:
        description:
          - Patterns for the names of projects, with everything in them.
        type: list
        elements: str
      environments:
        description:
          - Patterns for environments, such as V(shop/production).
        type: list
        elements: str
      services:
        description:
          - Patterns for applications, Compose stacks and databases, such as V(shop/production/web).
        type: list
        elements: str
      references:
        description:
          - Whether entries that the selected ones name come with them, such as registries and destinations.
        type: bool
        default: false
      around:
        description:
          - What becomes of the projects and environments around selected services. With V(apply), they become as the
            document has them. With V(find), they are found by their names, and nothing of them changes.
        type: str
        choices:
          - apply
          - find
        default: apply
  locked_for:
    description:
      - A lock on the services of the document that exist, for something that takes several tasks, as a move does. It is
        kept with each service, as the record of its last deployment is, and is in no export and no drift.
      - A service with the lock of another purpose is an error, and so is one that another run of the same purpose works
        on. Then nothing is written.
      - With it, the containers of entries with C(state=stopped) are waited for until Docker has none of them left.
    type: dict
    suboptions:
      purpose:
        description:
          - What it is for, such as V(move to https://dokploy2.example.com).
        type: str
        required: true
      run:
        description:
          - A name for the run, which no other one has. Without it, the lock is kept and no run works on the services.
        type: str
      rest:
        description:
          - Whether the run ends. The lock is kept, and another run of the same purpose can begin.
        type: bool
        default: false
      silent:
        description:
          - Seconds after which a run that was not heard of counts as killed, so that another one can go on. A run is
            heard of when it sets the lock again.
        type: float
        default: 60.0
      continues:
        description:
          - Whether the run has set the lock before. It is an error if the lock is that of another run by now, or gone,
            however long this one was silent, so that a run that was only slow does nothing more once another one has
            gone on in its place.
        type: bool
        default: false
      release:
        description:
          - Whether to remove the lock.
        type: bool
        default: false
  lock:
    description:
      - What happens when another run that applies a document works on the same services, for pipelines that may start
        at once. A run with V(wait) or V(refuse) that changes something locks the services of its document that exist,
        for as long as it takes, and plans again with the lock. V(wait) waits for the other run, at most
        O(wait_timeout). V(refuse) is an error, before anything is written. A run with V(off) locks nothing and looks
        for no lock.
      - The lock is kept with each service, and is in no export and no drift. Its run renews it. One that was killed is
        in nobody's way after 60 seconds. An error and a line while waiting say where the other run is, and since when.
      - Services with a lock of O(locked_for) are an error.
      - A document of which no service exists yet has nothing that can be locked. RV(overtaken) tells what another run
        has changed of what this one has written, with a lock and without.
      - In check mode, a warning tells of the run that would be waited for.
    type: str
    choices:
      - wait
      - refuse
      - 'off'
    default: 'off'
  isolated_network:
    description:
      - Name of a network to which all applications and databases are attached, and to no other one, whatever they
        state. Others do not reach them, and they reach no others. It must exist, or be in O(networks).
      - Compose stacks have networks of their own. They are in Dokploy's network only for their domains.
    type: str
  on_server:
    description:
      - Name of the server on which all services run, whatever they state, such as another one than that of the
        originals with O(rename). V("") is Dokploy's own host.
      - A service that exists on another server is an error, since a service cannot change its server.
    type: str
  expected_plan:
    description:
      - The RV(plan.id) of the plan that was reviewed. Another plan is an error, and nothing is written.
      - The task also fails at its end if RV(overtaken) has anything, since the server is not as it was reviewed then.
    type: str
  deploy:
    description:
      - Which applications, Compose stacks and databases are deployed after everything is configured. An entry can have
        a C(deploy) of its own. V(changed) deploys those whose configuration is not what runs.
    type: str
    choices:
      - changed
      - always
      - adopt
      - never
    default: changed
  deploy_unstated:
    description:
      - Whether O(deploy=changed) also deploys services that differ from what runs only in options that the document
        does not state. With V(false), such a service is not deployed, and a warning and RV(deployments) name it. An
        entry can have a C(deploy_unstated) of its own.
      - A service that the document changes is deployed with all of its configuration, including changes that were made
        in the web interface.
      - Services that were never deployed, are stopped, or whose last deployment failed or was rolled back are deployed
        in any case.
    type: bool
    default: true
  title:
    description:
      - Title of the deployments.
    type: str
  description:
    description:
      - Description of the deployments.
    type: str
  wait:
    description:
      - Whether to wait until all deployments have ended.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait for a deployment. Dokploy builds one after the other, so that several take as many times as
        long.
    type: float
    default: 900.0
  log_lines:
    description:
      - How many lines of the log of a failed build to show.
    type: int
    default: 50
  follow:
    description:
      - Whether to show the build logs while they are written.
    type: bool
    default: false
  verify:
    description:
      - Whether to check that the containers run after a deployment.
    type: bool
    default: true
  verify_period:
    description:
      - Seconds for which the containers must run.
    type: float
    default: 5.0
  on_failure:
    description:
      - What to do when the deployment of an application or a Compose stack fails, or what it has deployed does not
        stay up or fails the C(http_check) of its entry. An entry can have an C(on_failure) of its own, V(keep) or
        V(return).
      - V(keep) leaves it as it is.
      - With V(return), what ran before runs again, and the task still fails. RV(deployments[].returned) says what
        runs. See O(community.dokploy.dokploy_deployment#module:on_failure). Beside what that brings back, all options
        of the service itself that this task has changed get their earlier values, such as the variables. What it has
        changed in lists, such as domains and mounts, stays, and so does what a rollback of Dokploy does not have.
      - With V(return_all), what the run has deployed of other applications and stacks goes back as well if anything of
        the document fails, so that all of them are new or none. What was configured and not deployed, since it comes
        C(after) what has failed, keeps its new configuration.
      - The next plan finds the differences and wants the new ones again.
      - If the run is interrupted, the next one deploys again what nothing has seen to stay up, and still returns to
        what ran before. It does not know the other options that the interrupted run has changed, and of a stack the
        content only if an earlier run with this option has recorded it.
    type: str
    choices:
      - keep
      - return
      - return_all
    default: keep
  archives:
    description:
      - The file C(archives.yml) of a backup set on the controller, or the folder that has it. What it has of an entry
        that the run creates is restored between the creation of the entry and its first deployment, and what depends on
        the entry is deployed after that.
      - Restored are dumps of databases, volumes, dumps of Redis and folders of the host. A service that exists is left
        alone, unless O(overwrite) names it or an earlier run has not ended its recovery. So a run that was interrupted
        can be repeated, and nothing is restored twice.
      - What the set has of the services of the run and is not in them in the end is missing. The task fails then, and
        what refers to the service, or comes after it, is not deployed, started or stopped; everything else is carried
        out. O(archives_keep) names services whose present data is right. Check mode tells the same in
        RV(archives[].outcome) and RV(waiting) with a warning, and does not fail.
      - With O(scope), only what the set has of the selected services counts.
      - Before anything is written, each archive must be in its bucket with the size that the file says.
      - The content of the file as a mapping is accepted, too.
    type: raw
  archives_before:
    description:
      - Restores the newest archive before this time of all that O(archives) names, instead of the archives in it. The
        destinations must exist. In check mode, what is in one that does not exist yet is not looked at.
      - An ISO 8601 date, or date and time, by default in UTC.
    type: str
  archives_max_age:
    description:
      - Refuses a set that is older, such as V(36h) or V(7d).
    type: str
  archives_at_once:
    description:
      - How many archives are restored at the same time.
    type: int
    default: 4
  archives_image:
    description:
      - The image of the jobs that copy the files of a volume from where Dokploy has restored them. It needs a shell.
    type: str
    default: ubuntu
  archives_keep:
    description:
      - Services whose present data stays where O(archives) has other data of them, as paths such as
        V(shop/production/db) or patterns such as V(shop/*). V(*) names all. That their data is not restored is no
        failure then.
      - Of what the run creates, and of what an earlier run has not ended, the data comes back all the same.
    type: list
    elements: str
    default: []
  archives_rehearsal:
    description:
      - Whether this is a rehearsal. The archives are restored and checked. Of the services only the databases whose
        dumps need it are deployed, and what O(hold) leaves without containers. Nothing is started, and no service is
        marked as live, so that a later run without this option replaces the data by that of other archives.
      - A check of a database without a container does not run. That of another service without one cannot fail, since
        it may need the container. See RV(archive_checks[].waits).
    type: bool
    default: false
  archives_save_first:
    description:
      - Whether the present data of what O(overwrite) names is saved before it is replaced, by a backup that is made
        once, to the destination of the archive that replaces it, with the prefix C(before/NAME), where C(NAME) is that
        of the database or the volume, or stands for Redis or a folder of the host, which a job copies into a scratch
        volume before, of Redis while it runs. Nothing removes these archives. See RV(archives[].saved_first).
      - If it cannot be saved, nothing is replaced. Of databases in stacks whose login is not known, Dokploy has no such
        backup. A warning says so.
      - What a restore that was interrupted has left is not saved.
    type: bool
    default: true
  archives_together:
    description:
      - Whether no service is marked as live until the data of all are restored and checked, so that after a failure all
        of it can be restored from newer archives.
    type: bool
    default: false
  overwrite:
    description:
      - Paths of existing services whose data is replaced by that of O(archives), such as V(shop/production/db). A
        database with a dump must run, or be deployed by the run.
      - What uses the data is stopped before that, and started again when the data is back and its checks have passed.
        These are the services whose entries refer to the service or name it in C(after), and those that name its host
        in their variables or their Compose file, or have the same volume or folder, also without an entry. A service
        whose volume or folder is replaced is stopped, too. What was stopped before stays stopped. The plan shows it as
        C(stop) and C(start), with the reason.
      - If sessions of others are left in a PostgreSQL, MySQL or MariaDB database then, nothing is replaced in it.
      - After a restore that has failed, what uses the data stays stopped. The task says so. It starts it when it is run
        again and the data is back. That is noted with the service, so that it holds for a run that was killed, too.
      - An archive that is in the service already is not restored again.
    type: list
    elements: str
    default: []
  masks:
    description:
      - What changes data of O(archives) once it is back, such as the names of customers. Each runs as a job beside its
        service, after the checks of the set, and before any application or Compose stack is deployed. If it fails,
        nothing of these is deployed.
      - It gets C(DB_HOST), C(DB_PORT), C(DB_NAME), C(DB_USER) and C(DB_PASSWORD) of a database, and the variables of
        its client. Beside an application or a Compose stack, it has their volumes where they have them.
      - A run that was interrupted may run it a second time, so that it must do no harm then. The checks of the set are
        not run again after it.
      - A Compose stack whose database has a dump is deployed before that is restored, so that its other services see
        the data as it is.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name, for results and the name of the job.
        type: str
        required: true
      service:
        description: The path of the service in the document, such as V(shop/production/db).
        type: str
        required: true
      script:
        description:
          - What C(/bin/sh -e) of the image runs.
          - One of O(masks[].script) and O(masks[].sql) is required.
        type: str
      sql:
        description: SQL for a PostgreSQL, MySQL or MariaDB database. PostgreSQL carries out all of it or nothing.
        type: str
      image:
        description:
          - The image in which it runs, by default that of the service. A Compose stack has none, and what Dokploy
            builds has none yet.
        type: str
  restore_timeout:
    description:
      - Seconds to wait for the restore of an archive.
    type: float
    default: 3600.0
seealso:
  - ref: ansible_collections.community.dokploy.docsite.manifest
    description: The guide to documents, with secrets, pipelines, many instances, and a JSON Schema for editors.
  - ref: ansible_collections.community.dokploy.docsite.prune
    description: The guide to what O(prune) removes, and to O(owner).
  - module: community.dokploy.dokploy_info
  - module: community.dokploy.dokploy_deployment
  - plugin: community.dokploy.reference
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Describe a storefront
  community.dokploy.dokploy_manifest:
    version: 1
    registries:
      - name: ghcr
        url: ghcr.io
        username: acme
        password: "{{ vault_registry_password }}"
    projects:
      - name: storefront
        env:
          CURRENCY: EUR
        environments:
          - name: production
            databases:
              - name: db
                type: postgres
                database: shop
                user: shop
                password: "{{ vault_database_password }}"
            applications:
              - name: web
                docker:
                  image: ghcr.io/acme/shop:1.4.2
                registry: ghcr
                env:
                  DATABASE_URL: "{{ 'db:internal_url' | community.dokploy.reference }}"
                domains:
                  - host: storefront.example.com
              - name: old
                docker:
                  image: ghcr.io/acme/shop:1.0.0
                deploy: never

- name: Remove the applications that are not in the document
  community.dokploy.dokploy_manifest:
    projects:
      - name: storefront
        environments:
          - name: production
            applications:
              - name: web
    prune:
      - application
"""

RETURN = r"""
plan:
  description: What the run changes, or in check mode what it would change.
  returned: when the document has no mistakes
  type: dict
  contains:
    id:
      description: The same for two plans that change the same. It contains no secrets.
      returned: always
      type: str
      sample: 9f86d081884c7d65
    changes:
      description: What happens to each entry.
      returned: always
      type: list
      elements: dict
      contains:
        action:
          description: What happens, V(create), V(update), V(reset), V(rename), V(move), V(replace), V(remove), V(save),
            V(restore), V(mask), V(release), V(deploy), V(adopt), V(start), V(stop) or V(reload). V(reset) is an update
            of options that the entry does not state. V(rename) and V(move) may change other options, too. V(release)
            ends the recovery of data that an earlier run has restored, so that it is live.
          type: str
          sample: update
        kind:
          description: The name of the module of the entry, without C(dokploy_).
          type: str
          sample: application
        path:
          description: The names of project, environment and service, or the name.
          type: str
          sample: shop/production/web
        options:
          description: The options that differ.
          type: list
          elements: str
          sample:
            - env
        reason:
          description:
            - Why it happens, or null if the options tell.
            - Of a deployment that no change of the document explains also what runs otherwise than it is configured,
              with C((set outside of the document)) after the options that the document does not state.
            - Of a removal what becomes of the data, such as volumes and the files of backups.
            - Of a new database that it begins empty, if one of its type in its environment is removed in the same run.
            - Of a restore which data it is of, and from when.
          type: str
          sample: 'configuration changed: command, mounts (set outside of the document)'
        reset:
          description: The options that the entry does not state, and that get the value of a new record.
          type: list
          elements: str
          sample:
            - domains[old.example.com]
    counts:
      description: The number of changes of each action.
      returned: always
      type: dict
      sample:
        create: 2
        update: 1
        reset: 0
        rename: 0
        move: 0
        replace: 0
        remove: 0
        save: 0
        restore: 0
        mask: 0
        release: 0
        deploy: 2
        adopt: 0
        start: 0
        stop: 0
        reload: 0
    unmanaged:
      description: What exists and the document does not name. What is in it is not listed.
      returned: always
      type: list
      elements: dict
      contains:
        kind:
          description: The name of its module, without C(dokploy_).
          type: str
          sample: project
        path:
          description: Its names, or its ID where there is no name.
          type: str
          sample: blog
    unknown:
      description: What is of kinds that this collection does not know, such as a fork of Dokploy has. No entry can
        describe it, and O(prune) never removes it, nor the project or environment that it is in.
      returned: always
      type: list
      elements: dict
      contains:
        kind:
          description: The name of the module of others like it, without C(dokploy_), or V(service).
          type: str
          sample: dns_provider
        type:
          description: The kind, as the server names it.
          type: str
          sample: hetzner
        path:
          description: Its names, or its ID where there is no name.
          type: str
          sample: zones
    held:
      description: What O(hold) leaves out.
      returned: always
      type: list
      elements: dict
      contains:
        kind:
          description: The name of the module of the entry, without C(dokploy_).
          type: str
          sample: application
        path:
          description: Its names.
          type: str
          sample: shop/production/web
        option:
          description: The option that is left out. It is empty for a whole entry.
          type: str
          sample: domains
    unstated:
      description: What is set on the server, that an entry does not state, and that stays. See O(list_unstated).
      returned: always
      type: list
      elements: dict
      contains:
        kind:
          description: The name of the module of the entry, without C(dokploy_).
          type: str
          sample: application
        path:
          description: Its names.
          type: str
          sample: shop/production/web
        options:
          description: The options.
          type: list
          elements: str
          sample:
            - command
        before:
          description: Their values on the server, without secrets.
          type: dict
          sample:
            command: sleep 60
        after:
          description: The values of a new record.
          type: dict
          sample:
            command: ''
    text:
      description: The plan as Markdown, for a pull request.
      returned: always
      type: str
      sample: '**1 to update** (plan `9f86d081884c7d65`)'
resources:
  description: The entries that are as described now, in the order of the document, with their IDs.
  returned: when the document has no mistakes
  type: list
  elements: dict
  contains:
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      returned: always
      type: str
      sample: application
    path:
      description: The names of project, environment and service, or the name.
      returned: always
      type: str
      sample: shop/production/web
    id:
      description: Its ID.
      returned: always
      type: str
      sample: 6cSW4tSLcfTkKtUVTRTOu
    changed:
      description: Whether it was changed.
      returned: always
      type: bool
      sample: true
    state:
      description: The state of the entry.
      returned: always
      type: str
      sample: present
    app_name:
      description: The name of its containers, or null if it was removed.
      returned: for applications, Compose stacks and databases
      type: str
      sample: shop-web-x1y2z3
    url:
      description: The address of its first domain that is enabled, or null.
      returned: for applications, Compose stacks and databases
      type: str
      sample: https://shop.example.com/
    status:
      description: Its status in Dokploy before the run, V(idle), V(running), V(done) or V(error). V(error) of a
        database means that its last deployment failed.
      returned: for applications, Compose stacks and databases
      type: str
      sample: done
    deployed_at:
      description: When its last successful deployment before the run ended, in UTC. Null if there is none, and for
        databases.
      returned: for applications, Compose stacks and databases
      type: str
      sample: '2026-03-14T09:27:41.020Z'
    deployment:
      description: Its last deployment before the run. Null if it was never deployed, and for databases.
      returned: for applications, Compose stacks and databases
      type: dict
      contains:
        deployment_id:
          description: The ID of the deployment.
          type: str
          sample: V1StGXR8Z5jdHi6B-myT
        status:
          description: V(running), V(done), V(error) or V(cancelled).
          type: str
          sample: done
        commit:
          description: The commit that was built, or null.
          type: str
          sample: 55535fa
        duration:
          description: Seconds of the build, or null.
          type: float
          sample: 7.1
        created_at:
          description: When Dokploy created the deployment, in UTC.
          type: str
          sample: '2026-03-14T09:26:53.589Z'
        finished_at:
          description: When it ended, in UTC. Null while it runs.
          type: str
          sample: '2026-03-14T09:27:41.020Z'
        error_message:
          description: Why it could not begin. Only the log says why a build failed.
          type: str
          sample: ''
deployments:
  description: What became of each deployment, in check mode what is to be deployed. Databases come first.
  returned: when the document has no mistakes
  type: list
  elements: dict
  contains:
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      type: str
      sample: application
    path:
      description: Its names.
      type: str
      sample: shop/production/web
    action:
      description: V(deploy), V(adopt) if what runs is only recorded as deployed, or V(none) if the service is left
        alone, see O(deploy_unstated).
      type: str
      sample: deploy
    reason:
      description: Why it is deployed, as in RV(plan.changes[].reason).
      type: str
      sample: configuration changed
    failed:
      description: Whether it failed.
      type: bool
      sample: false
    changed:
      description: Whether this run has started it.
      type: bool
      sample: true
    status:
      description:
        - V(done), V(error), V(cancelled) or V(adopted), the last status when the timeout expired, or the kind of the
          error. Null if it was not waited for, and in check mode.
        - V(left_alone) if the service is not deployed, see O(deploy_unstated).
      type: str
      sample: done
    msg:
      description: The error, empty if there is none.
      type: str
      sample: ''
    seconds:
      description: Seconds from the beginning of the build until the containers were verified.
      returned: when it has ended
      type: float
      sample: 12.5
    job:
      description: How its containers have ended, as RV(community.dokploy.dokploy_deployment#module:job).
      returned: when it is an application that runs once, and has run
      type: dict
      sample:
        exit_code: 0
        output: applied 3 migrations
        output_lines:
          - applied 3 migrations
        seconds: 4.2
    deployment_id:
      description: The ID of the deployment, which a database does not have.
      returned: when it has ended
      type: str
      sample: V1StGXR8Z5jdHi6B-myT
    commit:
      description: The commit that was built, or null.
      returned: when it has ended
      type: str
      sample: 55535fa
    duration:
      description: Seconds of the build.
      returned: when it has ended
      type: float
      sample: 7.1
    images:
      description: The images that its containers run, and their digests, as
        RV(community.dokploy.dokploy_application#module:running.images). They are read once for the whole document, in
        five requests.
      returned: when its containers were verified and stay up
      type: list
      elements: dict
      sample:
        - service: web
          image: ghcr.io/acme/shop:1.4.2
          image_id: sha256:5b6e07b3bc8b2b9bd7d0d4a1b8f9b8c77b0c5b6b6e1e9a7c8d0f5a7e3c1d2b4a
          digest: ghcr.io/acme/shop@sha256:4ad0c6b2e9c1a5d8f7b3e2a1908f6d5c4b3a29181706f5e4d3c2b1a09f8e7d6c
    returned:
      description: What has come back of it and runs now, as RV(community.dokploy.dokploy_deployment#module:returned).
      returned: when it failed, or another one with O(on_failure=return_all), and O(on_failure) is not V(keep)
      type: dict
      sample:
        what: the image ghcr.io/acme/shop:1.4.1
        runs: true
        msg: 'Returned: the image ghcr.io/acme/shop:1.4.1 runs again'
        running:
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
        deployment_id: ddPuAJ9ut2LR5ozRj8yZ4
runs:
  description: What became of entries with the states C(started), C(stopped) and C(reloaded). Those that the run has
    deployed are left out.
  returned: when the document has no mistakes
  type: list
  elements: dict
  contains:
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      type: str
      sample: application
    path:
      description: Its names.
      type: str
      sample: shop/production/web
    state:
      description: The state of the entry.
      type: str
      sample: stopped
    changed:
      description: Whether it was not in this state before.
      type: bool
      sample: true
    failed:
      description: Whether it did not reach the state.
      type: bool
      sample: false
    running:
      description: The number of its containers that run. Null if the state was not reached.
      type: int
      sample: 0
release:
  description: The version of Dokploy, as the server names it.
  returned: when the document has no mistakes, and O(report_facts=true)
  type: str
  sample: 0.30.2
backups:
  description: The backups of the services of the document, those of their volumes, and those of Dokploy itself that
    belong to the user of the API key, whether the document states them or not. What the key may not read is left out.
  returned: when the document has no mistakes, and O(report_facts=true)
  type: list
  elements: dict
  contains:
    kind:
      description: The name of the module of the service, without C(dokploy_), or V(web_server) for Dokploy itself.
      type: str
      sample: database
    path:
      description: The names of the service, or V(dokploy).
      type: str
      sample: shop/production/db
    backup:
      description: The name of a volume backup. Of another one, its destination, prefix and database.
      type: str
      sample: offsite/nightly/shop
    enabled:
      description: Whether it runs by itself.
      type: bool
      sample: true
    succeeded_at:
      description: When its last successful run ended, in UTC. Null if none of the runs that Dokploy keeps was
        successful.
      type: str
      sample: '2026-03-14T02:15:03.120Z'
overtaken:
  description: The entries that this run has written, and that are not as it has written them at its end, since another
    run, or somebody else, has changed them meanwhile. A warning names them, and with O(expected_plan) the task fails.
    What is changed after that look, and what this run did not have to write, is not in it.
  returned: when the document has no mistakes
  type: list
  elements: dict
  contains:
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      type: str
      sample: application
    path:
      description: Its names.
      type: str
      sample: shop/production/web
    options:
      description: The options that differ, V(state) where it is gone or there again.
      type: list
      elements: str
      sample:
        - env
http_checks:
  description: The results of the HTTP checks of entries with C(http_check). What was not deployed, or did not reach its
    state, is not checked.
  returned: when the document has no mistakes
  type: list
  elements: dict
  contains:
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      type: str
      sample: application
    path:
      description: Its names.
      type: str
      sample: shop/production/web
    passed:
      description: Whether the last response had an expected status.
      type: bool
      sample: true
    status:
      description: The status of the response, or null if it is not an expected one.
      type: int
      sample: 200
    error:
      description: What is wrong, or null if nothing is.
      type: str
      sample: HTTP 503
archives:
  description: The archives of O(archives), and what became of each.
  returned: when O(archives) is set and the document has no mistakes
  type: list
  elements: dict
  contains:
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      type: str
      sample: database
    path:
      description: Its names.
      type: str
      sample: shop/production/db
    what:
      description: What the archive has, V(database), V(volume) or V(bind), a folder of the host.
      type: str
      sample: database
    name:
      description: The name of the database or the volume, or the path on the host. Null for Redis.
      type: str
      sample: shop
    service:
      description: The service of a Compose stack that has the data, or null.
      type: str
      sample: db
    file:
      description: Its path in the bucket.
      type: str
      sample: shop-db-ab12cd/nightly/2026-12-01T02-15-00-000Z.sql.gz
    size:
      description: Its size in bytes.
      type: int
      sample: 119000000
    created_at:
      description: When it was made.
      type: str
      sample: '2026-12-01T02:15:00.000Z'
    action:
      description: V(restore) or V(none).
      type: str
      sample: restore
    outcome:
      description:
        - What has become of it. V(restored); V(to_restore), in check mode; V(present), an earlier run has brought back
          this very archive; V(kept), O(archives_keep) names the service; V(covered), another archive has its data, such
          as the dump of the database; V(removed), the document removes the service.
        - V(failed); V(waits), what it needs has failed; V(missing), anything else, such as a service that exists and
          has other data, or that the document does not have.
      type: str
      sample: restored
    looked_up:
      description: Whether its bucket was looked at in this run.
      type: bool
      sample: true
    reason:
      description: Why it is not restored, or in check mode not looked at. Otherwise null.
      type: str
      sample: it is in it, live since 2026-12-01T05:33:37Z
    live:
      description: Since when the service is live, so that nothing is restored into it any more. Null if it is not.
      type: str
      sample: '2026-12-01T05:33:37Z'
    saved_first:
      description: The archive of what it has replaced, with O(archives_save_first), or null.
      type: dict
      contains:
        file:
          description: Its path in the bucket.
          type: str
          sample: shop-db-ab12cd/before/shop/2026-12-01T10-42-00-000Z.sql.gz
        size:
          description: Its size in bytes.
          type: int
          sample: 119000000
        created_at:
          description: When it was made.
          type: str
          sample: '2026-12-01T10:42:00.000Z'
    lost:
      description: Of the data of a service that O(overwrite) names, what the archive does not have. Null otherwise.
      type: dict
      contains:
        since:
          description: What was written after that time is not in the archive.
          type: str
          sample: '2026-12-01T02:15:00.000Z'
        seconds:
          description: How long ago that is.
          type: int
          sample: 30420
    seconds:
      description: How long the restore took, or null.
      type: float
      sample: 9.3
    proof:
      description: What tells that the data is what was saved. C(checked) is a check of the set that looks at it and has
        passed, C(same) the fingerprint of it in the set, which for a dump is the number of rows in each table. C(whole)
        is an archive that was read to its end, and C(not_proven) nothing, since a restore of MySQL and MariaDB reports
        success in any case. Null of what this run has not restored, unless it has counted its rows.
      type: str
      sample: checked
    failed:
      description: Whether the restore failed.
      type: bool
      sample: false
    msg:
      description: The error, or empty.
      type: str
      sample: ''
archive_checks:
  description: The checks of the set. They are run beside what was restored, what is missing and what is kept, but not
    where the data has been live since an earlier recovery. That one fails beside what is kept is no failure.
  returned: when O(archives) is set and the document has no mistakes
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: rows
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      type: str
      sample: database
    path:
      description: The names of the entry.
      type: str
      sample: shop/production/db
    passed:
      description: Whether it ended as in the set, or null if it was not run.
      type: bool
      sample: true
    expected:
      description: Its output when the set was made.
      type: str
      sample: '200000'
    expected_after:
      description: Its output after the archives were made, of a check with
        O(community.dokploy.dokploy_backup_set#module:checks[].compare=between). The output now has to be between both.
      type: str
      sample: null
    waits:
      description: Whether it waits for a container of its service, with O(archives_rehearsal). Such a check has neither
        passed nor failed.
      type: bool
      sample: false
    output:
      description: Its output now, or null.
      type: str
      sample: '200000'
    msg:
      description: Why it failed, or was not run. Otherwise empty.
      type: str
      sample: ''
masks:
  description: The masks of O(masks) whose services were restored.
  returned: when O(archives) is set and the document has no mistakes
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: customers
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      type: str
      sample: database
    path:
      description: The names of the entry.
      type: str
      sample: shop/staging/db
    passed:
      description: Whether it ended well, or null if it was not run.
      type: bool
      sample: true
    msg:
      description: Why it failed, or empty.
      type: str
      sample: ''
recovery:
  description: From when the data is.
  returned: when O(archives) is set and the document has no mistakes
  type: dict
  contains:
    created_at:
      description: When the set was made.
      type: str
      sample: '2026-12-01T02:15:00Z'
    complete:
      description: Whether the set has everything.
      type: bool
      sample: true
    url:
      description: The server that was saved.
      type: str
      sample: https://dokploy.example.com
    release:
      description: Its release of Dokploy.
      type: str
      sample: 0.30.2
    oldest:
      description: The time of the oldest archive that is restored, up to which all data is there. Null without any.
      type: str
      sample: '2026-12-01T02:15:00.000Z'
    newest:
      description: The time of the newest one.
      type: str
      sample: '2026-12-01T02:16:02.000Z'
    spread_seconds:
      description: The seconds between the two.
      type: float
      sample: 62.0
    missing:
      description: Data of entries that the set does not have, with the reason. Without those of which C(left_out) is
        true, the set is complete.
      type: list
      elements: dict
      sample:
        - kind: application
          path: shop/production/web
          what: bind
          name: /srv/files
          service: null
          reason: Dokploy cannot save a folder of the host.
          left_out: false
failures:
  description: The entries that failed.
  returned: when the document has no mistakes
  type: list
  elements: dict
  contains:
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      returned: always
      type: str
      sample: registry
    path:
      description: Its names.
      returned: always
      type: str
      sample: ghcr
    msg:
      description: The error.
      returned: always
      type: str
      sample: registry.create refused the input
    error:
      description: The error in a form for conditions, as RV(error).
      returned: always
      type: dict
      sample:
        kind: refused
        procedure: registry.create
        status: 400
waiting:
  description: The entries that were left out, or are configured but were not deployed, started or stopped, since they
    depend on one that failed, or come C(after) it.
  returned: when the document has no mistakes
  type: list
  elements: dict
  contains:
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      returned: always
      type: str
      sample: application
    path:
      description: Its names.
      returned: always
      type: str
      sample: shop/production/web
    waits_for:
      description: The kind and the path of the entry that failed.
      returned: always
      type: dict
      sample:
        kind: registry
        path: ghcr
mistakes:
  description: The mistakes of the document, one sentence each. Of more than ten mistakes of one kind, which say the
    same of other places, it has the first ten, and a sentence with how many more there are. It has at most 50 kinds.
  returned: when there are any
  type: list
  elements: str
  sample:
    - projects[shop].environments[production].applications[web].domians is unknown. Did you mean domains?
diff:
  description: What changes, an element for each change of options or of a state, in the order of RV(plan.changes), with
    the C(action), the C(kind) and the C(path) as there. Secrets are hidden. In check mode the first element has the
    plan as a table under C(prepared).
  returned: in diff mode
  type: list
  elements: dict
  sample:
    - action: create
      kind: project
      path: shop
      before:
        state: absent
      after:
        state: present
        name: shop
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
from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
