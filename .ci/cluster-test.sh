#!/bin/bash
# Puts the mesh on a cluster of its own on this machine, runs the suite for given clusters there (tests/Mesh.EndToEnd.Tests/Cluster),
# goes back to an older version and forward again, takes the mesh off and looks for what is left. Everything is removed at the
# end, however it ends. Root. Environment:
#   OLDER   a commit, or the directory of a clone that is built: the version to go back to (default: HEAD~1; "none": left out)
#   LONG=1  also what takes minutes (a new root under load)
#   KEEP=1  the cluster stays, to look at
set -euo pipefail
cd "$(dirname "$0")/.."
configuration=${1:-Release}
name=cluster-test
say() { printf 'cluster-test: %s\n' "$*"; }
die() { printf 'cluster-test: %s\n' "$*" >&2; exit 2; }
[ "$(id -u)" = 0 ] || die "a cluster on this machine needs root"
command -v kubectl >/dev/null || die "needs kubectl 1.27 or later on the PATH (KUBECTL_PATH=… for one elsewhere)"
command -v python3 >/dev/null || die "needs python3, in which the suite's workloads are written"

older=${OLDER:-HEAD~1} work=
finish() {
    local code=$?
    if [ "${KEEP:-}" = 1 ]; then
        say "kept: KUBECONFIG=$PWD/.mesh/$name/kubeconfig; bin/mesh down --name $name ends it"
    else
        bin/mesh down --name "$name" || code=1
        [ -z "$work" ] || rm -rf "$work"
    fi
    exit "$code"
}
trap finish EXIT

images=()
if [ "$older" != none ]; then
    if [ ! -d "$older" ]; then
        commit=$(git rev-parse --verify --quiet "$older^{commit}") || die "OLDER=$older is no commit of this clone and no directory (OLDER=none goes without)"
        work=$(mktemp -d)
        say "building $(git log -1 --format='%h (%s)' "$commit") as the older version ..."
        git archive "$commit" | tar -x -C "$work"
        make -C "$work" build
        older=$work
    fi
    [ -d "$older/bin/operator" ] || die "OLDER=$older: no bin/operator there; make build in it first"
    images=(--images "older=$older/bin")
fi

bin/mesh up --bare --detach --nodes 3 --name "$name" "${images[@]}"
export KUBECONFIG=$PWD/.mesh/$name/kubeconfig
make deploy LOADED=yes

export MESH_TEST_KUBECONFIG=$KUBECONFIG MESH_TEST_IMAGE=local/host MESH_TEST_LONG=${LONG:-}
# What the cluster is there for may not be skipped.
export MESH_TEST_REQUIRE=${MESH_TEST_REQUIRE:+$MESH_TEST_REQUIRE,}cluster
if [ "$older" != none ]; then
    export MESH_TEST_OLDER=$older MESH_TEST_OLDER_TAG=older MESH_TEST_REQUIRE=$MESH_TEST_REQUIRE,older
fi
suite() {
    timeout --kill-after=20 "${MESH_TEST_LIMIT:-1200}" "tests/Mesh.EndToEnd.Tests/bin/$configuration/net10.0/Mesh.EndToEnd.Tests" \
        --no-ansi --progress off --output detailed "$@" </dev/null || failed=1
}
failed=0 started=$SECONDS
say "the suite ..."
suite --filter-query "/*/Mesh.EndToEnd.Tests.Cluster/(!ClusterUninstallTests)/*"
# Alone and last: it takes the mesh off, then what it needed, and looks for what is left.
MESH_TEST_UNINSTALL=yes suite --filter-class '*ClusterUninstallTests'
say "$([ $failed = 0 ] && echo passed || echo FAILED), $((SECONDS - started)) s"
exit $failed
