#pragma once

#include "plans/packages/package_manager.h"

namespace drover::plans {

/// Debian and its kin: apt and dpkg.
const PackageManager& apt();

}  // namespace drover::plans
