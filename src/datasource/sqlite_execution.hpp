// A statement on a SQLite file (execution.hpp), on a connection of its own.
#pragma once

#include "datasource/execution.hpp"
#include "datasource/result_writer.hpp"

namespace punctual::datasource {

// `until`: of the deadline and the source's limit the earlier one. What was handed over is the writer's to
// count.
Ended run_on_sqlite(const Source& source, const Statement& statement, deadline::Instant until,
                    const CancelToken& token, ResultWriter& writer);

Examined examine_sqlite(const Source& source, deadline::Instant until, const CancelToken& token);

}  // namespace punctual::datasource
