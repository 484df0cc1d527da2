#include "tests/support/shell.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "tests/support/read_file.h"

namespace drover::test {
namespace {

pid_t spawn(const std::vector<std::string>& words, const std::vector<std::string>& environment,
            const std::string& out, const std::string& err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (const std::string& entry : environment) envp.push_back(const_cast<char*>(entry.c_str()));
  envp.push_back(nullptr);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, argv[0], &actions, &attributes, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) throw std::runtime_error("cannot start " + words.front());
  return pid;
}

int exit_code_of(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) throw std::runtime_error("waitpid");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ScriptRoom::ScriptRoom() {
  for (const char* folder : {"bin", "tmp"}) std::filesystem::create_directory(dir_.file(folder));
}

void ScriptRoom::program(const std::string& name, const std::string& text) {
  file("bin/" + name, "#!/bin/sh\n" + text);
  std::filesystem::permissions(dir_.file("bin/" + name), std::filesystem::perms::owner_all);
}

void ScriptRoom::file(const std::string& name, const std::string& text) {
  const std::string path = dir_.file(name);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string ScriptRoom::read(const std::string& name) const { return read_file(dir_.file(name)); }

bool ScriptRoom::exists(const std::string& name) const {
  return std::filesystem::exists(dir_.file(name));
}

std::string ScriptRoom::list(const std::string& name) const {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(dir_.file(name))) {
    names.insert(entry.path().filename().string());
  }
  std::string text;
  for (const std::string& one : names) text += one + "\n";
  return text;
}

std::string ScriptRoom::rooted(const std::string& script) const {
  static const std::regex kPath(R"((^|[^A-Za-z0-9_.}/-])(/(boot|etc|proc|run|tmp|var)/))");
  return std::regex_replace(script, kPath, "$1" + dir_.path() + "$2");
}

pid_t ScriptRoom::start(const std::string& script) const {
  return spawn({"/bin/sh", "-c", rooted(script)},
               {"LC_ALL=C", "ROOM=" + dir_.path(),
                "PATH=" + dir_.file("bin") + ":/usr/bin:/bin:/usr/sbin:/sbin"},
               dir_.file("out"), dir_.file("err"));
}

CommandResult ScriptRoom::wait(pid_t pid) const {
  CommandResult result;
  result.exit_code = exit_code_of(pid);
  result.out = read("out");
  result.err = read("err");
  return result;
}

CommandResult ScriptRoom::run(const std::string& script) const { return wait(start(script)); }

std::string syntax_errors(const std::string& script) {
  const TempDir dir;
  const pid_t pid = spawn({"/bin/sh", "-n", "-c", script}, {}, dir.file("out"), dir.file("err"));
  const int code = exit_code_of(pid);
  const std::string said = read_file(dir.file("err"));
  return code == 0 ? said : said + "exit code " + std::to_string(code);
}

}  // namespace drover::test
