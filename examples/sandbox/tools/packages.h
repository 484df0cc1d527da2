#pragma once

#include <optional>
#include <string>
#include <vector>

#include "examples/sandbox/tools/repository.h"

/// The package database of a node: what is installed, held, unfinished, and what repositories
/// offer.
namespace drover::sandbox {

std::optional<std::string> installed_revision(const std::string& package);
std::vector<std::string> installed_packages();
bool is_held(const std::string& package);
void set_hold(const std::string& package, bool held);

/// What dpkg has not finished of a package: "half-installed", "unpacked" or "half-configured"; ""
/// when it is whole.
std::string unfinished_state(const std::string& package);

/// "v1.34.4" of the installed package. Without it the call ends as a shell does that finds no such
/// program.
std::string version_of(const std::string& package);

/// "v1.34.4" of "1.34.4-1.1", with or without an epoch.
std::string version_of_revision(const std::string& revision);

/// Whether dpkg would call `one` the older revision. Knows digits and other characters, no tildes.
bool is_older(const std::string& one, const std::string& other);

struct Offer {
  std::string name;
  std::string revision;
  Repository from;
};

/// All that these repositories offer (`offers/vMINOR`), the newest revision of a name first.
std::vector<Offer> offers_of(const std::vector<Repository>& repositories);

/// dpkg's name of this machine's kind: "amd64".
std::string architecture();

/// "kubeadm_1.34.4-1.1_amd64.deb"; a colon in the revision is written as %3a.
std::string archive_name(const std::string& package, const std::string& revision);

}  // namespace drover::sandbox
