#include "tests/support/sample_plan.h"

#include <fmt/format.h>

#include "inventory/base/digest.h"
#include "plans/plan_file.h"
#include "plans/steps/kind.h"

namespace drover::test {
namespace {

using plans::Plan;
using plans::Severity;
using plans::Step;
using plans::StepKind;
using std::chrono::seconds;

constexpr std::string_view kRevision = "1.34.4-1.1";

class Builder {
 public:
  explicit Builder(Plan& plan) : plan_(plan) {}

  // A step after those of `needs`; gives its id.
  std::string add(StepKind kind, const std::string& node, std::string title, std::string why,
                  int estimate, std::vector<std::string> needs) {
    Step step;
    step.kind = kind;
    step.node = node;
    step.host = node;
    step.id = fmt::format("v1.34/{}/{}", node.empty() ? "cluster" : node, kind_of(kind).name);
    step.title = std::move(title);
    step.why = std::move(why);
    step.needs = std::move(needs);
    step.estimate = seconds{estimate};
    step.timeout = seconds{300};
    plan_.steps.push_back(std::move(step));
    return plan_.steps.back().id;
  }
  Step& last() { return plan_.steps.back(); }
  void command(std::string script) {
    last().commands.push_back({std::move(script), true, seconds{300}});
  }
  void request(Verb verb, std::string path, std::string body) {
    last().requests.push_back({verb, std::move(path), std::move(body), seconds{10}});
  }

  std::string stage(const std::string& node, const std::string& preflight) {
    std::string id =
        add(StepKind::StagePackages, node,
            fmt::format("download kubeadm, kubelet and kubectl {}", kRevision),
            "so that nothing is downloaded while a node is out of service", 8, {preflight});
    command(fmt::format(
        "set -eu\napt-get install -y --download-only kubeadm={0} kubelet={0} kubectl={0}\n",
        kRevision));
    id = add(StepKind::StageImages, node, fmt::format("pull the images of 1.34.4 on {}", node),
             "so that nothing is downloaded while a node is out of service", node == "cp1" ? 20 : 9,
             {id});
    command("set -eu\n\"$T/usr/bin/kubeadm\" config images pull --kubernetes-version v1.34.4\n");
    return id;
  }

  std::string patch_node(std::string id, const std::string& node, std::string body) {
    request(Verb::Patch, "/api/v1/nodes/" + node, std::move(body));
    last().params["node"] = node;
    return id;
  }

  std::string cordon(const std::string& node, const std::string& after) {
    return patch_node(
        add(StepKind::Cordon, node, "cordon " + node,
            "so that no new pod is started there while it is emptied and upgraded", 1, {after}),
        node,
        R"({"metadata":{"resourceVersion":"{resourceVersion}"},)"
        R"("spec":{"unschedulable":true}})");
  }

  std::string drain(const std::string& node, int pods, const std::string& after) {
    std::string id = add(
        StepKind::Drain, node, fmt::format("drain {} (evicts {} pods)", node, pods),
        "so that the pods there move elsewhere in good order, as their budgets allow, before the "
        "kubelet changes",
        4 + 3 * pods, {after});
    request(Verb::Post, "/api/v1/namespaces/{namespace}/pods/{pod}/eviction",
            R"({"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{pod}"},)"
            R"("deleteOptions":{"preconditions":{"uid":"{uid}"}}})");
    last().params["node"] = node;
    return id;
  }

  std::string kubeadm(const std::string& node, const std::string& after) {
    std::string id =
        add(StepKind::Repository, node, "switch the package repository to v1.34",
            "a repository serves one minor: kubeadm 1.34.4 is in that of v1.34 only", 3, {after});
    command(
        "set -eu\nsed -i '1s|/v1.33/|/v1.34/|' /etc/apt/sources.list.d/kubernetes.list\n"
        "apt-get update\n");
    id = add(StepKind::KubeadmPackage, node, fmt::format("install kubeadm {}", kRevision),
             "each minor is upgraded by its own kubeadm; the kubelet is not touched yet", 2, {id});
    command(
        fmt::format("set -eu\napt-mark unhold kubeadm\ntrap 'apt-mark hold kubeadm' EXIT\n"
                    "apt-get install -y kubeadm={}\n",
                    kRevision));
    return id;
  }

