#include "examples/sandbox/world/control_plane.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "examples/sandbox/world/observed.h"

namespace drover::sandbox {
namespace {

constexpr const char* kEtcd = "etcd";
constexpr const char* kApiServer = "kube-apiserver";

Span swap_of(const std::string& component) {
  if (component == kEtcd) return observed::kEtcdSwap;
  return component == kApiServer ? observed::kApiServerSwap : observed::kComponentSwap;
}

bool serves(const std::string& component) { return component == kEtcd || component == kApiServer; }

}  // namespace

std::string minor_of(const std::string& version) { return version.substr(0, version.rfind('.')); }

ControlPlane::ControlPlane(const NodeLog& log, Moment born, const Pace& pace,
                           std::vector<Outage> outages)
    : pace_(pace), upgrades_(log.control_planes), outages_(std::move(outages)), away_(log.away) {
  if (upgrades_.empty()) throw std::runtime_error("a control plane without a version");
  for (const char* component : kComponents)
    restarts_.push_back({component, upgrades_.front().version, born, born, false});
  replace_manifests(log);
  restart_containers(log);
  restart_by_kubelets(log);
  restart_by_reboots();
  std::stable_sort(restarts_.begin(), restarts_.end(),
                   [](const Restart& a, const Restart& b) { return a.down < b.down; });
  complete_versions();
}

void ControlPlane::replace_manifests(const NodeLog& log) {
  for (const Began& swap : log.static_pods) {
    restarts_.push_back({swap.component, swap.version, swap.at,
                         next_second(after(swap.at, pace_.of(swap_of(swap.component)))), false});
  }
}

void ControlPlane::restart_containers(const NodeLog& log) {
  for (const Began& stop : log.stopped) {
    const Span ending{stop.component == kEtcd        ? kStopEtcd
                      : stop.component == kApiServer ? kStopApiServer
                                                     : kStopContainer};
    const Span away{ending.count() + observed::kRestart.count()};
    restarts_.push_back(
        {stop.component, "", stop.at, next_second(after(stop.at, pace_.of(away))), false});
  }
}

void ControlPlane::restart_by_kubelets(const NodeLog& log) {
  for (size_t i = 1; i < log.kubelets.size(); ++i) {
    const Began& kubelet = log.kubelets[i];
    if (minor_of(kubelet.version) == minor_of(log.kubelets[i - 1].version)) continue;
    const Moment down = after(kubelet.at, pace_.of(observed::kStaticPodsStay));
    const Moment up = next_second(after(down, pace_.of(observed::kStaticPodsAway)));
    for (const char* component : kComponents) restarts_.push_back({component, "", down, up, true});
  }
}

void ControlPlane::restart_by_reboots() {
  for (const Outage& outage : outages_) {
    if (!outage.rebooted || !outage.back) continue;
    const Moment up = next_second(after(*outage.back, pace_.of(observed::kReady)));
    for (const char* component : kComponents)
      restarts_.push_back({component, "", outage.lost, up, true});
  }
}

void ControlPlane::complete_versions() {
  std::map<std::string, std::string> running;
  for (Restart& restart : restarts_) {
    std::string& version = running[restart.component];
    if (restart.version.empty()) restart.version = version;
    version = restart.version;
  }
}

ControlPlane::Api ControlPlane::api(Moment now) const {
  const bool lost = std::any_of(outages_.begin(), outages_.end(), [now](const Outage& one) {
    return now >= one.lost && (!one.back || now < *one.back);
  });
  if (lost || is_away(kEtcd) || is_away(kApiServer)) return Api::Gone;
  Api api = Api::Answers;
  for (const Restart& restart : restarts_) {
    if (!serves(restart.component) || now < restart.down || now >= restart.up) continue;
    const bool hangs = restart.component == kEtcd && !restart.all_at_once &&
                       now < after(restart.down, pace_.of(observed::kHangs));
    if (!hangs) return Api::Gone;
    api = Api::Hangs;
  }
  return api;
}

bool ControlPlane::is_away(const std::string& component) const {
  return std::find(away_.begin(), away_.end(), component) != away_.end();
}

bool ControlPlane::half_read(Moment now) const {
  return std::any_of(restarts_.begin(), restarts_.end(), [&](const Restart& restart) {
    return serves(restart.component) && restart.up > restart.down && now >= restart.up &&
           now < after(restart.up, pace_.of(observed::kHalfRead));
  });
}

int ControlPlane::watching_again(int clients, Moment now) const {
  int watching = clients;
  for (const Restart& restart : restarts_) {
    if (!serves(restart.component) || restart.up == restart.down || now < restart.down) continue;
    int again = 0;
    for (int client = 1; client <= clients && now >= restart.up; ++client) {
      const Span put_off = observed::kWatchesAgain * client / clients;
      if (now >= after(restart.up, pace_.of(put_off))) ++again;
    }
    watching = std::min(watching, again);
  }
  return watching;
}

StaticPod ControlPlane::pod(const std::string& component, Moment now) const {
  StaticPod pod{.component = component, .starts = -1};
  for (const Restart& restart : restarts_) {
    if (restart.component != component || restart.down > now) continue;
    pod.running = restart.up <= now;
    if (!pod.running) continue;
    pod.version = restart.version;
    pod.started = restart.up;
    ++pod.starts;
  }
  if (is_away(component)) pod.running = false;
  return pod;
}

Moment ControlPlane::leads_since(const std::string& component, Moment now) const {
  const StaticPod leader = pod(component, now);
  return leader.starts == 0 ? leader.started : after(leader.started, pace_.of(observed::kElection));
}

const Began& ControlPlane::upgraded(Moment now) const {
  const Began* newest = &upgrades_.front();
  for (const Began& upgrade : upgrades_)
    if (upgrade.at <= now) newest = &upgrade;
  return *newest;
}

}  // namespace drover::sandbox
