#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/etcd/save_text.h"
#include "plans/packages/script.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr std::string_view kGiveUp = R"sh(umask 077
give_up() {
  echo "E: $*" >&2
  exit 1
}
)sh";

constexpr std::string_view kPrepare = R"sh(mkdir -p "$directory"
partial=$directory/.drover-snapshot.part
in_data=$data/drover-snapshot.db
clean() {
  rm -f "$partial" "$partial.part" "$in_data" "$in_data.part"
}
trap clean EXIT
clean
room "$directory"
endpoint=$(sed -n 's/^ *- --listen-client-urls=\([^,]*\).*/\1/p' /etc/kubernetes/manifests/etcd.yaml | head -n 1)
)sh";

// Of the host only its data folder is visible inside the container, and there is no shell in it.
constexpr std::string_view kTools = R"sh(if command -v etcdctl >/dev/null; then
  saved=$partial
  inside() { ETCDCTL_API=3 "$@"; }
elif command -v crictl >/dev/null; then
  room "$data"
  saved=$in_data
  containers=$(cri ps --label io.kubernetes.pod.namespace=kube-system \
    --label io.kubernetes.container.name=etcd --state Running -q)
  container=$(printf '%s\n' "$containers" | head -n 1)
  if [ -z "$container" ]; then give_up 'no etcd container is running'; fi
  inside() { cri exec "$container" "$@"; }
else
  give_up 'neither etcdctl nor crictl is on this machine'
fi
inside etcdctl --endpoints="${endpoint:-https://127.0.0.1:2379}" \
  --cacert="$pki/ca.crt" --cert="$pki/server.crt" --key="$pki/server.key" \
  --dial-timeout=10s --command-timeout=300s snapshot save "$saved" >&2
)sh";

constexpr std::string_view kMoveHere =
    R"sh(if [ "$saved" != "$partial" ]; then mv "$saved" "$partial"; fi
)sh";

constexpr std::string_view kKeepSnapshot = R"sh(file=$name-$(date -u +%Y%m%dT%H%M%SZ).db
mv "$partial" "$directory/$file"
sync "$directory"
printf 'path %s\nbytes %s\nsha256 %s\nstatus %s\n' "$directory/$file" "$bytes" "${sum%% *}" "$status"
kept=1
for old in $(ls "$directory" | sed -n 's/^\(etcd-[0-9.]*-\([0-9]\{8\}T[0-9]\{6\}Z\)\.db\)$/\2 \1/p' | sort -r | cut -d ' ' -f 2); do
  if [ "$old" = "$file" ]; then continue; fi
  kept=$((kept + 1))
  if [ "$kept" -gt "$keep" ]; then
    rm -f "$directory/$old"
    echo "pruned $old"
  fi
done
)sh";

std::string or_else(const std::string& text, const char* otherwise) {
  return text.empty() ? otherwise : text;
}

std::string size(const std::string& bytes) {
  double amount = 0;
  std::from_chars(bytes.data(), bytes.data() + bytes.size(), amount);
  return fmt::format("{:.1f} MiB", amount / (1 << 20));
}

}  // namespace

Step make_etcd_snapshot(const Scope& scope) {
  const EtcdPolicy& policy = scope.file.etcd;
  const KubeadmConfig& kubeadm = scope.facts.kubeadm;
  Step step = scope.step(
      StepKind::EtcdSnapshot, nullptr,
      fmt::format("save etcd of {} to {}", scope.first_control_plane.name, policy.directory),
      "the way back, should the upgrade of the control plane go wrong");
  step.host = scope.first_control_plane.name;
  std::string text = script_head();
  text += fmt::format("data={}\n", quote(or_else(kubeadm.etcd_data_dir, "/var/lib/etcd")));
  text += fmt::format("pki={}\n",
                      quote(or_else(kubeadm.certificates_dir, "/etc/kubernetes/pki") + "/etcd"));
  text += fmt::format("directory={}\n", quote(policy.directory));
  text += fmt::format("name={}\nkeep={}\n", quote("etcd-" + scope.from.str()), policy.keep);
  text += cri_function(scope, scope.first_control_plane);
  text += kGiveUp;
  text += kRoomForSnapshot;
  text += kPrepare;
  text += kTools;
  text += kSnapshotStatus;
  text += kMoveHere;
  text += kCheckSnapshot;
  text += kKeepSnapshot;
  step.commands = {Command{.script = text, .mutates = true, .timeout = std::chrono::minutes(10)}};
  step.timeout = std::chrono::minutes(12);
  step.estimate = std::chrono::seconds(3);
  return step;
}

Queries look_etcd_snapshot(const Step& step, const Attempt& attempt) {
  return look_at_nothing(step, attempt);
}

Decision decide_etcd_snapshot(const Step& step, const Attempt& attempt, const Answers&) {
  const CommandResult* last = ended(attempt, 0);
  if (last == nullptr) return run_unless_lost(attempt, 0);
  if (!last->ok()) {
    return fail(
        step_failed(step, "saving etcd", *last,
                    fmt::format("see `crictl ps --name etcd` and the free space on {}, then "
                                "`drover resume`",
                                step.host)),
        true);
  }
  Decision decision = done("");
  for (const std::string& line : split_lines(last->out)) {
    const size_t space = std::min(line.find(' '), line.size());
    const std::string key = line.substr(0, space);
    const std::string value(trim(std::string_view(line).substr(space)));
    if (key == "path" || key == "bytes" || key == "sha256") decision.remember[key] = value;
    if (key != "status" || value.empty()) continue;
    const auto status = nlohmann::json::parse(value, nullptr, false);
    if (status.is_object() && status.contains("revision") && status["revision"].is_number()) {
      decision.remember["revision"] = status["revision"].dump();
    }
  }
  const Notes& notes = decision.remember;
  if (notes.count("path") == 0 || notes.count("bytes") == 0 || notes.count("sha256") == 0) {
    Error error;
    error.kind = ErrorKind::Command;
    error.host = step.host;
    error.message = fmt::format("{}: saving etcd did not say where the snapshot is", step.host);
    error.detail = last->out;
    return fail(error, true);
  }
  const auto revision = notes.find("revision");
  std::get<Done>(decision.next).message = fmt::format(
      "{} on {}, {}{}, checksum verified", sanitise(notes.at("path"), 200), step.host,
      size(notes.at("bytes")), revision == notes.end() ? "" : ", revision " + revision->second);
  return decision;
}

}  // namespace drover::plans
