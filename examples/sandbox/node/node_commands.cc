#include "examples/sandbox/node/node_commands.h"

#include <fmt/format.h>

#include <stdexcept>

#include "examples/sandbox/node/text_file.h"
#include "examples/sandbox/node/tool_faults.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

using Json = nlohmann::json;
using Act = std::function<Json(Node& node, const Json& request)>;

constexpr const char* kCapsules = "/var/lib/drover";

std::string text_in(const Json& request, const char* key, const std::string& otherwise) {
  return request.contains(key) ? request.at(key).get<std::string>() : otherwise;
}

int number_in(const Json& request, const char* key) {
  const auto found = request.find(key);
  if (found == request.end() || !found->is_number_integer()) {
    throw std::runtime_error(fmt::format("{} is no number", key));
  }
  return found->get<int>();
}

/// A command on the node that the request names.
Command on_node(const std::vector<Node*>& nodes, Act act) {
  return [nodes, act = std::move(act)](const Json& request) {
    const std::string name = text_in(request, "node", "");
    for (Node* node : nodes) {
      if (node->spec().name == name) return act(*node, request);
    }
    throw std::runtime_error(fmt::format("there is no node {}", sanitise(name)));
  };
}

/// One that changes how the node can be reached.
Act door(std::function<void(Door&, const Json&)> how) {
  return [how = std::move(how)](Node& node, const Json& request) {
    node.change_door([&](Door& changed) { how(changed, request); });
    return Json::object();
  };
}

void slow(Door& door, const Json& request) {
  const int round_trip = number_in(request, "ms");
  if (round_trip < 0) throw std::runtime_error("ms is less than 0");
  door.cable.delay = std::chrono::milliseconds(round_trip) / 2;
}

Json rekey(Node& node, const Json&) {
  make_host_key(node.spec().folder);
  return {{"known_hosts", node.known_host()}};
}

Json add_tool_fault(Node& node, const Json& request) {
  const std::string id =
      add_fault(node.state(), {.action = text_in(request, "action", ""),
                               .nth = request.contains("nth") ? number_in(request, "nth") : 1,
                               .text = text_in(request, "text", "")});
  return {{"id", id}};
}

Json show(Node& node, const Json&) {
  return {{"boot_id", node.boot_id()},        {"boots", node.boots()},
          {"power", node.has_power()},        {"port", node.port()},
          {"known_hosts", node.known_host()}, {"folder", node.spec().folder.string()}};
}

Json starts(Node& node, const Json&) {
  return {{"starts", split_lines(read_text(node.state() / "starts"))}};
}

}  // namespace

Commands node_commands(const std::vector<Node*>& nodes, Power& power) {
  const auto on = [&nodes](Act act) { return on_node(nodes, std::move(act)); };
  const auto switched = [&](void (Power::*how)(Node&)) {
    return on([&power, how](Node& node, const Json&) {
      (power.*how)(node);
      return Json{{"boot_id", node.boot_id()}};
    });
  };
  const auto cable = [&](void (Node::*how)()) {
    return on([how](Node& node, const Json&) {
      (node.*how)();
      return Json::object();
    });
  };
  const auto disk = [&](void (Node::*how)(const std::string&)) {
    return on([how](Node& node, const Json& request) {
      (node.*how)(text_in(request, "path", kCapsules));
      return Json::object();
    });
  };
  return {
      {"cut", cable(&Node::cut)},
      {"mend", cable(&Node::mend)},
      {"slow", on(door(slow))},
      {"refuse", on(door([](Door& refusing, const Json&) { refusing.refuse(); }))},
      {"drop", on(door([](Door& dropping, const Json&) { dropping.drop(); }))},
      {"reset", switched(&Power::reset)},
      {"off", switched(&Power::off)},
      {"on", switched(&Power::on)},
      {"rekey", on(rekey)},
      {"fill", disk(&Node::fill)},
      {"free", disk(&Node::free)},
      {"fault", on(add_tool_fault)},
      {"release", on([](Node& node, const Json& request) {
         release_fault(node.state(), text_in(request, "id", ""));
         return Json::object();
       })},
      {"hits", on([](Node& node, const Json&) {
         return Json{{"hits", fault_hits(node.state())}};
       })},
      {"sshd", on([](Node& node, const Json& request) {
         write_sshd_config(node.spec().folder, text_in(request, "lines", ""));
         return Json::object();
       })},
      {"starts", on(starts)},
      {"node", on(show)},
  };
}

}  // namespace drover::sandbox
