#include "tests/support/source_dir.h"

namespace drover::test {

std::string source_dir() { return DROVER_SOURCE_DIR; }

}  // namespace drover::test
