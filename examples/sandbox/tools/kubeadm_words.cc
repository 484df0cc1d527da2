#include "examples/sandbox/tools/kubeadm_words.h"

#include <algorithm>

namespace drover::sandbox {
namespace {

const std::map<std::string, bool>& takes_value() {
  static const std::map<std::string, bool> kOptions = {
      {"-o", true},
      {"--output", true},
      {"--kubernetes-version", true},
      {"--image-repository", true},
      {"--cri-socket", true},
      {"--ignore-preflight-errors", true},
      {"--patches", true},
      {"--config", true},
      {"--skip-phases", true},
      {"--certificate-renewal", true},
      {"--etcd-upgrade", true},
      {"-y", false},
      {"--yes", false},
      {"-f", false},
      {"--force", false},
  };
  return kOptions;
}

std::string long_name(const std::string& option) {
  if (option == "-o") return "--output";
  if (option == "-y") return "--yes";
  return option == "-f" ? "--force" : option;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace

std::string KubeadmWords::option(const std::string& name, const std::string& otherwise) const {
  const auto found = options.find(name);
  return found == options.end() ? otherwise : found->second;
}

bool KubeadmWords::begins(const std::vector<std::string>& front) const {
  return words.size() >= front.size() && std::equal(front.begin(), front.end(), words.begin());
}

bool KubeadmWords::ignores(const std::string& check) const {
  std::string list = ',' + lower(option("--ignore-preflight-errors")) + ',';
  return list.find(',' + lower(check) + ',') != std::string::npos ||
         list.find(",all,") != std::string::npos;
}

KubeadmWords read_kubeadm_words(const Call& call) {
  KubeadmWords read;
  const std::vector<std::string>& args = call.args();
  for (size_t i = 0; i < args.size(); ++i) {
    if (!args[i].starts_with('-')) {
      read.words.push_back(args[i]);
      continue;
    }
    const size_t equals = args[i].find('=');
    const std::string name = args[i].substr(0, equals);
    const auto known = takes_value().find(name);
    if (known == takes_value().end()) call.unknown();
    std::string value;
    if (equals != std::string::npos) {
      value = args[i].substr(equals + 1);
    } else if (known->second) {
      if (++i == args.size()) call.unknown();
      value = args[i];
    }
    read.options[long_name(name)] = value;
  }
  return read;
}

}  // namespace drover::sandbox
