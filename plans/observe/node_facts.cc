#include "plans/observe/node_facts.h"

#include <fmt/format.h>

#include <charconv>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "plans/observe/reboot_need.h"
#include "plans/packages/apt_rows.h"
#include "plans/packages/apt_sources.h"
#include "plans/packages/apt_text.h"

namespace drover::plans {
namespace {

// Each line of anything that was written by others gets a key before it. A tool that is missing
// leaves its fact out.
constexpr std::string_view kBegin =
    R"sh(cat /proc/sys/kernel/random/boot_id 2>/dev/null | keyed boot
sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null | keyed os
{ dpkg --print-architecture || uname -m; } 2>/dev/null | keyed architecture
kubelet=$(command -v kubelet || :)
kubelet=$(readlink -f "${kubelet:-/nowhere}" || :)
if dpkg-query -S "$kubelet" 2>/dev/null | grep -v '^diversion by ' | grep -q ': '; then
  echo owner apt
elif rpm -qf "$kubelet" >/dev/null 2>&1; then
  echo owner rpm
fi
)sh";

// apt reads no file whose name has other characters.
constexpr std::string_view kPackages =
    R"sh(timeout 20 kubeadm version -o short 2>/dev/null | keyed kubeadm
timeout 20 kubelet --version 2>/dev/null | keyed kubelet
if [ -n "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ]; then echo interrupted yes; fi
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  case ${file##*/} in *[!A-Za-z0-9_.-]*) continue ;; esac
  if [ -f "$file" ]; then sed -E "$mask" "$file" | awk -v file="$file" '{ print "source", file, FNR, $0 }'; fi
done
)sh";

constexpr std::string_view kMachine = R"sh(manifests=/etc/kubernetes/manifests
if [ -e "$manifests/kube-apiserver.yaml" ]; then echo control-plane yes; fi
data=$(sed -n "s/^ *- [\"']\{0,1\}--data-dir=\([^\"']*\).*/\1/p" "$manifests/etcd.yaml" 2>/dev/null | head -n 1)
if [ -n "$data" ]; then
  bytes=$(du -sb "$data" 2>/dev/null | cut -f 1)
  echo "etcd ${bytes:-0}"
fi
free() {
  if blocks=$(stat -f -c '%a %S' "$2" 2>/dev/null); then
    echo "free $1 $((${blocks% *} * ${blocks#* }))"
  fi
}
free /var/lib/etcd "${data:-/var/lib/etcd}"
for path in / /var /var/cache/apt/archives /etc/kubernetes /tmp; do
  free "$path" "$path"
done
echo end
)sh";

constexpr std::string_view kControlPlaneFiles = R"sh(set -eu
for file in /etc/kubernetes/admin.conf /etc/kubernetes/manifests/kube-apiserver.yaml; do
  if [ -r "$file" ]; then
    printf 'file %s %s\n' "$file" "$(base64 <"$file" | tr -d '\n')"
  fi
done
echo end
)sh";

// Reads one output line by line; every member takes what stands behind its key.
class FactsReader {
 public:
  explicit FactsReader(const std::string& host) { facts_.host = host; }

  Status read(std::string_view line) {
    const size_t space = std::min(line.find(' '), line.size());
    const std::string_view key = line.substr(0, space);
    const std::string_view value = line.substr(std::min(space + 1, line.size()));
    if (key == "source") return source(value);
    if (key == "package") return package(line);
    if (key == "free") return free(value);
    if (key == "etcd") return number(value, "etcd", facts_.etcd_bytes);
    if (key == "offers") {
      if (const auto row = read_offer_row(value)) rows_.push_back(*row);
    } else if (key == "owner") {
      facts_.package_manager = value;
    } else if (key == "control-plane") {
      facts_.static_pods = true;
    } else if (key == "interrupted") {
      facts_.dpkg_interrupted = true;
    } else if (read_reboot_need(key, value, facts_.reboot)) {
      return {};
    } else if (!text(key, trim(value))) {
      return not_understood(fmt::format("\"{}\"", sanitise(line, 80)));
    }
    return {};
  }

  Result<NodeFacts> result() {
    if (facts_.boot_id.empty()) return not_understood("no boot id");
    facts_.repository = kubernetes_lines(sources_, rows_, facts_.installed);
    return std::move(facts_);
  }

  Error not_understood(const std::string& what) const {
    Error error;
    error.kind = ErrorKind::Command;
    error.message = fmt::format("the facts of {} cannot be read: {}", facts_.host, what);
    error.host = facts_.host;
    return error;
  }

