#pragma once

#include "inventory/base/result.h"
#include "remote/ssh/limit.h"
#include "remote/ssh/target.h"
#include "remote/ssh/unique_fd.h"

namespace drover::remote {

/// A TCP connection to the target, non-blocking and close-on-exec, that notices a dead peer within
/// half a minute. All addresses of the name are tried, the next one as soon as one fails or has not
/// answered for 250 ms. Errors: Unreachable (says why for each address), Timeout, Cancelled.
Result<UniqueFd> dial(const SshTarget& target, const Limit& limit);

}  // namespace drover::remote
