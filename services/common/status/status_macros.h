// Early returns for absl::Status and absl::StatusOr, in functions and in coroutines.
//
//   DROVER_RETURN_IF_ERROR(Check());                    DROVER_CO_RETURN_IF_ERROR(co_await
//   Check()); DROVER_ASSIGN_OR_RETURN(auto x, Make());            DROVER_CO_ASSIGN_OR_RETURN(auto
//   x, co_await Make());
#ifndef DROVER_SERVICES_COMMON_STATUS_STATUS_MACROS_H_
#define DROVER_SERVICES_COMMON_STATUS_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define DROVER_STATUS_CONCAT_INNER(a, b) a##b
#define DROVER_STATUS_CONCAT(a, b) DROVER_STATUS_CONCAT_INNER(a, b)

#define DROVER_STATUS_RETURN_IF_ERROR(return_keyword, name, expression) \
  do {                                                                  \
    absl::Status name = (expression);                                   \
    if (!name.ok()) return_keyword name;                                \
  } while (false)

#define DROVER_STATUS_ASSIGN_OR_RETURN(return_keyword, name, lhs, expression) \
  auto name = (expression);                                                   \
  if (!name.ok()) return_keyword std::move(name).status();                    \
  lhs = *std::move(name)

#define DROVER_RETURN_IF_ERROR(expression) \
  DROVER_STATUS_RETURN_IF_ERROR(return, DROVER_STATUS_CONCAT(status_, __LINE__), expression)
#define DROVER_CO_RETURN_IF_ERROR(expression) \
  DROVER_STATUS_RETURN_IF_ERROR(co_return, DROVER_STATUS_CONCAT(status_, __LINE__), expression)
#define DROVER_ASSIGN_OR_RETURN(lhs, expression)                                          \
  DROVER_STATUS_ASSIGN_OR_RETURN(return, DROVER_STATUS_CONCAT(status_or_, __LINE__), lhs, \
                                       expression)
#define DROVER_CO_ASSIGN_OR_RETURN(lhs, expression)                                          \
  DROVER_STATUS_ASSIGN_OR_RETURN(co_return, DROVER_STATUS_CONCAT(status_or_, __LINE__), lhs, \
                                 expression)

#endif  // DROVER_SERVICES_COMMON_STATUS_STATUS_MACROS_H_
