#pragma once

#include "inventory/base/result.h"
#include "remote/ssh/limit.h"

namespace drover::remote {

class Link;

/// Logs in with the target's identity files, one after the other, until one is accepted. Only for a
/// link whose host key was checked. Authentication says what was offered and what the server
/// accepts; a second attempt would only add to the server's penalties.
Status authenticate(Link& link, const Limit& limit);

}  // namespace drover::remote
