#include "examples/sandbox/tools/install_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

using Kind = Change::Kind;

const Offer* newest(const std::vector<Offer>& offers, const std::string& name) {
  const auto found = std::find_if(offers.begin(), offers.end(),
                                  [&](const Offer& offer) { return offer.name == name; });
  return found == offers.end() ? nullptr : &*found;
}

Change change_to(const Offer& offer) {
  const auto old = installed_revision(offer.name);
  if (!old) return {offer, "", Kind::New};
  if (*old == offer.revision) return {offer, *old, Kind::Reinstall};
  return {offer, *old, is_older(offer.revision, *old) ? Kind::Downgrade : Kind::Upgrade};
}

// A half-installed package is to be installed again, whichever revision it has.
bool changes_something(const Change& change) {
  return change.kind != Kind::Reinstall || unfinished_state(change.offer.name) == "half-installed";
}

void add(InstallPlan& plan, const Offer& offer) {
  const Change change = change_to(offer);
  if (changes_something(change)) {
    plan.changes.push_back(change);
  } else {
    plan.newest.push_back(offer);
  }
}

bool is_wanted(const std::vector<Offer>& wanted, const std::string& name) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const Offer& offer) { return offer.name == name; });
}

void add_dependency(InstallPlan& plan, const std::vector<Offer>& offers,
                    const std::vector<Offer>& wanted) {
  const std::string tools = "cri-tools";
  const Offer* offer = newest(offers, tools);
  if (!is_wanted(wanted, "kubeadm") || is_wanted(wanted, tools) || offer == nullptr) return;
  const auto old = installed_revision(tools);
  if (old && !is_older(*old, offer->revision)) return;
  plan.additional.insert(tools);
  add(plan, *offer);
}

int left_behind(const InstallPlan& plan, const std::vector<Offer>& offers) {
  int count = 0;
  for (const std::string& name : installed_packages()) {
    const Offer* offer = newest(offers, name);
    const bool older = offer != nullptr && is_older(*installed_revision(name), offer->revision);
    const bool changed = std::any_of(plan.changes.begin(), plan.changes.end(),
                                     [&](const Change& one) { return one.offer.name == name; });
    if (older && !changed) ++count;
  }
  return count;
}

void add_list(std::string& text, const char* title, const std::vector<std::string>& names) {
  if (!names.empty()) text += fmt::format("{}\n  {}\n", title, join(names, " "));
}

}  // namespace

std::vector<std::string> InstallPlan::names(Kind kind) const {
  std::vector<std::string> list;
  for (const Change& change : changes) {
    if (change.kind == kind) list.push_back(change.offer.name);
  }
  std::sort(list.begin(), list.end());
  return list;
}

std::vector<std::string> InstallPlan::held() const {
  std::vector<std::string> list;
  for (const Change& change : changes) {
    if (change.kind != Kind::New && is_held(change.offer.name)) list.push_back(change.offer.name);
  }
  std::sort(list.begin(), list.end());
  return list;
}

std::string InstallPlan::summary() const {
  std::string text;
  for (const Offer& offer : newest) {
    text += fmt::format("{} is already the newest version ({}).\n", offer.name, offer.revision);
  }
  add_list(text, "The following additional packages will be installed:",
           {additional.begin(), additional.end()});
  const auto count = [&](Kind kind) { return names(kind).size(); };
  add_list(text, "The following NEW packages will be installed:", names(Kind::New));
  const std::vector<std::string> down = names(Kind::Downgrade);
  if (down.empty()) add_list(text, "The following held packages will be changed:", held());
  add_list(text, "The following packages will be upgraded:", names(Kind::Upgrade));
  add_list(text, "The following packages will be DOWNGRADED:", down);
  text += fmt::format("{} upgraded, {} newly installed, ", count(Kind::Upgrade), count(Kind::New));
  const size_t again = count(Kind::Reinstall);
  if (again > 0) text += fmt::format("{} reinstalled, ", again);
  if (!down.empty()) text += fmt::format("{} downgraded, ", down.size());
  return text + fmt::format("0 to remove and {} not upgraded.\n", not_upgraded);
}

Offer find_offer(const std::vector<Offer>& offers, const std::string& wanted) {
  const size_t equals = wanted.find('=');
  const std::string name = wanted.substr(0, equals);
  const Offer* any = newest(offers, name);
  if (any == nullptr && !installed_revision(name)) {
    fail("E: Unable to locate package " + name, 100);
  }
  if (any != nullptr && equals == std::string::npos) return *any;
  const std::string revision = equals == std::string::npos ? "" : wanted.substr(equals + 1);
  for (const Offer& offer : offers) {
    if (offer.name == name && offer.revision == revision) return offer;
  }
  // dpkg's own database is a source, too: the revision that is installed can be named.
  if (installed_revision(name) == revision) return {name, revision, {}};
  out(
      fmt::format("Package {} is not available, but is referred to by another package.\n"
                  "This may mean that the package is missing, has been obsoleted, or\n"
                  "is only available from another source\n\n",
                  name));
  fail(fmt::format("E: Version '{}' for '{}' was not found", revision, name), 100);
}

InstallPlan plan_install(const std::vector<Offer>& offers, const std::vector<std::string>& wanted) {
  std::vector<Offer> found;
  for (const std::string& word : wanted) found.push_back(find_offer(offers, word));
  std::sort(found.begin(), found.end(),
            [](const Offer& a, const Offer& b) { return a.name < b.name; });
  InstallPlan plan;
  add_dependency(plan, offers, found);
  for (const Offer& offer : found) add(plan, offer);
  plan.not_upgraded = left_behind(plan, offers);
  return plan;
}

}  // namespace drover::sandbox
