#include "examples/sandbox/sandbox.h"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include "examples/sandbox/control/syntax.h"
#include "examples/sandbox/node/node_commands.h"
#include "examples/sandbox/node/requirements.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

/// From the loss of power until sshd answers again: as the machines of the real bed took.
constexpr std::chrono::milliseconds kRealBoot{5000};

std::chrono::milliseconds scaled(std::chrono::milliseconds real, double speed) {
  if (speed == 0) return std::chrono::milliseconds(0);
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::chrono::duration<double, std::milli>(real) / speed);
}

const UpOptions& if_possible(const UpOptions& options, const std::filesystem::path& tool) {
  std::vector<std::string> missing = missing_here();
  if (!std::filesystem::exists(tool)) missing.push_back(tool.string() + " is missing: build it");
  if (!missing.empty()) throw std::runtime_error(join(missing, "\n"));
  return options;
}

void carry_out(const Commands& commands, const std::string& words) {
  const nlohmann::json request = read_request(split_words(words));
  const nlohmann::json answer = nlohmann::json::parse(answer_line(commands, request.dump()));
  if (answer.at("ok").get<bool>()) return;
  throw std::runtime_error(
      fmt::format("--fault '{}': {}", sanitise(words), answer.at("error").get<std::string>()));
}

}  // namespace

Sandbox::Sandbox(const UpOptions& options, const std::filesystem::path& tool)
    : folder_(if_possible(options, tool).folder) {
  make_nodes(options, tool);
  for (Node* node : listed_) node->power_on();
  make_api(options);  // which takes what runs by now for what has always run
  folder_.write_files(listed_);
  power_.emplace(listed_, scaled(kRealBoot, options.speed));
  const Commands all = commands();
  for (const std::string& fault : options.faults) carry_out(all, fault);
  control_.emplace(folder(), all);
}

Sandbox::~Sandbox() {
  control_.reset();
  power_.reset();
  pump_.stop();
  for (Node* node : listed_) node->tell({});
}

void Sandbox::make_nodes(const UpOptions& options, const std::filesystem::path& tool) {
  const Farm farm = make_farm(folder() / "farm", tool);
  const auto add = [&](const std::string& name, bool control_plane, bool has_kubectl) {
    const NodeSpec spec{.name = name,
                        .folder = folder() / "nodes" / name,
                        .control_plane = control_plane,
                        .has_kubectl = has_kubectl,
                        .speed = options.speed,
                        .authorized_key = folder_.public_key()};
    const int port =
        options.port_base == 0 ? 0 : options.port_base + static_cast<int>(nodes_.size());
    nodes_.push_back(std::make_unique<Node>(spec, farm, tool, port, pump_));
    listed_.push_back(nodes_.back().get());
  };
  for (int i = 1; i <= options.control_planes; ++i) add(fmt::format("cp{}", i), true, true);
  // The last of several workers is one without kubectl, as there are in real clusters.
  for (int i = 1; i <= options.workers; ++i) {
    add(fmt::format("w{}", i), false, i == 1 || i < options.workers);
  }
}

void Sandbox::make_api(const UpOptions& options) {
  std::vector<Machine> machines;
  for (const Node* node : listed_) {
    machines.push_back({node->spec().name, node->spec().folder, node->spec().control_plane});
  }
  api_.emplace(ApiServer::Setup{.folder = folder(),
                                .machines = std::move(machines),
                                .speed = options.speed,
                                .seed = options.seed});
  for (Node* node : listed_) {
    const std::string& name = node->spec().name;
    if (node->spec().control_plane) {
      make_control_plane(node->spec(), api_->admin_conf(name), api_->port(name));
      const std::filesystem::path pki = node->spec().folder / "etc/kubernetes/pki";
      std::filesystem::create_directories(pki);
      std::filesystem::copy_file(folder() / "pki/ca.crt", pki / "ca.crt",
                                 std::filesystem::copy_options::overwrite_existing);
    }
    node->tell(
        {.lost = [this](const std::string& lost) { api_->lost(lost); },
         .back = [this](const std::string& back, bool rebooted) { api_->back(back, rebooted); }});
  }
}

Commands Sandbox::commands() {
  Commands all = node_commands(listed_, *power_);
  all.merge(api_->commands());
  return all;
}

std::string Sandbox::ready_text() const {
  std::vector<std::string> names;
  for (const Node* node : listed_) names.push_back(node->spec().name);
  const std::string path = folder().string();
  return fmt::format(
      "ready {0}\n"
      "  nodes           {1}, Kubernetes {2}\n"
      "  look            drover plan {0}/upgrade.yaml\n"
      "  upgrade to {3}  drover apply {0}/upgrade.yaml\n"
      "  break it        drover-sandbox do {0} cut {4}    (drover-sandbox help lists more)\n"
      "Ctrl-C ends it.\n",
      path, join(names, " "), kInstalled, kTarget, names.back());
}

}  // namespace drover::sandbox
