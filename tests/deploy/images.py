"""The images of the services, as far as they can be had here: ours as the Dockerfile says, Debian's for others."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.deploy.boxes import Image
from tests.deploy.building import base, build
from tests.deploy.dockerfile import ROOT, stages
from tests.servers import nginx_program, postgres_programs, redis_program

#: Accounts that the images have.
_PASSWD = """root:x:0:0::/root:/bin/sh
postgres:x:70:70::/var/lib/postgresql:/bin/sh
redis:x:999:1000::/data:/bin/sh
dester:x:10001:10001::/tmp:/usr/sbin/nologin
"""
#: What of the nginx image's own settings matters here.
_NGINX = """
pid /run/nginx.pid;
error_log /dev/stderr notice;
events { worker_connections 1024; }
http {
    access_log /dev/stdout;
    client_body_temp_path /var/cache/nginx/client_temp;
    proxy_temp_path /var/cache/nginx/proxy_temp;
    fastcgi_temp_path /var/cache/nginx/fastcgi_temp;
    uwsgi_temp_path /var/cache/nginx/uwsgi_temp;
    scgi_temp_path /var/cache/nginx/scgi_temp;
    include /etc/nginx/conf.d/*.conf;
}
"""
#: The command of the nginx image.
NGINX_COMMAND = ["nginx", "-g", "daemon off;"]
#: What the PostgreSQL image does before its first start, as its user.
POSTGRES_FIRST = """
set -e
echo "$POSTGRES_PASSWORD" > /tmp/password
initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync
echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
printf "listen_addresses = '*'\nfsync = off\n" >> "$PGDATA/postgresql.conf"
echo "CREATE DATABASE $POSTGRES_DB" | postgres --single -j postgres
"""


def our_image(folder: Path, hosts: Sequence[str]) -> Image:
    """Lay out what the Dockerfile copies, and this environment's packages, which are those of the lock file."""
    first, final = stages()
    working_dir = first.last("WORKDIR")
    copied = [source for sources, target in first.copied() for source in sources if target != "/"]
    parts = base() | {f"{working_dir}/{source}": ROOT / source for source in copied}
    packages = Path(sys.prefix)
    # The programs in it name its own place.
    parts |= {"/opt/venv": packages, str(packages): packages}
    return Image(_root(folder), parts, final.environ, final.last("WORKDIR"), hosts)


def built_image(folder: Path, hosts: Sequence[str]) -> Image:
    """Have the Dockerfile carried out, and take what comes of it."""
    final = stages()[-1]
    return Image(build(folder), base(), final.environ, final.last("WORKDIR"), hosts)


def postgres_image(folder: Path, hosts: Sequence[str]) -> Image:
    environ = {"PATH": f"{postgres_programs()}:/usr/bin:/bin", "PGDATA": "/var/lib/postgresql/data"}
    return Image(_root(folder), base(), environ, "/", hosts)


def redis_image(folder: Path, hosts: Sequence[str]) -> Image:
    programs = Path(redis_program()).parent
    return Image(_root(folder), base() | {"/opt/redis": programs}, {"PATH": "/opt/redis:/usr/bin:/bin"}, "/data", hosts)


def nginx_image(folder: Path, hosts: Sequence[str]) -> Image:
    settings = folder / "nginx.conf"
    settings.write_text(_NGINX)
    program = shutil.which(nginx_program()) or nginx_program()
    environ = {"PATH": f"{Path(program).parent}:/usr/bin:/bin"}
    return Image(_root(folder), base() | {"/etc/nginx/nginx.conf": settings}, environ, "/", hosts)


def _root(folder: Path) -> Path:
    root = folder / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "passwd").write_text(_PASSWD)
    return root
