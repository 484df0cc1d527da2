#pragma once

#include "inventory/base/result.h"
#include "remote/ssh/limit.h"

namespace drover::remote {

class Link;

/// Logs in with what the target has, in this order: its identity files, each with its certificates
/// first; ssh-agent; the password, by the server's `password` or `keyboard-interactive`. Methods
/// that the server does not take are not tried. Only for a link whose host key was checked.
/// Authentication says what was offered and what the server accepts; a second attempt would only
/// add to the server's penalties.
Status authenticate(Link& link, const Limit& limit);

}  // namespace drover::remote
