#!/bin/sh
# Adds to .env the passwords that compose.yaml needs and that are not in it yet. Only the owner may read the file then.
set -eu
cd "$(dirname "$0")/.."
umask 077
touch .env
chmod 600 .env
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
for name in POSTGRES_PASSWORD REDIS_PASSWORD; do
    grep -q "^$name=." .env || echo "$name=$(random)" >> .env
done
grep -q "^FLOWER_BASIC_AUTH=." .env || echo "FLOWER_BASIC_AUTH=dester:$(random)" >> .env
