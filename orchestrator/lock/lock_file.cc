#include "orchestrator/lock/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include "inventory/base/text.h"
#include "orchestrator/state/file_io.h"

namespace drover::orchestrator {

std::optional<Holder> holder_of(const std::string& path) {
  bool missing = false;
  const Result<std::string> text = read_file(path, missing);
  if (!text || missing) return std::nullopt;
  // What it says is of the last process that had it. The lock itself is asked only when that one
  // may live: the question takes a free lock for a moment, and could turn away who comes just then.
  std::optional<Holder> holder = parse_holder(trim(*text));
  if (!holder || is_dead_here(*holder)) return std::nullopt;
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() || ::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) return std::nullopt;
  return holder;
}

}  // namespace drover::orchestrator
