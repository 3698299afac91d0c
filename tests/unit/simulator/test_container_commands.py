# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands of containers that run once: a shell, files of volumes, and clients of databases."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from dokploy_simulator.store.volumes import Volume
from dokploy_simulator.world.containers.programs import ContainerFiles, of_files
from dokploy_simulator.world.containers.shell import Shell
from tests.support.simulator_client import Api

from .test_backups import environment

DIGEST = hashlib.sha256(b"miaow").hexdigest()


def shell(script: str, stops: bool = True) -> tuple[str, int]:
    """What a script writes, and how it ends, in a container with a volume of two files at ``/data``."""
    files = ContainerFiles({"/data": Volume(files={"cat.png": "miaow", "deep/dog.png": "wuff"}), "/out": Volume()})
    output = Shell(of_files(files).get, {"WORD": "two words", "EMPTY": ""}, files).run(script, stops)
    return output.text + output.errors, output.status


@pytest.mark.parametrize(
    ("script", "text", "status"),
    [
        ("echo a  b; echo 'a  b'", "a b\na  b\n", 0),
        ("echo first\necho second ünïcode", "first\nsecond ünïcode\n", 0),
        ('echo "$WORD" \'$WORD\' "\\$WORD" ${NONE:-none}', "two words $WORD $WORD none\n", 0),
        ("test -n $EMPTY; echo no", "no\n", 0),
        ('test -n "$EMPTY"; echo no', "", 1),
        ('[ "$WORD" = "two words" ] && echo yes || echo no', "yes\n", 0),
        ("false && echo a; echo b", "b\n", 0),
        ("false || echo a", "a\n", 0),
        ("false; echo never", "", 1),
        ("echo no such table; exit 3", "no such table\n", 3),
        ("nothing", "sh: nothing: not found\n", 127),
        ("for i in 1 2; do echo $i; done", "sh: the simulator has no for\n", 2),
        ("echo 'open", "sh: unterminated quoted string\n", 2),
        ('X=1; echo $X$(echo 2)"$(echo 3  4)"', "123 4\n", 0),
        ("echo $(false) $?", "1\n", 0),
        ("cat /data/cat.png | sha256sum", f"{DIGEST}  -\n", 0),
        ("sha256sum /data/cat.png", f"{DIGEST}  /data/cat.png\n", 0),
        ("cd /data && sha256sum cat.png", f"{DIGEST}  cat.png\n", 0),
        ("cat /data/none 2>/dev/null || echo gone", "gone\n", 0),
        ("cat /data/none", "cat: /data/none: No such file or directory\n", 1),
        ("ls /data; ls /data/deep", "cat.png\ndeep\ndog.png\n", 0),
        ("find /data -type f | wc -l", "2\n", 0),
        ("cd /data; find . -type f | sort | xargs sha256sum | head -n 1", f"{DIGEST}  ./cat.png\n", 0),
        ("cp -a /data/. /out && ls /out && cat /out/deep/dog.png", "cat.png\ndeep\nwuff", 0),
        ("cp -a /none /out", "cp: cannot stat '/none': No such file or directory\n", 1),
        ("echo 1 > /out/n; echo 2 >> /out/n; cat < /out/n", "1\n2\n", 0),
        ("rm -rf /data/deep; find /data -type f", "/data/cat.png\n", 0),
        ("printf '%s|' 'a b' c", "a b|c|", 0),
        ("[ 3 -ge 2 ] && ! [ 1 -gt 2 ] && test -s /data/cat.png && echo all", "all\n", 0),
        ("# nothing\necho '#'a", "#a\n", 0),
    ],
)
def test_a_script_does_what_sh_does(script: str, text: str, status: int) -> None:
    assert shell(script) == (text, status)


