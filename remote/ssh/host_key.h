#pragma once

#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "remote/ssh/known_hosts.h"
#include "remote/ssh/target.h"

namespace drover::remote {

/// Reads the target's known_hosts files; one that cannot be read carries its `problem`.
std::vector<KnownHostsFile> read_known_hosts(const SshTarget& target);

/// The host key algorithms to offer so that the host shows a key that is on record: those of the
/// keys on record, as a list for SSH. Empty: nothing is on record, any key may be shown.
std::string host_key_algorithms(const std::vector<KnownKey>& known);

/// Success only for a key on record (S12). Otherwise HostKey, with files, fingerprints and remedy.
Status check_host_key(const SshTarget& target, const std::vector<KnownHostsFile>& files,
                      const HostKey& shown);

/// The host has no key of any type on record.
Error no_host_key_of_known_type(const SshTarget& target, const std::vector<KnownKey>& known);

}  // namespace drover::remote
