#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>

#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/random_name.h"
#include "examples/sandbox/tools/tools.h"
#include "examples/sandbox/tools/units.h"

namespace drover::sandbox {
namespace {

struct Request {
  std::string unit;
  std::string description;
  bool collect = false;
  bool quiet = false;
  bool waits_for_exec = false;  ///< --service-type=exec
  std::vector<std::string> program;
};

// Takes "--NAME=VALUE"; nothing when the word is another.
bool take(const std::string& word, const std::string& name, std::string& value) {
  if (!word.starts_with(name + '=')) return false;
  value = word.substr(name.size() + 1);
  return true;
}

Request read_request(const Call& call) {
  Request request;
  const std::vector<std::string>& words = call.args();
  size_t i = 0;
  std::string type = "simple";
  std::string ignored;
  for (; i < words.size() && words[i].starts_with('-'); ++i) {
    const std::string& word = words[i];
    if (take(word, "--unit", request.unit) || take(word, "--description", request.description) ||
        take(word, "--service-type", type) || take(word, "--property", ignored)) {
      continue;
    }
    if (word == "-p" && i + 1 < words.size()) {
      ++i;  // how the unit is killed and what it may use: not known here
    } else if (word == "--collect") {
      request.collect = true;
    } else if (word == "--quiet" || word == "--no-block") {
      request.quiet = request.quiet || word == "--quiet";
    } else {
      call.unknown();
    }
  }
  request.program.assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
  if (request.program.empty() || (type != "exec" && type != "simple")) call.unknown();
  request.waits_for_exec = type == "exec";
  request.unit = unit_name(request.unit.empty() ? "run-" + random_digits(8) : request.unit);
  if (request.description.empty()) request.description = request.program.front();
  return request;
}

// A unit sees nothing of its caller but the file system.
void clean_surroundings(const Request& request) {
  clearenv();
  setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", 1);
  setenv("LANG", "C.UTF-8", 1);
  umask(022);
  if (chdir("/") != 0) _exit(200);
  const int nothing = open("/dev/null", O_RDONLY);
  const int log = open(unit_log(request.unit).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0640);
  dup2(nothing, STDIN_FILENO);
  dup2(log < 0 ? nothing : log, STDOUT_FILENO);
  dup2(STDOUT_FILENO, STDERR_FILENO);
  for (int file = 3; file < 256; ++file) {
    const int flags = fcntl(file, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) close(file);
  }
}

[[noreturn]] void become(const Request& request, int report) {
  setsid();
  clean_surroundings(request);
  std::vector<char*> argv;
  for (const std::string& word : request.program) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  const int error = errno;
  if (write(report, &error, sizeof error) < 0) _exit(202);
  _exit(203);  // systemd's EXIT_EXEC
}

/// Takes the place of systemd for this one unit: is the parent of its main process, and takes note
/// of its end.
[[noreturn]] void supervise(const Request& request, int report) {
  setsid();
  const pid_t pid = fork();
  if (pid == 0) become(request, report);
  write_unit({request.unit, request.description, pid, boot_id(), start_time(pid)});
  close(report);  // who waits at its other end hears now that the unit runs
  clean_surroundings(request);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (request.collect || status == 0) forget_unit(request.unit);
  _exit(0);
}

}  // namespace

/// systemd-run [--quiet] [--collect] [--unit=NAME] [--description=TEXT] [--service-type=exec] [-p
/// KEY=VALUE] PROGRAM ARGS: a service of its own, which outlives whoever began it.
int systemd_run(Call& call) {
  const Request request = read_request(call);
  call.begin(Effect::Changes, "Failed to start transient service unit: Connection timed out\n");
  call.half_way();
  if (!reserve_unit(request.unit)) {
    fail(
        fmt::format("Failed to start transient service unit: Unit {} was already loaded or has a "
                    "fragment file.",
                    request.unit));
  }
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) throw Exit{1};
  const pid_t supervisor = fork();
  if (supervisor == 0) {
    close(pipe_ends[0]);
    supervise(request, pipe_ends[1]);
  }
  close(pipe_ends[1]);
  int error = 0;
  const bool failed = read(pipe_ends[0], &error, sizeof error) == sizeof error;
  if (failed && request.waits_for_exec) {
    fail(fmt::format("Failed to start transient service unit: Failed to execute {}",
                     request.program.front()));
  }
  if (!request.quiet) err(fmt::format("Running as unit: {}\n", request.unit));
  return 0;
}

}  // namespace drover::sandbox
