#include "examples/sandbox/tools/packages.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cctype>

#include "examples/sandbox/tools/node_files.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

constexpr int kNotFound = 127;

bool digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Takes the digits, or all that are none, off the front.
std::string_view take(std::string_view& text, bool digits) {
  size_t end = 0;
  while (end < text.size() && digit(text[end]) == digits) ++end;
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end);
  return part;
}

std::string_view without_zeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

}  // namespace

std::optional<std::string> installed_revision(const std::string& package) {
  const std::string revision = read_word(in_state("packages/" + package));
  if (revision.empty()) return std::nullopt;
  return revision;
}

std::vector<std::string> installed_packages() { return names_in(in_state("packages")); }

bool is_held(const std::string& package) { return exists(in_state("holds/" + package)); }

void set_hold(const std::string& package, bool held) {
  const std::string file = in_state("holds/" + package);
  if (held) return write_file(file, "");
  remove_file(file);
}

std::string unfinished_state(const std::string& package) {
  return read_word(in_state("unfinished/" + package));
}

std::string version_of(const std::string& package) {
  const auto revision = installed_revision(package);
  if (!revision) fail(fmt::format("sh: 1: {}: not found", package), kNotFound);
  return version_of_revision(*revision);
}

std::string version_of_revision(const std::string& revision) {
  const size_t colon = revision.find(':');
  const std::string rest = colon == std::string::npos ? revision : revision.substr(colon + 1);
  return 'v' + rest.substr(0, rest.find('-'));
}

bool is_older(const std::string& one, const std::string& other) {
  std::string_view a = one;
  std::string_view b = other;
  while (!a.empty() || !b.empty()) {
    const int words = take(a, false).compare(take(b, false));
    if (words != 0) return words < 0;
    const std::string_view left = without_zeros(take(a, true));
    const std::string_view right = without_zeros(take(b, true));
    if (left.size() != right.size()) return left.size() < right.size();
    if (left != right) return left < right;
  }
  return false;
}

std::vector<Offer> offers_of(const std::vector<Repository>& repositories) {
  std::vector<Offer> offers;
  for (const Repository& repository : repositories) {
    for (const std::string& line : read_lines(in_state("offers/" + repository.minor))) {
      const std::vector<std::string> words = split_words(line);
      if (words.size() == 2) offers.push_back({words[0], words[1], repository});
    }
  }
  std::stable_sort(offers.begin(), offers.end(), [](const Offer& a, const Offer& b) {
    return a.name != b.name ? a.name < b.name : is_older(b.revision, a.revision);
  });
  return offers;
}

std::string architecture() {
  utsname machine{};
  uname(&machine);
  const std::string kind = machine.machine;
  if (kind == "x86_64") return "amd64";
  return kind == "aarch64" ? "arm64" : kind;
}

std::string archive_name(const std::string& package, const std::string& revision) {
  std::string in_name;
  for (const char c : revision) in_name += c == ':' ? std::string("%3a") : std::string(1, c);
  return fmt::format("{}_{}_{}.deb", package, in_name, architecture());
}

}  // namespace drover::sandbox
