#!/bin/bash
# Builds the four images with docker, podman or buildah: the first that works here, or TOOL=…
# Environment: TAG (default: the version in Directory.Build.props), REGISTRY (prefix of the names), SDK_IMAGE, BASE_IMAGE
# (default: those in the Dockerfiles), AOT=false, NUGET_CONFIG (a NuGet.Config for the restore, kept out of the images),
# IMAGES (default: operator sidecar init bookinfo), BUILD_ARGS (further words for the tool).
# Usage: .ci/images.sh build | push | save DIRECTORY | kind CLUSTER | names | tool
set -euo pipefail
cd "$(dirname "$0")/.."
die() { printf 'images: %s\n' "$*" >&2; exit 2; }

version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
tag=${TAG:-$version}
registry=${REGISTRY:+${REGISTRY%/}/}
read -r -a images <<< "${IMAGES:-operator sidecar init bookinfo}"

declare -A folders=([operator]=operator [sidecar]=sidecar [init]=init [bookinfo]=tests/Mesh.Bookinfo)
for image in "${images[@]}"; do [ -n "${folders[$image]:-}" ] || die "IMAGES=\"$image\": there are operator, sidecar, init and bookinfo"; done
name() { echo "${registry}mesh/$1:$tag"; }
# Under which name it is kept here: podman and buildah would put localhost/ before a name without a registry, and a node that
# is asked for mesh/operator looks for docker.io/mesh/operator.
kept() { if [ -n "$registry" ] || [ "$2" = docker ]; then name "$1"; else echo "docker.io/$(name "$1")"; fi; }

tool() {
    if [ -n "${TOOL:-}" ]; then
        command -v "$TOOL" >/dev/null || die "TOOL=$TOOL is not installed"
        echo "$TOOL"
        return
    fi
    # A docker command without an engine behind it builds nothing.
    if command -v docker >/dev/null && docker info >/dev/null 2>&1; then echo docker
    elif command -v podman >/dev/null; then echo podman
    elif command -v buildah >/dev/null; then echo buildah
    else die "needs docker with a running engine, podman or buildah (Debian: apt-get install buildah)"; fi
}

build() {
    local tool=$1 image arguments=() revision
    revision=$(git rev-parse HEAD 2>/dev/null || true)
    [ -z "${SDK_IMAGE:-}" ] || arguments+=(--build-arg "SDK_IMAGE=$SDK_IMAGE")
    [ -z "${BASE_IMAGE:-}" ] || arguments+=(--build-arg "BASE_IMAGE=$BASE_IMAGE")
    # podman and buildah hand a proxy on by themselves.
    if [ "$tool" = docker ]; then
        for variable in HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy; do
            [ -z "${!variable:-}" ] || arguments+=(--build-arg "$variable")
        done
    else
        # docker's format: the one that every tool and every kubelet of today reads.
        arguments+=(--format docker)
    fi
    [ "$tool" != buildah ] || arguments+=(--layers="${LAYERS:-true}")
    # shellcheck disable=SC2206
    arguments+=(${BUILD_ARGS:-})
    if [ -n "${NUGET_CONFIG:-}" ]; then
        [ -f "$NUGET_CONFIG" ] || die "NUGET_CONFIG=$NUGET_CONFIG: there is no such file"
        trap 'rm -f .ci/image/NuGet.Config' EXIT
        install -m 0600 "$NUGET_CONFIG" .ci/image/NuGet.Config
    fi
    for image in "${images[@]}"; do
        echo "images: building $(name "$image") with $tool ..."
        local own=()
        case $image in sidecar | init) own=(--build-arg "AOT=${AOT:-true}") ;; esac
        "$tool" build "${arguments[@]}" "${own[@]}" --build-arg "VERSION=$tag" --build-arg "REVISION=$revision" \
            --build-arg "SOURCE=${SOURCE:-}" -f "${folders[$image]}/Dockerfile" -t "$(kept "$image" "$tool")" . ||
            die "$(name "$image") could not be built; the last lines above say why (SDK_IMAGE and BASE_IMAGE give other bases, NUGET_CONFIG other package sources: docs/install.md)"
    done
}

save() { # save TOOL IMAGE FILE
    local stored
    stored=$(kept "$2" "$1")
    rm -f "$3"
    case $1 in
        docker) docker save -o "$3" "$stored" ;;
        podman) podman save --format docker-archive -o "$3" "$stored" ;;
        buildah) buildah push -q "$stored" "docker-archive:$3:$stored" ;;
    esac || die "$stored is not here: make images first (with the same TAG and REGISTRY)"
    echo "images: $stored saved to $3"
}

case ${1:-build} in
    build)
        tool=$(tool)
        build "$tool" ;;
    push)
        [ -n "$registry" ] || die "push needs REGISTRY=…, the prefix of the names"
        tool=$(tool)
        for image in "${images[@]}"; do
            "$tool" push "$(kept "$image" "$tool")" || die "could not push $(name "$image"): log in with '$tool login ${registry%%/*}'"
        done ;;
    save)
        directory=${2:?images: save needs a directory}
        tool=$(tool)
        mkdir -p "$directory"
        for image in "${images[@]}"; do save "$tool" "$image" "$directory/mesh-$image.tar"; done ;;
    kind)
        cluster=${2:?images: kind needs the name of a cluster}
        tool=$(tool)
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        for image in "${images[@]}"; do
            echo "images: loading $(name "$image") into kind cluster $cluster ..."
            save "$tool" "$image" "$work/image.tar"
            kind load image-archive "$work/image.tar" --name "$cluster" || die "kind could not load $(name "$image") into $cluster"
            rm -f "$work/image.tar"
        done ;;
    names) for image in "${images[@]}"; do name "$image"; done ;;
    tool) tool ;;
    *) die "build, push, save, kind, names or tool, not $1" ;;
esac
