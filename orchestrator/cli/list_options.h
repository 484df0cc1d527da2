#pragma once

#include <string>

#include "inventory/base/result.h"
#include "orchestrator/cli/options.h"
#include "orchestrator/ui/list_view.h"

namespace drover::orchestrator {

/// Which rows of a list are wanted: what `-n`, `-A`, `-l` and `--field-selector` say together.
struct ListChoice {
  std::string ns;      ///< "": all namespaces
  std::string labels;  ///< as kubectl takes them; "": all
  std::string fields;  ///< likewise
};

/// A Usage error is told before any login: the server's word would come after it.
Result<ListChoice> read_list_choice(const Invocation& invocation);

ListStyle list_style(const Invocation& invocation, const std::string& cluster, bool color);

}  // namespace drover::orchestrator
