#include "tests/support/ssh_peer.h"

#include <fmt/format.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "tests/support/read_file.h"
#include "tests/support/sshd.h"

namespace drover::test {

struct SshPeer::Connection {
  SshPeer& peer;
  ssh_session session;
  bool half = false;  ///< a key was taken

  int methods() const {
    const PeerRules& rules = peer.rules_;
    int bits = 0;
    if (!rules.password.empty()) bits |= SSH_AUTH_METHOD_PASSWORD;
    if (!rules.answer.empty()) bits |= SSH_AUTH_METHOD_INTERACTIVE;
    if (rules.takes_keys && !half) bits |= SSH_AUTH_METHOD_PUBLICKEY;
    return bits;
  }

  static Connection& of(void* data) { return *static_cast<Connection*>(data); }
  static int on_service(ssh_session, const char* service, void* data) {
    of(data).peer.note(fmt::format("service {}", service));
    return 0;
  }
  static int on_none(ssh_session, const char* user, void* data) {
    of(data).peer.note(fmt::format("none {}", user));
    return SSH_AUTH_DENIED;
  }
  static int on_password(ssh_session, const char* user, const char* password, void* data) {
    const SshPeer& peer = of(data).peer;
    of(data).peer.note(fmt::format("password {} {}", user, password));
    return peer.rules_.password == password ? SSH_AUTH_SUCCESS : SSH_AUTH_DENIED;
  }
  static int on_key(ssh_session session, const char* user, ssh_key, char state, void* data) {
    Connection& self = of(data);
    self.peer.note(fmt::format("publickey {}", user));
    if (!self.peer.rules_.takes_keys) return SSH_AUTH_DENIED;
    if (state == SSH_PUBLICKEY_STATE_NONE) return SSH_AUTH_SUCCESS;
    self.half = true;
    ssh_set_auth_methods(session, self.methods());
    return SSH_AUTH_PARTIAL;
  }

  static int on_message(ssh_session, ssh_message message, void* data) {
    of(data).reply(message);
    return 0;
  }

  void reply(ssh_message message) {
    const bool interactive = ssh_message_type(message) == SSH_REQUEST_AUTH &&
                             ssh_message_subtype(message) == SSH_AUTH_METHOD_INTERACTIVE;
    if (!interactive || peer.rules_.answer.empty()) {
      ssh_message_reply_default(message);
    } else if (ssh_message_auth_kbdint_is_response(message) == 0) {
      peer.note("keyboard-interactive");
      std::vector<const char*> prompts;
      std::string echo;
      for (const auto& [text, shows] : peer.rules_.questions) {
        prompts.push_back(text.c_str());
        echo += shows ? '\1' : '\0';
      }
      ssh_message_auth_interactive_request(message, "", "", static_cast<unsigned>(prompts.size()),
                                           prompts.data(), echo.data());
    } else {
      std::string answer;
      for (int i = 0; i < ssh_userauth_kbdint_getnanswers(session); ++i) {
        answer = ssh_userauth_kbdint_getanswer(session, static_cast<unsigned>(i));
        peer.note("answer " + answer);
      }
      if (answer == peer.rules_.answer) {
        ssh_message_auth_reply_success(message, 0);
      } else {
        ssh_message_reply_default(message);
      }
    }
  }

  void run() {
    ssh_server_callbacks_struct callbacks{};
    callbacks.userdata = this;
    callbacks.service_request_function = on_service;
    callbacks.auth_none_function = on_none;
    callbacks.auth_password_function = on_password;
    callbacks.auth_pubkey_function = on_key;
    ssh_callbacks_init(&callbacks);
    ssh_set_server_callbacks(session, &callbacks);
    ssh_set_auth_methods(session, methods());
    if (ssh_handle_key_exchange(session) != SSH_OK) return;
    {
      const std::lock_guard lock(peer.mutex_);
      ++peer.exchanges_;
    }
    ssh_set_message_callback(session, on_message, this);
    // ssh_message_get would wait for ever for a client that left during the key exchange.
    const ssh_event event = ssh_event_new();
    ssh_event_add_session(event, session);
    constexpr int kGone = SSH_CLOSED | SSH_CLOSED_ERROR;
    while (ssh_is_connected(session) != 0 && (ssh_get_status(session) & kGone) == 0 &&
           ssh_event_dopoll(event, 50) != SSH_ERROR) {
    }
    ssh_event_remove_session(event, session);
    ssh_event_free(event);
  }
};

/// A connection that is closed with bytes unread is reset, and the client may lose what was said to
/// it: so first all is read until the client has gone too.
static void read_to_end(int fd) {
  shutdown(fd, SHUT_WR);
  char bytes[4096];
  pollfd polled{fd, POLLIN, 0};
  while (poll(&polled, 1, 5000) > 0 && read(fd, bytes, sizeof bytes) > 0) {
  }
}

SshPeer::SshPeer(PeerRules rules) : rules_(std::move(rules)) {
  listener_.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_.get(), raw, size) != 0 || listen(listener_.get(), 64) != 0 ||
      getsockname(listener_.get(), raw, &size) != 0) {
    throw std::runtime_error("no port for the SSH peer");
  }
  port_ = ntohs(address.sin_port);
  std::string on_record;
  for (const std::string& type : rules_.host_keys) {
    make_key(folder_.file(type), type);
    on_record += fmt::format("[127.0.0.1]:{} {}\n", port_, host_key(type));
  }
  write_file(known_hosts(), on_record);
  server_ = std::jthread([this] { serve(); });
}

SshPeer::~SshPeer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    if (open_ >= 0) shutdown(open_, SHUT_RDWR);
  }
  shutdown(listener_.get(), SHUT_RDWR);
  server_.join();
}

void SshPeer::serve() {
  const ssh_bind bind = ssh_bind_new();
  const bool no = false;
  ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
  for (const std::string& type : rules_.host_keys) {
    ssh_bind_options_set(bind, SSH_BIND_OPTIONS_HOSTKEY, folder_.file(type).c_str());
  }
  for (;;) {
    const int fd = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) break;
    {
      const std::lock_guard lock(mutex_);
      open_ = ending_ ? -1 : fd;
    }
    if (open_ < 0) {
      close(fd);
      break;
    }
    const remote::UniqueFd connection(dup(fd));
    const ssh_session session = ssh_new();
    if (ssh_bind_accept_fd(bind, session, fd) == SSH_OK) Connection{*this, session}.run();
    {
      const std::lock_guard lock(mutex_);
      open_ = -1;
    }
    read_to_end(connection.get());
    ssh_disconnect(session);
    ssh_free(session);
  }
  ssh_bind_free(bind);
}

remote::SshTarget SshPeer::target() const {
  remote::SshTarget target;
  target.host = "w1";
  target.address = "127.0.0.1";
  target.port = port_;
  target.user = "ops";
  target.known_hosts_files = {known_hosts()};
  return target;
}

std::string SshPeer::host_key(const std::string& type) const {
  const std::string text = read_file(folder_.file(type) + ".pub");
  return text.substr(0, text.find(' ', text.find(' ') + 1));
}

void SshPeer::note(const std::string& what) {
  const std::lock_guard lock(mutex_);
  received_.push_back(what);
}

int SshPeer::exchanges() const {
  const std::lock_guard lock(mutex_);
  return exchanges_;
}

std::vector<std::string> SshPeer::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

int SshPeer::passwords() const {
  const std::vector<std::string> all = received();
  return static_cast<int>(std::count_if(all.begin(), all.end(), [](const std::string& each) {
    return each.starts_with("password ") || each.starts_with("answer ");
  }));
}

}  // namespace drover::test
