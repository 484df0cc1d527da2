#include "plans/packages/apt.h"

#include <fmt/format.h>

#include <set>

#include "inventory/base/quote.h"
#include "plans/packages/apt_text.h"
#include "plans/packages/script.h"

namespace drover::plans {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kFolder = R"sh(T=$(mktemp -d /tmp/drover-XXXXXXXX)
trap 'rm -rf "$T"' EXIT
)sh";

// Programs do not run from a file system that is mounted noexec, as /tmp is on hardened machines.
// What a killed run left there is large.
constexpr std::string_view kFolderForPrograms =
    R"sh(rm -rf /tmp/drover-unpack-* /var/lib/drover/unpack-*
mkdir -p /var/lib/drover
T=
trap 'rm -rf "$T"' EXIT
for template in /tmp/drover-unpack-XXXXXXXX /var/lib/drover/unpack-XXXXXXXX; do
  T=$(mktemp -d "$template")
  printf '#!/bin/sh\n' >"$T/run"
  chmod 700 "$T/run"
  if "$T/run" 2>/dev/null; then break; fi
  rm -rf "$T"
done
if [ ! -d "$T" ]; then
  echo 'E: neither /tmp nor /var/lib/drover allows programs to run' >&2
  exit 1
fi
)sh";

constexpr std::string_view kErrors = R"sh(E=$(mktemp /tmp/drover-XXXXXXXX)
trap 'rm -f "$E"' EXIT
)sh";

constexpr std::string_view kArchives =
    "eval \"$(apt-config shell archives Dir::Cache::archives/d)\"\n";

std::vector<std::string> exact(const std::vector<PackageRevision>& packages) {
  std::vector<std::string> words;
  for (const auto& [name, revision] : packages) words.push_back(name + "=" + revision);
  return words;
}

Command offered(const std::vector<RepositoryLine>& lines, int minor) {
  std::string text = script_head();
  text += kFolder;
  text += target_lists(lines, minor);
  text += "target_update\n";
  text += "target apt-cache madison" + words(kubernetes_packages()) + "\n";
  text += "echo end\n";
  return {.script = text, .timeout = minutes(2)};
}

// An interrupted dpkg refuses to be locked. It is mended where packages are installed, on a drained
// node, and the download is then done there as well.
constexpr std::string_view kStageLater =
    R"sh(if [ -n "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ]; then
  echo 'later: dpkg was interrupted'
  exit 0
fi
)sh";

Command stage(const std::vector<RepositoryLine>& lines, int minor,
              const std::vector<PackageRevision>& packages) {
  std::string text = script_head();
  text += kStageLater;
  text += kArchives;
  text += kFolder;
  text += "E=$T/errors\n";
  text += target_lists(lines, minor);
  text += patience();
  text +=
      "target_update\n"
      "patiently target apt-get -q -y -o Dir::Cache::archives=\"$archives\" \\\n"
      "  -o DPkg::Lock::Timeout=\"$(left)\" --download-only --allow-change-held-packages \\\n"
      "  --no-install-recommends --no-remove install" +
      words(exact(packages)) + "\n";
  return {.script = text, .mutates = true, .timeout = minutes(20)};
}

