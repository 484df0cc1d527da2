#include "inventory/cluster/static_pod.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace drover {
namespace {

constexpr std::size_t kLargestManifest = std::size_t{1} << 20;

Error no_manifest(std::string why) { return {.kind = ErrorKind::File, .message = std::move(why)}; }

std::string text_of(const YAML::Node& node) {
  return node && node.IsScalar() ? node.Scalar() : std::string();
}

YAML::Node map_at(const YAML::Node& map, const char* key) {
  const YAML::Node value = map[key];
  return value && value.IsMap() ? value : YAML::Node(YAML::NodeType::Map);
}

/// Words as the kubelet hands them over: "--name=value", or "--name" alone.
void read_flags(const YAML::Node& words, StaticPod& pod) {
  if (!words || !words.IsSequence()) return;
  for (const YAML::Node& word : words) {
    const std::string text = text_of(word);
    if (!text.starts_with("--")) continue;
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(2, equals == std::string::npos ? equals : equals - 2);
    // The program takes the last of several.
    pod.flags[name] = equals == std::string::npos ? "" : text.substr(equals + 1);
  }
}

Result<StaticPod> read_static_pod(const YAML::Node& root, const std::string& component) {
  if (!root.IsMap()) return no_manifest("it is not a map");
  if (text_of(root["kind"]) != "Pod" || text_of(root["apiVersion"]) != "v1") {
    return no_manifest("it is no Pod of v1");
  }
  const YAML::Node metadata = map_at(root, "metadata");
  const std::string name = text_of(metadata["name"]);
  if (name != component) return no_manifest(fmt::format("its Pod is called \"{}\"", name));
  if (text_of(metadata["namespace"]) != "kube-system") {
    return no_manifest("its Pod is not of the namespace kube-system");
  }
  const YAML::Node containers = map_at(root, "spec")["containers"];
  if (!containers || !containers.IsSequence()) return no_manifest("its Pod has no containers");
  for (const YAML::Node& container : containers) {
    if (!container.IsMap() || text_of(container["name"]) != component) continue;
    StaticPod pod{.image = text_of(container["image"])};
    read_flags(container["command"], pod);
    read_flags(container["args"], pod);
    return pod;
  }
  return no_manifest(fmt::format("its Pod has no container called {}", component));
}

}  // namespace

const std::string& StaticPod::flag(std::string_view name) const {
  static const std::string none;
  const auto found = flags.find(std::string(name));
  return found == flags.end() ? none : found->second;
}

Result<StaticPod> parse_static_pod(std::string_view yaml, const std::string& component) {
  if (yaml.size() > kLargestManifest) return no_manifest("it is larger than 1 MiB");
  try {
    return read_static_pod(YAML::Load(std::string(yaml)), component);
  } catch (const YAML::Exception& failure) {
    return no_manifest(fmt::format("line {}: {}", failure.mark.line + 1, failure.msg));
  }
}

std::string image_tag(std::string_view image) {
  const std::size_t digest = image.find('@');
  image = image.substr(0, digest);
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  const bool port = slash != std::string_view::npos && colon < slash;
  if (colon == std::string_view::npos || port) return "";
  return std::string(image.substr(colon + 1));
}

}  // namespace drover
