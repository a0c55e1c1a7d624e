#!/bin/bash
# Builds the four images where no registry is: buildah, a base made by debootstrap, the same with this machine's .NET SDK for the
# build. Then runs each image's program in the image's own file system, read-only, as the image's user, in namespaces of its own.
# Base and layers are kept in .mesh/tmp/images for the next run (make clean removes them). The last line is a count.
# IMAGES="init sidecar" tries some of them.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$PWD/.mesh/tmp/images
failed=0 passed=0
say() { printf 'images-test: %s\n' "$*"; }
die() { say "$*" >&2; exit 2; }
# shellcheck disable=SC2001 # each line
check() { # check WHAT COMMAND…: one line, and its output when it went wrong
    local what=$1 output
    shift
    if output=$("$@" 2>&1); then passed=$((passed + 1)); say "  ok: $what"; else failed=$((failed + 1)); say "  FAILED: $what"; sed 's/^/    /' <<< "$output" >&2; fi
}

[ "$(id -u)" = 0 ] || die "needs root (chroot, mounts, network namespaces)"
for program in buildah debootstrap unshare nsenter curl dotnet; do command -v $program >/dev/null || die "needs $program: make images-test installs what is missing"; done

mkdir -p "$work"
# A store of its own: nothing of this shows among the machine's images, and one directory holds it all.
driver=overlay
printf '[storage]\ndriver = "%s"\ngraphroot = "%s/store"\nrunroot = "%s/run"\n' $driver "$work" "$work" > "$work/storage.conf"
export CONTAINERS_STORAGE_CONF=$work/storage.conf
export TOOL=buildah BUILD_ARGS="--isolation chroot" SDK_IMAGE=localhost/mesh-test/sdk BASE_IMAGE=localhost/mesh-test/base TAG=test REGISTRY=

import() { # import DIRECTORY NAME
    local container
    container=$(buildah from scratch)
    buildah add -q "$container" "$1" / >/dev/null
    buildah commit -q "$container" "$2" >/dev/null
    buildah rm "$container" >/dev/null
}
make_bases() {
    buildah inspect --type image "$SDK_IMAGE" >/dev/null 2>&1 && buildah inspect --type image "$BASE_IMAGE" >/dev/null 2>&1 && return
    local mirror suite root=$work/base
    # shellcheck disable=SC2016 # apt's own words
    mirror=$(apt-get indextargets --format '$(ORIGIN)|$(COMPONENT)|$(REPO_URI)' 'Identifier: Packages' |
        awk -F'|' '$1 == "Debian" && $2 == "main" && $3 !~ /security/ { print $3; exit }')
    suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    say "making a base: debootstrap --variant=minbase $suite ..."
    rm -rf "$root"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$mirror" > "$work/debootstrap.log" 2>&1 ||
        { tail -n 5 "$work/debootstrap.log" >&2; die "debootstrap failed"; }
    # Whoever this machine trusts (a proxy of its own, perhaps) is trusted in the build as well.
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    import "$root" "$BASE_IMAGE"
    local dotnet
    dotnet=$(readlink -f "$(command -v dotnet)")
    mkdir -p "$root/usr/share/dotnet" "$root/root/.nuget/NuGet"
    cp -a "$(dirname "$dotnet")/." "$root/usr/share/dotnet/"
    ln -sf /usr/share/dotnet/dotnet "$root/usr/bin/dotnet"
    [ ! -e ~/.nuget/NuGet/NuGet.Config ] || cp ~/.nuget/NuGet/NuGet.Config "$root/root/.nuget/NuGet/"
    import "$root" "$SDK_IMAGE"
    rm -rf "$root"
}

