#!/bin/bash
# Installs what Mesh needs beyond git, make and the .NET SDK, from Debian packages, and says what it installs.
# Usage: .ci/deps.sh GROUP…   (dotnet, base, bench, bench-api, e2e, images, native)
# With MESH_DEPS_ROOT=DIR kubectl goes to DIR/usr/local/bin whatever the machine has: for trying this script.
set -euo pipefail

say() { printf 'deps: %s\n' "$*"; }
die() { printf 'deps: %s\n' "$*" >&2; exit 2; }
have() { command -v "$1" >/dev/null 2>&1; }
PATH="$PATH:/usr/sbin:/sbin"

as_root() { [ "$(id -u)" = 0 ] || die "must install $*, and only root may: run make as root or install it by hand"; }

updated=
apt_update() {
    [ -n "$updated" ] && return
    DEBIAN_FRONTEND=noninteractive apt-get -qq update || say "apt-get update had complaints; going on with the lists at hand"
    updated=yes
}

# need COMMAND PACKAGE: installs PACKAGE when COMMAND is not there.
missing=()
need() { have "$1" || missing+=("$2"); }
install_missing() {
    [ ${#missing[@]} -gt 0 ] || return 0
    have apt-get || die "missing: ${missing[*]} (no apt-get here: install them by hand)"
    as_root "${missing[*]}"
    say "installing Debian packages: ${missing[*]}"
    apt_update
    # A freshly installed nginx, haproxy or redis must not start a service of its own on this machine.
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' > "$policy"; chmod +x "$policy"; made=yes; fi
    local status=0
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends "${missing[@]}" </dev/null >/tmp/mesh-deps.$$ 2>&1 || status=$?
    [ -z "$made" ] || rm -f "$policy"
    if [ $status != 0 ]; then cat /tmp/mesh-deps.$$ >&2; rm -f /tmp/mesh-deps.$$; die "apt-get could not install ${missing[*]}"; fi
    rm -f /tmp/mesh-deps.$$
    missing=()
}

check_dotnet() {
    have dotnet || die "the .NET 10 SDK is needed: https://dotnet.microsoft.com/download/dotnet/10.0"
    (cd "$(dirname "$0")/.." && dotnet --version >/dev/null 2>&1) ||
        die "the .NET 10 SDK is needed (global.json); this machine has: $(dotnet --list-sdks 2>/dev/null | tr '\n' ' ')"
}

# minor version of a kubectl, 0 when it does not answer
kubectl_minor() {
    local text
    text=$("$1" version --client 2>/dev/null || true)
    [[ $text =~ [vV]?1\.([0-9]+)\. ]] && echo "${BASH_REMATCH[1]}" || echo 0
}

# Debian 12 has kubectl 1.20, too old for us; Debian 13's runs on Debian 12 when it is only unpacked. The mirror is the
# one this machine's apt is set up with, so nothing is named here that the machine does not already use.
install_kubectl() {
    local root=${MESH_DEPS_ROOT:-} minor=0
    if [ -z "$root" ] && have kubectl; then
        minor=$(kubectl_minor kubectl)
        [ "$minor" -lt 27 ] || return 0
        say "kubectl here is 1.$minor; 1.27 or later is needed"
    fi
    have apt-get || die "kubectl 1.27 or later is needed: install it by hand"
    [ -n "$root" ] || as_root "kubectl"
    apt_update
    local mirror
    mirror=$(apt-get indextargets --format '$(ORIGIN)|$(COMPONENT)|$(REPO_URI)' 'Identifier: Packages' |
        awk -F'|' '$1 == "Debian" && $2 == "main" && $3 !~ /security/ { print $3; exit }')
    [ -n "$mirror" ] || die "kubectl 1.27 or later is needed, and apt here knows no Debian mirror to take Debian 13's package from"
    local work
    work=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" RETURN
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/root"
    : > "$work/status"
    say "taking kubectl from Debian 13 (package kubectl, suite trixie), unpacked into ${root}/usr/local/bin"
    printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' \
        "$mirror" /usr/share/keyrings/debian-archive-keyring.gpg > "$work/trixie.sources"
    local options=(-qq -o "Dir::Etc::sourcelist=$work/trixie.sources" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
        -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none)
    apt-get "${options[@]}" update || {
        # An old Debian 12 image has a keyring from before Debian 13.
        [ -z "$root" ] && apt-get -qq -y install debian-archive-keyring >/dev/null && apt-get "${options[@]}" update
    } || die "could not read Debian 13's package list"
    # The next line of download is unpacked, never installed: its dependencies and its suite stay out of this machine's apt.
    (cd "$work" && apt-get "${options[@]}" download kubectl >/dev/null) || die "could not download Debian 13's kubectl"
    dpkg-deb -x "$work"/kubectl_*.deb "$work/root"
    local binary="$work/root/usr/bin/kubectl"
    minor=$(kubectl_minor "$binary")
    [ "$minor" -ge 27 ] || die "the unpacked kubectl does not run here (it says: $("$binary" version --client 2>&1 | head -1))"
    install -D -m 0755 "$binary" "$root/usr/local/bin/kubectl"
    say "installed kubectl 1.$minor as $root/usr/local/bin/kubectl"
}

for group in "$@"; do
    case $group in
        dotnet) check_dotnet ;;
        base)
            check_dotnet
            need iptables iptables; need ip iproute2; need curl curl; need nsenter util-linux; need mount mount
            install_missing
            install_kubectl ;;
        bench) need wrk wrk; need h2load nghttp2-client; need nginx nginx-light; need haproxy haproxy; install_missing ;;
        images) need buildah buildah; need debootstrap debootstrap; need curl curl; install_missing ;;
        native) need clang clang; [ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev); install_missing ;;
        bench-api) need etcd etcd-server; install_missing ;;
        e2e) need redis-server redis-server; need redis-cli redis-tools; need nghttp nghttp2-client; need openssl openssl; need tcpdump tcpdump; need h2load nghttp2-client; need nginx nginx-light
            # The servers alone, which start no service. PostgreSQL is ten times their size: its tests run where it is.
            need mariadbd mariadb-server-core; need mariadb mariadb-client-core; install_missing ;;
        *) die "unknown group $group" ;;
    esac
done
