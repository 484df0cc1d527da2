#include "plans/observe/reboot_need.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <vector>

#include "inventory/base/text.h"

namespace drover::plans {
namespace {

constexpr std::string_view kKeyed = R"sh(keyed() {
  awk -v key="$1" '{ print key, $0 }'
}
)sh";

// Packages of Debian and Ubuntu leave the file; kernels do so only where a further package sees to
// it. A list of packages may name each many times.
constexpr std::string_view kRows =
    R"sh(for asked in /run/reboot-required /var/run/reboot-required; do
  if [ -e "$asked" ]; then
    echo "reboot-asked $asked"
    sort -u "$asked.pkgs" 2>/dev/null | head -n 40 | keyed reboot-for
    break
  fi
done
uname -r 2>/dev/null | keyed kernel
for image in /boot/vmlinuz-*; do
  if [ -e "$image" ]; then printf '%s\n' "${image#*/vmlinuz-}" | keyed kernel-installed; fi
done
)sh";

/// "6.1.0-21-amd64" as its numbers and its flavour.
struct Release {
  std::vector<std::uint64_t> numbers;
  std::string_view flavour;
};

Release read_release(std::string_view text) {
  Release release;
  while (!text.empty()) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto length = static_cast<size_t>(end - text.data());
    const bool whole =
        length == text.size() || text[length] == '.' || text[length] == '-' || text[length] == '+';
    if (error != std::errc() || !whole) break;
    release.numbers.push_back(number);
    text.remove_prefix(length);
    if (text.empty() || text.front() == '+') break;
    text.remove_prefix(1);
  }
  release.flavour = text;
  return release;
}

std::string newest_kernel(const RebootNeed& need) {
  std::string newest = need.kernel;
  for (const std::string& kernel : need.kernels) {
    if (newer_kernel(kernel, newest)) newest = kernel;
  }
  return newest;
}

}  // namespace

std::string keyed_function() { return std::string(kKeyed); }

std::string reboot_need_rows() { return std::string(kRows); }

bool read_reboot_need(std::string_view key, std::string_view value, RebootNeed& need) {
  if (key == "reboot-asked") {
    need.file = value;
  } else if (key == "reboot-for") {
    need.packages.insert(std::string(value));
  } else if (key == "kernel") {
    need.kernel = value;
  } else if (key == "kernel-installed") {
    need.kernels.insert(std::string(value));
  } else {
    return false;
  }
  return true;
}

std::string why_reboot(const RebootNeed& need) {
  if (!need.file.empty()) {
    const std::vector<std::string> packages(need.packages.begin(), need.packages.end());
    if (packages.empty()) return need.file;
    return fmt::format("{} ({})", need.file, sanitise(join(packages, ", "), 200));
  }
  const std::string newest = newest_kernel(need);
  if (newest == need.kernel) return "";
  return fmt::format("kernel {} is installed, {} runs", sanitise(newest, 80),
                     sanitise(need.kernel, 80));
}

bool newer_kernel(std::string_view installed, std::string_view running) {
  const Release one = read_release(installed);
  const Release other = read_release(running);
  const bool alike = !other.numbers.empty() && one.flavour == other.flavour &&
                     one.numbers.size() == other.numbers.size();
  return alike && other.numbers < one.numbers;
}

}  // namespace drover::plans
