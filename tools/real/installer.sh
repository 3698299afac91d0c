#!/usr/bin/env bash
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Stands in for Dokploy's installer on a machine that pulls from its own registry: the same services, secret, volumes, network
# and container. Unlike it, it installs no Docker, reaches services without IPVS (--endpoint-mode dnsrr, as the installer does in
# LXC), has no volume for logins to registries, and mounts the builds whose packages the images of tools/real do not have.
set -eu
registry=127.0.0.1:5000
image=$registry/dokploy/dokploy:${DOKPLOY_VERSION:-latest}

docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1
docker network create --driver overlay --attachable dokploy-network
mkdir -p /etc/dokploy
chmod 777 /etc/dokploy
head -c 24 /dev/urandom | base64 | tr -d '/+=\n' | docker secret create dokploy_postgres_password -

docker service create --detach --name dokploy-postgres --constraint node.role==manager --network dokploy-network \
    --endpoint-mode dnsrr --env POSTGRES_USER=dokploy --env POSTGRES_DB=dokploy \
    --secret source=dokploy_postgres_password,target=/run/secrets/postgres_password \
    --env POSTGRES_PASSWORD_FILE=/run/secrets/postgres_password \
    --mount type=volume,source=dokploy-postgres,target=/var/lib/postgresql/data $registry/postgres:16
docker service create --detach --name dokploy-redis --constraint node.role==manager --network dokploy-network \
    --endpoint-mode dnsrr --mount type=volume,source=dokploy-redis,target=/data $registry/redis:7
docker pull --quiet "$image"
docker service create --detach --name dokploy --replicas 1 --network dokploy-network --endpoint-mode dnsrr \
    --mount type=bind,source=/var/run/docker.sock,target=/var/run/docker.sock \
    --mount type=bind,source=/etc/dokploy,target=/etc/dokploy \
    --mount type=bind,source="$DOKPLOY_BUILDS",target=/builds,readonly \
    --secret source=dokploy_postgres_password,target=/run/secrets/postgres_password \
    --env POSTGRES_PASSWORD_FILE=/run/secrets/postgres_password --env ADVERTISE_ADDR=127.0.0.1 \
    --publish published=3000,target=3000,mode=host --update-parallelism 1 --update-order stop-first \
    --constraint node.role==manager "$image"

# Dokploy writes the configuration at its first start.
for _ in $(seq 300); do [ ! -f /etc/dokploy/traefik/traefik.yml ] || break; sleep 1; done
docker run --detach --name dokploy-traefik --restart always --dns 127.0.0.1 --network dokploy-network \
    --publish 80:80 --publish 443:443 --volume /etc/dokploy/traefik/traefik.yml:/etc/traefik/traefik.yml \
    --volume /etc/dokploy/traefik/dynamic:/etc/dokploy/traefik/dynamic \
    --volume /var/run/docker.sock:/var/run/docker.sock:ro traefik:v3.6.25
