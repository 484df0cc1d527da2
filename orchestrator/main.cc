#include <cstdio>
#include <exception>

#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/descriptors.h"
#include "orchestrator/signals.h"

int main(int argc, char** argv) {
  using namespace drover::orchestrator;
  try {
    block_signals();
    raise_descriptor_limit();
    return run_program({argv + 1, argv + argc});
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "drover: internal error: %s\n", exception.what());
    return kExitInternal;
  }
}
