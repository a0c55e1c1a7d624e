#!/bin/sh
# Build stage: what a native build needs beyond the .NET SDK, when the SDK's image lacks it. Usage: tools.sh AOT
set -eu
command -v dotnet >/dev/null || { echo "SDK_IMAGE has no dotnet: give an image with the .NET 10 SDK" >&2; exit 2; }
[ "$1" = true ] || exit 0
if command -v clang >/dev/null && [ -e /usr/include/zlib.h ]; then exit 0; fi
command -v apt-get >/dev/null || { echo "SDK_IMAGE has neither clang and zlib's headers nor apt-get: give one with them, or AOT=false" >&2; exit 2; }
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends clang zlib1g-dev >/dev/null
rm -rf /var/lib/apt/lists/*
