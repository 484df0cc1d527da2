#include "orchestrator/ui/logs_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/output_line.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

std::string json_line(const std::string& cluster, const LogLabel& label,
                      const plans::LogLine& line) {
  ordered_json json = {{"v", 1}, {"kind", "LogLine"}, {"cluster", cluster}};
  if (label.ns.empty()) {
    json["host"] = label.subject;
    json["log"] = label.container;
  } else {
    json["namespace"] = label.ns;
    json["pod"] = label.subject;
    json["container"] = label.container;
  }
  json["time"] = line.time;
  json["text"] = line.text;
  // ASCII only: a log may act on a terminal, and need not be UTF-8 (S13).
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace

LogPrinter::LogPrinter(std::FILE* out, Style style, const std::vector<LogLabel>& labels)
    : out_(out), style_(std::move(style)) {
  if (labels.size() < 2) return;
  namespaces_ = std::any_of(labels.begin(), labels.end(),
                            [&](const LogLabel& one) { return one.ns != labels.front().ns; });
  for (const LogLabel& label : labels) width_ = std::max(width_, columns_of(name(label)));
}

std::string LogPrinter::name(const LogLabel& label) const {
  return sanitise((namespaces_ ? label.ns + '/' : "") + label.subject);
}

std::string LogPrinter::text(const LogLabel& label, const plans::LogLine& line) const {
  std::string front = width_ == 0 ? "" : pad(name(label), width_) + " | ";
  if (style_.times && !label.dated && !line.time.empty()) front += sanitise(line.time) + ' ';
  return front + output_line(without_styles(line.text)) + '\n';
}

bool LogPrinter::print(const LogLabel& label, const plans::LogLine& line) {
  const std::string shown =
      style_.json ? json_line(style_.cluster, label, line) : text(label, line);
  const std::lock_guard lock(mutex_);
  return std::fputs(shown.c_str(), out_) >= 0 && std::fflush(out_) == 0;
}

}  // namespace drover::orchestrator
