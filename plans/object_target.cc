#include "plans/object_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inventory/base/text.h"
#include "plans/event_query.h"

namespace drover::plans {
namespace {

using TargetKind = ObjectTarget::Kind;

Error wrong(std::string message, std::string remedy) {
  return {.kind = ErrorKind::Usage, .message = std::move(message), .remedy = std::move(remedy)};
}

const Host* host_of(const Inventory& inventory, std::string_view name) {
  const Host* host = inventory.find(name);
  return host != nullptr ? host : inventory.find_node(name);
}

ObjectTarget node(const Inventory& inventory, std::string_view name) {
  const Host* host = host_of(inventory, name);
  return {TargetKind::Node, host != nullptr ? host->node : std::string(name), "", host};
}

/// What stands before the slash: a kind, or else a namespace.
Result<ObjectTarget> qualified(const Inventory& inventory, std::string_view front,
                               std::string_view name, const TargetHint& hint) {
  const std::string kind = kubernetes_kind(front);
  if (kind == "Node") return node(inventory, name);
  if (kind == "Pod") return ObjectTarget{TargetKind::Pod, std::string(name), hint.ns};
  if (!kind.empty()) {
    return wrong(fmt::format("{}/{}: a {} is neither a node nor a pod", sanitise(front),
                             sanitise(name, 80), kind),
                 "name one of its pods, as `drover events` and `drover top pods` show them");
  }
  if (!hint.ns.empty() && hint.ns != front) {
    return wrong(fmt::format("{}/{} is in namespace {}, and -n says {}", sanitise(front),
                             sanitise(name, 80), sanitise(front), sanitise(hint.ns)),
                 "leave one of them out");
  }
  return ObjectTarget{TargetKind::Pod, std::string(name), std::string(front)};
}

Status agree(const ObjectTarget& target, const TargetHint& hint) {
  if (target.kind == TargetKind::Node && hint.wants_pod) {
    return wrong(
        fmt::format("{} is a node, and there are options for pods", sanitise(target.name, 80)),
        "pod/NAME is a pod, node/NAME a node");
  }
  if (target.kind == TargetKind::Pod && hint.wants_node) {
    return wrong(
        fmt::format("{} is a pod, and there are options for nodes", sanitise(target.name, 80)),
        "pod/NAME is a pod, node/NAME a node");
  }
  return {};
}

}  // namespace

bool is_object_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == ':';
  };
  return !name.empty() && name.size() <= 253 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), fits);
}

Result<ObjectTarget> object_target(const Inventory& inventory, std::string_view word,
                                   const TargetHint& hint) {
  const size_t slash = word.find('/');
  const std::string_view front = word.substr(0, slash == word.npos ? 0 : slash);
  const std::string_view name = slash == word.npos ? word : word.substr(slash + 1);
  if (!is_object_name(name) || (slash != word.npos && !is_object_name(front))) {
    return wrong(fmt::format("\"{}\" can name neither a node nor a pod", sanitise(word, 80)),
                 "for example: w1, node/w1, web-1, pod/web-1, shop/web-1");
  }
  ObjectTarget target{TargetKind::Pod, std::string(name), hint.ns};
  if (slash != word.npos) {
    DROVER_TRY_ASSIGN(target, qualified(inventory, front, name, hint));
  } else if (hint.wants_node || (!hint.wants_pod && host_of(inventory, name) != nullptr)) {
    target = node(inventory, name);
  }
  DROVER_TRY(agree(target, hint));
  return target;
}

}  // namespace drover::plans
