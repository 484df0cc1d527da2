#include "plans/etcd/static_pods.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/etcd/given.h"
#include "plans/etcd/shell.h"
#include "plans/packages/script.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

// A line each: name, where its manifest is, whether its container runs.
constexpr std::string_view kLookAtPods = R"sh(for name in $names; do
  place=
  if [ -e "$manifests/$name.yaml" ]; then place=place; fi
  if [ -e "$stopped/$name.yaml" ]; then place=${place}stopped; fi
  runs=$(cri ps --label io.kubernetes.pod.namespace=kube-system \
    --label "io.kubernetes.container.name=$name" --state Running -q)
  printf '%s %s %s\n' "$name" "${place:-nowhere}" "${runs:+running}"
done
)sh";

constexpr std::string_view kPutBack = R"sh(for name in $names; do
  if [ ! -e "$manifests/$name.yaml" ]; then mv "$stopped/$name.yaml" "$manifests/$name.yaml"; fi
done
)sh";

constexpr std::string_view kSync = R"sh(sync "$manifests"
)sh";

std::string stop_parameters(const std::string& stopped, const std::string& names) {
  return fmt::format("manifests={}\nstopped={}\nnames={}\n", kManifestFolder, quote(stopped),
                     quote(names));
}

std::string names_of(const std::vector<std::string>& names) { return join(names, " "); }

Decision wait_to_run(const Step& step, const std::vector<std::string>& names) {
  Decision decision = wait_for(fmt::format("{} to run on {}", join(names, ", "), step.host),
                               std::chrono::milliseconds(500));
  std::get<Wait>(decision.next).remedy = fmt::format(
      "see `crictl ps -a`, the log of the container and `journalctl -u kubelet` on {}, then "
      "`drover resume`",
      step.host);
  return decision;
}

}  // namespace

void describe_static_pods(Step& step, const Restore& restore,
                          const std::vector<std::string>& names) {
  step.params["stopped"] = restore.stopped_folder();
  step.params["components"] = names_of(names);
}

Command look_at_static_pods(const Step& step) {
  std::string text = runtime_shell();
  text += stop_parameters(step.param("stopped"), step.param("components"));
  text += kLookAtPods;
  if (!step.param("given").empty()) text += given_shell(step);
  return {.script = text, .timeout = std::chrono::seconds(30)};
}

std::vector<StaticPodSeen> read_static_pods(const CommandResult& result) {
  std::vector<StaticPodSeen> all;
  for (const std::string& line : split_lines(result.out)) {
    const std::vector<std::string> words = split_words(line);
    if (words.size() < 2 || says_given(words[0])) continue;
    all.push_back({.name = words[0],
                   .in_place = words[1].starts_with("place"),
                   .stopped = words[1].ends_with("stopped"),
                   .running = words.size() > 2 && words[2] == "running"});
  }
  for (const StaticPodSeen& given : read_given(result)) {
    for (StaticPodSeen& pod : all) {
      if (pod.name != given.name) continue;
      pod.sum = given.sum;
      pod.given = given.given;
      pod.kept = given.kept;
    }
  }
  return all;
}

namespace {

/// Of a pod whose manifest is to be another: that of before does not come back.
std::optional<Decision> given_decision(const Step& step, const Attempt& attempt,
                                       const StaticPodSeen& pod, const std::string& wanted) {
  if (pod.in_place && pod.sum != wanted) {
    return fail({.kind = ErrorKind::Command,
                 .message = fmt::format("{}: the manifest of {} in place is not the one that was "
                                        "given for it",
                                        step.host, pod.name),
                 .remedy = fmt::format("take it out of {}, then `drover resume`", kManifestFolder),
                 .host = step.host});
  }
  if (pod.in_place || ended(attempt, 0) != nullptr || pod.given == wanted) return std::nullopt;
  return fail({.kind = ErrorKind::Command,
               .message = fmt::format("{}: the manifest given for {} is {}", step.host, pod.name,
                                      pod.given.empty() ? "gone" : "not what was sent"),
               .remedy = "`drover resume` sends it again",
               .host = step.host});
}

}  // namespace

Error manifest_error(const Step& step, const std::string& what) {
  return {.kind = ErrorKind::Command,
          .message = fmt::format("{}: {}", step.host, what),
          .remedy = fmt::format("leave each manifest in one of {} and {}, then `drover resume`",
                                kManifestFolder, step.param("stopped")),
          .host = step.host};
}

Command put_back(const Restore& restore, const RestoreMember& member,
                 const std::vector<std::string>& names, const std::string& more) {
  std::string text = script_head() + stop_parameters(restore.stopped_folder(), names_of(names));
  if (member.given.empty()) {
    text += kPutBack;
  } else {
    text += fmt::format("given={}\n", quote(restore.given_prefix()));
    text += place_given(member, names);
  }
  return {.script = text + std::string(kSync) + more,
          .mutates = true,
          .timeout = std::chrono::minutes(1)};
}

Decision decide_put_back(const Step& step, const Attempt& attempt, const Answers& answers,
                         const std::string& message) {
  const Result<CommandResult>& look = answers.commands.at(0);
  if (auto trouble = node_trouble(look)) return wait_for(*trouble);
  if (!look->ok()) return fail(step_failed(step, "looking at the static pods", *look));
  const CommandResult* last = ended(attempt, 0);
  if (last != nullptr && !last->ok()) {
    return fail(step_failed(step, "putting manifests back", *last), true);
  }
  std::vector<std::string> away;
  auto given = given_in(step);
  for (const StaticPodSeen& pod : read_static_pods(*look)) {
    if (given.contains(pod.name)) {
      if (auto decision = given_decision(step, attempt, pod, given[pod.name])) return *decision;
    } else if (!pod.in_place && !pod.stopped) {
      return fail(manifest_error(step, "the manifest of " + pod.name + " is gone"));
    }
    if (!pod.in_place && last != nullptr) {
      return fail(manifest_error(step, "the manifest of " + pod.name + " was taken away again"));
    }
    if (!pod.in_place) return run_unless_lost(attempt, 0);
    if (!pod.running) away.push_back(pod.name);
  }
  return away.empty() ? done(message) : wait_to_run(step, away);
}

}  // namespace drover::plans
