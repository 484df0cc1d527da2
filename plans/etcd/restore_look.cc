#include "plans/etcd/restore_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "inventory/cluster/static_pod.h"
#include "plans/etcd/asking.h"
#include "plans/etcd/authority.h"
#include "plans/etcd/shell.h"

namespace drover::plans {
namespace {

// Each line of a manifest comes behind the name of its component.
constexpr std::string_view kManifests = R"sh(for left in /etc/kubernetes/drover-stopped-*; do
  if [ -e "$left" ]; then printf 'left %s\n' "$left"; fi
done
for name in $names; do
  if [ -e "$manifests/$name.yaml" ]; then
    printf 'manifest %s\n' "$name"
    sed "s/^/$name|/" "$manifests/$name.yaml"
    printf '\n'
  fi
done
)sh";

constexpr std::string_view kLookBeforeRestore = R"sh(say() { printf '%s %s\n' "$1" "$2"; }
free_at() {
  blocks=$(stat -f -c '%a %S' "$1")
  echo "$((${blocks% *} * ${blocks#* }))"
}
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

// Those in place run, so the runtime has their images.
constexpr std::string_view kImage =
    R"sh(  if ! cri inspecti -q "$image" >/dev/null 2>&1; then say no_image "$image"; fi
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

Command look_at_manifests() {
  std::string names;
  for (const std::string_view name : kComponents)
    names += (names.empty() ? "" : " ") + std::string(name);
  return {.script = runtime_shell() +
                    fmt::format("manifests={}\nnames={}\n", kManifestFolder, quote(names)) +
                    std::string(kAuthorityShell) + std::string(kManifests),
          .timeout = std::chrono::seconds(60)};
}

RestoreSeen read_manifest_look(const std::string& host, const CommandResult& result) {
  RestoreSeen seen{.host = host};
  if (!result.ok()) seen.no_etcd = sanitise(reason_of(result));
  std::map<std::string, std::string> texts;
  for (const std::string& line : split_lines(result.out)) {
    const size_t bar = line.find('|');
    const auto text = texts.find(line.substr(0, bar));
    if (bar != std::string::npos && text != texts.end()) {
      text->second += line.substr(bar + 1) + '\n';
    } else if (line.starts_with("manifest ")) {
      texts[line.substr(9)];
    } else if (line.starts_with("left ")) {
      seen.left.push_back(line.substr(5));
    }
  }
  seen.authority = read_authority(result);
  seen.in_place = read_manifests(texts);
  if (seen.no_etcd.empty() && !seen.in_place.has("etcd")) {
    seen.no_etcd =
        fmt::format("no etcd runs here as a static pod: there is no {}/etcd.yaml", kManifestFolder);
  }
  return seen;
}

Command look_before_restore(const RestoreSeen& seen) {
  const Manifests& wanted = seen.wanted();
  std::string text = runtime_shell() + fmt::format("data={}\nimage={}\n", quote(wanted.data),
                                                   quote(wanted.image_of("etcd")));
  text += kLookBeforeRestore;
  if (seen.given) {
    std::string images;
    for (const auto& [component, image] : wanted.images) images += ' ' + quote(image);
    text += fmt::format("for image in{}; do\n{}done\n", images, kImage);
  }
  return {.script = std::move(text), .timeout = std::chrono::seconds(60)};
}

void read_restore_look(const CommandResult& result, RestoreSeen& seen) {
  if (!result.ok()) seen.no_etcd = sanitise(reason_of(result));
  std::map<std::string, std::string> said;
  for (const std::string& line : split_lines(result.out)) {
    const size_t space = std::min(line.find(' '), line.size());
    const std::string key = line.substr(0, space);
    said[key] = trim(std::string_view(line).substr(space));
    if (key == "no_image") seen.no_images.push_back(said[key]);
  }
  seen.mounted = said["mounted"] == "yes";
  seen.free = number(said["free"]);
  seen.room = number(said["room"]);
  seen.etcdutl = said["etcdutl"];
  seen.etcdctl = said["etcdctl"];
  seen.crictl = said["crictl"] == "yes";
  const std::string& image = seen.wanted().image_of("etcd");
  seen.image_here = !image.empty() && said["known"] == image;
}

std::string etcd_version_of(const std::string& image) {
  std::string tag = image_tag(image);
  if (tag.starts_with('v')) tag.erase(0, 1);
  const size_t end = tag.find_first_not_of("0123456789.");
  tag = tag.substr(0, std::min(end, tag.size()));
  return std::count(tag.begin(), tag.end(), '.') == 2 ? tag : "";
}

RestoreTool choose_tool(const RestoreSeen& seen) {
  const std::string minor = minor_of(etcd_version_of(seen.wanted().image_of("etcd")));
  if (!minor.empty() && minor_of(seen.etcdutl) == minor) return RestoreTool::Etcdutl;
  if (minor == "3.5" && minor_of(seen.etcdctl) == minor) return RestoreTool::Etcdctl;
  return seen.image_here ? RestoreTool::Image : RestoreTool::None;
}

}  // namespace drover::plans