  std::string node_part(const std::string& node, std::string id) {
    id = add(
        StepKind::KubeletPackage, node, fmt::format("install kubelet and kubectl {}", kRevision),
        "the kubelet follows the control plane; it changes minor only on a drained node", 2, {id});
    command(fmt::format("set -eu\napt-get install -y kubelet={0} kubectl={0}\n", kRevision));
    id = add(StepKind::KubeletRestart, node, "restart the kubelet",
             "the package leaves the old kubelet running", 1, {id});
    command("exec systemctl restart kubelet\n");
    id = add(StepKind::NodeHealthy, node, fmt::format("wait until {} is well at v1.34.4", node),
             "the node gets pods again only when its new kubelet has shown that it lives", 8, {id});
    if (node == "cp1") {
      id = add(StepKind::StaticPodsHealthy, node, "wait until the static pods of cp1 are back",
               "a kubelet of another minor restarts etcd and the API server some seconds after "
               "itself, while the node already counts as Ready",
               40, {id});
    }
    id = patch_node(add(StepKind::Uncordon, node, "uncordon " + node,
                        "the node is well at the new version, so it may take pods again", 1, {id}),
                    node, R"({"spec":{"unschedulable":null}})");
    return add(StepKind::Settled, node, fmt::format("let {} settle for 10s", node),
               "a node that falls over right after its upgrade must not take the next one with it",
               10, {id});
  }

  std::string control_plane(const std::vector<std::string>& staged) {
    std::string id = kubeadm("cp1", staged.front());
    last().needs.insert(last().needs.end(), staged.begin() + 1, staged.end());
    id = add(StepKind::KubeadmVersion, "cp1", "make sure that kubeadm is v1.34.4",
             "another kubeadm earlier in PATH would do another upgrade", 1, {id});
    id =
        add(StepKind::UpgradePlan, "cp1", "let kubeadm check the way to v1.34.4",
            "kubeadm's own checks, with a small Job in kube-system, before anything of the control "
            "plane changes",
            5, {id});
    command("exec kubeadm upgrade plan v1.34.4 -o json\n");
    id = add(StepKind::EtcdSnapshot, "", "save and verify a snapshot of etcd",
             "the one thing that can bring the cluster back if its data is damaged", 4, {id});
    last().host = "cp1";
    command("set -eu\numask 077\nmkdir -p /var/backups/drover\n");
    id = add(
        StepKind::UpgradeApply, "cp1", "upgrade the control plane on cp1 to v1.34.4",
        "kubeadm replaces etcd, API server, controller-manager and scheduler one by one and puts "
        "the old ones back if one does not come up; pods keep running",
        170, {id});
    command("exec kubeadm upgrade apply v1.34.4 --yes\n");
    id = add(StepKind::ControlPlaneHealthy, "cp1", "wait until the control plane of cp1 is well",
             "its parts restart one after the other; whoever goes on too early meets refused "
             "connections",
             12, {id});
    id = node_part("cp1", drain("cp1", 2, cordon("cp1", id)));
    return add(StepKind::AddonsHealthy, "", "wait until CoreDNS and kube-proxy are rolled out",
               "kubeadm changed both with the control plane; names and services must work before "
               "pods are moved about",
               5, {id});
  }

  std::string worker(const std::string& node, int pods, const std::string& after) {
    std::string id = kubeadm(node, drain(node, pods, cordon(node, after)));
    id =
        add(StepKind::UpgradeNode, node,
            fmt::format("give {} the kubelet configuration of v1.34.4", node),
            "kubeadm writes it for the new version and clears away flags that the new kubelet does "
            "not know",
            1, {id});
    command("exec kubeadm upgrade node\n");
    return node_part(node, id);
  }

