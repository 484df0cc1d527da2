#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "inventory/base/error.h"

namespace drover {

/// A value or an Error. Unlike tl::expected it may not be dropped silently.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}
  Result(Error error) : tl::expected<T, Error>(tl::unexpect, std::move(error)) {}
};

/// The outcome of something that has no value to give.
using Status = Result<void>;

}  // namespace drover

#define DROVER_CONCAT_(a, b) a##b
#define DROVER_CONCAT(a, b) DROVER_CONCAT_(a, b)

/// Returns the error of EXPR from the enclosing function, or goes on.
#define DROVER_TRY(expr)                                                                      \
  do {                                                                                        \
    if (auto drover_status = (expr); !drover_status) return std::move(drover_status).error(); \
  } while (false)

/// DROVER_TRY_ASSIGN(auto x, f()): declares x from the value of f(), or returns its error.
#define DROVER_TRY_ASSIGN(declaration, expr) \
  DROVER_TRY_ASSIGN_(DROVER_CONCAT(drover_result_, __LINE__), declaration, expr)
#define DROVER_TRY_ASSIGN_(result, declaration, expr) \
  auto result = (expr);                               \
  if (!result) return std::move(result).error();      \
  declaration = std::move(*result)
