#!/usr/bin/env bash
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Stands in for Dokploy's installer: starts a simulated Dokploy without an administrator.
set -e
cd "$MOLECULE_EPHEMERAL_DIRECTORY"
echo "Using advertise address: $ADVERTISE_ADDR"
(cd "$MOLECULE_CHECKOUT" && exec nohup "$MOLECULE_PYTHON" -m dokploy_simulator --fresh --port "$(cat "$MOLECULE_EPHEMERAL_DIRECTORY/free_port")" \
    > "$MOLECULE_EPHEMERAL_DIRECTORY/simulator.log" 2>&1) &
echo $! > pid
echo "dokploy/dokploy:${DOKPLOY_VERSION:-v0.30.0}" > service
echo 1 > migration
mkdir -p etc/traefik/dynamic etc/applications
echo old > etc/traefik/dynamic/dokploy.yml
