#include "orchestrator/cli/node_options.h"

#include <fmt/format.h>

#include <charconv>

#include "inventory/base/duration.h"
#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "inventory/cluster/label_query.h"
#include "orchestrator/cli/arguments.h"

namespace drover::orchestrator {
namespace {

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Error wrong(const std::string& option, const std::string& value, const std::string& wanted) {
  return usage(fmt::format("--{} {}: {}", option, quote(sanitise(value, 80)), wanted),
               "`drover help node` explains it");
}

Status read_duration(const Invocation& invocation, const std::string& option,
                     std::chrono::seconds least, std::chrono::seconds& into) {
  if (!invocation.has(option)) return {};
  const std::string text = invocation.value(option);
  const auto duration = parse_duration(text);
  if (!duration || *duration < least) {
    return wrong(option, text,
                 least.count() > 0 ? "a duration such as 90s or 15m, and not without end"
                                   : "a duration such as 10s or 1m");
  }
  into = *duration;
  return {};
}

Status read_share(const Invocation& invocation, Share& into) {
  if (!invocation.has("max-unavailable")) return {};
  const std::string text = invocation.value("max-unavailable");
  const bool percent = text.ends_with('%');
  const auto value = whole_number(std::string_view(text).substr(0, text.size() - percent));
  if (!value || *value < 1 || (percent && *value > 100)) {
    return wrong("max-unavailable", text, "a number of workers from 1 on, or a percentage of them");
  }
  into = {*value, percent};
  return {};
}

Status read_grace(const Invocation& invocation, int& into) {
  if (!invocation.has("grace-period")) return {};
  const std::string text = invocation.value("grace-period");
  const auto value = whole_number(text);
  if (!value || *value < -1) {
    return wrong("grace-period", text, "seconds from 0 on; -1 leaves it to each pod");
  }
  into = *value;
  return {};
}

}  // namespace

Result<NodeOptions> read_node_options(const Invocation& invocation) {
  NodeOptions options;
  options.names = invocation.arguments;
  for (const std::string& name : options.names) {
    if (name.empty()) return usage("the name of a node is empty", "`drover help node` explains it");
  }
  if (invocation.has("selector")) {
    DROVER_TRY_ASSIGN(options.selector, parse_label_query(invocation.value("selector")));
  }
  if (options.names.empty() && !options.selector) {
    return usage(fmt::format("drover node {} wants to know which nodes", invocation.action),
                 fmt::format("name them, or choose them by a label: drover node {} -l disk=ssd",
                             invocation.action));
  }
  if (invocation.has("disable-eviction") && options.selector) {
    return usage("--disable-eviction goes past budgets, and takes no selector",
                 "name the nodes on which no budget is to be kept");
  }
  options.drain.ignore_daemonsets = invocation.has("ignore-daemonsets");
  options.drain.delete_emptydir_data = invocation.has("delete-emptydir-data");
  options.drain.force = invocation.has("force");
  DROVER_TRY(read_grace(invocation, options.drain.grace_period));
  DROVER_TRY(read_share(invocation, options.max_unavailable));
  using std::chrono::seconds;
  const bool exec = invocation.action == "exec";
  DROVER_TRY(read_duration(invocation, "timeout", seconds{1},
                           exec ? options.exec_timeout : options.drain.timeout));
  DROVER_TRY(read_duration(invocation, "settle", seconds{0}, options.settle));
  return options;
}

std::string script_of(const std::vector<std::string>& command_line) {
  if (command_line.size() == 1) return command_line[0] + "\n";
  std::vector<std::string> words;
  for (const std::string& word : command_line) words.push_back(quote(word));
  return join(words, " ") + "\n";
}

}  // namespace drover::orchestrator
