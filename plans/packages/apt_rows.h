#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plans/packages/package_manager.h"

/// Rows of apt's and dpkg's own tables.
namespace drover::plans {

/// `package NAME WANT FLAG STATUS REVISION`, the fields of dpkg-query(1).
struct PackageRow {
  std::string name;
  std::string want;      ///< install, hold, ...
  std::string flag;      ///< ok, reinstreq
  std::string status;    ///< installed, half-configured, ...
  std::string revision;  ///< may be empty

  bool held() const { return want == "hold"; }
  bool whole() const;    ///< installed and configured
  bool present() const;  ///< files of it are there, whole or not
};
std::optional<PackageRow> read_package_row(std::string_view line);

/// `kubeadm | 1.34.4-1.1 | https://pkgs.k8s.io/core:/stable:/v1.34/deb  Packages` of madison.
struct OfferRow {
  std::string name;
  std::string revision;
  std::string uri;  ///< of the repository, as written there apart from trailing slashes
};
/// Nothing for a row of source packages, or one that is no row at all.
std::optional<OfferRow> read_offer_row(std::string_view line);

/// Adds a row's revision once, behind those that are there: madison prints the newest first.
void add_offer(Offers& offers, const OfferRow& row);

/// Takes `key` and a space off the front of `line`.
bool take_key(std::string_view& line, std::string_view key);

/// Without slashes at the end and without user and password: what two spellings of a URI share.
std::string comparable_uri(std::string_view uri);

}  // namespace drover::plans
