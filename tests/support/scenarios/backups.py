# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios for the modules for destinations, backups and restores: they return every documented value."""

from __future__ import annotations

import tempfile
from types import SimpleNamespace
from typing import Any

from ansible_collections.community.dokploy.plugins.plugin_utils._sets.action import SetAction
from tests.support.action_and_module import make_action
from tests.support.odd_documents import ansible_templar
from tests.support.operations import OPERATIONS
from tests.support.scenarios.recorder import ResultRecorder, fail_requests

OFFSITE: dict[str, Any] = {
    "name": "offsite",
    "provider": "Other",
    "bucket": "shop-backups",
    "region": "eu-central-1",
    "endpoint": "https://s3.example.com",
    "access_key": "the access key",
    "secret_access_key": "the secret of it",
    "additional_flags": ["--s3-sign-accept-encoding=false"],
}
NIGHTLY = {"destination": "offsite", "prefix": "nightly", "cron": "@daily", "keep": 3}
OF_DATABASE = {"project": "shop", "database": "db", "database_name": "shop", **NIGHTLY}
LOGIN = {"service": "db", "database_name": "shop", "database_type": "postgres", "postgres": {"user": "shop"}}
OF_STACK = {"project": "shop", "compose": "blog", **LOGIN, **NIGHTLY}
STACK = "services:\n  db:\n    image: postgres:15\n    volumes: [data:/data]\nvolumes:\n  data: {}\n"


def run_destination(run: ResultRecorder) -> None:
    module = "dokploy_destination"
    for check in (True, False, False):
        run(module, check=check, **OFFSITE, test_connection=True)
    run(module, name="offsite", bucket="missing", test_connection=True, fails=True)
    for _unused in range(2):
        run.sim.act(destination="twin")
    run.host.new_task()
    run(module, name="twin", region="r", fails=True)
    run.sim.config(drop_fields={"destination.update": ["region"]})
    run(module, name="offsite", region="other", fails=True)
    for _again in range(2):
        run(module, name="offsite", state="absent")
    fail_requests(run, module, **OFFSITE)


def run_destination_info(run: ResultRecorder) -> None:
    run("dokploy_destination", **OFFSITE)
    for include_secrets in (False, True):
        run("dokploy_destination_info", include_secrets=include_secrets)
    fail_requests(run, "dokploy_destination_info")


def prepare_owners(run: ResultRecorder) -> None:
    """A destination, and a database and a stack that run."""
    run("dokploy_destination", **OFFSITE)
    wanted = {"type": "postgres", "database": "shop", "user": "shop", "password": "S3cret-of-the-shop"}
    made = run("dokploy_database", project="shop", name="db", **wanted)
    run.host.call("postgres.deploy", postgresId=made["database"]["database_id"])
    project = next(row for row in run.host.read("project.all") if row["name"] == "shop")
    home = next(one for one in project["environments"] if one["isDefault"])["environmentId"]
    stack = run.host.call("compose.create", name="blog", environmentId=home, composeFile=STACK, sourceType="raw")
    run.host.call("compose.deploy", composeId=stack["composeId"])
    run.sim.settle()
    run.host.new_task()


def run_backup(run: ResultRecorder) -> None:
    module = "dokploy_backup"
    prepare_owners(run)
    for own in (OF_DATABASE, OF_STACK, {"web_server": True, **NIGHTLY}):
        for state in ("present", "executed"):
            for check in (True, False):
                run(module, check=check, **own, state=state)
        run.host.new_task()
    run(module, **OF_DATABASE, state="executed", wait_timeout=0, fails=True)
    run.sim.config(own_database=False)
    run(module, web_server=True, **NIGHTLY, state="executed", fails=True)
    run.sim.config(drop_fields={"backup.update": ["keepLatestCount"]})
    run(module, **{**OF_DATABASE, "keep": 9}, fails=True)
    row = run.host.read("project.all")
    database = next(one["environments"] for one in row if one["name"] == "shop")
    resource_id = next(one["postgres"][0]["postgresId"] for one in database if one["postgres"])
    destination = run.host.read("destination.all")[0]["destinationId"]
    twin = {"schedule": "@daily", "prefix": "nightly", "database": "shop", "databaseType": "postgres"}
    run.host.call("backup.create", destinationId=destination, postgresId=resource_id, **twin)
    run.host.new_task()
    run(module, **OF_DATABASE, fails=True)
    run(module, **OF_STACK, state="absent")
    fail_requests(run, module, **OF_STACK)


