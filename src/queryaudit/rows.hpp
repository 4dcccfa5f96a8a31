// Records as rows of the table `queries`.
#pragma once

#include <string_view>

#include "queryaudit/record.hpp"
#include "storage/value.hpp"

namespace punctual::queryaudit {

// For SELECT, in the order that `record_of` reads.
inline constexpr std::string_view record_columns =
    "id, at, until, user_name, model, chat_id, request_id, round, data_source, kind, tool, statement, "
    "reason, "
    "hash, outcome, end_link, finished, row_count, byte_count, truncated, duration_us, error, result_hash, "
    "end_hash";

// A row that was tampered with gives a record too; its hash does not fit.
Record record_of(const storage::Row& row);

}  // namespace punctual::queryaudit
