#pragma once

#include <string>
#include <string_view>

namespace drover::remote {

/// Text that must not be shown (S13): no conversion, no comparison, no output operator, no copy.
/// Its memory is overwritten before it is given back.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string&& text);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// The text itself, only for the library that needs it. Valid as long as this object.
  std::string_view reveal() const { return text_; }

 private:
  std::string text_;
};

/// Overwrites all of `text`'s memory and leaves it empty.
void wipe(std::string& text);

}  // namespace drover::remote
