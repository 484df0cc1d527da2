#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/ui/output_format.h"
#include "orchestrator/ui/table.h"

/// Lists: a list is described once, by its columns and by the fields of its rows, and printed in
/// every format.
namespace drover::orchestrator {

template <class Row>
struct Column {
  std::string_view head;
  std::function<std::string(const Row&)> text;  ///< made harmless by the list
  bool wide = false;                            ///< only where there is more room
};

template <class Row>
struct ListView {
  std::string_view kind;                          ///< of the whole list, for programs: "Events"
  std::string_view none;                          ///< a sentence, when there are no rows
  std::vector<Column<Row>> columns;               ///< from left to right
  std::function<std::string(const Row&)> fields;  ///< a JSON object
  std::function<Colour(const Row&)> colour = [](const Row&) { return Colour::Plain; };
};

/// How a list is to be printed.
struct ListStyle {
  OutputFormat format = OutputFormat::Text;
  std::string cluster = {};  ///< for programs
  bool color = false;

  bool is_for_programs() const {
    return format == OutputFormat::Json || format == OutputFormat::Yaml;
  }
};

/// `{"v":1,"kind":KIND,"cluster":...,"items":[...]}` on one line, or the same as YAML. `items`:
/// JSON objects.
std::string list_document(std::string_view kind, const std::vector<std::string>& items,
                          const ListStyle& style);
/// `{"v":1,"kind":KIND,"cluster":..., FIELDS}` on one line, or a document of a YAML stream: one of
/// a watch. `fields`: a JSON object.
std::string watch_document(std::string_view kind, const std::string& fields,
                           const ListStyle& style);

/// A document that a list has of its own, one line of JSON, in the format for programs that is
/// wanted.
std::string document_as(const std::string& json, OutputFormat format);

/// Text of a cell that cannot act on a terminal nor break its line (S13).
std::string cell_text(const std::string& text);

template <class Row>
std::string list_text(const ListView<Row>& view, const std::vector<Row>& rows,
                      const ListStyle& style) {
  if (style.is_for_programs()) {
    std::vector<std::string> items;
    for (const Row& row : rows) items.push_back(view.fields(row));
    return list_document(view.kind, items, style);
  }
  if (rows.empty()) return std::string(view.none) + '\n';
  std::vector<const Column<Row>*> columns;
  for (const Column<Row>& column : view.columns) {
    if (!column.wide || style.format == OutputFormat::Wide) columns.push_back(&column);
  }
  std::vector<std::vector<Cell>> lines(1);
  for (const Column<Row>* column : columns) lines[0].push_back({std::string(column->head)});
  for (const Row& row : rows) {
    std::vector<std::string> cells;
    for (const Column<Row>* column : columns) cells.push_back(cell_text(column->text(row)));
    lines.push_back(text_row(std::move(cells), view.colour(row)));
  }
  return table(lines, style.color);
}

}  // namespace drover::orchestrator