# Runs in new namespaces: the image's file system read-only, with /proc, /dev and two places in memory, as the kubelet gives them.
cat > "$work/contained.sh" <<'END'
set -eu
root=$1 user=$2
shift 2
mount --bind "$root" "$root"
mkdir -p "$root/var/run/mesh" "$root/etc/mesh/config"
mount -o remount,ro,bind "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
mkdir "$root/dev/shm"
for node in null zero random urandom; do touch "$root/dev/$node"; mount --bind "/dev/$node" "$root/dev/$node"; done
chmod 1777 "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/var/run/mesh"
ip link set lo up
exec chroot --userspec="$user" --groups= "$root" "$@"
END
contained() { # contained IMAGE WORD…: the entry point with these words
    local image=$1 root=$work/root-$1 user
    shift
    user=$(buildah inspect --type image --format '{{.Docker.Config.User}}' "docker.io/mesh/$image:test")
    unshare --mount --net --pid --fork --kill-child env -i PATH=/usr/sbin:/usr/bin XTABLES_LOCKFILE=/dev/shm/xtables.lock DOTNET_EnableDiagnostics=0 \
        bash "$work/contained.sh" "$root" "$user" "$(entrypoint "$image")" "$@"
}
entrypoint() { buildah inspect --type image --format '{{index .Docker.Config.Entrypoint 0}}' "docker.io/mesh/$1:test"; }
extract() {
    local container mounted
    container=$(buildah from "docker.io/mesh/$1:test")
    mounted=$(buildah mount "$container")
    rm -rf "$work/root-$1"
    cp -a "$mounted" "$work/root-$1"
    buildah rm "$container" >/dev/null
}

not() { ! "$@"; }
prints() { local text=$1; shift; "$@" > "$work/output" 2>&1 || { cat "$work/output"; return 1; }; grep -qF -- "$text" "$work/output" || { cat "$work/output"; return 1; }; }
# answers PORT PATH STATUS TEXT IMAGE WORD…: starts it, asks until it answers so, ends it by SIGTERM, which it must obey.
answers() {
    local port=$1 path=$2 status=$3 text=$4 image=$5 pid child="" ended=0 patience=$((SECONDS + 30))
    shift 5
    contained "$image" "$@" > "$work/output" 2>&1 &
    pid=$!
    until [ -n "$child" ] && nsenter --net="/proc/$child/ns/net" curl -s --max-time 2 -o "$work/answer" -w '%{http_code}' "http://127.0.0.1:$port$path" 2>/dev/null | grep -q "$status"; do
        if [ $SECONDS -ge $patience ] || ! kill -0 $pid 2>/dev/null; then cat "$work/output"; kill $pid 2>/dev/null; return 1; fi
        sleep 0.05
        # Below this subshell stands unshare, and below that the program.
        child=$(pgrep -P "$(pgrep -xP $pid unshare || echo 0)" || true)
    done
    awk '/^VmRSS/ { print "    resident: " int($2 / 1024) " MiB" }' "/proc/$child/status" > "$work/resident"
    kill -TERM "$child"
    wait $pid || ended=$?
    grep -qF -- "$text" "$work/answer" || { cat "$work/answer"; return 1; }
    [ $ended = 0 ] || { echo "ended with $ended on SIGTERM"; cat "$work/output"; return 1; }
}
labelled() { for label in title description version licenses; do buildah inspect --type image --format "{{index .Docker.Config.Labels \"org.opencontainers.image.$label\"}}" "docker.io/mesh/$1:test" | grep -q .; done; }
numeric_user() { buildah inspect --type image --format '{{.Docker.Config.User}}' "docker.io/mesh/$1:test" | grep -qxE '[0-9]+:[0-9]+'; }
bare() { ! find "$work/root-$1" \( -name sh -o -name bash -o -name apt -o -name dpkg -o -perm /6000 \) -type f | grep .; }

make_bases
.ci/images.sh build
for image in ${IMAGES:-operator sidecar init bookinfo}; do
    extract "$image"
    say "mesh/$image, $(du -sm "$work/root-$image" | cut -f1) MiB"
    check "labels" labelled "$image"
    check "a user by number" numeric_user "$image"
    check "no shell, no package manager, nothing set-uid" bare "$image"
    case $image in
        operator)
            check "its version" prints "" contained operator --version
            check "its flags" prints "--sidecar-image" contained operator --help
            check "a wrong flag is refused by name" prints "--root-life" not contained operator --root-life never ;;
        init)
            check "its version" prints "" contained init --version
            check "rules without touching anything" prints "-A MESH_REDIRECT" contained init --dry-run
            check "rules written and proved in a network of its own" prints "rules in force" contained init ;;
        sidecar) check "readiness says what it waits for" answers 15021 /healthz/ready 503 "Waiting for" sidecar ;;
        bookinfo) check "details of a book" answers 9080 /details/0 200 "author" bookinfo --service details --version v1 ;;
    esac
    if [ -e "$work/resident" ]; then cat "$work/resident"; rm -f "$work/resident"; fi
    rm -rf "$work/root-$image"
done
say "$passed passed, $failed failed"
[ "$failed" = 0 ]