// What the archive keeps was verified when it was downloaded. It keeps nothing of a repository that
// is a folder of the machine itself.
constexpr std::string_view kDownload = R"sh(if [ ! -f "$deb" ]; then
  target_update
  mkdir "$T/deb"
  chown _apt "$T/deb" 2>/dev/null || :
  (cd "$T/deb" && target apt-get -q download "$package") >&2
  for deb in "$T"/deb/*.deb; do :; done
fi
dpkg-deb -x "$deb" "$T"
rm -rf "$T/deb"
)sh";

std::string unpack_kubeadm(const std::vector<RepositoryLine>& lines, int minor,
                           const std::string& revision) {
  std::string in_file_name;
  for (char c : revision) in_file_name += c == ':' ? std::string("%3a") : std::string(1, c);
  std::string text(kFolderForPrograms);
  text += kArchives;
  text += target_lists(lines, minor);
  text += fmt::format("package={}\n", quote("kubeadm=" + revision));
  text += fmt::format("deb=\"$archives\"kubeadm_{}_\"$(dpkg --print-architecture)\".deb\n",
                      quote(in_file_name));
  text += kDownload;
  return text;
}

constexpr std::string_view kPoint = R"sh(shown() {
  sed -n -E "$2{$3$mask;p;}" "$1"
}
point() {
  if [ "$(shown "$1" "$2" '')" = "$3" ]; then return 0; fi
  if [ "$(shown "$1" "$2" "$minor;")" != "$3" ]; then
    echo "E: line $2 of $1 is not the one that the plan was made from" >&2
    exit 65
  fi
  sed -i --follow-symlinks -E "$2{$minor;}" "$1"
  sync "$1"
}
)sh";

Command switch_repository(const std::vector<RepositoryLine>& lines, int minor) {
  std::string text = script_head();
  text += line_expressions(minor);
  text += kPoint;
  std::set<std::string> files;
  for (const RepositoryLine& line : lines) {
    text += fmt::format("point {} {} {}\n", quote(line.file), line.line,
                        quote(with_minor(line.text, minor)));
    files.insert(line.file);
  }
  text += kErrors;
  text += patience();
  for (const std::string& file : files) {
    text += fmt::format(
        "patiently apt-get -q -o Dir::Etc::sourcelist={} -o Dir::Etc::sourceparts=/dev/null \\\n"
        "  -o APT::Get::List-Cleanup=0 update\n",
        quote(file));
  }
  return {.script = text, .mutates = true, .timeout = minutes(10)};
}

constexpr std::string_view kShow = R"sh(show() {
  printf 'line %s\n' "$(sed -n -E "$2{$mask;p;}" "$1" 2>/dev/null || :)"
}
)sh";

Command show_repository(const std::vector<RepositoryLine>& lines) {
  std::string text = "set -eu\n" + mask_expression();
  text += kShow;
  for (const RepositoryLine& line : lines) {
    text += fmt::format("show {} {}\n", quote(line.file), line.line);
  }
  text += offer_rows(kubernetes_packages());
  text += "echo end\n";
  return {.script = text, .timeout = seconds(60)};
}

// Put back whatever ends the script; what signals come meanwhile, apt-mark does not see.
constexpr std::string_view kHoldAgain = R"sh(hold_again() {
  ended=$?
  trap '' HUP INT TERM
  patience 60
  if ! holds hold; then
    echo 'E: the holds could not be put back' >&2
    if [ "$ended" -eq 0 ]; then ended=1; fi
  fi
  rm -f "$E"
  exit "$ended"
}
trap hold_again EXIT
holds unhold
)sh";

Command install(const std::vector<PackageRevision>& packages,
                const std::vector<std::string>& held) {
  std::string text = script_head();
  text += "export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l\n";
  text += kErrors;
  text += patience();
  text += "patiently dpkg --force-confdef --force-confold --configure -a\n";
  if (!held.empty()) {
    text += "holds() {\n  patiently apt-mark \"$1\"" + words(held) + "\n}\n";
    text += kHoldAgain;
  }
  text +=
      "patiently apt-get -q -y -o DPkg::Lock::Timeout=\"$(left)\" -o Dpkg::Use-Pty=0 \\\n"
      "  -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \\\n"
      "  --fix-broken --no-install-recommends --no-remove install" +
      words(exact(packages)) + "\n";
  return {.script = text, .mutates = true, .timeout = minutes(10)};
}

constexpr std::string_view kInstalledEnd = R"sh(if [ "$code" -gt 1 ]; then
  echo 'E: dpkg-query cannot read the package database' >&2
  exit "$code"
fi
echo end
)sh";

Command installed(const std::vector<std::string>& packages) {
  std::string text = "set -eu\ncode=0\n" + package_rows(packages) + " 2>/dev/null || code=$?\n";
  text += kInstalledEnd;
  return {.script = text, .timeout = seconds(30)};
}

}  // namespace

const PackageManager& apt() {
  static const PackageManager kApt = {.name = "apt",
                                      .offered = offered,
                                      .stage = stage,
                                      .unpack_kubeadm = unpack_kubeadm,
                                      .switch_repository = switch_repository,
                                      .show_repository = show_repository,
                                      .install = install,
                                      .installed = installed};
  return kApt;
}

}  // namespace drover::plans
