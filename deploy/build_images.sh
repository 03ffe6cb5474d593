#!/usr/bin/env bash
# Builds the product's images where only Debian's packages are to be had: no Docker, no registry of images.
#
#   deploy/build_images.sh [target …]      all of them: web worker dashboard builder release
#
# The base is made by debootstrap, the images by buildah, which needs no daemon. Both are installed if they are
# missing, so this runs as root, on Debian. BASE=python:3.13-slim-bookworm takes an image instead of debootstrap,
# and MIRROR another mirror of Debian. A base that is there is taken: remove it to have it made anew, with the
# security updates of the day (`buildah rmi localhost/debian-python:bookworm`).
# TAG names the version (default: this commit). What pip, npm and the certificates of this machine are set up to
# is given to the build as secrets, and gets into no image: PIP_CONF, NPMRC and CA_FILE name other files.
set -euo pipefail
cd "$(dirname "$0")/.."

SUITE=bookworm
MIRROR=${MIRROR:-http://deb.debian.org}
NAME=${NAME:-localhost/figma-ai-buddy}
TAG=${TAG:-$(git rev-parse --short=12 HEAD 2>/dev/null || echo local)}
TARGETS=("$@")
[ ${#TARGETS[@]} -gt 0 ] || TARGETS=(web worker dashboard builder release)
PIP_CONF=${PIP_CONF:-/etc/pip.conf}
NPMRC=${NPMRC:-$HOME/.npmrc}
CA_FILE=${CA_FILE:-/etc/ssl/certs/ca-certificates.crt}

[ "$(id -u)" = 0 ] || { echo "Run this as root: debootstrap makes a root file system." >&2; exit 2; }
for program in buildah debootstrap; do
    command -v "$program" >/dev/null || {
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends buildah debootstrap
        break
    }
done

make_base() {
    local container
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    debootstrap --variant=minbase --include=python3,ca-certificates,tzdata "$SUITE" "$folder" "$MIRROR/debian" >&2
    # debootstrap knows the release alone; its security updates are elsewhere.
    printf '%s\n' "deb $MIRROR/debian $SUITE main" "deb $MIRROR/debian $SUITE-updates main" \
        "deb $MIRROR/debian-security $SUITE-security main" >"$folder/etc/apt/sources.list"
    chroot "$folder" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive chroot "$folder" apt-get upgrade -y -qq >&2
    chroot "$folder" apt-get clean
    rm -rf "$folder"/var/lib/apt/lists/* "$folder"/var/log/*
    container=$(buildah from scratch)
    buildah add -q "$container" "$folder" / >&2
    buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        --env LANG=C.UTF-8 --cmd /usr/bin/python3 "$container" >&2
    buildah commit -q --rm "$container" "$1" >&2
}

if [ -z "${BASE:-}" ]; then
    BASE=localhost/debian-python:$SUITE
    buildah inspect --type image "$BASE" >/dev/null 2>&1 || make_base "$BASE"
fi

secrets=()
[ ! -r "$PIP_CONF" ] || secrets+=(--secret "id=pip,src=$PIP_CONF")
[ ! -r "$NPMRC" ] || secrets+=(--secret "id=npm,src=$NPMRC")
[ ! -r "$CA_FILE" ] || secrets+=(--secret "id=ca,src=$CA_FILE")

for target in "${TARGETS[@]}"; do
    echo "building $NAME-$target:$TAG …"
    # Docker's format, because the other one knows no health check.
    buildah bud --quiet --isolation chroot --format docker --layers --pull-never \
        --build-arg "BASE=$BASE" "${secrets[@]}" --target "$target" \
        --label "org.opencontainers.image.revision=$TAG" --tag "$NAME-$target:$TAG" .
done
buildah images --format '{{.Name}}:{{.Tag}} {{.Size}}' | grep "^$NAME-.*:$TAG "
