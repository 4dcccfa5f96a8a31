// What keeps a PostgreSQL role and a statement to reading, asked of the server itself.
//
// On a session of the caller's, outside of a transaction. Why not is told in a sentence, of a role with the
// statement that an administrator would run.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "datasource/postgresql_session.hpp"

namespace punctual::datasource {

// The role is no superuser, writes, owns and creates nothing, nor is a member of a role that does.
std::expected<std::optional<std::string>, Ended> objection_to_role(PostgresqlSession& session);

// The text is one SELECT (VALUES, TABLE, WITH), and calls no function that the server has as volatile, but
// for a few that only tell something. The server parses it and is asked for the functions that it found;
// nothing of it is run. The answer is the columns that it would give.
std::expected<std::vector<PostgresqlSession::Column>, Ended> checked_statement(PostgresqlSession& session,
                                                                               const std::string& sql);

}  // namespace punctual::datasource
