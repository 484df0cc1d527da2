#include "examples/sandbox/world/settle.h"

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "examples/sandbox/world/autoscalers.h"
#include "examples/sandbox/world/images.h"
#include "examples/sandbox/world/reconcile.h"
#include "inventory/base/version.h"

namespace drover::sandbox {
namespace {

constexpr int kMost = 100'000;  // events between two looks
constexpr const char* kUnreachable = "node.kubernetes.io/unreachable";

/// Something that happens by itself.
struct Due {
  Moment at;
  std::function<void(World&)> happens;
};

/// The earliest of those that are offered.
class Earliest {
 public:
  explicit Earliest(Moment now) : now_(now) {}

  void offer(Moment at, std::function<void(World&)> happens) {
    if (at <= now_ && (!due_ || at < due_->at)) due_ = Due{at, std::move(happens)};
  }
  std::optional<Due> take() && { return std::move(due_); }

 private:
  Moment now_;
  std::optional<Due> due_;
};

bool is_lost(const World& world, const std::string& node) {
  const ClusterNode* found = world.find_node(node);
  return found != nullptr && found->outage() != nullptr;
}

void offer_pods(const World& world, Earliest& earliest) {
  for (size_t i = 0; i < world.pods.size(); ++i) {
    const Pod& pod = world.pods[i];
    if (pod.mirror || is_lost(world, pod.node)) continue;
    const auto index = static_cast<std::ptrdiff_t>(i);
    if (pod.deleting) {
      // What never came to a node has nothing to terminate.
      const Span takes = pod.node.empty() ? Span{0} : world.pace.of(pod.spec.terminates);
      if (pod.spec.never_ends) continue;
      earliest.offer(after(*pod.deleting, takes),
                     [index](World& later) { later.pods.erase(later.pods.begin() + index); });
      continue;
    }
    if (pod.ready || pod.finished || pod.node.empty() || pod.spec.never_ready) continue;
    const ClusterNode* node = world.find_node(pod.node);
    if (node != nullptr && !node->ready) continue;
    earliest.offer(after(pod.started, world.pace.of(pod.spec.starts)), [i](World& later) {
      later.pods[i].ready = true;
      later.touch(later.pods[i]);
    });
  }
}

void offer_disrupted(const World& world, Earliest& earliest) {
  for (size_t i = 0; i < world.pods.size(); ++i) {
    if (!world.pods[i].disrupted) continue;
    earliest.offer(after(*world.pods[i].disrupted, world.pace.of(observed::kDisrupted)),
                   [i](World& later) { later.pods[i].disrupted.reset(); });
  }
}

void offer_attachments(const World& world, Earliest& earliest) {
  for (size_t i = 0; i < world.attachments.size(); ++i) {
    const Attachment& one = world.attachments[i];
    if (!one.detaching || is_lost(world, one.node)) continue;
    const auto index = static_cast<std::ptrdiff_t>(i);
    earliest.offer(
        after(*one.detaching, world.pace.of(observed::kDetaches)),
        [index](World& later) { later.attachments.erase(later.attachments.begin() + index); });
  }
}

void becomes_not_ready(World& world, ClusterNode& node, Moment at) {
  node.ready = false;
  node.outages.back().noticed = true;
  node.taint({kUnreachable, "", "NoSchedule"}, at);
  node.taint({kUnreachable, "", "NoExecute"}, at);
  world.touch(node);
  for (Pod& pod : world.pods) {
    if (pod.node != node.name() || !pod.ready) continue;
    pod.ready = false;
    world.touch(pod);
  }
}

void becomes_ready(World& world, ClusterNode& node) {
  node.ready = true;
  node.untaint(kUnreachable);
  world.touch(node);
}

void offer_outage(const World& world, size_t number, Earliest& earliest) {
  const ClusterNode& node = world.nodes[number];
  const Outage& last = node.outages.back();
  const Moment missed = after(last.lost, world.pace.of(observed::kNotReady));
  if (node.ready && !last.noticed && (!last.back || missed < *last.back)) {
    earliest.offer(missed, [number, missed](World& later) {
      becomes_not_ready(later, later.nodes[number], missed);
    });
  }
  if (!node.ready && last.back) {
    earliest.offer(after(*last.back, world.pace.of(observed::kReady)),
                   [number](World& later) { becomes_ready(later, later.nodes[number]); });
  }
}

void offer_nodes(const World& world, Earliest& earliest) {
  for (size_t i = 0; i < world.nodes.size(); ++i) {
    const ClusterNode& node = world.nodes[i];
    if (!node.outages.empty()) offer_outage(world, i, earliest);
    if (node.kubelets_said >= node.log.kubelets.size()) continue;
    const Began& kubelet = node.log.kubelets[node.kubelets_said];
    earliest.offer(after(kubelet.at, world.pace.of(observed::kKubeletSays)),
                   [i, kubelet](World& later) {
                     ClusterNode& says = later.nodes[i];
                     ++says.kubelets_said;
                     says.kubelet_version = kubelet.version;
                     says.kubelet_since = std::max(says.kubelet_since, kubelet.at);
                     later.touch(says);
                   });
  }
}

bool is_newer(const std::string& version, const std::string& than) {
  const auto one = parse_kube_version(version);
  const auto other = parse_kube_version(than);
  return one && (!other || *one > *other);
}

void apply_addons(World& world, const std::string& version) {
  world.addons_version = version;
  for (Workload& workload : world.workloads) {
    const std::string image = addon_image(workload.name, version);
    if (workload.ns != "kube-system" || image.empty() || workload.pods.image == image) continue;
    workload.pods.image = image;
    ++workload.generation;
    world.touch(workload);
  }
}

// kubeadm applies CoreDNS and kube-proxy anew at the end of the first upgrade to a version.
void offer_addons(const World& world, Earliest& earliest) {
  for (const auto& [name, control_plane] : world.control_planes) {
    for (const Began& upgrade : control_plane.upgrades()) {
      if (!is_newer(upgrade.version, world.addons_version)) continue;
      earliest.offer(upgrade.at,
                     [version = upgrade.version](World& later) { apply_addons(later, version); });
    }
  }
}

std::optional<Due> next_due(const World& world, Moment now) {
  Earliest earliest(now);
  offer_pods(world, earliest);
  offer_disrupted(world, earliest);
  offer_attachments(world, earliest);
  offer_nodes(world, earliest);
  offer_addons(world, earliest);
  return std::move(earliest).take();
}

void restart_containers(World& world, ClusterNode& node, Moment at) {
  for (Pod& pod : world.pods) {
    if (pod.node != node.name() || pod.mirror || pod.finished) continue;
    pod.ready = false;
    pod.started = at;
    ++pod.starts;
    world.touch(pod);
  }
  node.kubelet_since = std::max(node.kubelet_since, at);
}

// A boot that nobody announced: the machine was away for a moment.
void notice_boot(World& world, ClusterNode& node, Moment now) {
  if (node.log.boot_id == node.boot_id || node.outage() != nullptr) return;
  node.boot_id = node.log.boot_id;
  node.outages.push_back({.lost = now, .back = now, .rebooted = true});
  restart_containers(world, node, now);
  world.touch(node);
}

void read_machines(World& world, Moment now) {
  for (ClusterNode& node : world.nodes) {
    node.log = node.files.read(node.machine);
    notice_boot(world, node, now);
    if (!node.machine.control_plane) continue;
    world.control_planes.insert_or_assign(
        node.name(), ControlPlane(node.log, world.born, world.pace, node.outages));
  }
}

std::string mirror_image(const StaticPod& pod) {
  return "registry.k8s.io/" + pod.component + ":" +
         (pod.component == "etcd" ? etcd_tag(pod.version) : pod.version);
}

Pod make_mirror(World& world, const ClusterNode& node, const std::string& component) {
  Pod pod;
  pod.ns = "kube-system";
  pod.name = component + "-" + node.name();
  pod.uid = world.new_uid();
  pod.mirror = true;
  pod.node = node.name();
  pod.created = world.born;
  pod.spec.labels = {{"component", component}, {"tier", "control-plane"}};
  pod.spec.tolerations = {{"", "NoExecute"}};
  pod.owner = Owner{"v1", "Node", node.name(), node.uid};
  return pod;
}

// The kubelet shows what its static pods do now.
void reflect_static_pods(World& world, const ClusterNode& node, Moment now) {
  const ControlPlane& control_plane = world.control_planes.at(node.name());
  for (const char* component : kComponents) {
    const std::string name = std::string(component) + "-" + node.name();
    Pod* pod = world.find_pod("kube-system", name);
    if (pod == nullptr) {
      world.pods.push_back(make_mirror(world, node, component));
      pod = &world.pods.back();
    }
    const StaticPod is = control_plane.pod(component, now);
    const bool ready = is.running && node.ready;
    const std::string image = mirror_image(is);
    if (pod->revision > 0 && pod->spec.image == image && pod->started == is.started &&
        pod->ready == ready && !pod->deleting)
      continue;
    if (pod->spec.image != image && pod->revision > 0) pod->uid = world.new_uid();
    pod->spec.image = image;
    pod->started = is.started;
    pod->starts = is.starts;
    pod->ready = ready;
    pod->deleting.reset();  // a static pod whose reflection was deleted is reflected again
    world.touch(*pod);
  }
}

ClusterNode& known(World& world, const std::string& name) {
  if (ClusterNode* node = world.find_node(name)) return *node;
  throw std::invalid_argument("there is no node \"" + name + "\"");
}

}  // namespace

void settle(World& world, Moment now) {
  read_machines(world, now);
  int happened = 0;
  while (auto due = next_due(world, now)) {
    // Each of them ends: a world that goes on and on is a mistake of ours, and must not look busy.
    if (++happened > kMost) throw std::runtime_error("the world does not settle");
    due->happens(world);
    reconcile(world, due->at);
  }
  reconcile(world, now);
  for (const ClusterNode& node : world.nodes)
    if (node.machine.control_plane) reflect_static_pods(world, node, now);
  serve_applied(world);
  scale(world, now);
}

void lose(World& world, const std::string& name, Moment now) {
  settle(world, now);
  ClusterNode& node = known(world, name);
  if (node.outage() == nullptr) node.outages.push_back({.lost = now});
  settle(world, now);
}

void regain(World& world, const std::string& name, bool rebooted, Moment now) {
  settle(world, now);
  ClusterNode& node = known(world, name);
  if (node.outage() == nullptr) return;
  Outage& last = node.outages.back();
  last.back = now;
  last.rebooted = rebooted;
  if (rebooted) restart_containers(world, node, now);
  node.boot_id = read_node_log(node.machine).boot_id;
  world.touch(node);
  settle(world, now);
}

}  // namespace drover::sandbox
