#include "plans/packages/apt_rows.h"

#include <algorithm>

#include "inventory/base/text.h"

namespace drover::plans {
namespace {

Error not_understood(const std::string& what) {
  Error error;
  error.kind = ErrorKind::Command;
  error.message = what + " ends early";
  error.remedy = "try again; if it stays so, look at the package database of the node";
  return error;
}

// The lines before the one that says `end`; nothing when it is missing.
std::optional<std::vector<std::string>> complete(std::string_view text) {
  std::vector<std::string> lines = split_lines(text);
  if (lines.empty() || lines.back() != "end" || text.back() != '\n') return std::nullopt;
  lines.pop_back();
  return lines;
}

}  // namespace

bool PackageRow::whole() const {
  return flag == "ok" &&
         (status == "installed" || status == "triggers-awaited" || status == "triggers-pending");
}

bool PackageRow::present() const {
  return !revision.empty() && status != "not-installed" && status != "config-files";
}

bool take_key(std::string_view& line, std::string_view key) {
  if (line.size() <= key.size() || line.substr(0, key.size()) != key || line[key.size()] != ' ') {
    return false;
  }
  line.remove_prefix(key.size() + 1);
  return true;
}

std::optional<PackageRow> read_package_row(std::string_view line) {
  if (!take_key(line, "package")) return std::nullopt;
  const std::vector<std::string> fields = split_words(line);
  if (fields.size() < 4 || fields.size() > 5) return std::nullopt;
  return PackageRow{fields[0], fields[1], fields[2], fields[3],
                    fields.size() == 5 ? fields[4] : ""};
}

std::optional<OfferRow> read_offer_row(std::string_view line) {
  const size_t first = line.find('|');
  const size_t second = first == line.npos ? line.npos : line.find('|', first + 1);
  if (second == line.npos) return std::nullopt;
  OfferRow row;
  row.name = trim(line.substr(0, first));
  row.revision = trim(line.substr(first + 1, second - first - 1));
  const std::vector<std::string> source = split_words(line.substr(second + 1));
  if (source.size() < 2 || source.back() != "Packages") return std::nullopt;
  if (row.name.empty() || row.revision.empty()) return std::nullopt;
  row.uri = comparable_uri(source.front());
  return row;
}

void add_offer(Offers& offers, const OfferRow& row) {
  std::vector<std::string>& revisions = offers[row.name];
  if (std::find(revisions.begin(), revisions.end(), row.revision) == revisions.end()) {
    revisions.push_back(row.revision);
  }
}

std::string comparable_uri(std::string_view uri) {
  while (!uri.empty() && uri.back() == '/') uri.remove_suffix(1);
  const size_t host = uri.find("://");
  if (host == uri.npos) return std::string(uri);
  const std::string_view rest = uri.substr(host + 3);
  const size_t user = rest.substr(0, rest.find('/')).rfind('@');
  return std::string(uri.substr(0, host + 3)) +
         std::string(user == rest.npos ? rest : rest.substr(user + 1));
}

Result<InstalledPackages> parse_installed(std::string_view text) {
  const auto lines = complete(text);
  if (!lines) return not_understood("the list of installed packages");
  InstalledPackages installed;
  for (const std::string& line : *lines) {
    const auto row = read_package_row(line);
    if (!row) continue;
    if (row->whole()) installed.revisions[row->name] = row->revision;
    if (row->held()) installed.held.insert(row->name);
  }
  return installed;
}

Result<Offers> parse_offered(std::string_view text) {
  const auto lines = complete(text);
  if (!lines) return not_understood("the list of offered packages");
  Offers offers;
  for (const std::string& line : *lines) {
    if (const auto row = read_offer_row(line)) add_offer(offers, *row);
  }
  return offers;
}

Result<ShownRepository> parse_repository(std::string_view text) {
  const auto lines = complete(text);
  if (!lines) return not_understood("the list of repository lines");
  ShownRepository shown;
  for (const std::string& raw : *lines) {
    std::string_view line = raw;
    if (take_key(line, "line")) {
      shown.lines.emplace_back(line);
    } else if (raw == "line ") {
      shown.lines.emplace_back();
    } else if (take_key(line, "offers")) {
      if (const auto row = read_offer_row(line)) add_offer(shown.offered, *row);
    }
  }
  return shown;
}

}  // namespace drover::plans
