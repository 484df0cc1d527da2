#include "orchestrator/ui/usage_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/resources_json.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
constexpr const char* kUnknown = "<unknown>";

std::string percent(Quantity part, Quantity whole) {
  return fmt::format("{}%", percent_of(part, whole));
}

ordered_json used_json(const std::optional<Resources>& used) {
  return used ? resources_json<ordered_json>(*used) : ordered_json(nullptr);
}

std::string dumped(const ordered_json& json) {
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

using Used = std::optional<Resources>;
using Part = Quantity Resources::*;

std::string used_text(const Used& used, Part part) {
  if (!used) return kUnknown;
  return part == &Resources::cpu ? cpu_text(used->cpu) : memory_text(used->memory);
}

std::string share_text(const Used& used, const Resources& of, Part part) {
  if (of.*part == Quantity()) return "-";
  return used ? percent((*used).*part, of.*part) : std::string(kUnknown);
}

/// Of a pod: "-" where it asked for nothing, or may use whatever there is.
std::string asked_text(const Resources& of, Part part) {
  if (of.*part == Quantity()) return "-";
  return part == &Resources::cpu ? cpu_text(of.cpu) : memory_text(of.memory);
}

constexpr Part kCpu = &Resources::cpu;
constexpr Part kMemory = &Resources::memory;

std::string node_fields(const plans::NodeUsageRow& row) {
  return dumped({{"node", sanitise(row.name)},
                 {"used", used_json(row.used)},
                 {"requested", resources_json<ordered_json>(row.requests)},
                 {"allocatable", resources_json<ordered_json>(row.allocatable)}});
}

std::string pod_fields(const plans::PodUsageRow& row) {
  return dumped({{"namespace", sanitise(row.ns)},
                 {"pod", sanitise(row.name)},
                 {"node", sanitise(row.node)},
                 {"used", used_json(row.used)},
                 {"requested", resources_json<ordered_json>(row.requests)},
                 {"limited", resources_json<ordered_json>(row.limits)}});
}

}  // namespace

std::string cpu_text(Quantity amount) { return fmt::format("{}m", amount.milli()); }
std::string memory_text(Quantity amount) { return fmt::format("{}Mi", amount.value() / kMebibyte); }

ListView<plans::NodeUsageRow> node_usage_list() {
  using Row = plans::NodeUsageRow;
  const auto used = [](Part part) {
    return [part](const Row& row) { return used_text(row.used, part); };
  };
  const auto share = [](Part part) {
    return [part](const Row& row) {
      return row.used ? percent((*row.used).*part, row.allocatable.*part) : std::string(kUnknown);
    };
  };
  const auto requested = [](Part part) {
    return [part](const Row& row) {
      return used_text(row.requests, part) + " " +
             percent(row.requests.*part, row.allocatable.*part);
    };
  };
  const auto allocatable = [](Part part) {
    return [part](const Row& row) { return used_text(row.allocatable, part); };
  };
  return {.kind = "NodeUsage",
          .none = "There are no such nodes.",
          .columns = {{"NAME", [](const Row& row) { return row.name; }},
                      {"CPU(cores)", used(kCpu)},
                      {"CPU(%)", share(kCpu)},
                      {"CPU REQUESTED", requested(kCpu)},
                      {"CPU ALLOCATABLE", allocatable(kCpu), true},
                      {"MEMORY(bytes)", used(kMemory)},
                      {"MEMORY(%)", share(kMemory)},
                      {"MEMORY REQUESTED", requested(kMemory)},
                      {"MEMORY ALLOCATABLE", allocatable(kMemory), true}},
          .fields = node_fields};
}

ListView<plans::PodUsageRow> pod_usage_list() {
  using Row = plans::PodUsageRow;
  const auto used = [](Part part) {
    return [part](const Row& row) { return used_text(row.used, part); };
  };
  const auto asked = [](Resources Row::*of, Part part) {
    return [of, part](const Row& row) { return asked_text(row.*of, part); };
  };
  const auto share = [](Resources Row::*of, Part part) {
    return [of, part](const Row& row) { return share_text(row.used, row.*of, part); };
  };
  return {.kind = "PodUsage",
          .none = "There are no such pods.",
          .columns = {{"NAMESPACE", [](const Row& row) { return row.ns; }},
                      {"NAME", [](const Row& row) { return row.name; }},
                      {"CPU(cores)", used(kCpu)},
                      {"CPU REQUESTED", asked(&Row::requests, kCpu)},
                      {"OF REQUESTED", share(&Row::requests, kCpu), true},
                      {"CPU LIMIT", asked(&Row::limits, kCpu)},
                      {"OF LIMIT", share(&Row::limits, kCpu), true},
                      {"MEMORY(bytes)", used(kMemory)},
                      {"MEMORY REQUESTED", asked(&Row::requests, kMemory)},
                      {"OF REQUESTED", share(&Row::requests, kMemory), true},
                      {"MEMORY LIMIT", asked(&Row::limits, kMemory)},
                      {"OF LIMIT", share(&Row::limits, kMemory), true},
                      {"NODE", [](const Row& row) { return row.node.empty() ? "-" : row.node; }}},
          .fields = pod_fields};
}

}  // namespace drover::orchestrator
