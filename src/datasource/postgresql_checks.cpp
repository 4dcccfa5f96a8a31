#include "datasource/postgresql_checks.hpp"

namespace punctual::datasource {

namespace {

// The role and all roles that it may become with SET ROLE, whether it inherits their rights or not. One row
// is enough; those that explain the others come first.
constexpr const char* role_sql = R"(
WITH roles AS (SELECT oid, rolname, rolsuper, rolreplication, rolcreaterole, rolcreatedb FROM pg_roles
                WHERE pg_has_role(current_user, oid, 'MEMBER')),
spaces AS (SELECT oid, nspname FROM pg_namespace WHERE nspname NOT IN ('pg_catalog', 'information_schema')
            AND nspname NOT LIKE 'pg\_toast%' AND nspname NOT LIKE 'pg\_temp\_%'),
tables AS (SELECT c.oid, c.relkind, c.relowner, format('%I.%I', n.nspname, c.relname) AS name
            FROM pg_class c JOIN spaces n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')),
found AS (
SELECT 1 AS rank, format('is %s: take a role without it (ALTER ROLE %I NOSUPERUSER NOREPLICATION NOCREATEROLE NOCREATEDB)',
    CASE WHEN rolsuper THEN 'a superuser' WHEN rolreplication THEN 'allowed to replicate'
         WHEN rolcreaterole THEN 'allowed to make roles' ELSE 'allowed to make databases' END, rolname) AS text
  FROM roles WHERE rolsuper OR rolreplication OR rolcreaterole OR rolcreatedb
UNION ALL
SELECT 2, format('is a member of %I: REVOKE %I FROM %I', rolname, rolname, current_user) FROM roles
  WHERE rolname IN ('pg_write_server_files', 'pg_read_server_files', 'pg_execute_server_program', 'pg_write_all_data',
                    'pg_signal_backend', 'pg_checkpoint', 'pg_maintain', 'pg_create_subscription',
                    'pg_signal_autovacuum_worker')
UNION ALL
SELECT 3, format('owns %s: ALTER %s %s OWNER TO another role', t.name,
    CASE t.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, t.name)
  FROM tables t JOIN roles r ON r.oid = t.relowner
UNION ALL
SELECT 4, format('may change %s: REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON %s FROM %s', t.name, t.name,
    CASE WHEN r.rolname = current_user THEN format('%I, PUBLIC', r.rolname) ELSE quote_ident(r.rolname) END)
  FROM tables t CROSS JOIN roles r WHERE t.relkind <> 'S'
    AND (has_table_privilege(r.oid, t.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
         OR has_any_column_privilege(r.oid, t.oid, 'INSERT, UPDATE'))
UNION ALL
SELECT 5, format('may move the sequence %s: REVOKE USAGE, UPDATE ON SEQUENCE %s FROM %I, PUBLIC', t.name, t.name, r.rolname)
  FROM tables t CROSS JOIN roles r WHERE t.relkind = 'S' AND has_sequence_privilege(r.oid, t.oid, 'USAGE, UPDATE')
UNION ALL
SELECT 6, format('may create in the schema %I: REVOKE CREATE ON SCHEMA %I FROM %I, PUBLIC', s.nspname, s.nspname, r.rolname)
  FROM spaces s CROSS JOIN roles r WHERE has_schema_privilege(r.oid, s.oid, 'CREATE')
UNION ALL
SELECT 7, format('may create schemas: REVOKE CREATE ON DATABASE %I FROM %I, PUBLIC', current_database(), rolname)
  FROM roles WHERE has_database_privilege(oid, current_database(), 'CREATE')
UNION ALL
SELECT 8, format('may call %s: REVOKE EXECUTE ON FUNCTION %s FROM %I, PUBLIC', p.oid::regprocedure, p.oid::regprocedure, r.rolname)
  FROM pg_proc p CROSS JOIN roles r WHERE p.pronamespace = 'pg_catalog'::regnamespace
   AND p.proname IN ('lo_import', 'lo_export', 'pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'pg_stat_file',
     'pg_file_write', 'pg_file_rename', 'pg_file_unlink', 'pg_reload_conf', 'pg_rotate_logfile', 'pg_promote',
     'pg_switch_wal', 'pg_create_restore_point', 'pg_backup_start', 'pg_backup_stop', 'pg_start_backup', 'pg_stop_backup')
   AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
UNION ALL
SELECT 9, 'is connected to a standby, where statements cannot be checked before they run: give the primary server'
  WHERE pg_is_in_recovery()
UNION ALL
SELECT 10, format('may not make temporary views, in which statements are checked: GRANT TEMPORARY ON DATABASE %I TO %I',
    current_database(), current_user)
  WHERE NOT has_database_privilege(current_database(), 'TEMPORARY'))
SELECT format('the role %I %s', current_user, text) FROM found ORDER BY rank, text LIMIT 1)";

// The server's own list of the functions in what it has parsed. Volatile is what may have side effects, or
// other values each time; some of those only tell. The extensions named run texts as SQL.
constexpr const char* functions_sql = R"(
WITH used AS (SELECT DISTINCT (regexp_matches(ev_action::text, ':(?:funcid|opfuncid|aggfnoid|winfnoid) ([0-9]+)', 'g'))[1]::oid AS id
                FROM pg_rewrite WHERE ev_class = 'pg_temp.punctual_check'::regclass)
SELECT p.oid::regprocedure::text FROM used JOIN pg_proc p ON p.oid = used.id
 WHERE (p.provolatile = 'v' AND NOT (p.pronamespace = 'pg_catalog'::regnamespace AND p.proname IN (
          'random', 'random_normal', 'clock_timestamp', 'timeofday', 'gen_random_uuid', 'pg_relation_size',
          'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size', 'pg_database_size')))
    OR EXISTS (SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
                  AND e.extname IN ('dblink', 'tablefunc', 'xml2', 'adminpack', 'file_fdw', 'postgres_fdw'))
 ORDER BY 1 LIMIT 1)";

Ended refused(std::string error) {
  Ended result;
  result.end = End::refused;
  result.error = std::move(error);
  return result;
}

// The text of the first row; nothing: there is none.
std::expected<std::optional<std::string>, Ended> ask(PostgresqlSession& session, const char* sql) {
  std::optional<std::string> text;
  const auto refusal = session.statement(sql, {}, [&text](const PGresult* row) {
    if (PQntuples(row) > 0) text = PQgetvalue(row, 0, 0);
    return true;
  });
  if (refusal) return std::unexpected(refusal->ended);
  return text;
}

// Parsed alone: what it is, and whether it is one.
std::expected<std::vector<PostgresqlSession::Column>, Ended> columns_alone(PostgresqlSession& session,
                                                                           const std::string& sql) {
  auto columns = session.columns_of(sql);
  if (columns && columns->empty())
    return std::unexpected(refused("only reading is allowed: write one SELECT"));
  if (columns) return std::move(*columns);
  // A syntax error has a place; that there are several statements has none.
  if (columns.error().state == "42601" && !columns.error().has_position)
    return std::unexpected(refused("only one statement at a time: leave out what follows the first"));
  return std::unexpected(columns.error().ended);
}

std::optional<Ended> objection_to_functions(PostgresqlSession& session, const std::string& sql) {
  const std::string view = "CREATE TEMPORARY VIEW punctual_check AS SELECT 1 FROM (\n" + sql + "\n) AS asked";
  if (const auto refusal = session.statement(view, {}, {})) {
    // Parsed alone it was right: in this place only a SELECT is, without a WITH that writes.
    if (refusal->state == "42601" || refusal->state == "0A000")
      return refused(
          "only reading is allowed: write one SELECT, without INTO, without a WITH that writes, and without "
          "a semicolon before its end");
    return refusal->ended;
  }
  const auto function = ask(session, functions_sql);
  if (!function) return function.error();
  if (*function) return refused("only reading is allowed, and the function " + **function + " may do more");
  return std::nullopt;
}

}  // namespace

std::expected<std::optional<std::string>, Ended> objection_to_role(PostgresqlSession& session) {
  return ask(session, role_sql);
}

std::expected<std::vector<PostgresqlSession::Column>, Ended> checked_statement(PostgresqlSession& session,
                                                                               const std::string& sql) {
  if (auto failed = session.command("BEGIN TRANSACTION READ ONLY"))
    return std::unexpected(std::move(*failed));
  auto columns = columns_alone(session, sql);
  if (!columns) return columns;
  if (auto failed = session.command("ROLLBACK; BEGIN TRANSACTION READ WRITE"))
    return std::unexpected(std::move(*failed));
  if (auto objection = objection_to_functions(session, sql)) return std::unexpected(std::move(*objection));
  if (auto failed = session.command("ROLLBACK")) return std::unexpected(std::move(*failed));
  return columns;
}

}  // namespace punctual::datasource
