#pragma once

#include <string>
#include <vector>

#include "orchestrator/ui/columns.h"
#include "plans/describe/describe.h"
#include "plans/timestamp.h"

/// What the descriptions of nodes and pods have in common.
namespace drover::orchestrator {

/// "3m12s" since then; "-" when it is not known, or still to come.
std::string age_since(const std::string& time, plans::Timestamp now);

/// "  Name        text" on as many lines as it takes, sanitised; nothing without a text.
std::string field_line(const std::string& name, const std::string& text,
                       Colour colour = Colour::Plain, bool color = false);

/// One line each, the oldest of what went wrong not being older than it says; "" when all is well.
std::string troubles_text(const std::vector<plans::Trouble>& troubles, plans::Timestamp now,
                          bool color);

struct DrainLine {
  std::string text;  ///< sanitised, in words of `drover node drain`
  Colour colour = Colour::Plain;
};
/// What drains do not pass by themselves first.
std::vector<DrainLine> drain_lines(const plans::ForeseenDrain& drain);

/// A heading and the table of `drover events`; a sentence without any.
std::string events_part(const std::vector<ClusterEvent>& events, plans::Timestamp now, bool color);

/// A line of blanks and a heading.
std::string heading(const std::string& text, bool color);

}  // namespace drover::orchestrator
