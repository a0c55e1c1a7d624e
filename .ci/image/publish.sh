#!/bin/sh
# Build stage: restores (a layer of its own, kept while project files stay the same), then publishes for this machine's
# processor into /app. A NuGet.Config beside this script is used instead of the SDK image's own (make images NUGET_CONFIG=…).
# Usage: publish.sh restore|publish PROJECT [WORDS FOR MSBUILD…]
set -eu
step=$1 project=$2
shift 2
case $(uname -m) in
    x86_64) runtime=linux-x64 ;;
    aarch64 | arm64) runtime=linux-arm64 ;;
    *) echo "images are made for x86_64 and arm64, not for $(uname -m)" >&2; exit 2 ;;
esac
# No server of the SDK may outlive the step: a build without a process namespace would leave it running.
export DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
set -- "-r" "$runtime" "-p:SelfContained=true" "-v" quiet "$@"
case $step in
    restore)
        [ ! -e .ci/image/NuGet.Config ] || set -- "$@" --configfile .ci/image/NuGet.Config
        exec dotnet restore "$project" "$@" ;;
    publish)
        dotnet publish "$project" -c Release --no-restore --nologo -o /app "$@" -p:PublishDocumentationFiles=false \
            -p:UseSharedCompilation=false -p:RunAnalyzers=false
        # Symbols of native code are twice its size; managed ones are small and give line numbers to a stack trace.
        find /app \( -name '*.dbg' -o -name '*.xml' -o -name '*.staticwebassets.endpoints.json' \) -delete ;;
    *) echo "publish.sh: restore or publish, not $step" >&2; exit 2 ;;
esac
