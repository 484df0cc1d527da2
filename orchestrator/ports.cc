#include "orchestrator/ports.h"

#include <memory>

#include "remote/clock.h"
#include "remote/kube/kube_api.h"
#include "remote/redacted_node.h"

namespace drover::orchestrator {
namespace {

/// What a worker's ports point into.
struct Connections {
  std::shared_ptr<remote::RedactedNode> node;
  std::unique_ptr<remote::KubeApi> api;
  std::unique_ptr<remote::ProgramReader> programs;
  std::unique_ptr<remote::WebReader> web;
  remote::SystemClock clock;
};

}  // namespace

ThreadedRunner::Owned working_ports(Fleet& fleet, const std::string& host) {
  auto own = std::make_shared<Connections>();
  own->api = fleet.api();
  own->programs = fleet.programs();
  own->web = fleet.web();
  ThreadedRunner::Owned owned;
  owned.ports.api = own->api.get();
  owned.ports.api_writer = own->api.get();
  owned.ports.another_writer = [&fleet] { return fleet.api(); };
  owned.ports.clock = &own->clock;
  owned.ports.programs = own->programs.get();
  owned.ports.web = own->web.get();
  if (!host.empty()) {
    own->node = fleet.node(host);
    owned.ports.node = own->node.get();
    owned.ports.node_writer = own->node.get();
  }
  owned.keep = std::move(own);
  return owned;
}

ThreadedRunner::Owned looking_ports(Fleet& fleet, const std::string& host) {
  ThreadedRunner::Owned owned = working_ports(fleet, host);
  owned.ports.node_writer = nullptr;
  owned.ports.api_writer = nullptr;
  owned.ports.another_writer = nullptr;
  return owned;
}

}  // namespace drover::orchestrator
