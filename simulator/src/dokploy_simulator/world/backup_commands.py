# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands that back up and restore databases: the server shows them in its errors, with both S3 keys in clear."""

from __future__ import annotations

from ..store.store import Row
from .buckets import flags, quoted

RUNNING = 'docker ps -q --filter "status=running" --filter'
DUMPS = {
    "postgres": (
        'bash -c \'set -o pipefail; pg_dump -Fc --no-acl --no-owner -h localhost -U "$DB_USER" --no-password '
        '"$DB_NAME" | gzip\''
    ),
}
RESTORES = {
    "postgres": 'sh -c \'pg_restore -U "$DB_USER" -d "$DB_NAME" -O --clean --if-exists\'',
    "mariadb": 'sh -c \'mariadb -u "$DB_USER" -p"$DB_PASS" "$DB_NAME"\'',
    "mysql": 'sh -c \'mysql -u root -p"$DB_PASS" "$DB_NAME"\'',
    "mongo": (
        'sh -c \'mongorestore --username "$DB_USER" --password "$DB_PASS" --authenticationDatabase admin --db '
        '"$DB_NAME" --archive --drop\''
    ),
}
STRIP = "grep -viE '^[[:space:]]*(use|create[[:space:]]+database)[[:space:]]'"


def service_container(app_name: str) -> str:
    """The search for a database's container."""
    return f'{RUNNING} "label=com.docker.swarm.service.name={app_name}" | head -n 1'


def compose_container(compose: Row, service: str) -> str:
    name = compose["appName"]
    if compose["composeType"] == "stack":
        labels = (
            f'"label=com.docker.stack.namespace={name}" --filter "label=com.docker.swarm.service.name={name}_{service}"'
        )
    else:
        labels = f'"label=com.docker.compose.project={name}" --filter "label=com.docker.compose.service={service}"'
    return f"{RUNNING} {labels} | head -n 1"


def backup_script(search: str, user: str, database: str, destination: Row, path: str, log: str) -> str:
    """The script of a backup of PostgreSQL, the only one that an answer shows."""
    says = f">> {log};"
    dump = f"docker exec -e DB_NAME={quoted(database)} -e DB_USER={quoted(user)} -i $CONTAINER_ID {DUMPS['postgres']}"
    target = f'{flags(destination)} ":s3:{destination["bucket"]}/{path}"'
    return (
        f'\n\tset -eo pipefail;\n\techo "[$(date)] Starting backup process..." {says}\n'
        f'\techo "[$(date)] Executing backup command..." {says}\n\tCONTAINER_ID=$({search});\n\n'
        f'\tif [ -z "$CONTAINER_ID" ]; then\n\t\techo "[$(date)] ❌ Error: Container not found" {says}\n'
        f'\t\texit 1;\n\tfi;\n\n\techo "[$(date)] Container Up: $CONTAINER_ID" {says}\n'
        f'\techo "[$(date)] Starting backup and upload to S3..." {says}\n\n'
        f"\tUPLOAD_OUTPUT=$({{ {dump} | rclone rcat {target}; }} 2>&1 >/dev/null) || {{\n"
        f'\t\techo "[$(date)] ❌ Error: Backup failed" {says}\n\t\techo "Error: $UPLOAD_OUTPUT" {says}\n'
        f"\t\trclone deletefile {target} >/dev/null 2>&1 || true;\n\t\texit 1;\n\t}};\n\n"
        f'\techo "[$(date)] ✅ Backup uploaded to S3 successfully" {says}\n\techo "Backup done ✅" {says}\n\t'
    )


def restore_script(kind: str, search: str, credentials: Row, database: str, destination: Row, path: str) -> str:
    """``credentials``: databaseUser, databasePassword and databaseRootPassword, as far as the kind has them."""
    source = quoted(f":s3:{destination['bucket']}/{path}")
    if kind == "libsql":
        into = 'docker exec -i $CONTAINER_ID sh -c "tar xzf - -C /var/lib/sqld"'
        return f"CONTAINER_ID=$({search}) && rclone cat {flags(destination)} {source} | {into}"
    variables = {"DB_NAME": database}
    if kind != "mysql":
        variables["DB_USER"] = credentials.get("databaseUser") or ""
    if kind != "postgres":
        secret = "databaseRootPassword" if kind == "mysql" else "databasePassword"
        variables["DB_PASS"] = credentials.get(secret) or ""
    given = " ".join(f"-e {name}={quoted(value)}" for name, value in variables.items())
    into = f"docker exec {given} -i $CONTAINER_ID {RESTORES[kind]}"
    if kind == "mongo":
        name, place = path.rpartition("/")[2], "/tmp/dokploy-restore"
        dump = quoted(name.replace(".gz", "", 1))
        return (
            f"CONTAINER_ID=$({search}) && \nrm -rf {place} && mkdir -p {place} && rclone copy {flags(destination)} "
            f"{source} {place} && cd {place} && gunzip -f {quoted(name)} && {into} < {dump} "
            f"&& rm -rf {place}\n\t"
        )
    strip = f"{STRIP} | " if kind in ("mysql", "mariadb") else ""
    return f"CONTAINER_ID=$({search}) && rclone cat {flags(destination)} {source} | gunzip | {strip}{into}"
