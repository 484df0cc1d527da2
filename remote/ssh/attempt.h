#pragma once

#include <string>
#include <vector>

#include "inventory/base/error.h"

namespace drover::remote {

class Link;

/// What one login did so far, for the words of its refusal.
struct Attempt {
  std::vector<std::string> offered;
  std::vector<std::string> passed_over;  ///< what could not be offered, and why
  std::vector<std::string> remedies;     ///< besides the usual ones
  std::string accepted;                  ///< the last that was accepted, but not enough
};

/// The methods that the server names, as SSH_AUTH_METHOD_ bits. After a first answer of it only.
unsigned methods_of(const Link& link);

/// Authentication: what was offered, what the server accepts, what to do.
Error refused(const Link& link, const Attempt& attempt);

/// Of a connection that ended while logging in: a server that hangs up on too many keys has refused
/// them, not broken.
Error ended(const Link& link, const Attempt& attempt);

}  // namespace drover::remote
