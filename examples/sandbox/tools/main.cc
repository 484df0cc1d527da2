#include <fmt/format.h>

#include <exception>
#include <filesystem>

#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/tools.h"

/// drover-sandbox-tool: whichever tool of a node its name says. `--as NAME[=VERSION] ARGS` names it
/// as well, VERSION being that of a kubeadm which was unpacked and is not installed; `--names`
/// lists those that belong on a node.
namespace {

using drover::sandbox::Call;
using drover::sandbox::err;
using drover::sandbox::NoRoom;

constexpr const char* kOwnName = "drover-sandbox-tool";

struct Words {
  std::string tool;
  std::string version;
  std::vector<std::string> args;
};

Words read_words(int argc, char** argv) {
  Words words;
  words.tool = std::filesystem::path(argv[0]).filename().string();
  words.args.assign(argv + 1, argv + argc);
  if (words.args.size() > 1 && words.args[0] == "--as") {
    const std::string& name = words.args[1];
    const size_t equals = name.find('=');
    words.tool = name.substr(0, equals);
    if (equals != std::string::npos) words.version = name.substr(equals + 1);
    words.args.erase(words.args.begin(), words.args.begin() + 2);
  }
  return words;
}

int list_names() {
  for (const std::string& name : drover::sandbox::names_on_a_node()) {
    drover::sandbox::out(name + '\n');
  }
  return 0;
}

int run(Words words) {
  if (words.tool == kOwnName && words.args == std::vector<std::string>{"--names"}) {
    return list_names();
  }
  Call call(words.tool, std::move(words.args), words.version);
  return drover::sandbox::carry_out(call);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 1) return 99;
  try {
    return run(read_words(argc, argv));
  } catch (const drover::sandbox::Exit& exit) {
    return exit.code;
  } catch (const NoRoom& no_room) {  // not even for the rules that the call was to meet
    err(fmt::format("{}: {}: No space left on device\n", argv[0], no_room.path));
    return 1;
  } catch (const std::exception& error) {
    err(fmt::format("{}: {}\n", argv[0], error.what()));
    return 1;
  }
}
