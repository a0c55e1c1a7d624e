#!/bin/bash
# Publishes sidecar and init as native code into bin/, as their images have them; the next make build puts the others back.
set -euo pipefail
cd "$(dirname "$0")/.."
for program in sidecar:sidecar/Mesh.Sidecar init:init/Mesh.Init; do
    name=${program%%:*} project=${program#*:}
    echo "compiling bin/$name to native code ..."
    rm -rf "bin/.$name.new"
    dotnet publish "$project" -c Release --use-current-runtime -p:PublishAot=true -o "bin/.$name.new" -v quiet --nologo
    find "bin/.$name.new" \( -name '*.dbg' -o -name '*.xml' \) -delete
    chmod -R a+rX "bin/.$name.new"
    rm -rf "bin/$name" "bin/.$name.stamp"
    mv "bin/.$name.new" "bin/$name"
done
