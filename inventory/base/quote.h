#pragma once

#include <string>
#include <string_view>

namespace drover {

/// `text` as exactly one word of POSIX sh, whatever is in it (S19). The only place that quotes.
std::string quote(std::string_view text);

}  // namespace drover
