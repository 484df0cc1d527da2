#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/error.h"
#include "remote/secret.h"

namespace drover::remote {

/// What must not be shown (S13), wherever it comes from. Any thread.
class Redaction {
 public:
  /// What stands in a secret's place.
  static constexpr std::string_view kMark = "[secret]";
  /// Shorter ones are not looked for: they would be found everywhere.
  static constexpr std::size_t kShortest = 4;

  void add(std::string_view secret);

  /// `text` without secrets; of two that overlap the longer one is taken out.
  std::string apply(std::string_view text) const;
  /// Message, remedy and detail of `error` without secrets.
  Error apply(Error error) const;

  /// The same for a text of which more follows: takes from `text` what is certain by now.
  std::string take(std::string& text) const;

 private:
  std::string scan(std::string_view& text, bool more) const;

  mutable std::mutex mutex_;
  std::vector<Secret> secrets_;  ///< the longest first
};

/// A text that comes in pieces, wherever they end.
class RedactedStream {
 public:
  /// `redaction` outlives it.
  explicit RedactedStream(const Redaction& redaction) : redaction_(&redaction) {}

  /// What is now certain.
  std::string feed(std::string_view bytes);
  /// The rest.
  std::string end();

 private:
  const Redaction* redaction_;
  std::string held_;
};

}  // namespace drover::remote
