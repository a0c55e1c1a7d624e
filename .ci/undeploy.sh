#!/bin/bash
# Takes the mesh off the cluster of the current context. Usage: .ci/undeploy.sh mesh | crds
#   mesh: webhooks first, so that pods can be made without the operator; then the operator and its rights. CRDs and what users
#         made stay, and pods with a sidecar run on with their last config: they are listed. Once there are none, run again,
#         the rest goes as well (mesh-root, the mesh's own root key, the namespace).
#   crds: with CONFIRM=yes the CRDs that carry our label and that no other mesh uses, and with them all objects of these kinds.
set -euo pipefail
cd "$(dirname "$0")/.."
self=undeploy
# shellcheck source=.ci/cluster.sh
source .ci/cluster.sh

delete_webhooks() { kubectl delete mutatingwebhookconfigurations,validatingwebhookconfigurations -l "$ours" --ignore-not-found; }

undeploy_mesh() {
    check_rights delete mutatingwebhookconfigurations.admissionregistration.k8s.io validatingwebhookconfigurations.admissionregistration.k8s.io \
        validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io \
        deployments.apps clusterroles.rbac.authorization.k8s.io clusterrolebindings.rbac.authorization.k8s.io namespaces
    delete_webhooks
    kubectl -n "$namespace" delete deployment mesh-operator --cascade=foreground --ignore-not-found --timeout=120s ||
        die "the operator does not end: kubectl -n $namespace get pods -l app=mesh-operator; then make undeploy again"
    # The operator puts its webhooks back once a minute: it may have done so before it ended.
    delete_webhooks
    local directory
    directory=$(overlay undeploy)
    {
        echo patches:
        # shellcheck disable=SC2046 # names
        leave_out apiextensions.k8s.io/v1 CustomResourceDefinition $(crd_names)
        leave_out v1 Namespace "$namespace"
    } >> "$directory/kustomization.yaml"
    kubectl delete -k "$directory" --ignore-not-found --timeout=60s ||
        die "not all went; the lines above say what. make undeploy again goes on from here"

    local pods crds
    pods=$(injected_pods)
    if [ -n "$pods" ]; then pods_remain "$pods"; else clear_up; fi
    crds=$(our_crds | wc -l)
    [ "$crds" = 0 ] || say "kept: $crds CRDs and every object of their kinds; make undeploy-crds says what would go with them"
}

pods_remain() {
    say "these pods run on with their sidecar and its last config; nobody renews their certificates, so restart them before those end (a day after they were issued, unless set otherwise):"
    # shellcheck disable=SC2001 # each line
    sed 's/^/  /' <<< "$1"
    say "kept for them: ConfigMap mesh-root in their namespaces, namespace $namespace with the root of their certificates. Restart them, then make undeploy clears that up:"
    cut -d/ -f1 <<< "$1" | sort -u | sed 's/^/  kubectl rollout restart deployment,statefulset,daemonset --namespace /'
}

clear_up() {
    local entry maps
    maps=$(kubectl get configmaps -A -l app.kubernetes.io/managed-by=mesh-operator -o go-template='{{range .items}}{{.metadata.namespace}}/{{.metadata.name}}{{"\n"}}{{end}}')
    for entry in $maps; do kubectl -n "${entry%/*}" delete configmap "${entry#*/}" --ignore-not-found; done
    kubectl get namespace "$namespace" >/dev/null 2>&1 || return 0
    local theirs
    theirs=$(kubectl -n "$namespace" get configmap/mesh secret/cacerts --ignore-not-found -o name)
    if [ -n "$theirs" ]; then
        say "namespace $namespace stays, for it holds what you made: $(tr '\n' ' ' <<< "$theirs")(kubectl delete namespace $namespace takes it all)"
    else
        kubectl delete namespace "$namespace" --timeout=120s
    fi
}

undeploy_crds() {
    check_rights delete customresourcedefinitions.apiextensions.k8s.io
    if [ -n "$(kubectl -n "$namespace" get deployment mesh-operator --ignore-not-found -o name)" ]; then
        die "the operator still runs in $namespace: make undeploy first"
    fi
    local others crds crd going=() staying=()
    others=$(other_meshes | paste -sd,)
    crds=$(our_crds)
    for crd in $crds; do
        # Our own group is nobody else's.
        if [ -n "$others" ] && [[ $crd != *.mesh.dev ]]; then staying+=("$crd"); else going+=("$crd"); fi
    done
    [ ${#staying[@]} = 0 ] || say "stay, for another mesh uses them ($others): ${staying[*]}"
    if [ ${#going[@]} = 0 ]; then say "no CRD with our label that nobody else uses: nothing to do"; return; fi
    for crd in "${going[@]}"; do
        printf '  %s, with %s objects\n' "$crd" "$(kubectl get "$crd" -A -o name | wc -l)"
    done
    if [ "${CONFIRM:-}" != yes ]; then
        die "nothing was removed. These CRDs would go, and every object of their kinds with them: make undeploy-crds CONFIRM=yes"
    fi
    kubectl delete crd "${going[@]}" --timeout=120s
}

check_cluster
case ${1:-} in
    mesh) undeploy_mesh ;;
    crds) undeploy_crds ;;
    *) die "mesh or crds, not \"${1:-}\"" ;;
esac
