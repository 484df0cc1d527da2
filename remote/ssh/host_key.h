#pragma once

#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "remote/ssh/known_hosts.h"
#include "remote/ssh/known_hosts_files.h"
#include "remote/ssh/limit.h"
#include "remote/ssh/target.h"

namespace drover::remote {

/// The host key algorithms to offer so that the host shows a key that is on record: those of the
/// keys on record, as a list for SSH. Empty: nothing is on record, any key may be shown.
std::string host_key_algorithms(const std::vector<KnownKey>& known);

/// Success only for a key on record (S12). Otherwise HostKey, with files, fingerprints and remedy.
Status check_host_key(const SshTarget& target, const std::vector<KnownHostsFile>& files,
                      const HostKey& shown);

/// What the target's `host_keys` makes of the key: with accept-new one of a host that has none on
/// record is put there first, with off all but a revoked one are let through.
Status admit_host_key(const SshTarget& target, KnownHosts& records,
                      const std::vector<KnownHostsFile>& files, const HostKey& shown,
                      const Limit& limit);

}  // namespace drover::remote
