#include "plans/etcd/manifests.h"

#include "inventory/base/digest.h"
#include "inventory/cluster/static_pod.h"

namespace drover::plans {
namespace {

void read_etcd(const StaticPod& pod, Manifests& all) {
  all.name = pod.flag("name");
  const std::string& urls = pod.flag("initial-advertise-peer-urls");
  all.peer_url = urls.substr(0, urls.find(','));
  if (const std::string& data = pod.flag("data-dir"); !data.empty()) all.data = data;
  all.wal = pod.flag("wal-dir");
  all.images["etcd"] = pod.image;
}

}  // namespace

Manifests read_manifests(const std::map<std::string, std::string>& texts) {
  Manifests all;
  for (const auto& [component, text] : texts) {
    all.sha256[component] = sha256_hex(text);
    const auto pod = parse_static_pod(text, component);
    if (!pod) {
      all.wrong[component] = pod.error().message;
    } else if (component == "etcd") {
      read_etcd(*pod, all);
    } else {
      all.images[component] = pod->image;
      all.versions[component] = image_tag(pod->image);
      if (component == "kube-apiserver") all.address = pod->flag("advertise-address");
    }
  }
  return all;
}

}  // namespace drover::plans
