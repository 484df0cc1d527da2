#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/packages/script.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr std::string_view kAll = "wanted() { :; }\n";
constexpr std::string_view kOfWorkers = R"sh(wanted() {
  case $1 in kube-proxy:* | coredns:* | pause:*) ;; *) return 1 ;; esac
}
)sh";

constexpr std::string_view kPull = R"sh(set -f
list=$(images list)
if command -v crictl >/dev/null; then
  for image in $list; do
    if ! wanted "${image##*/}"; then continue; fi
    if cri inspecti -q "$image" >/dev/null 2>&1; then
      echo "present $image"
    else
      cri pull "$image" >&2
      echo "pulled $image"
    fi
  done
  exit 0
fi
)sh";

constexpr std::string_view kLater =
    "echo 'later: there is no crictl on this machine: pulled when the pods start'\n";

std::string option(const char* name, const std::string& value) {
  return value.empty() ? "" : fmt::format(" {} {}", name, quote(value));
}

std::string pull_script(const Scope& scope, const Host& host, const PackageManager& manager) {
  const std::string socket = runtime_endpoint(scope, host);
  const bool control_plane = host.has(Role::ControlPlane);
  std::string text = script_head();
  text += manager.unpack_kubeadm(scope.node_facts(host).repository, scope.target.minor,
                                 scope.revision(host, "kubeadm"));
  text += fmt::format("images() {{\n  \"$T/usr/bin/kubeadm\" config images \"$@\"{}{}\n}}\n",
                      option("--kubernetes-version", scope.target.tag()),
                      option("--image-repository", scope.facts.kubeadm.image_repository));
  text += cri_function(scope, host);
  text += control_plane ? kAll : kOfWorkers;
  text += kPull;
  text += control_plane ? fmt::format("images pull{}\n", option("--cri-socket", socket))
                        : std::string(kLater);
  return text;
}

size_t count(const std::vector<std::string>& lines, const char* key) {
  return static_cast<size_t>(std::count_if(
      lines.begin(), lines.end(), [&](const std::string& line) { return line.starts_with(key); }));
}

}  // namespace

Step make_stage_images(const Scope& scope, const Host& host) {
  const bool control_plane = host.has(Role::ControlPlane);
  Step step = scope.step(StepKind::StageImages, &host,
                         fmt::format("pull the images of {}{}", scope.target.tag(),
                                     control_plane ? "" : " that run on workers"),
                         "as the target's own kubeadm lists them; pulled now they do not make the "
                         "node's window longer");
  step.timeout = std::chrono::minutes(32);
  step.estimate = std::chrono::seconds(15);
  const PackageManager* manager = manager_of(scope, host);
  if (manager == nullptr || scope.revision(host, "kubeadm").empty()) return step;  // a check blocks
  step.commands = {Command{.script = pull_script(scope, host, *manager),
                           .mutates = true,
                           .timeout = std::chrono::minutes(30)}};
  return step;
}

Queries look_stage_images(const Step& step, const Attempt& attempt) {
  return look_at_nothing(step, attempt);
}

Decision decide_stage_images(const Step& step, const Attempt& attempt, const Answers&) {
  const CommandResult* last = ended(attempt, 0);
  if (last == nullptr) return run_unless_lost(attempt, 0);
  if (!last->ok()) {
    const bool of_apt = last->err.find("E: ") != std::string::npos;
    const std::string remedy =
        fmt::format("make the image registry reachable from {}, then `drover resume`", step.host);
    return fail(step_failed(step, "pulling images", *last, of_apt ? "" : remedy), true);
  }
  const std::vector<std::string> lines = split_lines(last->out);
  if (count(lines, "later:") > 0) return done("no crictl: pulled when the pods start");
  const size_t pulled = count(lines, "pulled ") + count(lines, "[config/images] Pulled ");
  return done(fmt::format("{} pulled, {} there already", pulled, count(lines, "present ")));
}

}  // namespace drover::plans
