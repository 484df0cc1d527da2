#include "plans/drain_policy.h"

#include <catch2/catch.hpp>

namespace drover::plans {
namespace {

constexpr auto kEvict = PodFate::Evict;
constexpr auto kIgnore = PodFate::Ignore;
constexpr auto kRefuse = PodFate::Refuse;

const DaemonSets kDaemonSets = {"default/agent"};

Pod plain() {
  Pod pod;
  pod.ns = "default";
  pod.name = "p";
  pod.node = "w1";
  pod.phase = "Running";
  pod.controller = Controller{"apps/v1", "ReplicaSet", "web"};
  return pod;
}

Pod owned_by(const std::string& api_version, const std::string& kind, const std::string& name) {
  Pod pod = plain();
  pod.controller = Controller{api_version, kind, name};
  return pod;
}

Pod agent() { return owned_by("apps/v1", "DaemonSet", "agent"); }
Pod orphan() { return owned_by("apps/v1", "DaemonSet", "gone"); }

Pod bare() {
  Pod pod = plain();
  pod.controller.reset();
  return pod;
}

Pod with_data(Pod pod) {
  pod.has_emptydir = true;
  return pod;
}

Pod mirror(Pod pod) {
  pod.mirror = true;
  return pod;
}

Pod in_phase(Pod pod, const std::string& phase) {
  pod.phase = phase;
  return pod;
}

// As kubectl has it: nothing allowed.
DrainPolicy strict() {
  DrainPolicy policy;
  policy.ignore_daemonsets = policy.delete_emptydir_data = policy.force = false;
  return policy;
}

DrainPolicy forced() {
  DrainPolicy policy = strict();
  policy.force = true;
  return policy;
}

DrainPolicy ignoring() {
  DrainPolicy policy = strict();
  policy.ignore_daemonsets = true;
  return policy;
}

DrainPolicy deleting_data() {
  DrainPolicy policy = strict();
  policy.delete_emptydir_data = true;
  return policy;
}

DrainPolicy all() {
  return {.ignore_daemonsets = true, .delete_emptydir_data = true, .force = true};
}

struct DrainPolicyRow {
  const char* what;
  Pod pod;
  DrainPolicy policy;
  PodFate fate;
  const char* override_key;
};

}  // namespace

TEST_CASE("a pod's fate is the one of kubectl's filters") {
  const std::vector<DrainPolicyRow> rows = {
      {"a pod of a ReplicaSet", plain(), strict(), kEvict, ""},
      {"a pod of a Job", owned_by("batch/v1", "Job", "j"), strict(), kEvict, ""},
      {"a pod of any controller, there or not", owned_by("x/v1", "X", "x"), strict(), kEvict, ""},

      {"of a DaemonSet", agent(), ignoring(), kIgnore, ""},
      {"of a DaemonSet, not ignored", agent(), strict(), kRefuse, "drain.ignore_daemonsets"},
      {"force does not ignore DaemonSets", agent(), forced(), kRefuse, "drain.ignore_daemonsets"},
      {"of a DaemonSet, with data", with_data(agent()), ignoring(), kIgnore, ""},
      {"of a DaemonSet, finished", in_phase(agent(), "Failed"), strict(), kEvict, ""},
      {"of a DaemonSet, finished, ignored", in_phase(agent(), "Succeeded"), ignoring(), kEvict, ""},
      {"of a DaemonSet that is gone", orphan(), ignoring(), kRefuse, "drain.force"},
      {"of a DaemonSet that is gone, forced", orphan(), forced(), kEvict, ""},
      {"gone DaemonSet, forced, with data", with_data(orphan()), forced(), kRefuse,
       "drain.delete_emptydir_data"},
      {"a DaemonSet of another group", owned_by("x/v1", "DaemonSet", "agent"), ignoring(), kEvict,
       ""},
      {"a DaemonSet of another namespace",
       [] {
         Pod p = agent();
         p.ns = "other";
         return p;
       }(),
       ignoring(), kRefuse, "drain.force"},

      {"a static pod's mirror", mirror(bare()), strict(), kIgnore, ""},
      {"a mirror with data", mirror(with_data(bare())), strict(), kIgnore, ""},
      {"a mirror owned by its node", mirror(owned_by("v1", "Node", "w1")), strict(), kIgnore, ""},

      {"with data", with_data(plain()), strict(), kRefuse, "drain.delete_emptydir_data"},
      {"with data, allowed", with_data(plain()), deleting_data(), kEvict, ""},
      {"with data, force does not help", with_data(plain()), forced(), kRefuse,
       "drain.delete_emptydir_data"},
      {"with data, finished", in_phase(with_data(plain()), "Succeeded"), strict(), kEvict, ""},

      {"without a controller", bare(), strict(), kRefuse, "drain.force"},
      {"without a controller, forced", bare(), forced(), kEvict, ""},
      {"without a controller, finished", in_phase(bare(), "Failed"), strict(), kEvict, ""},
      {"without a controller, pending", in_phase(bare(), "Pending"), strict(), kRefuse,
       "drain.force"},

      {"bare with data: the data is named first", with_data(bare()), strict(), kRefuse,
       "drain.delete_emptydir_data"},
      {"bare with data, data allowed", with_data(bare()), deleting_data(), kRefuse, "drain.force"},
      {"bare with data, all allowed", with_data(bare()), all(), kEvict, ""},
  };
  for (const DrainPolicyRow& row : rows) {
    CAPTURE(row.what);
    const PodVerdict verdict = judge_pod(row.pod, row.policy, kDaemonSets);
    CHECK(verdict.fate == row.fate);
    CHECK(verdict.override_key == row.override_key);
    CHECK(verdict.reason.empty() == (row.fate != kRefuse));
  }
}

TEST_CASE("every pod of a node is reported, sorted, and refusals are grouped with their key") {
  Pod second = plain();
  second.name = "b-web";
  Pod first = with_data(bare());
  first.name = "a-bare";
  Pod third = mirror(bare());
  third.name = "c-static";
  Pod fourth = bare();
  fourth.ns = "apps";
  fourth.name = "d-bare";
  Pod fifth = bare();
  fifth.name = "e-bare";
  const DrainSelection selection =
      select_pods({&second, &third, &fifth, &first, &fourth}, strict(), kDaemonSets);
  REQUIRE(selection.evict.size() == 1);
  CHECK(selection.evict[0]->name == "b-web");
  REQUIRE(selection.ignored.size() == 1);
  CHECK(selection.ignored[0]->name == "c-static");
  REQUIRE(selection.refused.size() == 2);
  CHECK(refusal_text(selection.refused[0], 20) ==
        "apps/d-bare, default/e-bare: has no controller, so nothing would start it again "
        "(drain.force overrides)");
  CHECK(refusal_text(selection.refused[1], 20) ==
        "default/a-bare: has an emptyDir volume, whose data would be lost "
        "(drain.delete_emptydir_data overrides)");
  CHECK(refusal_text(selection.refused[0], 1) ==
        "apps/d-bare and 1 more: has no controller, so nothing would start it again "
        "(drain.force overrides)");
}

TEST_CASE("a refused pod that is going already is waited for") {
  Pod pod = bare();
  pod.deleting = true;
  CHECK(judge_pod(pod, strict(), kDaemonSets).fate == kRefuse);
  const DrainSelection selection = select_pods({&pod}, strict(), kDaemonSets);
  CHECK(selection.refused.empty());
  CHECK(selection.evict.size() == 1);
}

TEST_CASE("what a drain costs is what kubectl warns of, grouped") {
  Pod proxy = agent();
  proxy.name = "a-agent";
  Pod data = with_data(plain());
  data.name = "b-data";
  Pod alone = bare();
  alone.name = "c-alone";
  Pod both = with_data(bare());
  both.name = "d-both";
  Pod lost = orphan();
  lost.name = "e-orphan";
  Pod over = in_phase(with_data(bare()), "Succeeded");
  over.name = "f-over";
  Pod going = with_data(bare());
  going.name = "g-going";
  going.deleting = true;
  const DrainSelection selection =
      select_pods({&proxy, &data, &alone, &both, &lost, &over, &going}, all(), kDaemonSets);
  CHECK(selection.evict.size() == 6);
  REQUIRE(selection.loss.size() == 3);
  std::vector<std::string> lines;
  for (const auto& [loss, pods] : selection.loss) lines.push_back(loss_text(loss, pods, 20));
  CHECK(lines ==
        std::vector<std::string>{"ignoring pods of DaemonSets: default/a-agent",
                                 "deleting pods with local storage: default/b-data, default/d-both",
                                 "deleting pods that no controller starts again: default/c-alone, "
                                 "default/d-both, default/e-orphan"});
}

TEST_CASE("only DaemonSets count as DaemonSets") {
  CHECK(daemonsets_of({{.kind = "DaemonSet", .ns = "a", .name = "x"},
                       {.kind = "Deployment", .ns = "a", .name = "y"}}) == DaemonSets{"a/x"});
}

}  // namespace drover::plans
