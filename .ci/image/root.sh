#!/bin/sh
# Base stage: lays out /root-file-system for a program that brings its runtime along: the C library, the named packages,
# what those link to, the public certificate authorities, one user, /tmp; no shell, no package manager. Which packages these are
# and under which licence is kept where scanners look (/var/lib/dpkg/status.d, /usr/share/doc/*/copyright).
# Usage: root.sh USER:UID PACKAGE…   Packages that are missing are installed by apt; with all of them there, nothing is fetched.
set -eu
user=${1%:*} id=${1#*:}
shift
root=/root-file-system

command -v dpkg-query >/dev/null || { echo "BASE_IMAGE is no Debian or Ubuntu (no dpkg): give one that is, the image is made of its packages" >&2; exit 2; }
missing=
for package in "$@"; do dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"; done
if [ -n "$missing" ]; then
    apt-get -qq update || { echo "BASE_IMAGE lacks$missing, and apt-get update does not work here: give one that has them" >&2; exit 2; }
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $missing >/dev/null
fi

# Debian's merged /usr, so that a path and its resolved form name the same file in both trees.
mkdir -p $root/usr/bin $root/usr/sbin $root/usr/lib $root/usr/lib64 $root/etc/ssl/certs $root/proc $root/sys $root/dev $root/run $root/var/lib/dpkg/status.d
mkdir -m 1777 $root/tmp
for directory in bin sbin lib lib64; do ln -s usr/$directory $root/$directory; done

keep() { # keep FILE: with the target of its link, under the path that both have in a merged /usr
    for path in "$1" "$(readlink -f "$1")"; do
        case $path in /lib/* | /lib64/* | /bin/* | /sbin/*) path=/usr$path ;; esac
        [ -e "$root$path" ] || [ -L "$root$path" ] || (cd / && cp -a --parents ".$path" $root)
    done
}
files() { # the programs, libraries and settings of a package
    dpkg-query -L "$1" | grep -E '^(/usr)?/(s?bin|lib(64)?)/|^/etc/' | while read -r file; do [ -d "$file" ] || [ ! -e "$file" ] || echo "$file"; done
}
own() { # own FILE: the package it came with
    dpkg-query -S "$1" "/usr$1" "${1#/usr}" 2>/dev/null | sed -n '1s/: .*//p' | sed 's/:.*//'
}

for package in "$@"; do
    [ "$package" = ca-certificates ] || files "$package" | while read -r file; do keep "$file"; done
done
if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    # OpenSSL looks for them in a directory of its own, which the package of its command line would link.
    mkdir -p $root/usr/lib/ssl
    cp -L /etc/ssl/certs/ca-certificates.crt $root/etc/ssl/certs/
    ln -s /etc/ssl/certs $root/usr/lib/ssl/certs
    ln -s /etc/ssl/certs/ca-certificates.crt $root/usr/lib/ssl/cert.pem
fi
keep "$(ldd /bin/sh | grep -o '/[^ ]*ld-linux[^ ]*' | head -n 1)"
# What is linked to, until nothing new comes; and the parts of the C library that the runtime looks for by name.
before=
libraries=$(find /lib/*-linux-gnu /usr/lib/*-linux-gnu -maxdepth 1 \( -name 'libc.so.6' -o -name 'libm.so.6' -o -name 'libdl.so.2' -o -name 'libpthread.so.0' -o -name 'librt.so.1' -o -name 'libresolv.so.2' -o -name 'libnss_dns.so.2' -o -name 'libnss_files.so.2' \))
for library in $libraries; do keep "$library"; done
while [ "$before" != "$(find $root | wc -l)" ]; do
    before=$(find $root | wc -l)
    find $root/usr -type f \( -name '*.so*' -o -perm -100 \) | while read -r file; do
        ldd "$file" 2>/dev/null | grep -oE '/[^ ]+\.so[^ ]*' || true
    done | sort -u | while read -r library; do keep "$library"; done
done

find $root/usr -type f | sed "s|^$root||" | while read -r file; do own "$file"; done | sort -u > /tmp/packages
printf '%s\n' base-files "$@" >> /tmp/packages
sort -u /tmp/packages | while read -r package; do
    dpkg-query -s "$package" > "$root/var/lib/dpkg/status.d/$package" 2>/dev/null || { rm -f "$root/var/lib/dpkg/status.d/$package"; continue; }
    [ ! -e "/usr/share/doc/$package/copyright" ] || (cd / && cp -L --parents "./usr/share/doc/$package/copyright" $root)
done
cp -L /etc/os-release $root/etc/
printf 'hosts: files dns\n' > $root/etc/nsswitch.conf
printf 'root:x:0:0:root:/:/none\n%s:x:%s:%s:%s:/:/none\n' "$user" "$id" "$id" "$user" | sort -u -t: -k3,3 > $root/etc/passwd
printf 'root:x:0:\n%s:x:%s:\n' "$user" "$id" | sort -u -t: -k3,3 > $root/etc/group
