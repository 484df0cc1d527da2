#include "plans/etcd/restore.h"

namespace drover::plans {

std::string Restore::copy() const {
  return "/var/lib/drover-restore-" + sha256.substr(0, 16) + ".db";
}

std::string Restore::stopped_folder() const { return "/etc/kubernetes/drover-stopped-" + run; }

std::string Restore::given_prefix() const { return "/etc/kubernetes/drover-given-" + run + '-'; }

std::string Restore::kept_manifests() const { return "/etc/kubernetes/manifests.before-" + run; }

std::string Restore::kept_folder(const RestoreMember& member) const {
  return member.mounted ? member.data + "/drover-before-" + run : member.data + ".before-" + run;
}

std::string Restore::initial_cluster() const {
  std::string text;
  for (const RestoreMember& member : members) {
    if (!text.empty()) text += ',';
    text += member.name + '=' + member.peer_url;
  }
  return text;
}

std::string Restore::token() const { return "drover-" + run; }

}  // namespace drover::plans
