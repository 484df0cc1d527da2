#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/facts.h"

/// Pieces of shell text that the apt commands are put together from.
namespace drover::plans {

/// Defines the sed expressions $minor (the line of another minor) and $mask (a line fit to be
/// shown: no password in a URI, no carriage return).
std::string line_expressions(int minor);
/// $mask alone.
std::string mask_expression();

/// Defines `patiently COMMAND...`: again and again while another package manager holds a lock, for
/// at most five minutes in all or, from there, what `patience SECONDS` says; and `left`, the
/// seconds of them that remain. Uses the file $E.
std::string patience();

/// Fills $T with what apt needs to see the target's repository alone, and defines `target
/// PROGRAM...`, which runs an apt program on it, and `target_update`, which reads its index.
std::string target_lists(const std::vector<RepositoryLine>& lines, int minor);

/// The call of dpkg-query that prints a row a package, as read_package_row reads it.
std::string package_rows(const std::vector<std::string>& names);

/// The call of apt-cache that prints `offers ` and a row of madison a revision, out of the index as
/// it is and without writing apt's cache.
std::string offer_rows(const std::vector<std::string>& names);

/// True for a source file in deb822 form.
bool is_deb822(std::string_view file);

}  // namespace drover::plans
