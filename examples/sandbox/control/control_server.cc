#include "examples/sandbox/control/control_server.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <list>
#include <stdexcept>
#include <vector>

#include "examples/sandbox/control/control_socket.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

using Json = nlohmann::json;

constexpr size_t kLongestLine = size_t{1} << 20;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

const Command& find(const Commands& commands, const Json& request) {
  const auto name = request.is_object() ? request.find("do") : request.end();
  if (!request.is_object() || name == request.end() || !name->is_string()) {
    throw std::runtime_error(R"(an object such as {"do":"cut","node":"w1"} is wanted)");
  }
  const auto command = commands.find(name->get<std::string>());
  if (command != commands.end()) return command->second;
  std::vector<std::string> names;
  for (const auto& [known, act] : commands) names.push_back(known);
  throw std::runtime_error(fmt::format("there is no command {}; there are {}",
                                       sanitise(name->get<std::string>()), join(names, ", ")));
}

struct Client {
  remote::UniqueFd fd;
  std::string said;
};

void tell(int fd, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t count = ::send(fd, text.data() + done, text.size() - done, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;  // it does not wait for the answer
    done += static_cast<size_t>(count);
  }
}

/// Answers all whole lines that a client has said; false when it has gone.
bool hear(Client& client, const Commands& commands) {
  std::array<char, 4096> buffer;
  const ssize_t count = ::recv(client.fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (count <= 0) return false;
  client.said.append(buffer.data(), static_cast<size_t>(count));
  for (size_t end; (end = client.said.find('\n')) != client.said.npos;) {
    const std::string line = client.said.substr(0, end);
    client.said.erase(0, end + 1);
    tell(client.fd.get(), answer_line(commands, line) + '\n');
  }
  return client.said.size() < kLongestLine;
}

}  // namespace

std::string answer_line(const Commands& commands, const std::string& line) {
  try {
    const Json request = Json::parse(line);
    Json answer = find(commands, request)(request);
    answer["ok"] = true;
    return text_of(answer);
  } catch (const std::exception& exception) {
    return text_of({{"ok", false}, {"error", exception.what()}});
  }
}

ControlServer::ControlServer(const std::filesystem::path& folder, Commands commands)
    : socket_(folder / "control"),
      commands_(std::move(commands)),
      listener_(listen_in(folder)),
      wake_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

ControlServer::~ControlServer() {
  thread_.request_stop();
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
  ::unlink(socket_.c_str());
}

void ControlServer::serve(const std::stop_token& stop) {
  std::list<Client> clients;
  while (!stop.stop_requested()) {
    std::vector<pollfd> watched = {{wake_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const Client& client : clients) watched.push_back({client.fd.get(), POLLIN, 0});
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    if (stop.stop_requested()) return;
    auto seen = watched.begin() + 2;
    for (auto client = clients.begin(); client != clients.end(); ++seen) {
      const bool gone = seen->revents != 0 && !hear(*client, commands_);
      client = gone ? clients.erase(client) : std::next(client);
    }
    remote::UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (fd.get() >= 0) clients.push_back({std::move(fd), ""});
  }
}

}  // namespace drover::sandbox
