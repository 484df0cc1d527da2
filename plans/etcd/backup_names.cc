#include "plans/etcd/backup_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "plans/timestamp.h"

namespace drover::plans {
namespace {

constexpr std::string_view kFront = "etcd-";
constexpr std::string_view kEnd = ".db";
constexpr std::string_view kTimeShape = "ddddddddTddddddZ";
constexpr size_t kUnique = 4;  // behind the time of a run's id

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_hex(char letter) { return is_digit(letter) || (letter >= 'a' && letter <= 'f'); }

/// "20261128T065000Z" as RFC 3339; nothing when it is no moment.
std::optional<std::string> moment(std::string_view text) {
  if (text.size() != kTimeShape.size()) return std::nullopt;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kTimeShape[i] == 'd' ? !is_digit(text[i]) : text[i] != kTimeShape[i]) return std::nullopt;
  }
  const std::string time =
      fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2),
                  text.substr(9, 2), text.substr(11, 2), text.substr(13, 2));
  if (!parse_timestamp(time)) return std::nullopt;
  return time;
}

}  // namespace

std::string backup_name(const std::string& cluster, const std::string& run) {
  return fmt::format("{}{}-{}{}", kFront, cluster, run, kEnd);
}

std::optional<BackupName> read_backup_name(std::string_view name) {
  if (!name.starts_with(kFront) || !name.ends_with(kEnd)) return std::nullopt;
  name.remove_prefix(kFront.size());
  name.remove_suffix(kEnd.size());
  const size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const std::string_view last = name.substr(dash + 1);
  const std::string_view rest = name.substr(0, dash);
  if (const auto time = moment(last)) {
    const bool version = std::all_of(rest.begin(), rest.end(),
                                     [](char letter) { return is_digit(letter) || letter == '.'; });
    if (version) return BackupName{.cluster = "", .time = *time};
  }
  if (last.size() != kUnique || !std::all_of(last.begin(), last.end(), is_hex)) return std::nullopt;
  const size_t before = rest.rfind('-');
  if (before == std::string_view::npos || before == 0) return std::nullopt;
  const auto time = moment(rest.substr(before + 1));
  if (!time) return std::nullopt;
  return BackupName{.cluster = std::string(rest.substr(0, before)), .time = *time};
}

std::vector<std::string> to_prune(const std::vector<std::string>& names, const std::string& cluster,
                                  const std::string& made, std::string_view now, const Keep& keep) {
  if (keep.count <= 0 && keep.age.count() <= 0) return {};
  std::vector<std::pair<std::string, std::string>> ours;  // time, name
  for (const std::string& name : names) {
    const auto read = read_backup_name(name);
    if (read && read->cluster == cluster && !read->cluster.empty() && name != made)
      ours.emplace_back(read->time, name);
  }
  std::sort(ours.rbegin(), ours.rend());
  const auto today = parse_timestamp(now);
  std::vector<std::string> gone;
  for (size_t i = 0; i < ours.size(); ++i) {
    const bool counted = keep.count > 0 && i + 1 < static_cast<size_t>(keep.count);
    const auto time = parse_timestamp(ours[i].first);
    const bool young = keep.age.count() > 0 && (!today || !time || *today - *time <= keep.age);
    if (!counted && !young) gone.push_back(ours[i].second);
  }
  std::reverse(gone.begin(), gone.end());
  return gone;
}

}  // namespace drover::plans
