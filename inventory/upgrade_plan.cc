#include "inventory/upgrade_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "inventory/health_fields.h"
#include "inventory/rollout_fields.h"
#include "inventory/yaml_field.h"

namespace drover {
namespace {

using std::chrono::seconds;

void read_inventory_path(const YamlField& field, UpgradePlan& plan) {
  field.require("write the path of the inventory file, relative to this file");
  const auto text = field.text();
  if (!text) return;
  plan.inventory = *text;
  if (!text->empty() && one_line(*text)) return;
  field.refuse(fmt::format("{} is not a path", shown(*text)),
               "write the path of the inventory file, relative to this file");
}

void read_target(const YamlField& field, UpgradePlan& plan) {
  field.require("write the version to upgrade to, for example 1.34.4");
  const auto text = field.text();
  if (!text) return;
  const auto exact = parse_kube_version(*text);
  const auto minor = parse_kube_version(*text + ".0");
  if (exact) {
    plan.target = {exact->major, exact->minor, exact->patch};
  } else if (minor) {
    plan.target = {minor->major, minor->minor, std::nullopt};
  } else {
    field.refuse(
        fmt::format("{} is not a version", shown(*text)),
        "write MAJOR.MINOR.PATCH, for example 1.34.4, or MAJOR.MINOR for its newest patch");
  }
}

std::vector<NamedHost> read_hosts(const YamlField& field) {
  std::vector<NamedHost> hosts;
  std::set<std::string> seen;
  for (const YamlField& item : field.items()) {
    const auto name = item.text();
    if (!name) continue;
    if (!seen.insert(*name).second) {
      item.refuse(fmt::format("{} stands in the list twice", shown(*name)), "leave one out");
    }
    hosts.push_back({*name, item.place().line, item.place().column});
  }
  return hosts;
}

void read_drain(const YamlField& field, DrainPolicy& drain) {
  field.check_keys("drain");
  set(drain.timeout, field["timeout"].duration(seconds(1)));
  set(drain.grace_period, field["grace_period"].whole(-1));
  set(drain.ignore_daemonsets, field["ignore_daemonsets"].flag());
  set(drain.delete_emptydir_data, field["delete_emptydir_data"].flag());
  set(drain.force, field["force"].flag());
  set(drain.keep_serving, field["keep_serving"].flag());
  drain.disable_eviction = read_hosts(field["disable_eviction"]);
  set(drain.skip, field["skip"].flag());
  if (!drain.skip || drain.disable_eviction.empty()) return;
  field["disable_eviction"].refuse("nothing is drained with drain.skip",
                                   "leave one of the two out");
}

void read_etcd(const YamlField& field, EtcdPolicy& etcd) {
  field.check_keys("etcd");
  set(etcd.snapshot, field["snapshot"].flag());
  set(etcd.keep, field["keep"].whole(1));
  const YamlField directory = field["directory"];
  const auto text = directory.text();
  if (!text) return;
  etcd.directory = *text;
  if (one_line(*text) && text->size() > 1 && (*text)[0] == '/') return;
  directory.refuse(fmt::format("{} is not an absolute path", shown(*text)),
                   "write a folder of the control plane, for example /var/backups/drover");
}

void read_os(const YamlField& field, UpgradePlan& plan) {
  field.check_keys("os");
  const YamlField upgrade = field["upgrade"];
  const auto packages = upgrade.text();
  if (packages && (*packages == "security" || *packages == "all")) {
    upgrade.refuse(fmt::format("{} is not supported yet", shown(*packages)), "allowed: none");
  } else if (packages && *packages != "none") {
    upgrade.refuse(fmt::format("{} says not which packages to upgrade", shown(*packages)),
                   "allowed: none");
  }
  const YamlField reboot = field["reboot"];
  const auto when = reboot.text();
  if (!when || *when == "never") return;
  if (*when == "if-required") {
    plan.reboot = Reboot::IfRequired;
  } else if (*when == "always") {
    plan.reboot = Reboot::Always;
  } else {
    reboot.refuse(fmt::format("{} says not when to reboot", shown(*when)),
                  "allowed: never, if-required, always");
  }
}

bool one_of_ours(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// The form of kubeadm's names, such as SystemVerification or FileExisting-crictl.
bool one_of_kubeadm(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  };
  return name[0] != '-' && std::all_of(name.begin(), name.end(), allowed);
}

void read_ignored(const YamlField& item, const std::string& name,
                  const std::vector<std::string>& check_ids, UpgradePlan& plan) {
  if (name.empty() || !(one_of_ours(name) || one_of_kubeadm(name))) {
    item.refuse(fmt::format("{} is not the name of a check", shown(name)),
                "write one of Drover's check ids or one of kubeadm's preflight checks");
  } else if (!one_of_ours(name)) {
    plan.ignored_preflight.push_back(name);
  } else if (std::find(check_ids.begin(), check_ids.end(), name) != check_ids.end()) {
    plan.ignored_checks.push_back(name);
  } else {
    const auto near = nearest(name, check_ids);
    item.refuse(fmt::format("there is no check {}", shown(name)),
                near ? fmt::format("did you mean \"{}\"?", *near)
                     : "`drover check --list` shows all check ids");
  }
}

void read_preflight(const YamlField& field, const std::vector<std::string>& check_ids,
                    UpgradePlan& plan) {
  field.check_keys("preflight");
  std::set<std::string> seen;
  for (const YamlField& item : field["ignore"].items()) {
    const auto text = item.text();
    if (text && !seen.insert(*text).second) {
      item.refuse(fmt::format("{} stands in the list twice", shown(*text)), "leave one out");
    } else if (text) {
      read_ignored(item, *text, check_ids, plan);
    }
  }
}

}  // namespace

std::string Target::str() const {
  return patch ? fmt::format("{}.{}.{}", major, minor, *patch) : fmt::format("{}.{}", major, minor);
}

bool DrainPolicy::disables_eviction(std::string_view name) const {
  return std::any_of(disable_eviction.begin(), disable_eviction.end(),
                     [&](const NamedHost& named) { return named.name == name; });
}

bool UpgradePlan::excludes(const Host& host) const {
  return std::any_of(excluded.begin(), excluded.end(),
                     [&](const NamedHost& named) { return named.name == host.name; });
}

bool UpgradePlan::takes(const Host& host) const {
  const bool within =
      limit.empty() || std::find(limit.begin(), limit.end(), host.name) != limit.end();
  return within && !excludes(host);
}

Read<UpgradePlan> read_upgrade_plan(std::string_view text, const std::string& file,
                                    const std::vector<std::string>& check_ids,
                                    const std::string& home) {
  YamlReport report{file, &upgrade_plan_keys(), {}};
  const auto root = read_yaml(text, file, report.diagnostics);
  if (!root) return report.take();
  const YamlField top(*root, report);
  top.check_keys("");
  check_header(top, "UpgradePlan");
  UpgradePlan plan;
  plan.file = file;
  plan.sha256 = sha256_hex(text);
  read_inventory_path(top["inventory"], plan);
  read_target(top["target"], plan);
  read_rollout(top, plan.rollout);
  plan.excluded = read_hosts(top["workers"]["exclude"]);
  read_drain(top["drain"], plan.drain);
  const Folders folders{home, std::filesystem::path(file).parent_path().string()};
  read_health(top["health"], folders, plan.health);
  read_etcd(top["etcd"], plan.etcd);
  read_os(top["os"], plan);
  top["prestage"].check_keys("prestage");
  set(plan.prestage, top["prestage"]["enabled"].flag());
  read_preflight(top["preflight"], check_ids, plan);
  if (!report.diagnostics.empty()) return report.take();
  return plan;
}

}  // namespace drover
