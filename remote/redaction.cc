#include "remote/redaction.h"

#include <algorithm>
#include <utility>

namespace drover::remote {

void Redaction::add(std::string_view secret) {
  if (secret.size() < kShortest) return;
  const std::lock_guard lock(mutex_);
  const auto known = std::any_of(secrets_.begin(), secrets_.end(),
                                 [&](const Secret& s) { return s.reveal() == secret; });
  if (known) return;
  const auto at = std::find_if(secrets_.begin(), secrets_.end(),
                               [&](const Secret& s) { return s.reveal().size() < secret.size(); });
  secrets_.insert(at, Secret(std::string(secret)));
}

// With more to follow it stops where the rest may yet become a secret, also a longer one than is
// there already.
std::string Redaction::scan(std::string_view& text, bool more) const {
  const std::lock_guard lock(mutex_);
  std::string clean;
  while (!text.empty()) {
    std::size_t found = 0;
    for (const Secret& secret : secrets_) {
      const std::string_view word = secret.reveal();
      if (more && word.size() > text.size() && word.starts_with(text)) return clean;
      if (found == 0 && text.starts_with(word)) found = word.size();
    }
    if (found > 0) {
      clean += kMark;
    } else {
      clean += text.front();
    }
    text.remove_prefix(std::max<std::size_t>(found, 1));
  }
  return clean;
}

std::string Redaction::apply(std::string_view text) const { return scan(text, false); }

std::string Redaction::take(std::string& text) const {
  std::string_view rest = text;
  std::string clean = scan(rest, true);
  text.erase(0, text.size() - rest.size());
  return clean;
}

Error Redaction::apply(Error error) const {
  for (std::string* text : {&error.message, &error.remedy, &error.detail}) *text = apply(*text);
  return error;
}

std::string RedactedStream::feed(std::string_view bytes) {
  held_ += bytes;
  return redaction_->take(held_);
}

std::string RedactedStream::end() { return redaction_->apply(std::exchange(held_, {})); }

}  // namespace drover::remote
