#include "examples/sandbox/tools/call.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "examples/sandbox/tools/capsule.h"
#include "examples/sandbox/tools/faults.h"
#include "examples/sandbox/tools/node_files.h"

namespace drover::sandbox {
namespace {

constexpr int kUnknown = 99;

void print(int stream, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(stream, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // as of most tools: output that nobody takes is lost
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

void out(std::string_view text) { print(STDOUT_FILENO, text); }
void err(std::string_view text) { print(STDERR_FILENO, text); }

void fail(std::string_view line, int code) {
  err(fmt::format("{}\n", line));
  throw Exit{code};
}

Call::Call(std::string tool, std::vector<std::string> args, std::string version)
    : tool_(std::move(tool)),
      args_(std::move(args)),
      version_(std::move(version)),
      fault_(claim_fault(text())) {}

Call::~Call() = default;

std::string Call::text() const {
  std::string text = tool_;
  for (const std::string& word : args_) text += ' ' + word;
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void Call::begin(Effect effect, std::string_view failure) {
  if (effect == Effect::Changes) {
    append_line(in_state("starts"), fmt::format("{} {}", capsule_of_caller(), text()));
  }
  if (fault_ && fault_->action == Fault::Action::Fail) {
    const int code = fault_->code;
    fault_.reset();
    err(failure);
    throw Exit{code};
  }
  if (effect == Effect::Reads) half_way();
}

void Call::half_way() {
  const std::unique_ptr<Fault> fault = std::move(fault_);
  if (fault) strike(*fault);
}

void Call::unknown() const {
  append_line(in_state("unknown"), text());
  fail(fmt::format("stand-in {}: nobody foresaw `{}`", tool_, text()), kUnknown);
}

}  // namespace drover::sandbox
