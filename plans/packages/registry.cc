#include <algorithm>

#include "plans/packages/apt.h"
#include "plans/packages/package_manager.h"

namespace drover::plans {

const PackageManager* find_package_manager(std::string_view name) {
  static const std::vector<const PackageManager*> kBuilt = {&apt()};
  const auto found = std::find_if(kBuilt.begin(), kBuilt.end(),
                                  [&](const PackageManager* one) { return one->name == name; });
  return found == kBuilt.end() ? nullptr : *found;
}

const std::vector<std::string>& kubernetes_packages() {
  static const std::vector<std::string> kNames = {"kubeadm", "kubelet", "kubectl", "cri-tools",
                                                  "kubernetes-cni"};
  return kNames;
}

std::vector<std::string> holds_in_the_way(const std::vector<PackageRevision>& packages,
                                          const std::set<std::string>& held) {
  std::set<std::string> touched;
  for (const PackageRevision& package : packages) {
    touched.insert(package.name);
    if (package.name == "kubeadm" || package.name == "kubelet") {
      touched.insert({"cri-tools", "kubernetes-cni"});
    }
  }
  std::vector<std::string> both;
  std::set_intersection(touched.begin(), touched.end(), held.begin(), held.end(),
                        std::back_inserter(both));
  return both;
}

}  // namespace drover::plans
