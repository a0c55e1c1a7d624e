#!/bin/bash
# Puts the mesh on the cluster of the current context: images, CRDs, config/default; waits until it serves.
# Environment: that of images.sh; LOADED=yes when the cluster's nodes have (or can pull) the images already; TIMEOUT (180s).
set -euo pipefail
cd "$(dirname "$0")/.."
self=deploy
# shellcheck source=.ci/cluster.sh
source .ci/cluster.sh

check_cluster
check_rights create customresourcedefinitions.apiextensions.k8s.io namespaces deployments.apps \
    validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io \
    clusterroles.rbac.authorization.k8s.io clusterrolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io
check_rights escalate clusterroles.rbac.authorization.k8s.io

# Images first: nothing is put on a cluster whose nodes then wait for them.
names=$(.ci/images.sh names | paste -sd' ')
cluster=${context#kind-}
if [ "${LOADED:-}" = yes ]; then
    say "the nodes are said to have or find $names"
elif [ -n "${REGISTRY:-}" ]; then
    .ci/images.sh build
    .ci/images.sh push
elif [ "$context" != "$cluster" ] && command -v kind >/dev/null && kind get clusters 2>/dev/null | grep -qxF "$cluster"; then
    .ci/images.sh build
    .ci/images.sh kind "$cluster"
else
    die "the nodes of context $context cannot see images that are built here. Either
  make deploy REGISTRY=registry.example/team     builds, pushes and deploys from there
or bring them to the nodes yourself and deploy with LOADED=yes:
  make images && .ci/images.sh save DIRECTORY    writes one archive an image
  ctr --namespace k8s.io images import FILE      takes it in, on each node with containerd"
fi

kept=$(foreign_crds)
others=$(other_meshes | paste -sd,)
directory=$(overlay mesh)
{
    echo images:
    for image in operator sidecar init; do
        full=$(IMAGES=$image .ci/images.sh names)
        printf -- '- name: mesh/%s\n  newName: %s\n  newTag: "%s"\n' "$image" "${full%:*}" "${full##*:}"
    done
    if [ -n "$kept" ]; then
        echo patches:
        # shellcheck disable=SC2086 # names
        leave_out apiextensions.k8s.io/v1 CustomResourceDefinition $kept
    fi
} >> "$directory/kustomization.yaml"
[ -z "$kept" ] || say "these CRDs were here before and are not ours, so they stay as they are: $(paste -sd' ' <<< "$kept")"
[ -z "$others" ] || say "another mesh is here ($others): Mesh takes only namespaces and pods labelled istio.io/rev=mesh"

say "applying $directory (kubectl apply --server-side -k $directory does the same)"
kubectl apply --server-side -k "$directory" | sed 's/^/  /' ||
    die "not all was applied; the lines above say what and why. On \"conflict\" another tool owns a field: undo its change, or take it over with
  kubectl apply --server-side --force-conflicts -k $directory"
kubectl wait --for=condition=Established --timeout=60s crd -l "$ours" >/dev/null ||
    die "a CRD is not served; kubectl get crd -l $ours -o yaml says why in its conditions"

explain() {
    printf '%s: %s\n' "$self" "$1" >&2
    kubectl -n "$namespace" get pods -l app=mesh-operator -o wide >&2 || true
    kubectl -n "$namespace" get events --sort-by=.lastTimestamp 2>/dev/null | tail -n 8 >&2 || true
    kubectl -n "$namespace" logs deployment/mesh-operator --tail=15 2>/dev/null >&2 || true
    printf '%s: %s\n' "$self" "$2" >&2
    exit 1
}
say "waiting for the operator ..."
kubectl -n "$namespace" rollout status deployment/mesh-operator --timeout="${TIMEOUT:-180s}" | tail -n 1 ||
    explain "the operator did not become ready within ${TIMEOUT:-180s}:" "ImagePullBackOff: the nodes lack the image, see above; else its log says what it waits for. make deploy again goes on from here"
patience=$((SECONDS + 60))
until kubectl get mutatingwebhookconfiguration mesh-injector >/dev/null 2>&1; do
    [ $SECONDS -lt $patience ] || explain "the operator runs but registered no webhooks within a minute:" "its log says why"
    sleep 1
done

directory=$overlays/bookinfo
mkdir -p "$directory"
full=$(IMAGES=bookinfo .ci/images.sh names)
cp config/samples/bookinfo/*.yaml "$directory/"
rm -f "$directory/kustomization.yaml"
{
    printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n'
    (cd "$directory" && ls ./*.yaml) | grep -v kustomization | sed 's/^/- /'
    printf 'images:\n- name: mesh/bookinfo\n  newName: %s\n  newTag: "%s"\n' "${full%:*}" "${full##*:}"
} > "$directory/kustomization.new"
mv "$directory/kustomization.new" "$directory/kustomization.yaml"
label=istio-injection=enabled
[ -z "$others" ] || label=istio.io/rev=mesh
cat <<END

Mesh is ready in namespace $namespace. Next:
  kubectl label namespace default $label
  kubectl apply -k $directory             # the sample; pods that ran before need a restart: kubectl rollout restart
  kubectl get pods,virtualservices,destinationrules
  kubectl apply -f config/samples/all-v1.yaml       # every request for reviews to v1; the columns say who obeys
  kubectl -n $namespace logs deployment/mesh-operator
  make undeploy                                     # takes it off; rules and running pods stay
END