 private:
  bool text(std::string_view key, std::string_view value) {
    if (key == "boot") return first(facts_.boot_id, value);
    if (key == "architecture") return first(facts_.architecture, value);
    if (key == "kubeadm") return first(facts_.kubeadm_version, value);
    if (key == "kubelet") {
      return first(facts_.kubelet_binary_version, value.substr(value.rfind(' ') + 1));
    }
    if (key != "os") return false;
    const bool quoted = value.size() > 1 && value.front() == value.back() &&
                        (value.front() == '"' || value.front() == '\'');
    return first(facts_.os, quoted ? value.substr(1, value.size() - 2) : value);
  }

  static bool first(std::string& fact, std::string_view value) {
    if (fact.empty()) fact = value;
    return true;
  }

  Status number(std::string_view value, std::string_view what, std::uint64_t& number) const {
    const char* end = value.data() + value.size();
    const auto [stopped, error] = std::from_chars(value.data(), end, number);
    if (error == std::errc() && stopped == end) return {};
    return not_understood(fmt::format("{} has the size \"{}\"", what, sanitise(value, 40)));
  }

  Status free(std::string_view value) {
    const size_t space = std::min(value.rfind(' '), value.size());
    const std::string path(value.substr(0, space));
    return number(value.substr(std::min(space + 1, value.size())), path, facts_.free[path]);
  }

  Status package(std::string_view line) {
    const auto row = read_package_row(line);
    if (!row) return not_understood(fmt::format("\"{}\"", sanitise(line, 80)));
    if (row->held()) facts_.held.insert(row->name);
    if (row->present()) {
      facts_.installed[row->name] = row->revision;
      if (!row->whole()) facts_.dpkg_interrupted = true;
    }
    return {};
  }

  Status source(std::string_view value) {
    const size_t file = std::min(value.find(' '), value.size());
    std::string_view rest = value.substr(std::min(file + 1, value.size()));
    const size_t space = std::min(rest.find(' '), rest.size());
    std::uint64_t line = 0;
    DROVER_TRY(number(rest.substr(0, space), value.substr(0, file), line));
    rest.remove_prefix(std::min(space + 1, rest.size()));
    sources_.push_back(
        {std::string(value.substr(0, file)), static_cast<int>(line), std::string(rest)});
    return {};
  }

  NodeFacts facts_;
  std::vector<RepositoryLine> sources_;
  std::vector<OfferRow> rows_;
};

}  // namespace

Command node_facts_command() {
  std::string text = "set -eu\n" + mask_expression() + keyed_function();
  text += kBegin;
  text += package_rows(kubernetes_packages()) + " 2>/dev/null || :\n";
  text += kPackages;
  text += offer_rows({"kubeadm", "kubelet"});
  text += reboot_need_rows();
  text += kMachine;
  return {.script = text};
}

Result<NodeFacts> parse_node_facts(std::string_view out, const std::string& host) {
  FactsReader reader(host);
  std::vector<std::string> lines = split_lines(out);
  if (lines.empty() || lines.back() != "end" || out.back() != '\n') {
    return reader.not_understood("they end early");
  }
  lines.pop_back();
  for (const std::string& line : lines) {
    if (!line.empty()) DROVER_TRY(reader.read(line));
  }
  return reader.result();
}

Command control_plane_files_command() { return {.script = std::string(kControlPlaneFiles)}; }

Result<ControlPlaneFiles> parse_control_plane_files(std::string_view out) {
  constexpr std::string_view kAdmin = "/etc/kubernetes/admin.conf";
  constexpr std::string_view kManifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
  std::map<std::string, std::string> files;
  bool whole = false;
  for (const std::string& line : split_lines(out)) {
    const std::vector<std::string> words = split_words(line);
    if (words.size() == 3 && words[0] == "file") {
      DROVER_TRY_ASSIGN(files[words[1]], base64_decode(words[2]));
    }
    whole = line == "end";
  }
  for (std::string_view wanted : {kAdmin, kManifest}) {
    if (whole && out.back() == '\n' && files.count(std::string(wanted)) > 0) continue;
    Error error;
    error.kind = ErrorKind::Authentication;
    error.message = whole ? fmt::format("{} cannot be read", wanted) : "the files end early";
    error.remedy = "the first control plane must be one that kubeadm made";
    return error;
  }
  return ControlPlaneFiles{files[std::string(kAdmin)], files[std::string(kManifest)]};
}

}  // namespace drover::plans
