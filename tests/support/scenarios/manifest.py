# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenarios of the modules for documents: they return every documented value."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tests.support.exported_files import export, merge
from tests.support.scenarios.deployments import GIT
from tests.support.scenarios.recorder import ResultRecorder, fail_requests

REGISTRY = {"name": "ghcr", "url": "ghcr.io", "username": "acme", "password": "made-up"}
NO_CHECK = {"retries": 0, "delay": 0}


def in_state(application: dict[str, Any], state: str) -> dict[str, Any]:
    """A project with an application in a state."""
    environment = {"name": "production", "applications": [{**application, "state": state}]}
    return {"name": "blog", "environments": [environment]}


def run_manifest(run: ResultRecorder) -> None:
    module, quick = "dokploy_manifest", {"verify": False}
    web = {"name": "site", **GIT, "registry": "ghcr", "domains": [{"host": "blog.example.com"}]}
    well = {**web, "http_check": {"url": f"{run.sim.url}/api/health", **NO_CHECK}}
    ill = {**web, "http_check": {"url": f"{run.sim.url}/nothing", **NO_CHECK}}
    document = {
        application["http_check"]["url"]: {
            "registries": [REGISTRY],
            "projects": [
                in_state(application, "present"),
            ],
        }
        for application in (well, ill)
    }
    first, second = document.values()
    run.sim.fault("status", "registry.create", status=400, times=1, body={"message": "not now"})
    run(module, fails=True, **quick, **first)
    run.host.new_task()
    run(module, check=True, **quick, **first)
    run.host.new_task()
    run(module, **quick, **first)
    run.host.new_task()
    run(module, fails=True, **quick, **second)
    # A fork has kinds of its own.
    run.sim.server.store.registries.insert({"registryId": "ecr", "registryName": "ecr", "registryType": "awsEcr"})
    # What nobody states.
    for row in run.sim.server.store.applications.rows.values():
        row["command"] = "sleep 60"
    run.host.new_task()
    destination = {"name": "offsite", "bucket": "b", "access_key": "a", "secret_access_key": "made-up"}
    files = {"name": "files", "volume": "data", "destination": "offsite", "prefix": "site", "cron": "0 4 * * *"}
    saved = {**well, "volume_backups": [files]}
    run(module, deploy="never", **quick, destinations=[destination], projects=[in_state(saved, "present")])
    for backup_id in run.sim.server.store.volume_backups.rows:
        run.host.call("volumeBackups.runManually", volumeBackupId=backup_id)
    run.host.new_task()
    run(module, deploy="never", list_unstated=True, report_facts=True, **quick, projects=[in_state(well, "present")])
    run.host.new_task()
    run(module, deploy="never", hold=["domains"], check=True, **quick, projects=[in_state(well, "present")])
    for state in ("stopped", "started"):
        run.host.new_task()
        run(module, deploy="never", **quick, projects=[in_state(well, state)])
    run.host.new_task()
    run_recovery(run, module)
    run.host.new_task()
    run_return(run, module)
    run.host.new_task()
    run(module, fails=True, projects=[{"name": "blog", "envionments": []}])
    fail_requests(run, module, **first)


def run_return(run: ResultRecorder, module: str) -> None:
    """What does not stay up is followed by what ran before."""
    kept = {"name": "kept", **GIT, "rollback": {"enabled": True, "registry": "ghcr"}}
    run.sim.config(rolls_back=False, builds=[{"application": "back", "image": "nginx:2", "crash_after": 0.05}])
    for image, more in (("nginx:1", ""), ("nginx:2", "    command: 'false'\n    restart: always\n")):
        run.host.new_task()
        stack = {"name": "stack", "raw": {"content": f"services:\n  web:\n    image: nginx:1\n{more}"}}
        applications = [
            {"name": "back", "docker": {"image": image}},
            {**kept, "command": "false" if more else "sleep 60"},
        ]
        services = {"applications": applications, "compose": [stack]}
        projects = [{"name": "blog", "environments": [{"name": "production", **services}]}]
        run(module, fails=bool(more), on_failure="return", verify_period=0.2, projects=projects)
    run.sim.config(rolls_back=True, builds=[])


def run_recovery(run: ResultRecorder, module: str) -> None:
    """Restore the archive of a volume, with a check that passes and one that fails."""
    place = {"name": "offsite", "endpoint": "https://other.example.com", "bucket": "b"}
    (files,) = run.sim.files().values()
    path = next(iter(files))
    (folder,) = [row["destinationId"] for row in run.host.read("destination.all") if row["name"] == place["name"]]
    (row,) = run.host.read("backup.listBackupFiles", destinationId=folder, search=path)
    application = {"kind": "application", "path": "blog/production/restored"}
    gone = {"kind": "compose", "path": "blog/production/gone"}
    destination = {"name": place["name"], "endpoint": place["endpoint"], "bucket": place["bucket"]}
    archive = {"what": "volume", "method": "volume", "volume": "restored", "destination": destination}
    archives = {
        "version": 1,
        **dict.fromkeys(("created_at", "finished_at"), "2026-12-01T02:15:00Z"),
        "dokploy": {"url": "https://dokploy.example.com", "release": "0.30.2"},
        "complete": False,
        "services": [{**application, "app_name": "blog-restored"}, {**gone, "app_name": "blog-gone"}],
        "archives": [
            {**gone, **archive, "service": "web", "file": "f.tar", "size": 1, "created_at": "2026-12-01T02:15:00Z"},
            {**application, **archive, "file": path, "size": row["Size"], "created_at": "2026-12-01T02:15:00Z"},
        ],
        "checks": [
            {**application, "name": "well", "script": "echo 1", "output": "1"},
            {**application, "name": "ill", "script": "echo 1", "output": "2"},
        ],
        "not_saved": [{**application, "what": "bind", "name": "/srv", "service": "web", "reason": "no job"}],
    }
    mount = {"type": "volume", "name": "restored", "path": "/data"}
    restored = {"name": "restored", "docker": {"image": "nginx:1.29"}, "mounts": [mount]}
    projects = [{"name": "blog", "environments": [{"name": "production", "applications": [restored]}]}]
    run(module, fails=True, verify=False, archives=archives, projects=projects)
    # The next run goes on, without the check that fails.
    archives["checks"] = archives["checks"][:1]
    masks = [{"name": "names", "service": application["path"], "script": "echo 1"}]
    run(module, verify=False, archives=archives, masks=masks, projects=projects)


def _merge_export(run: ResultRecorder, folder: Path) -> None:
    """Export again into the file, of which one value can be changed, and another one cannot."""
    file = folder / "shop.yml"
    file.write_text(
        file.read_text().replace("name: site", "name: site\n            description: &a none\n            command: *a")
    )
    for project in run.host.read("project.all"):
        for application in project["environments"][0]["applications"]:
            run.host.call("application.update", applicationId=application["applicationId"], replicas=2, description="x")
    run.host.new_task()
    run.results["dokploy_export"].append(merge(run.host, folder, leave=True))


def run_export(run: ResultRecorder) -> None:
    module = "dokploy_export"
    made = run.host.call("domain.generateDomain", appName="shop-web")
    application = {"name": "site", "env": {"TOKEN": "made-up"}, "domains": [{"host": made}]}
    run("dokploy_user", email="dev@example.com", password="made-up-made-up", role="member")
    run("dokploy_project", name="blog")
    run("dokploy_application", project="blog", **application)
    run.host.new_task()
    run(module)
    with tempfile.TemporaryDirectory() as folder:
        run.results[module].append(export(run.host, Path(folder)))
        _merge_export(run, Path(folder))
    fail_requests(run, module)
