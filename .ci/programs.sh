#!/bin/bash
# Builds the programs and lays them out under bin/: bin/operator, bin/sidecar, bin/init, bin/bookinfo, bin/cli, bin/mesh.
# A program whose build output did not change is left as it is.
set -euo pipefail
cd "$(dirname "$0")/.."
configuration=${1:-Release}

[ -e bin/mesh ] || echo "building Mesh (the first time takes a minute) ..."
.ci/compile.sh "$configuration" .ci/Programs.slnf

lay_out() { # lay_out NAME PROJECT_DIRECTORY ASSEMBLY
    local from="$2/bin/$configuration/net10.0" to="bin/$1"
    if [ "$to/$3.dll" -nt "bin/.$1.stamp" ] || [ ! -e "bin/.$1.stamp" ] ||
        [ -n "$(find "$from" -type f -newer "bin/.$1.stamp" -print -quit)" ]; then
        # A new directory swapped in, never a file changed in place: a mesh that runs from the old one keeps its mapped files.
        rm -rf "bin/.$1.new" "bin/.$1.old"
        cp -a --reflink=auto "$from" "bin/.$1.new"
        # Everyone may read programs: containers run them as other users.
        chmod -R a+rX "bin/.$1.new"
        if [ -e "$to" ]; then mv "$to" "bin/.$1.old"; fi
        mv "bin/.$1.new" "$to"
        rm -rf "bin/.$1.old"
        touch "bin/.$1.stamp"
    fi
}

mkdir -p bin
lay_out cli operator/Mesh.Cli mesh
lay_out operator operator/Mesh.Operator Mesh.Operator
lay_out sidecar sidecar/Mesh.Sidecar Mesh.Sidecar
lay_out init init/Mesh.Init Mesh.Init
lay_out bookinfo tests/Mesh.Bookinfo Mesh.Bookinfo
install -m 0755 .ci/mesh-launcher.sh bin/mesh