def run_backup_info(run: ResultRecorder) -> None:
    module = "dokploy_backup_info"
    run("dokploy_destination", **OFFSITE)
    run.sim.act(put="a/2026-11-25T15-54-00-986Z.sql.gz", destination="offsite", data="text")
    run(module, destination="offsite")
    run(module, destination="offsite", folder="a")
    archive = {"kind": "compose", "path": "shop/production/blog", "what": "database", "service": "db", "size": 1}
    archive.update(file="a/2026-11-26T15-54-00-986Z.sql.gz", destination=OFFSITE, database={"name": "shop"})
    run(module, sets=[{"name": "2026-11-26T15-54-00Z", "archives": [archive]}])
    for _unused in range(2):
        run.sim.act(destination="twin")
    run.host.new_task()
    run(module, destination="twin", fails=True)
    fail_requests(run, module, destination="offsite")
    prepare_owners(run)
    for own in (OF_DATABASE, OF_STACK):
        run("dokploy_backup", **own)
    for _unused in range(2):
        run("dokploy_backup", **OF_DATABASE, state="executed")
    run(module)
    run(module, max_age="36h", sizes=True, scope={"projects": ["shop"]})
    run("dokploy_destination", name="offsite", endpoint="https://missing.example.com")
    run(module, max_age="36h", sizes=True)
    run(module, max_age="soon", fails=True)
    fail_requests(run, module, max_age="36h", sizes=True)


def run_backup_set(run: ResultRecorder) -> None:
    module = "dokploy_backup_set"
    prepare_owners(run)
    run("dokploy_backup", **OF_DATABASE)
    server = run.sim.act(server="worker")["serverId"]
    mounts = [
        {"path": "/data", "type": "volume", "name": "uploads"},
        {"path": "/srv", "type": "bind", "host_path": "/srv/shop"},
    ]
    run("dokploy_application", project="shop", name="web", docker={"image": "nginx"}, mounts=mounts)
    far = {"docker": {"image": "nginx"}, "server": server}
    run("dokploy_application", project="shop", name="far", **far)
    source = {"url": "https://git.example.com/shop/web.git", "branch": "main"}
    run("dokploy_application", project="shop", name="built", git=source)
    for name in ("web", "built"):
        run("dokploy_deployment", project="shop", application=name, verify=False)
    stock = {"type": "mariadb", "database": "stock", "user": "stock", "password": "S3cret-of-the-stock"}
    run("dokploy_database", project="shop", name="stock", image="mariadb:11", **stock)
    run("dokploy_database", project="shop", name="stock", type="mariadb", state="deployed")
    run.sim.settle()
    run.host.new_task()
    script = {"name": "rows", "service": "shop/production/db", "script": "echo 12", "image": "postgres:18"}
    wanted = {"data": "all", "destination": "offsite", "jobs": True, "checks": [script]}
    for check in (True, False):
        run(module, **wanted, check=check)
        run.host.new_task()
    for scope in ({"environments": ["shop/*"]}, {"services": ["shop/production/web"]}, {"kinds": ["application"]}):
        run(module, scope=scope, leave_out=["*"])
        run.host.new_task()
    with tempfile.TemporaryDirectory() as folder:
        options = {"dest": "%s/set" % folder, "secrets": "file", "scope": {"projects": ["shop"]}, "leave_out": ["*"]}
        connection = {"dokploy_url": run.sim.url, "dokploy_api_key": run.sim.key}
        action = make_action(OPERATIONS[module], {**connection, **options}, False, SetAction)
        action._templar = SimpleNamespace(template=lambda value: value, copy_with_new_env=ansible_templar)
        run.results[module].append(action.run(task_vars={}))
    # Its volume has no backup.
    run(module, fails=True)
    run(module, dest="somewhere", fails=True)
    fail_requests(run, module, **wanted)


def run_restore(run: ResultRecorder) -> None:
    module = "dokploy_restore"
    prepare_owners(run)
    for own in (OF_DATABASE, OF_STACK):
        run("dokploy_backup", **own)
        run("dokploy_backup", **own, state="executed")
    common = {"project": "shop", "destination": "offsite", "prefix": "nightly", "force": True}
    database = {**common, "database": "db"}
    for check in (True, False):
        run(module, check=check, **database)
        run(module, check=check, **common, compose="blog", **LOGIN)
    run(module, **database, database_name="missing", fails=True)
    mount = {"path": "/data", "type": "volume", "name": "uploads"}
    run("dokploy_application", project="shop", name="web", docker={"image": "nginx"}, mounts=[mount])
    run("dokploy_deployment", project="shop", application="web", verify=False)
    run.sim.act(put="web/uploads-2026-11-25T15-54-00-986Z.tar", destination="offsite", data="text")
    volume = {"project": "shop", "application": "web", "destination": "offsite", "folder": "web", "volume": "uploads"}
    run(module, **volume, force=True, fails=True)
    run("dokploy_application", project="shop", name="web", state="stopped")
    run(module, **volume, force=True)
    for _unused in range(2):
        run.sim.act(destination="twin")
    run.host.new_task()
    run(module, **{**database, "destination": "twin"}, fails=True)
    fail_requests(run, module, **database)
