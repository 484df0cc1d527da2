#include "orchestrator/ui/usage_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/table.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kMi = std::int64_t{1} << 20;
constexpr const char* kUnknown = "<unknown>";

std::string percent(Quantity part, Quantity whole) {
  return fmt::format("{}%", percent_of(part, whole));
}
std::string or_dash(const std::string& text, Quantity amount) {
  return amount == Quantity() ? "-" : text;
}

ordered_json resources_json(const Resources& resources) {
  return {{"cpu_m", resources.cpu.milli()}, {"memory_bytes", resources.memory.value()}};
}

ordered_json used_json(const std::optional<Resources>& used) {
  return used ? resources_json(*used) : ordered_json(nullptr);
}

std::string line_of(const char* kind, const std::string& cluster, ordered_json items) {
  const ordered_json json = {
      {"v", 1}, {"kind", kind}, {"cluster", cluster}, {"items", std::move(items)}};
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace

std::string cpu_text(Quantity amount) { return fmt::format("{}m", amount.milli()); }
std::string memory_text(Quantity amount) { return fmt::format("{}Mi", amount.value() / kMi); }

std::string node_usage_text(const std::vector<plans::NodeUsageRow>& rows) {
  if (rows.empty()) return "There are no such nodes.\n";
  std::vector<std::vector<Cell>> lines = {
      text_row({"NAME", "CPU(cores)", "CPU(%)", "CPU REQUESTED", "MEMORY(bytes)", "MEMORY(%)",
                "MEMORY REQUESTED"})};
  for (const plans::NodeUsageRow& row : rows) {
    const Resources& room = row.allocatable;
    const auto& used = row.used;
    lines.push_back(text_row(
        {sanitise(row.name), used ? cpu_text(used->cpu) : kUnknown,
         used ? percent(used->cpu, room.cpu) : kUnknown,
         cpu_text(row.requests.cpu) + " " + percent(row.requests.cpu, room.cpu),
         used ? memory_text(used->memory) : kUnknown,
         used ? percent(used->memory, room.memory) : kUnknown,
         memory_text(row.requests.memory) + " " + percent(row.requests.memory, room.memory)}));
  }
  return table(lines, false);
}

std::string pod_usage_text(const std::vector<plans::PodUsageRow>& rows) {
  if (rows.empty()) return "There are no such pods.\n";
  std::vector<std::vector<Cell>> lines = {
      text_row({"NAMESPACE", "NAME", "CPU(cores)", "CPU REQUESTED", "CPU LIMIT", "MEMORY(bytes)",
                "MEMORY REQUESTED", "MEMORY LIMIT", "NODE"})};
  for (const plans::PodUsageRow& row : rows) {
    const auto& used = row.used;
    lines.push_back(
        text_row({sanitise(row.ns), sanitise(row.name), used ? cpu_text(used->cpu) : kUnknown,
                  or_dash(cpu_text(row.requests.cpu), row.requests.cpu),
                  or_dash(cpu_text(row.limits.cpu), row.limits.cpu),
                  used ? memory_text(used->memory) : kUnknown,
                  or_dash(memory_text(row.requests.memory), row.requests.memory),
                  or_dash(memory_text(row.limits.memory), row.limits.memory),
                  row.node.empty() ? "-" : sanitise(row.node)}));
  }
  return table(lines, false);
}

std::string node_usage_json(const std::string& cluster,
                            const std::vector<plans::NodeUsageRow>& rows) {
  ordered_json items = ordered_json::array();
  for (const plans::NodeUsageRow& row : rows) {
    items.push_back({{"node", sanitise(row.name)},
                     {"used", used_json(row.used)},
                     {"requested", resources_json(row.requests)},
                     {"allocatable", resources_json(row.allocatable)}});
  }
  return line_of("NodeUsage", cluster, std::move(items));
}

std::string pod_usage_json(const std::string& cluster,
                           const std::vector<plans::PodUsageRow>& rows) {
  ordered_json items = ordered_json::array();
  for (const plans::PodUsageRow& row : rows) {
    items.push_back({{"namespace", sanitise(row.ns)},
                     {"pod", sanitise(row.name)},
                     {"node", sanitise(row.node)},
                     {"used", used_json(row.used)},
                     {"requested", resources_json(row.requests)},
                     {"limited", resources_json(row.limits)}});
  }
  return line_of("PodUsage", cluster, std::move(items));
}

}  // namespace drover::orchestrator
