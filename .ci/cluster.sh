# shellcheck shell=bash
# What deploy.sh and undeploy.sh share: which cluster, may we, who else is there. Read by them, never run.
# shellcheck disable=SC2016 # templates of kubectl and kustomize, not of this shell
: "${self:?cluster.sh is read by deploy.sh and undeploy.sh}"
# shellcheck disable=SC2034 # they use it
namespace=mesh-system
# shellcheck disable=SC2034
ours=app.kubernetes.io/part-of=mesh
# Where the overlays go that name images and leave things out; nothing committed is changed.
overlays=bin/deploy

say() { printf '%s: %s\n' "$self" "$*"; }
die() { printf '%s: %s\n' "$self" "$*" >&2; exit 2; }

# A kubectl that can apply our manifests, a server that answers, and which one that is.
check_cluster() {
    command -v kubectl >/dev/null || die "needs kubectl 1.27 or later on the PATH"
    local versions client server
    versions=$(kubectl version -o json --request-timeout=15s 2>/dev/null) ||
        die "the cluster does not answer (context $(kubectl config current-context 2>/dev/null || echo none)): $(kubectl version --request-timeout=5s 2>&1 | tail -n 1). Choose another by KUBECONFIG or kubectl config use-context"
    client=$(minor clientVersion "$versions") server=$(minor serverVersion "$versions")
    [ "$client" -ge 27 ] || die "kubectl here is 1.$client; 1.27 or later is needed"
    [ "$server" -ge 29 ] || die "the cluster is Kubernetes 1.$server; 1.29 is the first that runs sidecars as Mesh injects them (initContainers with restartPolicy Always)"
    context=$(kubectl config current-context 2>/dev/null || echo in-cluster)
    say "context $context, Kubernetes 1.$server"
}
minor() { awk -v want="\"$1\"" 'index($0, want) { here = 1 } here && /"minor"/ { gsub(/[^0-9]/, ""); print; exit }' <<< "$2"; }

# check_rights VERB RESOURCE…: all that is missing, at once.
check_rights() {
    local verb=$1 resource missing=()
    shift
    for resource in "$@"; do
        [ "$(kubectl auth can-i "$verb" "$resource" --all-namespaces 2>/dev/null || true)" = yes ] || missing+=("$resource")
    done
    [ ${#missing[@]} = 0 ] || die "you may not $verb ${missing[*]} in context $context: use an account that may (the role cluster-admin does)"
}

# CRDs of our manifests, by name, one a line; those of them on the cluster with our label, and those without it.
crd_names() { sed -n 's/^  name: \(.*\..*\)$/\1/p' crds/*.yaml | sort -u; }
our_crds() { installed_crds | awk '$2 == "mesh" { print $1 }'; }
foreign_crds() { installed_crds | awk '$2 != "mesh" { print $1 }' | grep -xF "$(crd_names)" || [ $? = 1 ]; }
installed_crds() { kubectl get crd -o go-template='{{range .items}}{{.metadata.name}} {{with .metadata.labels}}{{or (index . "app.kubernetes.io/part-of") "-"}}{{end}}{{"\n"}}{{end}}'; }

# Another mesh that lives from the same CRDs: an injector that is not ours, or its control plane. One line each.
other_meshes() {
    kubectl get mutatingwebhookconfigurations -o go-template='{{range .items}}{{$c := .}}{{$ours := false}}{{$app := ""}}{{with .metadata.labels}}{{if eq (or (index . "app.kubernetes.io/part-of") "") "mesh"}}{{$ours = true}}{{end}}{{$app = or (index . "app") ""}}{{end}}{{if not $ours}}{{range .webhooks}}{{$c.metadata.name}} {{$app}} {{.name}}{{"\n"}}{{end}}{{end}}{{end}}' |
        awk '$2 == "sidecar-injector" || $NF ~ /\.istio\.io$/ { print "MutatingWebhookConfiguration " $1 }' | sort -u
    kubectl get deployments -A -l app=istiod -o go-template='{{range .items}}Deployment {{.metadata.namespace}}/{{.metadata.name}}{{"\n"}}{{end}}'
}

# Pods that hold our sidecar and still run, as NAMESPACE/NAME.
injected_pods() {
    kubectl get pods -A -o go-template='{{range .items}}{{$p := .}}{{range .spec.initContainers}}{{if eq .name "mesh-proxy"}}{{$p.metadata.namespace}}/{{$p.metadata.name}} {{$p.status.phase}}{{"\n"}}{{end}}{{end}}{{end}}' |
        awk '$2 != "Succeeded" && $2 != "Failed" { print $1 }'
}

# overlay DIRECTORY_NAME: starts an overlay of config/default there; the caller appends.
overlay() {
    local directory=$overlays/$1
    mkdir -p "$directory"
    cp config/default/images.yaml "$directory/"
    printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- ../../../config/default\nconfigurations:\n- images.yaml\n' > "$directory/kustomization.yaml"
    echo "$directory"
}
leave_out() { # leave_out KIND_WITH_VERSION NAME…: words of `patches:` that take objects out of an overlay
    local version=$1 kind=$2 object
    shift 2
    for object in "$@"; do
        printf -- '- patch: |\n    $patch: delete\n    apiVersion: %s\n    kind: %s\n    metadata: {name: %s}\n' "$version" "$kind" "$object"
    done
}
