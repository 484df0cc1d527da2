#include "plans/etcd/shell.h"

#include <string_view>

#include "plans/cri_shell.h"
#include "plans/packages/script.h"

namespace drover::plans {
namespace {

constexpr std::string_view kGiveUp = R"sh(give_up() {
  echo "E: $*" >&2
  exit 1
}
)sh";

constexpr std::string_view kManifest = R"sh(manifest=/etc/kubernetes/manifests/etcd.yaml
if [ ! -r "$manifest" ]; then give_up "no etcd runs here as a static pod: there is no $manifest"; fi
flag() {
  sed -n "s/^ *- [\"']\{0,1\}--$1=\([^\"']*\).*/\1/p" "$manifest" | head -n 1
}
data=$(flag data-dir)
if [ -z "$data" ]; then data=/var/lib/etcd; fi
endpoint=$(flag listen-client-urls)
endpoint=${endpoint%%,*}
case $endpoint in
  '') endpoint=https://127.0.0.1:2379 ;;
  *://0.0.0.0:* | *://\[::\]:*) endpoint=${endpoint%%:*}://127.0.0.1:${endpoint##*:} ;;
esac
pki=/etc/kubernetes/pki/etcd
ca=$(flag trusted-ca-file)
cert=$(flag cert-file)
key=$(flag key-file)
)sh";

constexpr std::string_view kTools = R"sh(in_container=
if command -v etcdctl >/dev/null; then
  inside() { ETCDCTL_API=3 "$@"; }
elif command -v crictl >/dev/null; then
  in_container=1
  containers=$(cri ps --label io.kubernetes.pod.namespace=kube-system \
    --label io.kubernetes.container.name=etcd --state Running -q)
  container=$(printf '%s\n' "$containers" | head -n 1)
  if [ -z "$container" ]; then give_up 'no etcd container is running'; fi
  inside() { cri exec "$container" "$@"; }
else
  give_up 'neither etcdctl nor crictl is on this machine'
fi
ctl() {
  inside etcdctl --endpoints="$endpoint" --cacert="${ca:-$pki/ca.crt}" \
    --cert="${cert:-$pki/server.crt}" --key="${key:-$pki/server.key}" --dial-timeout=5s "$@"
}
)sh";

}  // namespace

std::string etcd_files_shell() {
  std::string text = script_head();
  text += kGiveUp;
  text += kManifest;
  text += cri_shell();
  return text;
}

std::string etcd_shell() { return etcd_files_shell() + std::string(kTools); }

std::string runtime_shell() {
  std::string text = script_head();
  text += kGiveUp;
  text += cri_shell();
  return text;
}

}  // namespace drover::plans
