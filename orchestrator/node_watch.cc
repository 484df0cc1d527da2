#include "orchestrator/node_watch.h"

#include "inventory/cluster/json.h"
#include "inventory/cluster/node.h"

namespace drover::orchestrator {
namespace {

using std::chrono::seconds;

constexpr seconds kEvery{10};
constexpr seconds kAgain{1};
constexpr seconds kListTimeout{60};

Result<std::set<std::string>> down_nodes(remote::ApiReader& api, std::stop_token stop) {
  DROVER_TRY_ASSIGN(const ApiResponse answer,
                    api.get({.path = "/api/v1/nodes", .timeout = kListTimeout}, stop));
  if (!answer.ok()) return Error{.kind = ErrorKind::Api, .message = "the nodes are not listed"};
  DROVER_TRY_ASSIGN(const std::vector<Node> nodes, parse_node_list(answer.body));
  std::set<std::string> down;
  for (const Node& node : nodes) {
    if (!node.ready) down.insert(node.name);
  }
  return down;
}

}  // namespace

NodeWatch::NodeWatch(std::unique_ptr<remote::ApiReader> api, remote::Clock& clock, Mailbox& mailbox)
    : api_(std::move(api)), thread_([this, &clock, &mailbox](std::stop_token stop) {
        auto next = clock.now();
        while (clock.wait_until(next, stop)) {
          auto down = down_nodes(*api_, stop);
          if (stop.stop_requested()) return;
          next = clock.now() + (down ? kEvery : kAgain);
          if (down) mailbox.post(NodesSeen{std::move(*down)});
        }
      }) {}

}  // namespace drover::orchestrator
