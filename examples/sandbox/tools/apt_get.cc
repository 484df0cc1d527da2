#include <fmt/format.h>

#include "examples/sandbox/tools/apt_call.h"
#include "examples/sandbox/tools/apt_install.h"
#include "examples/sandbox/tools/apt_update.h"
#include "examples/sandbox/tools/tools.h"

namespace drover::sandbox {

int apt_get(Call& call) {
  const AptCall apt = read_apt_call(call);
  if (apt.verb == "update" && apt.names.empty()) return apt_update(call, apt);
  if (apt.verb == "install" && !apt.names.empty()) return apt_install(call, apt);
  if (apt.verb == "download" && !apt.names.empty()) return apt_download(call, apt);
  call.unknown();
}

}  // namespace drover::sandbox
