#pragma once

#include <string>

/// Time as the stand-ins have it: as long as on the real bed, divided by the node's `speed`.
namespace drover::sandbox {

/// How much faster than real; 0: nothing takes any time.
double speed();

/// Seconds of here that `real` seconds of the bed take; 0 at speed 0.
double scaled(double real);

/// Returns after that many seconds of the bed.
void lasts(double real);

/// The pause between two looks at something that somebody else changes.
void wait_a_moment();

/// Seconds since the epoch, and the same as state files have it: "1795381301.123456789".
double now();
std::string epoch_text();

}  // namespace drover::sandbox
