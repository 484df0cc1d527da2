#include "remote/ssh/known_hosts_index.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <utility>

namespace drover::remote {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

/// `*` any run of characters, `?` any one.
bool matches_pattern(std::string_view text, std::string_view pattern) {
  size_t t = 0;
  size_t p = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::string_view next_name(std::string_view& names) {
  const size_t comma = std::min(names.find(','), names.size());
  const std::string_view name = names.substr(0, comma);
  names.remove_prefix(std::min(comma + 1, names.size()));
  return name;
}

/// One negated pattern that matches takes the whole line away from the host.
bool matches_names(std::string_view name, std::string_view names) {
  bool found = false;
  while (!names.empty()) {
    const std::string pattern = lower(next_name(names));
    const bool negated = pattern.starts_with('!');
    if (!matches_pattern(name, negated ? std::string_view(pattern).substr(1) : pattern)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

std::string_view next_word(std::string_view& rest) {
  const size_t begin = std::min(rest.find_first_not_of(" \t\r"), rest.size());
  const size_t end = std::min(rest.find_first_of(" \t\r", begin), rest.size());
  const std::string_view word = rest.substr(begin, end - begin);
  rest.remove_prefix(end);
  return word;
}

/// A blob begins with the name of its own type; a line that contradicts it is damaged.
bool is_of_type(std::string_view blob, std::string_view type) {
  if (blob.size() < 4 + type.size()) return false;
  size_t length = 0;
  for (size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(blob[i]);
  return length == type.size() && blob.substr(4, length) == type;
}

std::optional<HostKey> read_key(std::string_view rest) {
  HostKey key{std::string(next_word(rest)), {}};
  auto blob = base64_decode(next_word(rest));
  if (!blob || !is_of_type(*blob, key.type)) return std::nullopt;
  key.blob = std::move(*blob);
  return key;
}

}  // namespace

KnownHostsIndex::KnownHostsIndex(std::string text) : text_(std::move(text)) {
  std::string_view rest = text_;
  for (int number = 1; !rest.empty(); ++number) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    add(rest.substr(0, end), number);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void KnownHostsIndex::add(std::string_view text, int number) {
  Line line{LineMarker::None, next_word(text), {}, number};
  if (line.names.empty() || line.names.front() == '#') return;
  if (line.names.front() == '@') {
    if (line.names != "@revoked" && line.names != "@cert-authority") return;
    line.marker = line.names == "@revoked" ? LineMarker::Revoked : LineMarker::CertAuthority;
    line.names = next_word(text);
  }
  line.rest = text;
  lines_.push_back(line);
  add_names(lines_.size() - 1);
}

void KnownHostsIndex::add_names(size_t line) {
  std::string_view names = lines_[line].names;
  if (names.starts_with("|1|")) {
    names.remove_prefix(3);
    const size_t bar = names.find('|');
    if (bar == std::string_view::npos) return;
    const auto salt = base64_decode(names.substr(0, bar));
    const auto hash = base64_decode(names.substr(bar + 1));
    if (!salt || !hash || hash->size() != 20) return;
    hashed_.push_back({HmacSha1Key(*salt), {}, line});
    std::memcpy(hashed_.back().hash.data(), hash->data(), hash->size());
    return;
  }
  ++readable_;
  if (names.find_first_of("*?!") != std::string_view::npos) {
    patterns_.push_back(line);
    return;
  }
  while (!names.empty()) plain_[lower(next_name(names))].push_back(line);
}

std::vector<size_t> KnownHostsIndex::find(const std::string& name) const {
  std::vector<size_t> found;
  if (const auto named = plain_.find(name); named != plain_.end()) found = named->second;
  for (const size_t line : patterns_) {
    if (matches_names(name, lines_[line].names)) found.push_back(line);
  }
  for (const Hashed& each : hashed_) {
    if (each.salt.of(name) == each.hash) found.push_back(each.line);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<KnownHostsLine> KnownHostsIndex::about(const std::string& name) const {
  std::vector<size_t> found;
  {
    const std::lock_guard lock(mutex_);
    const auto [place, fresh] = found_.try_emplace(name);
    if (fresh) place->second = find(name);
    found = place->second;
  }
  std::vector<KnownHostsLine> lines;
  for (const size_t i : found) {
    auto key = read_key(lines_[i].rest);
    if (key) lines.push_back({lines_[i].marker, std::move(*key), lines_[i].number});
  }
  return lines;
}

}  // namespace drover::remote
