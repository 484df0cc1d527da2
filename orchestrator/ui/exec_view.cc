#include "orchestrator/ui/exec_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/detail_text.h"
#include "orchestrator/ui/output_line.h"

namespace drover::orchestrator {

ExecView::ExecView(std::FILE* out, std::FILE* err, const std::vector<std::string>& hosts)
    : out_(out), err_(err) {
  if (hosts.size() < 2) return;
  for (const std::string& host : hosts) width_ = std::max(width_, columns_of(host));
}

void ExecView::output(const std::string& host, remote::Stream stream, std::string_view text) {
  const std::lock_guard lock(mutex_);
  std::string& rest = unended_[{host, stream}];
  rest += text;
  std::size_t from = 0;
  for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', from)) {
    line(host, stream, std::string_view(rest).substr(from, end - from));
    from = end + 1;
  }
  rest.erase(0, from);
  if (rest.size() < kOutputLineBytes) return;
  line(host, stream, rest);
  rest.clear();
}

void ExecView::ended(const ExecResult& result) {
  const std::lock_guard lock(mutex_);
  for (const auto stream : {remote::Stream::Out, remote::Stream::Err}) {
    const auto rest = unended_.extract({result.host, stream});
    if (rest && !rest.mapped().empty()) line(result.host, stream, rest.mapped());
  }
  if (result.error) {
    std::string text = sanitise(result.error->message, 1000) + '\n';
    if (!text.starts_with(result.host)) text = result.host + ": " + text;
    if (!result.error->remedy.empty()) {
      text += fmt::format("  -> {}\n", sanitise(result.error->remedy, 1000));
    }
    std::fputs(text.c_str(), err_);
  } else if (result.result.exit_code != 0) {
    std::fputs(fmt::format("{}: exit code {}\n", result.host, *result.result.exit_code).c_str(),
               err_);
  }
  std::fflush(err_);
}

void ExecView::line(const std::string& host, remote::Stream stream, std::string_view text) {
  std::FILE* to = stream == remote::Stream::Out ? out_ : err_;
  const std::string front = width_ == 0 ? "" : pad(host, width_) + " | ";
  std::fputs((front + output_line(text) + '\n').c_str(), to);
  std::fflush(to);
}

std::string exec_json(const std::string& cluster, const std::vector<std::string>& command_line,
                      const std::vector<ExecResult>& results, const std::string& folder,
                      int exit_code) {
  nlohmann::ordered_json json = {{"v", 1},
                                 {"kind", "NodeExec"},
                                 {"cluster", cluster},
                                 {"command", command_line},
                                 {"exit_code", exit_code},
                                 {"folder", folder}};
  json["nodes"] = nlohmann::ordered_json::array();
  for (const ExecResult& result : results) {
    nlohmann::ordered_json node = {{"node", result.host}, {"exit_code", nullptr}};
    if (result.result.exit_code) node["exit_code"] = *result.result.exit_code;
    node["error"] = nullptr;
    if (result.error) node["error"] = result.error->message;
    node["out"] = result.result.out;
    node["err"] = result.result.err;
    json["nodes"].push_back(std::move(node));
  }
  // ASCII only: output may act on a terminal, and need not be UTF-8 (S13).
  return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace drover::orchestrator
