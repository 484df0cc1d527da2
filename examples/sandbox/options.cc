#include "examples/sandbox/options.h"

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <cmath>
#include <stdexcept>

#include "examples/sandbox/control/syntax.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

po::options_description up_description() {
  po::options_description all("drover-sandbox up runs a cluster until Ctrl-C", 100, 60);
  all.add_options()(
      "dir", po::value<std::string>()->value_name("DIR"),
      "where its files go, and stay; without it a new folder, which goes with the sandbox")(
      "workers", po::value<int>()->default_value(3)->value_name("N"), "how many workers")(
      "control-planes", po::value<int>()->default_value(1)->value_name("N"), "1 or 3")(
      "speed", po::value<double>()->default_value(1)->value_name("N"),
      "how many times faster than a real cluster; 0: nothing takes any time")(
      "seed", po::value<unsigned>()->default_value(1)->value_name("N"), "of all that is random")(
      "port-base", po::value<int>()->default_value(0)->value_name("N"),
      "the nodes' ports from here on; without it any that are free")(
      "fault", po::value<Words>()->value_name("COMMAND"),
      "done before it is ready, may be repeated: --fault 'slow w1 50'");
  return all;
}

void check_range(const char* name, double value, double least, double most) {
  if (value >= least && value <= most && std::isfinite(value)) return;
  throw std::runtime_error(fmt::format("--{} {}: from {} to {}", name, value, least, most));
}

UpOptions checked(UpOptions up) {
  check_range("workers", up.workers, 0, 1000);
  check_range("control-planes", up.control_planes, 1, 7);
  check_range("speed", up.speed, 0, 1e6);
  constexpr int kPorts = 65535;
  check_range("port-base", up.port_base, 0, kPorts - up.workers - up.control_planes);
  return up;
}

UpOptions read_up(const Words& words) {
  po::variables_map values;
  const po::options_description known = up_description();
  try {
    namespace style = po::command_line_style;
    const po::parsed_options parsed = po::command_line_parser(words)
                                          .options(known)
                                          .style(style::unix_style & ~style::allow_guessing)
                                          .run();
    for (const po::option& option : parsed.options) {
      if (option.position_key >= 0) throw po::error("up takes only options");
    }
    po::store(parsed, values);
  } catch (const po::error& error) {
    throw std::runtime_error(
        fmt::format("{}; `drover-sandbox help` explains it", sanitise(error.what())));
  }
  UpOptions up;
  if (values.count("dir") > 0) up.folder = values["dir"].as<std::string>();
  up.workers = values["workers"].as<int>();
  up.control_planes = values["control-planes"].as<int>();
  up.speed = values["speed"].as<double>();
  up.seed = values["seed"].as<unsigned>();
  up.port_base = values["port-base"].as<int>();
  if (values.count("fault") > 0) up.faults = values["fault"].as<Words>();
  return checked(up);
}

}  // namespace

Invocation read_options(const Words& arguments) {
  const std::string command = arguments.empty() ? "help" : arguments[0];
  Words rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  Invocation invocation;
  if (command == "help" || command == "--help" || command == "-h") return invocation;
  for (const std::string& word : rest) {
    if (word == "--help" || word == "-h") return invocation;
  }
  if (command == "up") {
    invocation.command = Invocation::Command::Up;
    invocation.up = read_up(rest);
    return invocation;
  }
  if (command != "do") {
    throw std::runtime_error(
        fmt::format("there is no command {}: up, do or help", sanitise(command)));
  }
  if (rest.size() < 2) throw std::runtime_error("it goes so: drover-sandbox do DIR COMMAND...");
  invocation.command = Invocation::Command::Do;
  invocation.folder = rest[0];
  invocation.words.assign(rest.begin() + 1, rest.end());
  return invocation;
}

std::string help_text() {
  std::string text =
      "drover-sandbox: a make-believe kubeadm cluster on this machine, for trying Drover\n\n"
      "Its nodes are reached by a real OpenSSH on loopback; behind it stand-ins answer for the\n"
      "nodes' tools and for the Kubernetes API. Nothing outside its folder is touched.\n\n";
  std::ostringstream options;
  options << up_description();
  text += options.str();
  text += "\ndrover-sandbox do DIR COMMAND... tells a running one what is to go wrong:\n";
  for (const Phrase& phrase : phrases()) {
    text += fmt::format("  {:<34} {}\n", usage(phrase), phrase.does);
  }
  return text +
         "\nExamples:\n"
         "  drover-sandbox up --dir /tmp/cluster --speed 40\n"
         "  drover plan /tmp/cluster/upgrade.yaml\n"
         "  drover-sandbox do /tmp/cluster cut w1\n"
         "  drover-sandbox do /tmp/cluster fault w2 fail:100 1 apt-get install\n"
         "  ssh -i /tmp/cluster/id_ed25519 -o UserKnownHostsFile=/tmp/cluster/known_hosts \\\n"
         "      -p PORT root@127.0.0.1     # PORT: see /tmp/cluster/inventory.yaml\n";
}

}  // namespace drover::sandbox
