#include <filesystem>
#include <system_error>

#include "examples/sandbox/tools/disk_full.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/tools.h"

namespace drover::sandbox {

int carry_out(Call& call) {
  const Tool tool = find_tool(call.tool());
  if (tool == nullptr) call.unknown();
  try {
    const int code = tool(call);
    call.half_way();  // of a rule that struck, if the tool had no half to stop at
    return code;
  } catch (const NoRoom& no_room) {
    return say_disk_full(call, no_room.path);
  } catch (const std::filesystem::filesystem_error& error) {
    if (error.code() != std::errc::no_space_on_device) throw;
    return say_disk_full(call, error.path1().string());
  }
}

}  // namespace drover::sandbox
