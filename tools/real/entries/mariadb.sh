#!/usr/bin/env bash
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# As the official images of MariaDB and MySQL: the variables ROOT_PASSWORD, DATABASE, USER and PASSWORD of both prefixes.
set -e
case ${1:-mariadbd} in
    mariadbd | mysqld) shift || true ;;
    -*) ;;
    *) exec "$@" ;;
esac
of() { local mariadb=MARIADB_$1 mysql=MYSQL_$1; printf %s "${!mariadb:-${!mysql}}"; }
# The text of a string of SQL.
quoted() { printf %s "$1" | sed -e 's/\\/\\\\/g' -e "s/'/''/g"; }
root=$(quoted "$(of ROOT_PASSWORD)") user=$(quoted "$(of USER)") password=$(quoted "$(of PASSWORD)") database=$(of DATABASE)
data=/var/lib/mysql

mkdir -p /run/mysqld "$data"
chown -R mysql: /run/mysqld "$data"
if [ ! -e "$data/initialized" ]; then
    if [ ! -d "$data/mysql" ]; then mariadb-install-db --user=mysql --datadir="$data" > /dev/null; fi
    {
        echo "flush privileges;"
        if [ -n "$root" ]; then
            echo "alter user 'root'@'localhost' identified by '$root';"
            echo "create user if not exists 'root'@'%' identified by '$root';"
            echo "grant all on *.* to 'root'@'%' with grant option;"
        fi
        if [ -n "$database" ]; then echo "create database if not exists \`$database\`;"; fi
        if [ -n "$user" ]; then
            echo "create user if not exists '$user'@'%' identified by '$password';"
            if [ -n "$database" ]; then echo "grant all on \`$database\`.* to '$user'@'%';"; fi
        fi
    } | mariadbd --user=mysql --bootstrap
    touch "$data/initialized"
fi
exec mariadbd --user=mysql --bind-address=0.0.0.0 "$@"
