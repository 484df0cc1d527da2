#include "orchestrator/console.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "inventory/base/text.h"

namespace drover::orchestrator {
namespace {

TextStyle style_of(int fd, bool no_color) {
  TextStyle style;
  const char* forbidden = std::getenv("NO_COLOR");
  style.live = isatty(fd) == 1;
  style.color = style.live && !no_color && (forbidden == nullptr || *forbidden == '\0');
  winsize size{};
  if (style.live && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.width = size.ws_col;
  return style;
}

}  // namespace

Console make_console(bool json, bool no_color) {
  return {.json = json,
          .out_style = style_of(STDOUT_FILENO, no_color),
          .err_style = style_of(STDERR_FILENO, no_color)};
}

void Console::complain(const Error& error) const {
  std::fputs(error_text(error, err_style).c_str(), stderr);
}

void Console::complain(const std::vector<Error>& errors) const {
  for (const Error& error : errors) complain(error);
}

void Console::complain(const Diagnostics& diagnostics) const {
  for (const Diagnostic& d : diagnostics) {
    const std::string place =
        d.line > 0 ? fmt::format("{}:{}:{}", d.file, d.line, d.column) : d.file;
    std::fputs(fmt::format("{}: {}\n", place, sanitise(d.message)).c_str(), stderr);
    if (!d.remedy.empty()) std::fputs(fmt::format("  {}\n", sanitise(d.remedy)).c_str(), stderr);
  }
}

void Console::print(const std::string& text) const {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

void warn(const std::string& text) {
  std::fputs(fmt::format("warning: {}\n", sanitise(text, 2000)).c_str(), stderr);
}

bool has_terminal() { return isatty(STDIN_FILENO) == 1; }

bool confirm(const std::string& question, std::stop_token stop) {
  std::fputs(fmt::format("{} [y/N] ", question).c_str(), stderr);
  std::fflush(stderr);
  std::string line;
  while (!stop.stop_requested()) {
    pollfd in{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (poll(&in, 1, 100) <= 0) continue;
    char c = 0;
    if (read(STDIN_FILENO, &c, 1) != 1 || c == '\n') break;
    line += c;
  }
  const std::string answer(trim(line));
  return !stop.stop_requested() && (answer == "y" || answer == "Y" || answer == "yes");
}

}  // namespace drover::orchestrator
