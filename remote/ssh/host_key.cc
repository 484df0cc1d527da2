#include "remote/ssh/host_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"

namespace drover::remote {
namespace {

/// In order of preference: an algorithm, and the type of the keys that it signs with.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kAlgorithms = {{
    {"ssh-ed25519", "ssh-ed25519"},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"},
    {"rsa-sha2-512", "ssh-rsa"},
    {"rsa-sha2-256", "ssh-rsa"},
}};

std::string file_list(const std::vector<KnownHostsFile>& files) {
  std::vector<std::string> names;
  for (const KnownHostsFile& file : files) {
    names.push_back(file.problem.empty() ? file.path
                                         : fmt::format("{} ({})", file.path, file.problem));
  }
  return names.empty() ? "no known_hosts file" : join(names, " or ");
}

std::string key_list(const std::vector<KnownKey>& keys) {
  std::vector<std::string> texts;
  for (const KnownKey& key : keys) {
    texts.push_back(fmt::format("{} {} ({}:{})", key.type, key.fingerprint, key.path, key.line));
  }
  return join(texts, ", ");
}

/// Where a key would be added: the first file that is named.
std::string file_to_fill(const SshTarget& target) {
  return target.known_hosts_files.empty() ? "~/.ssh/known_hosts"
                                          : quote(target.known_hosts_files.front());
}

std::string keyscan(const SshTarget& target) {
  return fmt::format("ssh-keyscan -p {} {} >> {}", target.port, quote(target.address),
                     file_to_fill(target));
}

std::string removal(const SshTarget& target, const std::vector<KnownKey>& known) {
  const std::string name = known_hosts_name(target.address, target.port);
  std::vector<std::string> commands;
  for (const KnownKey& key : known) {
    std::string command = fmt::format("ssh-keygen -R {} -f {}", quote(name), quote(key.path));
    if (std::find(commands.begin(), commands.end(), command) == commands.end()) {
      commands.push_back(std::move(command));
    }
  }
  return join(commands, "; ");
}

std::string replacement(const SshTarget& target, const std::vector<KnownKey>& known) {
  return fmt::format(
      "find out why, as it may not be the machine you mean. If it was installed anew, compare the "
      "fingerprint on the machine itself (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then: "
      "{}; {}",
      removal(target, known), keyscan(target));
}

std::string authority_note(const HostKeyVerdict& verdict) {
  if (verdict.authorities.empty()) return {};
  const KnownKey& line = verdict.authorities.front();
  return fmt::format(
      "; {}:{} is a @cert-authority line for it, but host certificates are not supported",
      line.path, line.line);
}

Error unknown(const SshTarget& target, const std::vector<KnownHostsFile>& files,
              const HostKeyVerdict& verdict, const std::string& shown) {
  return target_error(
      target, ErrorKind::HostKey,
      fmt::format("its host key is not known: it showed {}, and {} has no key of {}{}", shown,
                  file_list(files), known_hosts_name(target.address, target.port),
                  authority_note(verdict)),
      fmt::format("compare the fingerprint on the machine itself (ssh-keygen -lf "
                  "/etc/ssh/ssh_host_ed25519_key.pub), then: {}",
                  keyscan(target)));
}

Error changed(const SshTarget& target, const HostKeyVerdict& verdict, const std::string& shown) {
  return target_error(target, ErrorKind::HostKey,
                      fmt::format("its host key has changed: it showed {}, on record is {}{}",
                                  shown, key_list(verdict.known), authority_note(verdict)),
                      replacement(target, verdict.known));
}

Error revoked(const SshTarget& target, const HostKeyVerdict& verdict, const std::string& shown) {
  return target_error(
      target, ErrorKind::HostKey,
      fmt::format("its host key is revoked: it showed {}, which {}:{} marks @revoked", shown,
                  verdict.revoked.front().path, verdict.revoked.front().line),
      fmt::format(
          "treat the machine as compromised; once it has a new key, compare its fingerprint "
          "on the machine itself, then: {}",
          keyscan(target)));
}

}  // namespace

std::string host_key_algorithms(const std::vector<KnownKey>& known) {
  std::vector<std::string> names;
  for (const auto& [algorithm, type] : kAlgorithms) {
    const bool on_record =
        std::any_of(known.begin(), known.end(),
                    [wanted = type](const KnownKey& key) { return key.type == wanted; });
    if (on_record) names.emplace_back(algorithm);
  }
  return join(names, ",");
}

Status check_host_key(const SshTarget& target, const std::vector<KnownHostsFile>& files,
                      const HostKey& shown) {
  const HostKeyVerdict verdict = judge_host_key(files, target.address, target.port, shown);
  const std::string text = shown.type + " " + fingerprint(shown.blob);
  switch (verdict.kind) {
    case HostKeyVerdict::Kind::Known:
      return {};
    case HostKeyVerdict::Kind::Unknown:
      return unknown(target, files, verdict, text);
    case HostKeyVerdict::Kind::Changed:
      return changed(target, verdict, text);
    case HostKeyVerdict::Kind::Revoked:
      return revoked(target, verdict, text);
  }
  return {};
}

Status admit_host_key(const SshTarget& target, KnownHosts& records,
                      const std::vector<KnownHostsFile>& files, const HostKey& shown,
                      const Limit& limit) {
  const HostKeyVerdict verdict = judge_host_key(files, target.address, target.port, shown);
  using Kind = HostKeyVerdict::Kind;
  if (target.host_keys == HostKeyCheck::Off && verdict.kind != Kind::Revoked) return {};
  const bool is_new = verdict.kind == Kind::Unknown && verdict.authorities.empty();
  if (target.host_keys != HostKeyCheck::AcceptNew || !is_new) {
    return check_host_key(target, files, shown);
  }
  DROVER_TRY_ASSIGN(const bool recorded, records.put_on_record(target, shown, limit));
  if (recorded && target.warn) {
    target.warn(
        fmt::format("{} ({}): its host key was not known and is taken as it is: {} {}, now "
                    "on record in {}",
                    target.host, endpoint(target), shown.type, fingerprint(shown.blob),
                    target.known_hosts_files.front()));
  }
  return {};
}

}  // namespace drover::remote
