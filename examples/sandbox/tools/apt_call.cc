#include "examples/sandbox/tools/apt_call.h"

#include <algorithm>

namespace drover::sandbox {
namespace {

// Short names and long ones; flags that change nothing here stand there, too.
const std::map<std::string, std::string>& known_flags() {
  static const std::map<std::string, std::string> kFlags = {
      {"-q", "--quiet"},
      {"-qq", "--quiet"},
      {"--quiet", "--quiet"},
      {"-y", "--yes"},
      {"--yes", "--yes"},
      {"--assume-yes", "--yes"},
      {"-d", "--download-only"},
      {"--download-only", "--download-only"},
      {"-f", "--fix-broken"},
      {"--fix-broken", "--fix-broken"},
      {"--no-install-recommends", "--no-install-recommends"},
      {"--no-remove", "--no-remove"},
      {"--allow-change-held-packages", "--allow-change-held-packages"},
      {"--allow-downgrades", "--allow-downgrades"},
      {"--no-list-cleanup", "--no-list-cleanup"},
  };
  return kFlags;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

void take_setting(AptCall& apt, const Call& call, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos) call.unknown();
  apt.settings[lower(text.substr(0, equals))] = text.substr(equals + 1);
}

}  // namespace

std::string AptCall::setting(const std::string& key, const std::string& otherwise) const {
  const auto found = settings.find(lower(key));
  return found == settings.end() ? otherwise : found->second;
}

AptCall read_apt_call(const Call& call) {
  AptCall apt;
  const std::vector<std::string>& words = call.args();
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto flag = known_flags().find(word);
    if (flag != known_flags().end()) {
      apt.flags.insert(flag->second);
    } else if (word == "-o" && i + 1 < words.size()) {
      take_setting(apt, call, words[++i]);
    } else if (word.starts_with('-')) {
      call.unknown();
    } else if (apt.verb.empty()) {
      apt.verb = word;
    } else {
      apt.names.push_back(word);
    }
  }
  return apt;
}

}  // namespace drover::sandbox
