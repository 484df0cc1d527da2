#include "examples/sandbox/tools/table.h"

#include <algorithm>

namespace drover::sandbox {
namespace {

constexpr size_t kNarrowest = 10;
constexpr size_t kPadding = 3;

}  // namespace

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max({kNarrowest, widths[i], row[i].size() + kPadding});
    }
  }
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - row[i].size(), ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace drover::sandbox
