#pragma once

#include "inventory/base/result.h"
#include "remote/ssh/attempt.h"
#include "remote/ssh/limit.h"

namespace drover::remote {

class Link;

/// Offers the target's password once, as the server takes it: SSH_AUTH_SUCCESS, or SSH_AUTH_PARTIAL
/// when more is asked for. A refusal is an Error, and the last offer of this password to any host
/// if none has accepted it before.
Result<int> offer_password(Link& link, unsigned methods, Attempt& attempt, const Limit& limit);

}  // namespace drover::remote
