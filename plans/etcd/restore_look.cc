#include "plans/etcd/restore_look.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "inventory/base/text.h"
#include "plans/etcd/asking.h"
#include "plans/etcd/shell.h"

namespace drover::plans {
namespace {

// First: it is of use also where there is no etcd, because it was left so.
constexpr std::string_view kLeft = R"sh(for left in /etc/kubernetes/drover-stopped-*; do
  if [ -e "$left" ]; then printf 'left %s\n' "$left"; fi
done
)sh";

constexpr std::string_view kLook = R"sh(say() { printf '%s %s\n' "$1" "$2"; }
folder=/etc/kubernetes/manifests
image_in() { sed -n "s/^ *image: *[\"']\{0,1\}\([^\"' ]*\).*/\1/p" "$folder/$1.yaml" 2>/dev/null | head -n 1; }
free_at() {
  blocks=$(stat -f -c '%a %S' "$1")
  echo "$((${blocks% *} * ${blocks#* }))"
}
say name "$(flag name)"
say peer "$(flag initial-advertise-peer-urls)"
say data "$data"
say wal "$(flag wal-dir)"
image=$(image_in etcd)
say image "$image"
say kubernetes "$(image_in kube-apiserver)"
for name in etcd kube-apiserver kube-controller-manager kube-scheduler; do
  if [ -e "$folder/$name.yaml" ]; then say manifest "$name"; fi
done
there=$data
while [ ! -d "$there" ]; do there=$(dirname "$there"); done
say free "$(free_at "$there")"
say room "$(free_at /var/lib)"
if [ -d "$data" ] && [ "$(stat -c %d "$data")" != "$(stat -c %d "$data/..")" ]; then say mounted yes; fi
for program in etcdutl etcdctl; do
  if command -v "$program" >/dev/null; then
    say "$program" "$("$program" version 2>/dev/null | sed -n 's/^etcd[a-z]* version: *//p')"
  fi
done
if command -v crictl >/dev/null; then say crictl yes; fi
if command -v ctr >/dev/null; then
  socket=${socket#unix://}
  say known "$(ctr -a "${socket:-/run/containerd/containerd.sock}" -n k8s.io images ls -q "name==$image" || :)"
fi
)sh";

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// "3.5" of "3.5.24".
std::string minor_of(const std::string& version) {
  return version.substr(0, version.find('.', version.find('.') + 1));
}

}  // namespace

Command look_before_restore() {
  return {.script = std::string(kLeft) + etcd_files_shell() + std::string(kLook),
          .timeout = std::chrono::seconds(60)};
}

RestoreSeen read_restore_look(const std::string& host, const CommandResult& result) {
  RestoreSeen seen{.host = host};
  if (!result.ok()) seen.no_etcd = sanitise(reason_of(result));
  std::map<std::string, std::string> said;
  for (const std::string& line : split_lines(result.out)) {
    const size_t space = std::min(line.find(' '), line.size());
    const std::string key = line.substr(0, space);
    const std::string value(trim(std::string_view(line).substr(space)));
    if (key == "manifest") {
      seen.manifests.insert(value);
    } else if (key == "left") {
      seen.left.push_back(value);
    } else {
      said[key] = value;
    }
  }
  seen.name = said["name"];
  seen.peer_url = said["peer"].substr(0, said["peer"].find(','));
  seen.data = said["data"];
  seen.wal = said["wal"];
  seen.mounted = said["mounted"] == "yes";
  seen.image = said["image"];
  const std::string& server = said["kubernetes"];
  const size_t tag = server.rfind(':');
  if (tag != std::string::npos) seen.kubernetes = server.substr(tag + 1);
  seen.free = number(said["free"]);
  seen.room = number(said["room"]);
  seen.etcdutl = said["etcdutl"];
  seen.etcdctl = said["etcdctl"];
  seen.crictl = said["crictl"] == "yes";
  seen.image_here = !seen.image.empty() && said["known"] == seen.image;
  return seen;
}

std::string etcd_version_of(const std::string& image) {
  const size_t colon = image.rfind(':');
  if (colon == std::string::npos) return "";
  std::string tag = image.substr(colon + 1);
  if (tag.starts_with('v')) tag.erase(0, 1);
  const size_t end = tag.find_first_not_of("0123456789.");
  tag = tag.substr(0, std::min(end, tag.size()));
  return std::count(tag.begin(), tag.end(), '.') == 2 ? tag : "";
}

RestoreTool choose_tool(const RestoreSeen& seen) {
  const std::string minor = minor_of(etcd_version_of(seen.image));
  if (!minor.empty() && minor_of(seen.etcdutl) == minor) return RestoreTool::Etcdutl;
  if (minor == "3.5" && minor_of(seen.etcdctl) == minor) return RestoreTool::Etcdctl;
  return seen.image_here ? RestoreTool::Image : RestoreTool::None;
}

}  // namespace drover::plans
