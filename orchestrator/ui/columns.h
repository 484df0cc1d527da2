#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Text laid out in the columns of a terminal. All of it expects sanitised UTF-8.
namespace drover::orchestrator {

/// Columns that `text` takes up: wide characters take two.
std::size_t columns_of(std::string_view text);

/// `text` with blanks behind it up to `width` columns; longer text as it is.
std::string pad(std::string_view text, std::size_t width);

/// `text` if it fits into `width` columns, otherwise its beginning with an ellipsis.
std::string cut(std::string_view text, std::size_t width);

/// Lines of at most `width` columns, broken at blanks; a word that is longer is left whole.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

enum class Colour { Plain, Dim, Bold, Red, Green, Yellow };

/// `text` in a colour, if `enabled`.
std::string paint(std::string_view text, Colour colour, bool enabled);

/// `head` padded to `indent` columns, then `text` wrapped to the right of it. Ends with a newline.
std::string hang(std::string_view head, std::string_view text, std::size_t indent,
                 std::size_t width);

/// The same with `text` dim from its byte `dim_from` on. `text` has single blanks only.
std::string hang_dim(std::string_view head, std::string_view text, std::size_t dim_from,
                     std::size_t indent, std::size_t width);

}  // namespace drover::orchestrator
