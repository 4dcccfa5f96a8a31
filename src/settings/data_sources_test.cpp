#include "settings/data_sources.hpp"

#include <gmock/gmock.h>

#include "base/temporary_folder_testing.hpp"
#include "secrets/key.hpp"
#include "settings/opening.hpp"
#include "settings/query_chain.hpp"
#include "storage/store.hpp"

namespace punctual::settings {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DataSources : public testing::Test {
 protected:
  DataSources() {
    store_ = *storage::Store::open({.location = "sqlite", .data = folder_.path()});
    open();
  }
  ~DataSources() override {
    service_.reset();
    store_.reset();
  }
  void open() {
    service_.reset();
    auto opened = open_with_vault(*store_, clock_, base_, folder_.path());
    ASSERT_TRUE(opened) << opened.error();
    service_ = std::move(*opened);
  }
  static DataSourceInput server(const std::string& name, std::optional<std::string> password = {}) {
    DataSourceInput input;
    input.source.name = name;
    input.source.kind = datasource::Kind::postgresql;
    input.source.host = "db.test";
    input.source.database = "shop";
    input.source.user = "reader";
    input.password = std::move(password);
    return input;
  }
  std::string create(const DataSourceInput& input) {
    const auto id = create_data_source(*service_, ada_, {}, input);
    EXPECT_TRUE(id) << id.error().message;
    return id ? *id : std::string();
  }
  std::shared_ptr<const datasource::Source> source(const std::string& id) const {
    return data_source_of_id(*service_->current(), id);
  }
  void alter(const std::string& sql) const {
    ASSERT_TRUE(store_->write([&](storage::Connection& connection) -> storage::Outcome {
      const auto done = connection.execute(sql);
      if (!done) return std::unexpected(done.error());
      return {};
    }));
  }

  const Actor ada_{"user:ada", "req_1"};
  deadline::SystemClock clock_;
  Base base_;
  base::TemporaryFolder folder_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Service> service_;
};

TEST_F(DataSources, APasswordIsSealedOpenedAgainAndNeverShown) {
  const auto id = create(server("shop", "canary-1"));
  EXPECT_EQ(source(id)->password->reveal(), "canary-1");
  open();
  EXPECT_EQ(source(id)->password->reveal(), "canary-1");
  const auto text = boost::json::serialize(data_sources_document(*service_->current(), true));
  EXPECT_THAT(text, HasSubstr(R"("password_set":true)"));
  EXPECT_THAT(text, Not(HasSubstr("canary")));
  auto reader = *store_->reader();
  const auto changes = *reader->execute("SELECT after_value FROM changes");
  EXPECT_THAT(changes.front().text(0), HasSubstr("replaced"));
  EXPECT_THAT(changes.front().text(0), Not(HasSubstr("canary")));
  EXPECT_THAT(boost::json::serialize(data_sources_document(*service_->current(), false)),
              Not(HasSubstr("db.test")));
}

TEST_F(DataSources, APasswordGoesToNoOtherServer) {
  const auto id = create(server("shop", "canary-1"));
  auto moved = server("shop");
  moved.source.host = "other.test";
  auto refused = replace_data_source(*service_, ada_, {}, id, moved);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fields.front().field, "password");
  moved = server("shop");
  moved.source.port = 5433;
  EXPECT_FALSE(draft_data_source(*service_, id, moved));
  moved.password = "canary-2";
  EXPECT_TRUE(replace_data_source(*service_, ada_, {}, id, moved));
  EXPECT_EQ(source(id)->password->reveal(), "canary-2");
  moved.password = "";
  EXPECT_TRUE(replace_data_source(*service_, ada_, {}, id, moved));
  EXPECT_EQ(source(id)->password, nullptr);
}

TEST_F(DataSources, WhatIsSealedForAnotherOpensNothing) {
  const auto one = create(server("one", "canary-1"));
  const auto two = create(server("two", "canary-2"));
  alter(
      "UPDATE data_sources SET password_sealed = (SELECT password_sealed FROM data_sources WHERE name = "
      "'one') "
      "WHERE name = 'two'");
  open();
  EXPECT_EQ(source(two)->password, nullptr);
  EXPECT_THAT(source(two)->password_problem, HasSubstr("give it again"));
  EXPECT_EQ(source(one)->password->reveal(), "canary-1");
}

TEST_F(DataSources, ARotationKeepsPasswordsAndTheKeyOfTheChain) {
  const auto id = create(server("shop", "canary-1"));
  ASSERT_TRUE(open_query_chain(*store_, *service_));
  open();
  const auto before = service_->open_query_key(service_->current()->stored.query_key_sealed);
  ASSERT_TRUE(before) << before.error();
  const auto sealed_before = service_->current()->stored.query_key_sealed;
  const auto key = secrets::Key::random();
  ASSERT_TRUE(service_->rotate(*key, ada_));
  EXPECT_EQ(source(id)->password->reveal(), "canary-1");
  const auto& sealed = service_->current()->stored.query_key_sealed;
  EXPECT_NE(sealed, sealed_before);
  const auto after = service_->open_query_key(sealed);
  ASSERT_TRUE(after) << after.error();
  EXPECT_EQ(after->reveal(), before->reveal());
}

TEST_F(DataSources, NamesAreTakenOnceAndVersionsTold) {
  const auto id = create(server("shop"));
  const auto again = create_data_source(*service_, ada_, {}, server("shop"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  EXPECT_EQ(replace_data_source(*service_, ada_, 0, id, server("shop")).error().kind, ErrorKind::stale);
  EXPECT_EQ(delete_data_source(*service_, ada_, {}, "data_none").error().kind, ErrorKind::not_found);
  EXPECT_TRUE(delete_data_source(*service_, ada_, 1, id));
  EXPECT_EQ(source(id), nullptr);
}

TEST_F(DataSources, WhatCannotBeReadIsLeftOut) {
  const auto id = create(server("shop"));
  alter("UPDATE data_sources SET document = '{}'");
  open();
  EXPECT_EQ(source(id), nullptr);
}

}  // namespace
}  // namespace punctual::settings
