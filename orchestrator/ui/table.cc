#include "orchestrator/ui/table.h"

#include <algorithm>
#include <utility>

namespace drover::orchestrator {

std::vector<Cell> text_row(std::vector<std::string> cells, Colour colour) {
  std::vector<Cell> row;
  for (std::string& text : cells) row.push_back({std::move(text), colour});
  return row;
}

std::string table(const std::vector<std::vector<Cell>>& rows, bool color) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], columns_of(row[i].text));
    }
  }
  std::string out;
  for (const auto& row : rows) {
    std::string blanks;  // written only when something stands behind them
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string room(widths[i] - columns_of(row[i].text), ' ');
      if (row[i].right) blanks += room;
      if (!row[i].text.empty()) {
        out += blanks + paint(row[i].text, row[i].colour, color);
        blanks.clear();
      }
      if (!row[i].right) blanks += room;
      blanks += "  ";
    }
    out += '\n';
  }
  return out;
}

}  // namespace drover::orchestrator
