#include "tests/sandbox/tools/tool_room.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <stdexcept>

#include "examples/sandbox/node/farm.h"
#include "examples/sandbox/node/machine_folder.h"
#include "examples/sandbox/node/tool_faults.h"
#include "inventory/base/text.h"
#include "remote/process.h"
#include "tests/support/read_file.h"
#include "tests/support/source_dir.h"

namespace drover::test {
namespace {

namespace fs = std::filesystem;

const sandbox::Farm& farm() {
  static const TempDir kFolder;
  static const sandbox::Farm kFarm = sandbox::make_farm(kFolder.file("farm"), DROVER_SANDBOX_TOOL);
  return kFarm;
}

int port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

remote::UniqueFd listen_somewhere() {
  remote::UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound =
      bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (!bound || listen(listener.get(), SOMAXCONN) != 0) throw std::runtime_error("cannot listen");
  return listener;
}

}  // namespace

ToolRoom::ToolRoom(Kind kind, const std::string& name)
    : name_(!name.empty()                ? name
            : kind == Kind::ControlPlane ? "cp1"
                                         : "w1"),
      api_(listen_somewhere()) {
  const sandbox::NodeSpec spec{.name = name_,
                               .folder = root_.path(),
                               .control_plane = kind == Kind::ControlPlane,
                               .speed = 0,
                               .authorized_key = "none"};
  sandbox::make_machine_folder(spec);
  if (kind == Kind::Worker) return;
  const int port = port_of(api_.get());
  sandbox::make_control_plane(
      spec, fmt::format("clusters:\n- cluster:\n    server: https://127.0.0.1:{}\n", port), port);
}

CommandResult ToolRoom::run(const std::string& script) const {
  remote::ProcessSpec spec;
  spec.command = "bwrap";
  spec.args = {"--unshare-pid",
               "--unshare-uts",
               "--hostname",
               name_,
               "--die-with-parent",
               "--ro-bind",
               "/usr",
               "/usr",
               "--ro-bind",
               farm().bin,
               "/usr/bin",
               "--ro-bind",
               farm().sbin,
               "/usr/sbin",
               "--ro-bind",
               "/usr",
               "/.host/usr",
               "--ro-bind-try",
               "/etc/alternatives",
               "/.host/etc/alternatives",
               "--ro-bind",
               DROVER_SANDBOX_TOOL,
               sandbox::kTool};
  for (const std::string folder : {"bin", "sbin", "lib", "lib64"}) {
    for (const std::string& word : {std::string("--symlink"), "usr/" + folder, "/" + folder}) {
      spec.args.push_back(word);
    }
  }
  for (const std::string folder : {"etc", "var", "run", "tmp", "root", "home"}) {
    for (const std::string& word : {std::string("--bind"), root_.file(folder), "/" + folder}) {
      spec.args.push_back(word);
    }
  }
  for (const char* word : {"--dev", "/dev", "--proc", "/proc", "--clearenv", "--setenv", "PATH",
                           "/usr/bin:/usr/sbin", "sh", "-c"}) {
    spec.args.emplace_back(word);
  }
  spec.args.push_back(script);
  const auto result = remote::run_process(spec, std::chrono::minutes(3), {});
  if (!result) throw std::runtime_error(result.error().message + ": " + script);
  return {result->exit_code.value_or(-1), result->out, result->err};
}

std::string ToolRoom::out(const std::string& script) const {
  const CommandResult result = run(script);
  if (result.ok()) return result.out;
  throw std::runtime_error(fmt::format("exit {} of {}: {}", *result.exit_code, script, result.err));
}

std::string ToolRoom::read(const std::string& path) const { return read_file(root_.file(path)); }

void ToolRoom::write(const std::string& path, const std::string& text) const {
  fs::create_directories(fs::path(root_.file(path)).parent_path());
  std::ofstream(root_.file(path), std::ios::binary) << text;
}

bool ToolRoom::exists(const std::string& path) const { return fs::exists(root_.file(path)); }

std::vector<std::string> ToolRoom::names(const std::string& folder) const {
  std::set<std::string> names;
  if (!exists(folder)) return {};
  for (const auto& entry : fs::directory_iterator(root_.file(folder))) {
    names.insert(entry.path().filename().string());
  }
  return {names.begin(), names.end()};
}

std::string ToolRoom::fault(const std::string& action, int nth, const std::string& text) const {
  return sandbox::add_fault(root_.file(sandbox::kStateFolder), {action, nth, text});
}

std::vector<std::string> ToolRoom::starts() const {
  std::vector<std::string> calls;
  for (const std::string& line : split_lines(state("starts"))) {
    calls.push_back(line.substr(line.find(' ') + 1));
  }
  return calls;
}

void ToolRoom::point_to(const std::string& minor) const {
  write("etc/apt/sources.list.d/kubernetes.list",
        fmt::format("deb [trusted=yes] file:/srv/apt/{}/ ./\n", minor));
  set_state("lists/minor", minor + "\n");
}

std::string recording(const std::string& name) {
  return read_file(source_dir() + "/examples/sandbox/recorded/commands/" + name);
}

std::string without_run(const std::string& text) {
  static const std::vector<std::pair<std::regex, std::string>> kMarks = {
      {std::regex(R"(\d{4}(-\d\d){5})"), "MOMENT"},
      {std::regex(R"((kubeadm-[a-z-]*[a-z])\d+)"), "$1RANDOM"},
      {std::regex(R"(([WE])\d{4} [0-9:.]{15} +\d+ )"), "$1 KLOG "},
      {std::regex(R"(upgrade-health-check-\w+)"), "upgrade-health-check-RANDOM"}};
  std::string marked = text;
  for (const auto& [pattern, mark] : kMarks) marked = std::regex_replace(marked, pattern, mark);
  return marked;
}

}  // namespace drover::test
