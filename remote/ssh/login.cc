#include "remote/ssh/login.h"

#include <fmt/format.h>
#include <libssh/libssh.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "inventory/base/digest.h"
#include "remote/ssh/authentication.h"
#include "remote/ssh/dial.h"
#include "remote/ssh/host_key.h"
#include "remote/ssh/key_handle.h"
#include "remote/ssh/link.h"

namespace drover::remote {
namespace {

struct FreeString {
  void operator()(char* text) const { ssh_string_free_char(text); }
};

/// No configuration file and no known_hosts of libssh's own choosing; the name under which libssh
/// would look the host up plays no part then, and neither does its syntax.
Status set_options(const Link& link, const std::string& host_key_algorithms) {
  const bool no = false;
  const ssh_session session = link.session();
  const std::string& user = link.target().user;
  const bool done =
      ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no) == SSH_OK &&
      ssh_options_set(session, SSH_OPTIONS_HOST, "node") == SSH_OK &&
      ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null") == SSH_OK &&
      ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") == SSH_OK &&
      ssh_options_set(session, SSH_OPTIONS_USER, user.c_str()) == SSH_OK &&
      (host_key_algorithms.empty() ||
       ssh_options_set(session, SSH_OPTIONS_HOSTKEYS, host_key_algorithms.c_str()) == SSH_OK);
  if (done) return {};
  return target_error(link.target(), ErrorKind::Authentication,
                      fmt::format("libssh refuses the user name {} or the options for it: {}", user,
                                  link.last_message()),
                      "correct ssh.user in the inventory");
}

Result<HostKey> shown_key(const Link& link) {
  ssh_key raw = nullptr;
  char* text = nullptr;
  if (ssh_get_server_publickey(link.session(), &raw) != SSH_OK)
    return link.lost("reading its host key");
  const KeyHandle key(raw);
  if (ssh_pki_export_pubkey_base64(raw, &text) != SSH_OK) return link.lost("reading its host key");
  const std::unique_ptr<char, FreeString> base64(text);
  DROVER_TRY_ASSIGN(std::string blob, base64_decode(text));
  return HostKey{ssh_key_type_to_char(ssh_key_type(raw)), std::move(blob)};
}

Status exchange_keys(Link& link, const Limit& limit) {
  DROVER_TRY_ASSIGN(const int code, link.connect(limit));
  if (code == SSH_OK) return {};
  return target_error(link.target(), ErrorKind::Unreachable,
                      "the SSH key exchange failed: " + link.last_message(),
                      "check that an SSH server answers on this port; its log may say more");
}

/// A connection whose keys are exchanged. The host is asked for a key that is on record; one that
/// has none of those types hangs up, and is asked once more for whatever it has, to be judged.
Result<std::unique_ptr<Link>> meet(const SshTarget& target, const std::string& algorithms,
                                   const Limit& limit) {
  DROVER_TRY_ASSIGN(UniqueFd fd, dial(target, limit));
  auto link = std::make_unique<Link>(target, std::move(fd));
  DROVER_TRY(set_options(*link, algorithms));
  const Status exchanged = exchange_keys(*link, limit);
  if (exchanged) return link;
  if (algorithms.empty() || exchanged.error().kind != ErrorKind::Unreachable) {
    return exchanged.error();
  }
  link.reset();
  auto again = meet(target, {}, limit);
  return again ? std::move(again) : exchanged.error();
}

Result<std::unique_ptr<Link>> enter(const SshTarget& target, const Limit& limit) {
  const Instant patience = std::chrono::steady_clock::now() + target.connect_timeout;
  const Limit login_limit{std::min(limit.deadline, patience), limit.stop};
  KnownHosts own_records;
  KnownHosts& records = target.known_hosts ? *target.known_hosts : own_records;
  const std::vector<KnownHostsFile> files = records.read(target.known_hosts_files);
  std::vector<KnownKey> known;
  if (target.host_keys != HostKeyCheck::Off) {
    known = known_keys(files, target.address, target.port);
  }

  DROVER_TRY_ASSIGN(auto link, meet(target, host_key_algorithms(known), login_limit));
  DROVER_TRY_ASSIGN(const HostKey shown, shown_key(*link));
  DROVER_TRY(admit_host_key(target, records, files, shown, login_limit));
  DROVER_TRY(authenticate(*link, login_limit));
  link->start_keepalive();
  return link;
}

}  // namespace

Error out_of_descriptors(const SshTarget& target, const std::system_error& error) {
  return target_error(target, ErrorKind::Unreachable,
                      fmt::format("cannot connect: {}", error.what()),
                      "let this process open more files: `ulimit -n`, at least ten for each host");
}

Result<std::unique_ptr<Link>> log_in(const SshTarget& target, const Limit& limit) {
  try {
    return enter(target, limit);
  } catch (const std::system_error& full) {
    return out_of_descriptors(target, full);
  }
}

}  // namespace drover::remote
