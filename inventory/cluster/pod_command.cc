#include "inventory/cluster/pod_command.h"

#include "inventory/cluster/json.h"

namespace drover {

Result<std::vector<std::vector<std::string>>> parse_pod_commands(std::string_view pod_list) {
  return parse_list(pod_list, "Pod", [](const JsonField& object) {
    const auto containers = object["spec"]["containers"].items();
    if (containers.empty()) return std::vector<std::string>();
    std::vector<std::string> words = containers.front()["command"].texts();
    for (std::string& word : containers.front()["args"].texts()) words.push_back(std::move(word));
    return words;
  });
}

}  // namespace drover