class Job:
    """An application that runs one script and ends."""

    def __init__(self, api: Api, home: str) -> None:
        self.api, self.home = api, home

    def run(self, script: str, mounts: dict[str, str] | None = None, **env: str) -> tuple[str, str]:
        """What it has written, and the state of its task. ``mounts``: path -> a volume, or a folder of the host."""
        post = self.api.post
        made = post("application.create", name="job", environmentId=self.home).json()
        key = {"applicationId": made["applicationId"]}
        values = {"sourceType": "docker", "dockerImage": "client", "command": "/bin/sh", "args": ["-ec", script]}
        values |= {"restartPolicySwarm": {"Condition": "none"}, "env": "\n".join(f"{k}='{v}'" for k, v in env.items())}
        post("application.update", **key, **values)
        for path, source in (mounts or {}).items():
            what = {"type": "volume", "volumeName": source}
            if source.startswith("/"):
                what = {"type": "bind", "hostPath": source}
            post("mounts.create", **what, mountPath=path, serviceType="application", serviceId=made["applicationId"])
        post("application.deploy", **key)
        self.api.idle()
        log = self.api.get("application.readLogs", **key).json()
        (task,) = self.api.get("docker.getServiceContainersByAppName", appName=made["appName"]).json()
        post("application.delete", **key)
        return "".join(f"{line.partition(' ')[2]}\n" for line in log.splitlines()), task["currentState"].split()[0]


class Shop:
    """A project with a database and jobs beside it."""

    def __init__(self, api: Api) -> None:
        self.api, self.home = api, environment(api)
        self.job = Job(api, self.home)

    def database(self, kind: str, **fields: Any) -> dict[str, Any]:
        values = {"name": "db", "databasePassword": "pw", "databaseUser": "u", "databaseName": "shop"}
        if kind == "redis":
            values = {"name": "db", "databasePassword": "pw"}
        self.api.post(f"{kind}.create", environmentId=self.home, **values)
        (row,) = self.api.get("environment.one", environmentId=self.home).json()[kind]
        key = {f"{kind}Id": row[f"{kind}Id"]}
        if fields:
            self.api.post(f"{kind}.update", **key, **fields)
        self.api.post(f"{kind}.deploy", **key)
        one: dict[str, Any] = self.api.get(f"{kind}.one", **key).json()
        return {**one, "volume": one["mounts"][0]["volumeName"], "key": key}


@pytest.fixture
def shop(api: Api) -> Shop:
    return Shop(api)


def test_psql_counts_the_rows_there_are(shop: Shop) -> None:
    db = shop.database("postgres")
    shop.api.sim.act(insert="db", table="orders", count=12)
    login = {"PGHOST": db["appName"], "PGUSER": "u", "PGPASSWORD": "pw", "PGDATABASE": "shop"}
    assert shop.job.run('psql -tAc "select count(*), max(id) from orders"', **login) == ("12|12\n", "Complete")
    table = " count \n-------\n 12\n(1 row)\n"
    assert shop.job.run("psql -c 'select count(*) from orders'", **login)[0].startswith(table)
    address = f"psql postgres://u:pw@{db['appName']}:5432/shop -tA"
    assert shop.job.run(f"echo 'select count(id) from orders; select 1' | {address}")[0] == "12\n1\n"
    for sql, words in (
        ("select a, b from orders", "does not run"),
        ("select count(*) from none", '"none" does not exist'),
    ):
        said, state = shop.job.run(f'psql -tAc "{sql}"', **login)
        assert words in said and state == "Failed"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"PGHOST": "nowhere"}, "could not translate host name"),
        ({"PGPASSWORD": "wrong"}, "password authentication failed for user"),
        ({"PGDATABASE": "other"}, 'database "other" does not exist'),
    ],
)
def test_psql_gets_in_with_the_login_of_the_engine_only(shop: Shop, change: dict[str, str], words: str) -> None:
    db = shop.database("postgres")
    login = {"PGHOST": db["appName"], "PGUSER": "u", "PGPASSWORD": "pw", "PGDATABASE": "shop", **change}
    said, state = shop.job.run("psql -tAc 'select 1'; echo never", **login)
    assert words in said and "never" not in said and state == "Failed"


