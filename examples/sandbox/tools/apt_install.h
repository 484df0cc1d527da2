#pragma once

#include "examples/sandbox/tools/apt_call.h"

namespace drover::sandbox {

/// apt-get install NAME=REVISION..., with --download-only too.
int apt_install(Call& call, const AptCall& apt);

/// apt-get download NAME=REVISION...: into the folder where it runs.
int apt_download(Call& call, const AptCall& apt);

}  // namespace drover::sandbox
