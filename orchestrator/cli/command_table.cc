#include "orchestrator/cli/command_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "orchestrator/cli/addon_spec.h"
#include "orchestrator/cli/certs_spec.h"
#include "orchestrator/cli/etcd_spec.h"
#include "orchestrator/cli/hpa_spec.h"
#include "orchestrator/cli/incident_spec.h"
#include "orchestrator/cli/list_spec.h"

namespace drover::orchestrator {
namespace {

const OptionSpec kInventory = {"inventory", 'i', "INV",
                               "use this inventory instead of the one that UPGRADE names"};

const OptionSpec kYes = {"yes", '\0', "", "do not ask; never overrides a blocker"};

constexpr size_t kManyNodes = 100'000;

const std::vector<CommandSpec> kCommands = {
    {CommandId::Plan,
     "plan",
     "show what an upgrade would do, in order and with reasons; changes nothing",
     "UPGRADE [-i INV] [-o PLAN.json] [--commands] [--detailed-exitcode]",
     "Looks at every node and at the cluster, runs all checks, foresees the drains and shows the "
     "whole ordered plan with an estimate of the time. UPGRADE is an upgrade plan file "
     "(upgrade.yaml). Nothing is changed on any node or in the cluster.",
     {kInventory,
      {"", 'o', "PLAN.json",
       "write the plan as JSON to this file too, also when something blocks it"},
      {"commands", '\0', "", "show the exact text of every node command and API request"},
      {"detailed-exitcode", '\0', "", "exit 10 instead of 0 when there are changes to make"}},
     {{"drover plan upgrade.yaml", "what would be done"},
      {"drover plan upgrade.yaml --commands | less", "down to the last command"},
      {"drover --output json plan upgrade.yaml", "the same as one JSON event, for programs"}}},
    {CommandId::Check,
     "check",
     "run the checks of a plan and show their verdicts; changes nothing",
     "UPGRADE [-i INV] | --list",
     "Gathers the same facts and runs the same checks as plan, and shows the verdicts alone: "
     "blockers first, each with what to do about it. Nothing is changed.",
     {kInventory, {"list", '\0', "", "list the ids of all checks and what they look at"}},
     {{"drover check upgrade.yaml", "may this cluster be upgraded?"},
      {"drover check --list", "names for preflight.ignore"}}},
    {CommandId::Apply,
     "apply",
     "carry out an upgrade",
     "UPGRADE|PLAN.json [-i INV] [--limit HOST,...] [--yes] [--dry-run]",
     "Makes the plan and shows it, asks, takes the cluster's lock, makes sure that the cluster is "
     "still what the plan was made from, and does exactly what was shown: the control plane first, "
     "then the workers, as many at once as the file allows. A PLAN.json that `drover plan -o` "
     "wrote is executed as it "
     "is, "
     "or refused when the cluster has changed since. It stops at the first step that fails; "
     "`drover resume` goes on. Ctrl-C once stops at the next safe point, twice at once.",
     {kInventory,
      {"limit", '\0', "HOST,...", "upgrade only these hosts of the inventory"},
      kYes,
      {"dry-run", '\0', "", "stop after the plan; changes nothing"}},
     {{"drover apply upgrade.yaml", "show the plan, ask, and do it"},
      {"drover apply plan.json", "do what was saved and looked at before"},
      {"drover --output json apply --yes upgrade.yaml > events.jsonl", "from a program"}}},
    {CommandId::Resume,
     "resume",
     "go on with a run that stopped, was killed or was cut off",
     "[RUN] [--yes] [--retry STEP] [--skip STEP --reason TEXT]",
     "Looks at what the run's journal says and at every node that it began, shows what is left, "
     "asks, and goes on. Nothing that was done is done again. RUN is a run id as `drover runs` "
     "lists them; without it, the newest unfinished run goes on. Both --retry and --skip may be "
     "given more than once.",
     {kYes,
      {"retry", '\0', "STEP",
       "try this step again, though it failed for good; what of it still runs is ended first",
       true},
      {"skip", '\0', "STEP", "take this step as done: you made sure of it yourself", true},
      {"reason", '\0', "TEXT", "why steps are skipped; kept in the journal and the report"}},
     {{"drover resume", "go on with what stopped last"},
      {"drover resume --skip v1.34/w1/drain --reason emptied-by-hand", "leave one step out"}}},
    {CommandId::Status,
     "status",
     "what happened, what is running, what is left, what to type next",
     "[RUN]",
     "Shows how far a run is, node by node, from the files in the state folder: no connection is "
     "made and nothing is changed, also while the run goes on. RUN is a run id as `drover runs` "
     "lists them; without it, the newest unfinished run is shown, or the newest of all.",
     {},
     {{"drover status", "where does it stand?"}, {"drover --output json status", "for programs"}}},
    {CommandId::Runs,
     "runs",
     "list all runs in the state folder, newest first",
     "",
     "Lists the runs of all clusters, with how far each one came, from the files in the state "
     "folder. No connection is made and nothing is changed.",
     {},
     {{"drover runs", ""}, {"drover runs --output wide", "and where the files of each lie"}},
     {},
     true},
    {CommandId::Report,
     "report",
     "everything about one run, step by step",
     "[RUN]",
     "Shows what `drover status` shows, and each step with its times, attempts and outcome, what "
     "was changed and put back, and where outputs lie. No connection is made and nothing is "
     "changed. RUN is a run id as `drover runs` lists them; without it, the newest unfinished run "
     "is shown, or the newest of all.",
     {},
     {{"drover report | less", ""}}},
    {CommandId::Pause,
     "pause",
     "stop the running Drover at the next safe point; `resume` goes on",
     "[RUN]",
     "Tells the Drover that is running on this machine to finish what it has begun on nodes, to "
     "start nothing more, and to end. Returns as soon as it has been told. RUN is a run id as "
     "`drover runs` lists them; it is needed when several are running.",
     {},
     {{"drover pause", ""}}},
    {CommandId::Cancel,
     "cancel",
     "give an unfinished run up and give its untouched nodes back",
     "[RUN]",
     "Stops the run at the next safe point, if it is running, uncordons nodes that it cordoned and "
     "did not change, and ends it for good: it cannot be resumed. Nodes on which something was "
     "changed stay cordoned and are named. RUN is a run id as `drover runs` lists them; without "
     "it, the newest unfinished run is meant.",
     {},
     {{"drover cancel", "the newest unfinished run"}}},
    {CommandId::Node,
     "node",
     "cordon, drain, uncordon or reboot nodes, or run a command on them",
     "cordon|drain|uncordon|reboot|exec NODE... [OPTIONS]",
     "Maintenance of single nodes by the same steps as an upgrade: journalled, under the cluster's "
     "lock, and gone on with by `drover resume` when it was stopped or killed. NODE is a host of "
     "the inventory or its Kubernetes node name; -l chooses nodes by their labels, as kubectl "
     "does. What the options allow to be lost is kubectl's: without them nothing is. `drain` "
     "cordons all nodes, then empties them, and leaves them cordoned; `uncordon` gives back a node "
     "that is named whoever cordoned it, and of those that -l chooses only what Drover cordoned. "
     "`reboot` does one node after the other, control planes first: cordon, drain, reboot, wait "
     "until the node is well, uncordon. `exec` runs a command as root, on 32 nodes at once, "
     "each in a process of its own that no lost connection ends or repeats; one word behind -- is "
     "a line for the shell, several are a program and its arguments. Its exit code is the highest "
     "of the nodes'.",
     {{"inventory", 'i', "INV", "the inventory of the cluster (default: inventory.yaml)"},
      {"selector", 'l', "SELECTOR",
       "nodes by their labels: a=b, a!=b, a in (b,c), a notin (b), a, !a, with commas between"},
      {"yes", '\0', "", "do not ask (cordon and uncordon never ask); overrides no blocker"},
      {"dry-run", '\0', "",
       "say what would be done, in which order, what stays and what is in the way; changes "
       "nothing"},
      {"ignore-daemonsets", '\0', "",
       "drain, reboot: leave pods of DaemonSets where they are, instead of refusing"},
      {"delete-emptydir-data", '\0', "",
       "drain, reboot: also evict pods whose emptyDir volumes are lost by it"},
      {"force", '\0', "", "drain, reboot: also evict pods that nothing would start again"},
      {"grace-period", '\0', "SECONDS",
       "drain, reboot: that pods have to end (default: each pod's own)"},
      {"disable-eviction", '\0', "",
       "drain, of nodes that are named: delete pods past all PodDisruptionBudgets"},
      {"timeout", '\0', "DURATION",
       "drain, reboot: for emptying one node (default: 15m); exec: for the command (default: 10m)"},
      {"max-unavailable", '\0', "N|P%",
       "drain: nodes that are emptied at once; reboot: workers that may be down at once (default: "
       "1)"},
      {"settle", '\0', "DURATION",
       "reboot: that a node must stay well before the next one (default: 10s)"},
      {"others", '\0', "",
       "uncordon: also what -l chooses and somebody else cordoned, and what an unfinished upgrade "
       "holds"}},
     {{"drover node drain w1 --ignore-daemonsets --dry-run", "what would it evict, what blocks?"},
      {"drover node drain w1 --ignore-daemonsets --delete-emptydir-data", "empty it"},
      {"drover node uncordon w1", "give it back"},
      {"drover node reboot w1 w2 w3 w4 --ignore-daemonsets --max-unavailable 2",
       "reboot these workers, two at a time"},
      {"drover node cordon -l 'rack=a,!node-role.kubernetes.io/control-plane'", ""},
      {"drover node exec w1 w2 -- systemctl is-active kubelet containerd", ""},
      {"drover node exec -l disk=ssd -- 'df -h /var | tail -n 1'", "a line for the shell"}},
     {{"cordon",
       "NODE... [-l SELECTOR] [-i INV] [--dry-run]",
       "no new pods are started there",
       0,
       kManyNodes,
       {"inventory", "selector", "yes", "dry-run"}},
      {"drain",
       "NODE... [-l SELECTOR] [-i INV] [--yes] [--dry-run] [...]",
       "cordon them all, then evict their pods as the budgets allow",
       0,
       kManyNodes,
       {"inventory", "selector", "yes", "dry-run", "ignore-daemonsets", "delete-emptydir-data",
        "force", "grace-period", "disable-eviction", "timeout", "max-unavailable"}},
      {"uncordon",
       "NODE... [-l SELECTOR] [-i INV] [--dry-run] [--others]",
       "pods are started there again",
       0,
       kManyNodes,
       {"inventory", "selector", "yes", "dry-run", "others"}},
      {"reboot",
       "NODE... [-l SELECTOR] [-i INV] [--yes] [--dry-run] [...]",
       "one after the other: cordon, drain, reboot, wait until well, uncordon",
       0,
       kManyNodes,
       {"inventory", "selector", "yes", "dry-run", "ignore-daemonsets", "delete-emptydir-data",
        "force", "grace-period", "timeout", "max-unavailable", "settle"}},
      {"exec",
       "NODE... [-l SELECTOR] [-i INV] [--timeout DURATION] -- CMD",
       "run a command on them",
       0,
       kManyNodes,
       {"inventory", "selector", "timeout"},
       true}}},
    events_spec(),
    logs_spec(),
    describe_spec(),
    top_spec(),
    hpa_spec(),
    addon_spec(),
    {CommandId::Lock,
     "lock",
     "show who holds the cluster's lock, or take it away from a holder that is gone",
     "show|release [-i INV] [--yes]",
     "`show` tells who holds the Lease kube-system/drover, since when, until when, and whether "
     "that process lives on this machine, and who has the lock file here. `release` shows the "
     "same, asks, and takes the Lease away from its holder, unless that lives on this machine or "
     "renews it meanwhile. A run that still goes on elsewhere then finishes its running step, "
     "starts nothing more and stops. A lock whose process died on this machine needs no release: "
     "the next run takes it over.",
     {{"inventory", 'i', "INV", "the inventory of the cluster (default: inventory.yaml)"},
      {"yes", '\0', "", "release without asking"}},
     {{"drover lock show", "who holds it?"},
      {"drover lock release -i prod.yaml", "its holder is known to be gone"}},
     {{"show", "[-i INV]", "who holds it, and who has the lock file here", 0, 0, {"inventory"}},
      {"release",
       "[-i INV] [--yes]",
       "take it away from a holder that is gone",
       0,
       0,
       {"inventory", "yes"}}}},
    etcd_spec(),
    certs_spec(),
    {CommandId::Version,
     "version",
     "print the version",
     "",
     "Prints the version of drover.",
     {},
     {}},
    {CommandId::Help,
     "help",
     "explain drover or a command",
     "[COMMAND]",
     "Without a command: all commands, the options that every command takes, and the exit codes.",
     {},
     {{"drover help apply", ""}}},
};

const std::vector<OptionSpec> kGlobal = {
    {"state-dir", '\0', "DIR",
     "where runs are kept (default: $XDG_STATE_HOME/drover, else ~/.local/state/drover)"},
    {"output", '\0', "text|json", "text for people (default), or one JSON object a line"},
    {"verbose", 'v', "", "tell on stderr what is going on inside"},
    {"no-color", '\0', "", "no colours; the environment variable NO_COLOR does the same"},
    {"help", 'h', "", "explain the command"}};

const std::vector<std::string_view> kLater = {"inventory", "bundle", "completion"};

bool is_list_action(const ActionSpec& action) { return action.is_list; }

constexpr std::pair<CommandId, std::string_view> kLaterOptions[] = {
    {CommandId::Plan, "explain"}, {CommandId::Plan, "graph"}, {CommandId::Report, "o"}};

}  // namespace

std::string OptionSpec::shown() const {
  std::string text;
  if (letter != '\0') text += fmt::format("-{}", letter);
  if (!name.empty()) text += fmt::format("{}--{}", text.empty() ? "    " : ", ", name);
  if (!value.empty()) text += fmt::format(" {}", value);
  return text;
}

std::vector<OptionSpec> CommandSpec::common_options() const {
  std::vector<OptionSpec> common = kGlobal;
  const bool only_lists = is_list || std::all_of(actions.begin(), actions.end(), is_list_action);
  const bool lists = is_list || std::any_of(actions.begin(), actions.end(), is_list_action);
  if (!lists) return common;
  const auto output = std::find_if(common.begin(), common.end(),
                                   [](const OptionSpec& each) { return each.name == "output"; });
  output->value = "FORMAT";
  output->about = only_lists
                      ? "text (default), wide (more columns), json (an object a line) or yaml"
                      : "text (default) or json (an object a line); lists also: wide (more "
                        "columns) or yaml";
  return common;
}

const ActionSpec* CommandSpec::find_action(std::string_view action) const {
  const auto found = std::find_if(actions.begin(), actions.end(),
                                  [&](const ActionSpec& each) { return each.name == action; });
  return found == actions.end() ? nullptr : &*found;
}

const std::vector<CommandSpec>& all_commands() { return kCommands; }

const CommandSpec& command_spec(CommandId id) {
  return *std::find_if(kCommands.begin(), kCommands.end(),
                       [&](const CommandSpec& command) { return command.id == id; });
}

const CommandSpec* find_command(std::string_view name) {
  const auto found = std::find_if(kCommands.begin(), kCommands.end(),
                                  [&](const CommandSpec& command) { return command.name == name; });
  return found == kCommands.end() ? nullptr : &*found;
}

const std::vector<OptionSpec>& global_options() { return kGlobal; }

const std::vector<std::string_view>& later_commands() { return kLater; }

bool is_later_option(CommandId command, std::string_view option) {
  return std::find(std::begin(kLaterOptions), std::end(kLaterOptions),
                   std::pair(command, option)) != std::end(kLaterOptions);
}

}  // namespace drover::orchestrator
