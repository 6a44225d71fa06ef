#!/bin/sh
# Installs the kit with sh and kubectl, as a cluster-admin, in two phases. One apply of everything would be a hole: the
# right to mint would arrive before the policies answer, and unbound tokens could be had in between.
#
# With several API servers behind one address run it once against each of them, or wait a minute before phase two.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kubectl=${KUBECTL:-kubectl}

echo "phase 1: namespace, policies, accounts"
$kubectl apply -f "$here/1-policies.yaml"

# probe PATH BODY POLICY: whether a dry run of POST BODY is refused in the words of POLICY. Each is a request that the
# kit must refuse, so nothing is made and no token is given, not even by a kit that does not answer yet (a dry run of a
# TokenRequest that passes does return a token; it is thrown away here and ends in ten minutes).
probe() {
  answer=$(printf '%s' "$2" | $kubectl create --raw "$1?dryRun=All" -f - 2>&1 >/dev/null) && return 1
  case $answer in
    *"ValidatingAdmissionPolicy '$3'"*"$4"*) return 0 ;;
  esac
  echo "waiting for $3: $answer" | cut -c1-200
  return 1
}

ns=/api/v1/namespaces/{{ns}}
token='{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":600}}'
secret='{"apiVersion":"v1","kind":"Secret","metadata":{"name":"probe"},"type":"Opaque"}'
request='{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"probe"}}'
job='{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"probe"},"spec":{"parallelism":1,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"none","image":"kglass.invalid/none"}]}}}}'

echo "the policies must refuse what they are there to refuse, five times running"
running=0
tries=0
while [ "$running" -lt 5 ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 300 ]; then
    echo "the policies do not answer; nobody was given any right. Does this cluster have ValidatingAdmissionPolicy (1.30)?" >&2
    exit 1
  fi
  if probe "$ns/secrets" "$secret" kglass-grant "only kglass.dev/grant secrets" \
    && probe "$ns/configmaps" "$request" kglass-request "has the label kglass.dev/request" \
    && probe "/apis/batch/v1/namespaces/{{ns}}/jobs" "$job" kglass-deadline "runs nothing" \
    && probe "$ns/serviceaccounts/{{probe-account}}/token" "$token" kglass-mint "bound to a grant by name and uid"; then
    running=$((running + 1))
  else
    running=0
  fi
  sleep 0.3 2>/dev/null || sleep 1
done

echo "phase 2: rights"
$kubectl apply -f "$here/2-access.yaml"
echo "installed; look with: kglass kit check"
