#!/usr/bin/env bash
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# As the official image: POSTGRES_USER, POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE, POSTGRES_DB, PGDATA.
set -e
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
export PGDATA=${PGDATA:-/var/lib/postgresql/data}
case ${1:-postgres} in
    postgres) shift || true ;;
    -*) ;;
    *) exec "$@" ;;
esac
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
if [ -n "$POSTGRES_PASSWORD_FILE" ]; then POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE"); fi
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }

mkdir -p "$PGDATA" /var/run/postgresql
chown -R postgres: "$PGDATA" /var/run/postgresql
chmod 0700 "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    if [ -z "$POSTGRES_PASSWORD" ]; then echo "POSTGRES_PASSWORD is not set" >&2; exit 1; fi
    file=$(mktemp)
    printf '%s\n' "$POSTGRES_PASSWORD" > "$file"
    chown postgres: "$file"
    as_postgres initdb -U "$user" --pwfile="$file" --auth-local=trust --auth-host=scram-sha-256 -E UTF8 --locale=C.UTF-8
    rm "$file"
    {
        echo "local all all trust"
        echo "host all all 127.0.0.1/32 trust"
        echo "host all all ::1/128 trust"
        echo "host all all all scram-sha-256"
    } > "$PGDATA/pg_hba.conf"
    if [ "$database" != postgres ]; then
        echo "create database \"$database\"" | as_postgres postgres --single -D "$PGDATA" postgres
    fi
fi
# In place of this process, so that signals arrive.
exec setpriv --reuid=postgres --regid=postgres --init-groups postgres -D "$PGDATA" -c listen_addresses='*' "$@"
