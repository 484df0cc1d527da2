#pragma once

#include <memory>
#include <stop_token>

#include "inventory/base/result.h"
#include "remote/ssh/limit.h"
#include "remote/ssh/target.h"

namespace drover::remote {

class Link;

/// Dials, exchanges keys, checks the host key and only then (S12) logs in, all within
/// `target.connect_timeout` and the limit. Errors: Unreachable, HostKey, Authentication, Timeout,
/// Cancelled.
Result<std::unique_ptr<Link>> log_in(const SshTarget& target, const Limit& limit);

}  // namespace drover::remote
