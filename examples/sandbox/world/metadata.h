#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "examples/sandbox/world/moment.h"
#include "examples/sandbox/world/selector.h"

namespace drover::sandbox {

/// The part of every object that names it. `ns` empty: it lies in no namespace.
nlohmann::json metadata(const std::string& name, const std::string& ns, const std::string& uid,
                        long revision, Moment created);

/// A condition of a status that is so since a moment.
nlohmann::json condition(const std::string& type, bool is, const std::string& reason,
                         const std::string& message, Moment since);

/// The UID of an object that the world does not keep: always the same for the same text.
std::string derived_uid(const std::string& text);

/// "192.0.2.11" and the like.
std::string node_address(int number);

}  // namespace drover::sandbox
