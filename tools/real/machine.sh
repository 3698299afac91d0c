#!/bin/sh
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The first process of a machine that is made of namespaces: its own network, mounts and processes, and in them a registry and a
# Docker. It sees nothing of the Docker of the machine around it, and nothing of it can be reached from there.
#   machine.sh FOLDER [RELEASE=SOURCE...]   the folder keeps what it stores; each source is mounted at FOLDER/builds/RELEASE
set -eu
folder=$1
shift
ip link set lo up
mkdir -p "$folder/etc" "$folder/docker" "$folder/backups" /etc/dokploy
mount --bind "$folder/etc" /etc/dokploy
mount -t tmpfs tmpfs /run
for pair in "$@"; do
    mkdir -p "$folder/builds/${pair%%=*}"
    mount --bind "${pair#*=}" "$folder/builds/${pair%%=*}"
done
docker-registry serve "$folder/registry.yml" &
exec dockerd --data-root "$folder/docker" --log-level warn
