#include <signal.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "examples/sandbox/control/control_socket.h"
#include "examples/sandbox/control/syntax.h"
#include "examples/sandbox/options.h"
#include "examples/sandbox/sandbox.h"

namespace {

using namespace drover::sandbox;

constexpr int kFailed = 1;
constexpr int kUsage = 2;

std::filesystem::path tool() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "drover-sandbox-tool";
}

int up(const UpOptions& options) {
  sigset_t ends;
  sigemptyset(&ends);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, signal);
  sigprocmask(SIG_BLOCK, &ends, nullptr);  // before there are threads, which inherit it
  const Sandbox sandbox(options, tool());
  std::fputs(sandbox.ready_text().c_str(), stdout);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  return 0;
}

int ask(const std::filesystem::path& folder, const std::vector<std::string>& words) {
  const std::string answer = ask_in(folder, read_request(words).dump());
  std::puts(answer.c_str());
  return nlohmann::json::parse(answer).value("ok", false) ? 0 : kFailed;
}

int carry_out(const Invocation& invocation) {
  switch (invocation.command) {
    case Invocation::Command::Up:
      return up(invocation.up);
    case Invocation::Command::Do:
      return ask(invocation.folder, invocation.words);
    case Invocation::Command::Help:
      break;
  }
  std::fputs(help_text().c_str(), stdout);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Invocation invocation;
  try {
    invocation = read_options({argv + 1, argv + argc});
  } catch (const std::exception& wrong) {
    std::fprintf(stderr, "drover-sandbox: %s\n", wrong.what());
    return kUsage;
  }
  try {
    return carry_out(invocation);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "drover-sandbox: %s\n", failure.what());
    return kFailed;
  }
}
