#!/bin/sh
# Adds to .env, or to the file that is named, the passwords of compose.yaml that are not in it yet.
# Only the owner may read the file then.
set -eu
cd "$(dirname "$0")/.."
file=${1:-.env}
umask 077
touch "$file"
chmod 600 "$file"
# What is added begins a line, also where the last one has no end.
[ -z "$(tail -c 1 "$file")" ] || echo >> "$file"
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
add() { grep -q "^$1=." "$file" || echo "$1=$2" >> "$file"; }
add POSTGRES_PASSWORD "$(random)"
add REDIS_PASSWORD "$(random)"
add FLOWER_BASIC_AUTH "dester:$(random)"
