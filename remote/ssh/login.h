#pragma once

#include <memory>
#include <stop_token>
#include <system_error>

#include "inventory/base/result.h"
#include "remote/ssh/limit.h"
#include "remote/ssh/target.h"

namespace drover::remote {

class Link;

/// Dials, exchanges keys, checks the host key and only then (S12) logs in, all within
/// `target.connect_timeout` and the limit. Errors: Unreachable, also when this process is out of
/// descriptors, HostKey, Authentication, Timeout, Cancelled.
Result<std::unique_ptr<Link>> log_in(const SshTarget& target, const Limit& limit);

/// What to say of a Wake that could not be made on the way to `target`.
Error out_of_descriptors(const SshTarget& target, const std::system_error& error);

}  // namespace drover::remote
