#pragma once

#include <string>
#include <vector>

#include "orchestrator/ui/columns.h"

namespace drover::orchestrator {

struct Cell {
  std::string text;  ///< sanitised
  Colour colour = Colour::Plain;
  bool right = false;  ///< a number
};

/// A row whose cells are all text of one colour.
std::vector<Cell> text_row(std::vector<std::string> cells, Colour colour = Colour::Plain);

/// Rows in columns two blanks apart, each as wide as its widest cell; the first row is the head. No
/// blanks at the ends of lines.
std::string table(const std::vector<std::vector<Cell>>& rows, bool color);

}  // namespace drover::orchestrator
