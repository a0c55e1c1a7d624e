#!/bin/bash
# Builds the four images with docker, podman or buildah: the first that works here, or TOOL=…
# Environment: TAG (default: the version in Directory.Build.props), REGISTRY (prefix of the names), SDK_IMAGE, BASE_IMAGE
# (default: those in the Dockerfiles), AOT=false, NUGET_CONFIG (a NuGet.Config for the restore, kept out of the images),
# IMAGES (default: operator sidecar init bookinfo), BUILD_ARGS (further words for the tool).
# Usage: .ci/images.sh build | push | names | tool
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
            --build-arg "SOURCE=${SOURCE:-}" -f "${folders[$image]}/Dockerfile" -t "$(name "$image")" . ||
            die "$(name "$image") could not be built; the last lines above say why (SDK_IMAGE and BASE_IMAGE give other bases, NUGET_CONFIG other package sources: docs/install.md)"
    done
}

case ${1:-build} in
    build) build "$(tool)" ;;
    push)
        [ -n "$registry" ] || die "push needs REGISTRY=…, the prefix of the names"
        tool=$(tool)
        for image in "${images[@]}"; do
            "$tool" push "$(name "$image")" || die "could not push $(name "$image"): log in with '$tool login ${registry%%/*}'"
        done ;;
    names) for image in "${images[@]}"; do name "$image"; done ;;
    tool) tool ;;
    *) die "build, push, names or tool, not $1" ;;
esac
