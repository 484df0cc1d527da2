#include "remote/ssh/attempt.h"

#include <fmt/format.h>
#include <libssh/libssh.h>

#include "inventory/base/text.h"
#include "remote/ssh/link.h"

namespace drover::remote {
namespace {

std::string accepted_methods(const Link& link) {
  const unsigned methods = methods_of(link);
  std::vector<std::string> names;
  if (methods & SSH_AUTH_METHOD_PUBLICKEY) names.emplace_back("publickey");
  if (methods & SSH_AUTH_METHOD_PASSWORD) names.emplace_back("password");
  if (methods & SSH_AUTH_METHOD_INTERACTIVE) names.emplace_back("keyboard-interactive");
  if (methods & SSH_AUTH_METHOD_HOSTBASED) names.emplace_back("hostbased");
  if (methods & SSH_AUTH_METHOD_GSSAPI_MIC) names.emplace_back("gssapi-with-mic");
  return names.empty() ? "no method that it named" : join(names, ", ");
}

std::string passed_over_text(const Attempt& attempt) {
  return attempt.passed_over.empty() ? std::string()
                                     : "; passed over: " + join(attempt.passed_over, ", ");
}

std::string remedy(const Attempt& attempt, const std::string& usual) {
  std::vector<std::string> remedies = attempt.remedies;
  if (remedies.empty()) remedies.push_back(usual);
  return join(remedies, "; ");
}

Error nothing_offered(const Link& link, const Attempt& attempt) {
  const SshTarget& target = link.target();
  return target_error(target, ErrorKind::Authentication,
                      fmt::format("cannot log in as {}: there is nothing to offer{}", target.user,
                                  passed_over_text(attempt)),
                      remedy(attempt, "name a private key that can be read in ssh.identity_file"));
}

Error not_enough(const Link& link, const Attempt& attempt) {
  return target_error(
      link.target(), ErrorKind::Authentication,
      fmt::format("login as {} needs more: {} was accepted, the server also asks for {}{}",
                  link.target().user, attempt.accepted, accepted_methods(link),
                  passed_over_text(attempt)),
      remedy(attempt,
             "allow login with that alone (AuthenticationMethods in sshd_config), or name the "
             "password in ssh.password"));
}

}  // namespace

unsigned methods_of(const Link& link) {
  return static_cast<unsigned>(ssh_userauth_list(link.session(), nullptr));
}

Error refused(const Link& link, const Attempt& attempt) {
  if (!attempt.accepted.empty()) return not_enough(link, attempt);
  if (attempt.offered.empty()) return nothing_offered(link, attempt);
  const SshTarget& target = link.target();
  return target_error(
      target, ErrorKind::Authentication,
      fmt::format("login as {} was refused: offered {}; the server accepts {}{}", target.user,
                  join(attempt.offered, ", "), accepted_methods(link), passed_over_text(attempt)),
      remedy(attempt, fmt::format("add the public key to ~{}/.ssh/authorized_keys on the host, or "
                                  "correct ssh.user or ssh.identity_file",
                                  target.user)));
}

Error ended(const Link& link, const Attempt& attempt) {
  const std::string message = link.last_message();
  if (message.find("authentication failures") == std::string::npos) return link.lost("logging in");
  Error error = refused(link, attempt);
  error.message += "; it said: " + message;
  error.remedy = remedy(attempt, "name only the key that fits in ssh.identity_file");
  return error;
}

}  // namespace drover::remote
