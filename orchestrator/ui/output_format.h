#pragma once

namespace drover::orchestrator {

/// How results are printed.
enum class OutputFormat {
  Text,
  Wide,  ///< text with more columns; lists only
  Json,
  Yaml,  ///< what Json says, as YAML; lists only
};

}  // namespace drover::orchestrator
