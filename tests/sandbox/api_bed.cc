#include "tests/sandbox/api_bed.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cmath>
#include <stdexcept>

#include "remote/ssh/unique_fd.h"
#include "tests/support/read_file.h"

namespace drover::test {
namespace {

constexpr std::chrono::milliseconds kLooks{10};

std::shared_ptr<const remote::ApiCredentials> read_admin(const sandbox::ApiServer& server) {
  auto read = remote::parse_admin_conf(server.admin_conf());
  if (!read) throw std::runtime_error(read.error().message);
  return *read;
}

}  // namespace

bool becomes_so(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    poll(nullptr, 0, static_cast<int>(kLooks.count()));
  }
  return true;
}

ApiBed::ApiBed(const std::vector<std::string>& names)
    : folders_(names),
      server_(
          {.folder = folders_.path(),
           .machines = folders_.all(),
           .speed = 1,
           .seed = 1,
           .clock = [this] { return sandbox::Moment(std::chrono::microseconds(microseconds_)); }}),
      commands_(server_.commands()),
      admin_(read_admin(server_)) {
  channel_.emplace(settings(admin_->certificate_pem, std::string(admin_->key_pem.reveal())));
}

remote::HttpSettings ApiBed::settings(const std::string& certificate,
                                      const std::string& key) const {
  auto credentials = std::make_shared<remote::ApiCredentials>();
  credentials->ca_pem = admin_->ca_pem;
  credentials->certificate_pem = certificate;
  credentials->key_pem = remote::Secret(std::string(key));
  return {.credentials = std::move(credentials),
          .port = server_.port(),
          .connect_to = "127.0.0.1:" + std::to_string(server_.port()),
          .user_agent = "test"};
}

void ApiBed::pass(double seconds) { microseconds_ += std::lround(seconds * 1e6); }

void ApiBed::note(const std::string& node, const std::string& file, const std::string& what) {
  folders_.append(node, file,
                  fmt::format("{} {:.6f}", what, static_cast<double>(microseconds_) / 1e6));
}

nlohmann::json ApiBed::command(const nlohmann::json& request) {
  return commands_.at(request.at("do"))(request);
}

Result<ApiResponse> ApiBed::send(Verb verb, const std::string& path, const std::string& body,
                                 const std::string& content_type) {
  const bool apply = path.find("fieldManager=") != path.npos;
  const std::string usual = verb != Verb::Patch     ? "application/json"
                            : apply                 ? "application/apply-patch+yaml"
                            : body.starts_with('[') ? "application/json-patch+json"
                                                    : "application/merge-patch+json";
  return channel_->perform({.verb = verb,
                            .path = path,
                            .body = body,
                            .content_type = content_type.empty() ? usual : content_type},
                           {});
}

nlohmann::json ApiBed::read(const std::string& path) {
  const auto answer = get(path);
  if (!answer) throw std::runtime_error(path + ": " + answer.error().message);
  if (answer->status != 200) throw std::runtime_error(path + ": " + answer->body);
  return nlohmann::json::parse(answer->body);
}

Result<ApiResponse> ApiBed::get_as(const std::string& path, const std::string& certificate,
                                   const std::string& key, const std::string& token) {
  remote::HttpChannel channel(settings(certificate, key));
  remote::HttpRequest request{.path = path};
  if (!token.empty()) request.token = std::make_shared<remote::Secret>(std::string(token));
  return channel.perform(request, {});
}

bool ApiBed::refuses(const std::string& control_plane) const {
  const remote::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(server_.port(control_plane)));
  return connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno == ECONNREFUSED;
}

std::string ApiBed::log() const { return read_file(folders_.path() + "/api.jsonl"); }

}  // namespace drover::test
