#include "remote/ssh/known_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "inventory/base/digest.h"

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

/// `|1|salt|hash`: HMAC-SHA1 of the name with the salt as its key.
bool matches_hash(std::string_view name, std::string_view hashed) {
  hashed.remove_prefix(std::string_view("|1|").size());
  const size_t bar = hashed.find('|');
  if (bar == std::string_view::npos) return false;
  const auto salt = base64_decode(hashed.substr(0, bar));
  const auto hash = base64_decode(hashed.substr(bar + 1));
  return salt && hash && !hash->empty() && hmac_sha1(*salt, name) == *hash;
}

/// One negated pattern that matches takes the whole line away from the host.
bool matches_names(std::string_view name, std::string_view names) {
  if (names.starts_with("|1|")) return matches_hash(name, names);
  bool found = false;
  while (!names.empty()) {
    const size_t comma = std::min(names.find(','), names.size());
    std::string pattern = lower(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 1, names.size()));
    const bool negated = pattern.starts_with('!');
    if (!matches_pattern(name, negated ? std::string_view(pattern).substr(1) : pattern)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

enum class Marker { None, Revoked, CertAuthority };

struct Line {
  Marker marker = Marker::None;
  std::string_view names;
  HostKey key;
};

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

/// The line, if it is about the host `name`. The key is decoded last: most lines are of other
/// hosts.
std::optional<Line> read_line(std::string_view text, std::string_view name) {
  Line line;
  std::string_view word = next_word(text);
  if (word.empty() || word.front() == '#') return std::nullopt;
  if (word.front() == '@') {
    if (word != "@revoked" && word != "@cert-authority") return std::nullopt;
    line.marker = word == "@revoked" ? Marker::Revoked : Marker::CertAuthority;
    word = next_word(text);
  }
  line.names = word;
  if (!matches_names(name, line.names)) return std::nullopt;
  line.key.type = next_word(text);
  auto blob = base64_decode(next_word(text));
  if (!blob || !is_of_type(*blob, line.key.type)) return std::nullopt;
  line.key.blob = std::move(*blob);
  return line;
}

/// Calls `see(line, known_key)` for every line about the host.
template <class See>
void each_line(const std::vector<KnownHostsFile>& files, std::string_view address, int port,
               See see) {
  const std::string name = known_hosts_name(address, port);
  for (const KnownHostsFile& file : files) {
    std::string_view rest = file.text;
    for (int number = 1; !rest.empty(); ++number) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      const auto line = read_line(rest.substr(0, end), name);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line)
        see(*line, KnownKey{line->key.type, fingerprint(line->key.blob), file.path, number});
    }
  }
}

}  // namespace

std::string known_hosts_name(std::string_view address, int port) {
  return port == 22 ? lower(address) : fmt::format("[{}]:{}", lower(address), port);
}

HostKeyVerdict judge_host_key(const std::vector<KnownHostsFile>& files, std::string_view address,
                              int port, const HostKey& shown) {
  HostKeyVerdict verdict;
  bool on_record = false;
  each_line(files, address, port, [&](const Line& line, KnownKey key) {
    const bool same = line.key.blob == shown.blob;
    switch (line.marker) {
      case Marker::CertAuthority:
        verdict.authorities.push_back(std::move(key));
        break;
      case Marker::Revoked:
        if (same) verdict.revoked.push_back(std::move(key));
        break;
      case Marker::None:
        on_record = on_record || same;
        verdict.known.push_back(std::move(key));
        break;
    }
  });
  using Kind = HostKeyVerdict::Kind;
  if (!verdict.revoked.empty()) {
    verdict.kind = Kind::Revoked;
  } else if (on_record) {
    verdict.kind = Kind::Known;
  } else {
    verdict.kind = verdict.known.empty() ? Kind::Unknown : Kind::Changed;
  }
  return verdict;
}

std::vector<KnownKey> known_keys(const std::vector<KnownHostsFile>& files, std::string_view address,
                                 int port) {
  std::vector<KnownKey> keys;
  std::vector<std::string> revoked;
  each_line(files, address, port, [&](const Line& line, KnownKey key) {
    if (line.marker == Marker::Revoked) revoked.push_back(key.fingerprint);
    if (line.marker == Marker::None) keys.push_back(std::move(key));
  });
  std::erase_if(keys, [&](const KnownKey& key) {
    return std::find(revoked.begin(), revoked.end(), key.fingerprint) != revoked.end();
  });
  return keys;
}

std::string fingerprint(std::string_view blob) {
  const std::string hex = sha256_hex(blob);
  std::string digest;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    digest += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  std::string text = base64_encode(digest);
  text.erase(text.find_last_not_of('=') + 1);
  return "SHA256:" + text;
}

}  // namespace drover::remote
