#include "datasource/source.hpp"

#include <gmock/gmock.h>

namespace punctual::datasource {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Source server(const std::string& host) {
  Source source;
  source.name = "shop";
  source.kind = Kind::postgresql;
  source.host = host;
  source.database = "shop";
  source.user = "reader";
  return source;
}

std::vector<std::string> fields_of(const Source& source) {
  std::vector<std::string> fields;
  for (const auto& problem : problems_of(source))
    fields.push_back(problem.field);
  return fields;
}

TEST(DataSource, HostsAreOneNameAddressOrFolder) {
  for (const auto* host :
       {"db", "db.internal", "10.0.0.1", "::1", "fe80::1", "/var/run/postgresql", "my-db_1"})
    EXPECT_THAT(fields_of(server(host)), IsEmpty()) << host;
  for (const auto* host : {"", "a,b", "a b", "db:5433", "[::1]:5432", "user@db", "@abstract", "-db", "a=b",
                           "db'", "db\n", "/a,b"})
    EXPECT_THAT(fields_of(server(host)), ElementsAre("host")) << host;
  EXPECT_THAT(fields_of(server(std::string(300, 'a'))), ElementsAre("host"));
}

TEST(DataSource, EveryFieldThatIsWrongIsNamed) {
  Source source = server("db");
  source.name = " x";
  source.port = 70000;
  source.database = "";
  source.user = "a\nb";
  source.query_seconds = 0;
  source.bounds = {.rows_max = 0, .bytes_max = 1, .cell_bytes_max = 1};
  EXPECT_THAT(fields_of(source), ElementsAre("name", "port", "database", "user", "query_seconds", "rows_max",
                                             "bytes_max", "cell_bytes_max"));
  Source file;
  file.name = "x";
  file.file = "relative.db";
  EXPECT_THAT(fields_of(file), ElementsAre("file"));
}

TEST(DataSource, NamesOfKindsAndModes) {
  for (const auto kind : {Kind::sqlite, Kind::postgresql})
    EXPECT_EQ(parse_kind(name_of(kind)), kind);
  for (const auto tls : {Tls::disable, Tls::require, Tls::verify_full})
    EXPECT_EQ(parse_tls(name_of(tls)), tls);
  EXPECT_EQ(parse_tls("prefer"), std::nullopt);
}

}  // namespace
}  // namespace punctual::datasource