 private:
  Plan& plan_;
};

Plan frame() {
  Plan plan;
  plan.created = "2026-11-22T21:09:58Z";
  plan.cluster = "prod";
  plan.from = "1.33.13";
  plan.target = "1.34.4";
  plan.inventory = "/home/ops/prod/inventory.yaml";
  plan.inventory_sha256 = sha256_hex("inventory");
  plan.plan_sha256 = sha256_hex("plan");
  plan.fingerprint = {{"cluster/uid", "6f1c0a4e-2b6d-4a53-9f0e-0d6f3c1b7a11"},
                      {"nodes/cp1/kubelet", "v1.33.13"},
                      {"nodes/w1/kubelet", "v1.33.13"},
                      {"nodes/w2/kubelet", "v1.33.13"}};
  plan.preamble =
      "mkdir -m 700 \"$D/$1\" || exit 0\n"
      "setsid sh -c \"$2\" >\"$D/$1/out\" 2>\"$D/$1/err\"\n";
  plan.rollout.workers = {{"w1", "w1", ""}, {"w2", "w2", ""}};
  plan.drains = {
      {"cp1",
       {"kube-system/coredns-66bc5c9577-cggtn", "kube-system/coredns-66bc5c9577-jcbtr"},
       {},
       {}},
      {"w1",
       {"default/web-8bb9b848f-zj5c7", "default/web-8bb9b848f-zrgnp"},
       {},
       {"default/web-8bb9b848f-zrgnp: budget default/web (minAvailable 3 of 4 pods) allows "
        "no eviction at this moment (3 healthy)"}},
      {"w2",
       {"default/web-8bb9b848f-lzhv2", "default/web-8bb9b848f-8svxv",
        "kube-system/metrics-server-69b64b9656-hnfqn"},
       {},
       {}}};
  return plan;
}

}  // namespace

Plan sample_plan() {
  Plan plan = frame();
  plan.hops = {"1.34.4"};
  Builder build(plan);
  const std::string preflight = build.add(
      StepKind::Preflight, "", "look at the cluster once more",
      "on a cluster that is not well, damage done by the upgrade could not be told from old damage",
      2, {});
  std::vector<std::string> staged;
  for (const char* node : {"cp1", "w1", "w2"}) staged.push_back(build.stage(node, preflight));
  const std::string addons = build.control_plane(staged);
  const std::string w1 = build.worker("w1", 2, addons);
  const std::string w2 = build.worker("w2", 3, addons);
  build.add(StepKind::Verify, "", "look at everything once more",
            "the run ends well only if every node is at the new version", 2, {w1, w2});
  plan.verdicts = {
      {"drain", Severity::Warning, "w1", "draining w1 would wait now: " + plan.drains[1].pending[0],
       "it is waited for up to drain.timeout", ""},
      {"single-etcd", Severity::Info, "cluster",
       "one control plane: the Kubernetes API will be away for about two minutes while it "
       "is upgraded and up to one more after its kubelet; pods go on serving",
       "a verified etcd snapshot is taken first, into /var/backups/drover on the control plane",
       ""}};
  plan.id = plans::plan_id(plan);
  return plan;
}

Plan sample_blocked_plan() {
  Plan plan = sample_plan();
  plan.drains[2].evicts.push_back("default/stuck-0");
  plan.drains[2].blocked_by = {
      "default/stuck-0: budget default/stuck (minAvailable 1 of 1 pods) never allows an eviction"};
  plan.verdicts.insert(plan.verdicts.begin(),
                       {{"drain", Severity::Blocker, "w2",
                         "w2 can never be drained: " + plan.drains[2].blocked_by[0],
                         "change the budget or the workload for the upgrade", ""},
                        {"disk-space", Severity::Blocker, "cp1",
                         "cp1 (10.0.0.11) has 96 MiB free at /tmp; 200 MiB are wanted to unpack "
                         "the target's kubeadm",
                         "free some space", "preflight.ignore"}});
  plan.id = plans::plan_id(plan);
  return plan;
}

Plan sample_finished_plan() {
  Plan plan = frame();
  plan.from = plan.target;
  plan.drains.clear();
  plan.id = plans::plan_id(plan);
  return plan;
}

}  // namespace drover::test
