#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "inventory/base/digest.h"
#include "remote/ssh/known_hosts.h"

namespace drover::remote {

/// What stands before the names of a line.
enum class LineMarker { None, Revoked, CertAuthority };

/// One line of a known_hosts file that is about some host.
struct KnownHostsLine {
  LineMarker marker = LineMarker::None;
  HostKey key;
  int number = 0;
};

/// The lines of one known_hosts file, arranged so that those about a host are found quickly: names
/// are looked up, the salts of hashed names taken in once, and what was found for a name is kept.
/// Keys are decoded only when their line is asked for. Any thread.
class KnownHostsIndex {
 public:
  explicit KnownHostsIndex(std::string text);

  /// The lines about `name` (known_hosts_name), in the order of the file.
  std::vector<KnownHostsLine> about(const std::string& name) const;

  /// True when more names are hashed than not: a line that is added hides its name too.
  bool hides_names() const { return hashed_.size() > readable_; }

 private:
  struct Line {
    LineMarker marker;
    std::string_view names;
    std::string_view rest;  ///< type, key, comment
    int number;
  };
  struct Hashed {
    HmacSha1Key salt;
    std::array<unsigned char, 20> hash;
    size_t line;
  };

  void add(std::string_view text, int number);
  void add_names(size_t line);
  std::vector<size_t> find(const std::string& name) const;

  const std::string text_;
  std::vector<Line> lines_;
  std::unordered_map<std::string, std::vector<size_t>> plain_;  ///< by a name without wildcards
  std::vector<size_t> patterns_;                                ///< lines with any other
  std::vector<Hashed> hashed_;
  size_t readable_ = 0;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::vector<size_t>> found_;
};

}  // namespace drover::remote
