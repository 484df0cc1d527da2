#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "inventory/base/result.h"

/// As much of the format of etcd's database (bbolt) as tells one from any other file, and how far
/// its history goes.
namespace drover::orchestrator {

/// True when its first `size` bytes begin as a database does.
bool is_database(int fd, std::uint64_t size);

/// The revision of the newest key in the database that makes up the first `size` bytes of a file.
/// 0: it has no keys. An error of kind File, without the file's name, says what is wrong; damage
/// outside the few pages that lead there is not seen.
Result<std::uint64_t> newest_revision(int fd, std::uint64_t size);

/// The value that etcd's key `key` had last, "" when there is none or it was deleted. Reads the
/// database until it is found. Errors as above.
Result<std::string> newest_value(int fd, std::uint64_t size, std::string_view key);

}  // namespace drover::orchestrator