@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_mysql_counts_too(shop: Shop, kind: str) -> None:
    db = shop.database(kind)
    shop.api.sim.act(insert="db", table="orders", count=3)
    count = f"{kind} -h {db['appName']} -u u shop -Ne 'select count(*) from orders'"
    assert shop.job.run(count, MYSQL_PWD="pw") == ("3\n", "Complete")
    assert "Access denied" in shop.job.run(count, MYSQL_PWD="wrong")[0]
    assert "doesn't exist" in shop.job.run(count.replace("orders", "none"), MYSQL_PWD="pw")[0]


def test_mongosh_counts_documents(shop: Shop) -> None:
    db = shop.database("mongo")
    shop.api.sim.act(insert="db", table="orders", count=3)
    address = f"mongosh --quiet mongodb://u:pw@{db['appName']}/shop?authSource=admin"
    assert shop.job.run(f"{address} --eval 'db.orders.countDocuments()'")[0] == "3\n"


def test_a_dump_of_a_redis_is_written_by_a_job_and_read_by_another_redis(shop: Shop) -> None:
    db = shop.database("redis")
    shop.api.sim.act(insert="db", count=4)
    ask = f"redis-cli -h {db['appName']} -a pw"
    assert shop.job.run(f"{ask} dbsize")[0] == "4\n"
    assert shop.job.run(f"{ask.replace(' pw', ' no')} dbsize")[0] == "NOAUTH Authentication required.\n"
    said, state = shop.job.run(f"{ask} --rdb /out/dump.rdb; test -s /out/dump.rdb", {"/out": "copy"})
    assert "Transfer finished" in said and state == "Complete"
    shop.api.post("redis.stop", **db["key"])
    assert shop.api.sim.rows("db") == [], "Dokploy's Redis is killed when it is stopped"
    dump = shop.api.sim.data()["copy"]["files"]["dump.rdb"]
    shop.api.sim.act(write=db["volume"], path="dump.rdb", data=dump)
    shop.api.post("redis.start", **db["key"])
    assert shop.api.sim.rows("db") == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("script", "kept"),
    [
        ("redis-server --requirepass pw", 0),
        ("exec redis-server --requirepass pw", 3),
        ("redis-server --requirepass pw --appendonly yes", 3),
    ],
)
def test_a_redis_keeps_what_it_has_written(shop: Shop, script: str, kept: int) -> None:
    db = shop.database("redis", command="/bin/sh", args=["-c", script])
    shop.api.sim.act(insert="db", count=3)
    shop.api.post("redis.reload", **db["key"], appName=db["appName"])
    assert len(shop.api.sim.rows("db")) == kept


def test_a_redis_with_a_log_does_not_read_a_dump(shop: Shop) -> None:
    db = shop.database("redis", command="/bin/sh", args=["-c", "exec redis-server --requirepass pw"])
    shop.api.sim.act(insert="db", count=3)
    log = ["-c", "exec redis-server --requirepass pw --appendonly yes"]
    shop.api.post("redis.update", **db["key"], args=log)
    shop.api.post("redis.deploy", **db["key"])
    assert shop.api.sim.rows("db") == []


def test_folders_of_the_host_are_copied_into_a_volume(shop: Shop) -> None:
    shop.api.sim.act(write="/srv/files", path="a/cat.png", data="miaow")
    script = "cp -a /b/. /out; cd /out; find . -type f | xargs sha256sum"
    said, _state = shop.job.run(script, {"/b": "/srv/files", "/out": "copy"})
    assert said == f"{DIGEST}  ./a/cat.png\n"
    assert shop.api.sim.data()["copy"]["files"] == {"a/cat.png": "miaow"}


def test_what_a_rule_says_comes_first(shop: Shop) -> None:
    shop.api.sim.config(commands=[{"command": "psql *", "output": "200000\n", "result": "error"}])
    assert shop.job.run("psql -c 'select'") == ("200000\n", "Failed")
