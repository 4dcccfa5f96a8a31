#include "settings/models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/temporary_folder_testing.hpp"
#include "pool/gguf_testing.hpp"
#include "settings/json_table.hpp"
#include "settings/rules.hpp"
#include "settings/sections.hpp"
#include "settings/vault_opener.hpp"

namespace punctual::settings {
namespace {

namespace bj = boost::json;
using ::testing::HasSubstr;

class ModelsTest : public testing::Test {
 protected:
  ModelsTest() {
    auto opened = storage::Store::open({.location = "sqlite", .data = folder_.path()});
    EXPECT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    write("model.gguf", pool::GgufText().text("general.architecture", "llama").bytes());
    write("projector.gguf", pool::GgufText().text("general.architecture", "clip").bytes());
    write("other.gguf", "something else");
  }
  ~ModelsTest() override {
    service_.reset();
    store_.reset();
  }

  void open(std::string toml = "") {
    service_.reset();
    const config::Environment environment;
    ASSERT_TRUE(ensure_vault(*store_, environment, folder_.path(), 1));
    auto service = Service::open({.store = *store_,
                                  .clock = clock_,
                                  .base = {std::move(toml), "punctual.toml", environment},
                                  .open_vault = vault_opener(environment, folder_.path())});
    ASSERT_TRUE(service) << service.error();
    service_ = std::move(*service);
  }

  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name) << bytes;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  bj::object body(const std::string& name, const bj::object& more = {}) const {
    bj::object body = {{"name", name}, {"engine", "llama-server"}, {"file", path("model.gguf")}};
    for (const auto& member : more)
      body[member.key()] = member.value();
    return body;
  }
  Result<std::string> create(bj::object body, GivenBy by = GivenBy::api) {
    return create_model(*service_, ada_, {}, std::move(body), by);
  }
  const config::LocalModel* named(std::string_view name) const {
    return service_->current()->configuration->model_named(name);
  }
  std::string wrong_field(const bj::object& body) {
    const auto made = create(body);
    return made ? "none" : made.error().fields.at(0).field;
  }

  const Actor ada_{"user:ada", "req_1"};
  deadline::SystemClock clock_;
  base::TemporaryFolder folder_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Service> service_;
};

TEST_F(ModelsTest, OneIsKeptOverAStartAndGoes) {
  open();
  const auto id = create(body("m", {{"slots", 3}}));
  ASSERT_TRUE(id) << id.error().message;
  open();
  ASSERT_TRUE(named("m"));
  EXPECT_EQ(named("m")->slots, 3u);
  EXPECT_EQ(named("m")->id, *id);
  auto document = model_document(*named("m"));
  document["slots"] = 5;
  ASSERT_TRUE(replace_model(*service_, ada_, {}, *id, document)) << "what was read may be sent back";
  EXPECT_EQ(named("m")->slots, 5u);
  ASSERT_TRUE(delete_model(*service_, ada_, {}, *id));
  EXPECT_FALSE(named("m"));
  EXPECT_EQ(delete_model(*service_, ada_, {}, *id).error().kind, ErrorKind::not_found);
}

TEST_F(ModelsTest, ItsFilesAreLookedAt) {
  open();
  EXPECT_EQ(wrong_field(body("m", {{"file", "model.gguf"}})), "file");
  EXPECT_EQ(wrong_field(body("m", {{"file", path("nowhere.gguf")}})), "file");
  EXPECT_EQ(wrong_field(body("m", {{"file", path("other.gguf")}})), "file");
  EXPECT_EQ(wrong_field(body("m", {{"file", path("projector.gguf")}})), "file");
  EXPECT_EQ(wrong_field(body("m", {{"projector", path("model.gguf")}})), "projector");
  EXPECT_EQ(wrong_field(body("m", {{"projector", path("projector.gguf")}})), "none");
  EXPECT_EQ(wrong_field(body("v", {{"engine", "vllm"}, {"file", "org/name"}})), "none");
  EXPECT_EQ(wrong_field(body("w", {{"engine", "vllm"}, {"file", "name"}})), "file");
}

TEST_F(ModelsTest, AFileThatHasVanishedIsNotInTheWayOfOtherChanges) {
  open();
  const auto id = create(body("m"));
  ASSERT_TRUE(id);
  std::filesystem::remove(folder_ / "model.gguf");
  auto document = model_document(*named("m"));
  document["slots"] = 2;
  EXPECT_TRUE(replace_model(*service_, ada_, {}, *id, document));
  open();
  EXPECT_TRUE(named("m"));
}

TEST_F(ModelsTest, ProgramsComeOnlyFromThoseWhoMayStartThem) {
  open();
  const bj::object command = {{"name", "c"}, {"engine", "command"}, {"command", bj::array{"x", "{socket}"}}};
  EXPECT_EQ(create(command).error().kind, ErrorKind::forbidden);
  for (const auto& [member, value] : {std::pair<std::string, bj::value>("arguments", bj::array{"--x"}),
                                      std::pair<std::string, bj::value>("command", bj::array{"sh"}),
                                      std::pair<std::string, bj::value>("url", "unix:/x"),
                                      std::pair<std::string, bj::value>("url", "http://10.0.0.1:80/v1")}) {
    const auto refused = create(body("m", {{member, value}}));
    ASSERT_FALSE(refused) << member;
    EXPECT_EQ(refused.error().kind, ErrorKind::forbidden);
    EXPECT_EQ(refused.error().fields[0].field, member);
    EXPECT_THAT(refused.error().message, HasSubstr("pool.commands_by_api"));
  }
  const auto id = create(command, GivenBy::command_line);
  ASSERT_TRUE(id) << id.error().message;
  auto document = model_document(*named("c"));
  document["slots"] = 2;
  EXPECT_TRUE(replace_model(*service_, ada_, {}, *id, document)) << "it stays what it was";
  document["file"] = "-other";
  EXPECT_FALSE(replace_model(*service_, ada_, {}, *id, document));
  document["file"] = "other";
  EXPECT_EQ(replace_model(*service_, ada_, {}, *id, document).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(change_pool(*service_, ada_, {}, {{"commands_by_api", true}}).error().kind, ErrorKind::forbidden);
  EXPECT_TRUE(change_pool(*service_, ada_, {}, {{"commands_by_api", false}, {"memory_limit", "50%"}}));
  open("[pool]\ncommands_by_api = true\n");
  EXPECT_TRUE(create(body("m", {{"arguments", bj::array{"--x"}}})));
}

TEST_F(ModelsTest, APinOfTheFilesIsStoredAlone) {
  const std::string file = "[[models]]\nname = 'f'\nengine = 'vllm'\nfile = 'org/name'\nslots = ";
  open(file + "2\n");
  ASSERT_TRUE(pin_model(*service_, ada_, "f", true));
  ASSERT_TRUE(pin_model(*service_, ada_, "f", true)) << "again is no change";
  open(file + "3\n");
  EXPECT_TRUE(named("f")->pinned);
  EXPECT_EQ(named("f")->slots, 3u) << "the rest is the file's";
  EXPECT_EQ(pin_model(*service_, ada_, "g", true).error().kind, ErrorKind::not_found);
  ASSERT_TRUE(create(body("m")));
  ASSERT_TRUE(pin_model(*service_, ada_, "m", true));
  EXPECT_TRUE(named("m")->pinned);
  auto reader = store_->reader();
  EXPECT_EQ((*reader)->execute("SELECT count(*) FROM changes WHERE action = 'pin'")->front().integer(0), 2);
}

TEST_F(ModelsTest, ARuleKeepsIt) {
  open();
  const auto id = create(body("m"));
  ASSERT_TRUE(id);
  ASSERT_TRUE(create_rule(
      *service_, ada_, {},
      *parse_object(R"({"match":"exact","pattern":"p","targets":[{"provider":"pool","model":"m"}]})")));
  EXPECT_EQ(delete_model(*service_, ada_, {}, *id).error().kind, ErrorKind::conflict);
}

TEST_F(ModelsTest, ADraftStoresNothing) {
  open();
  const auto draft =
      draft_model(*service_, {{"engine", "llama-server"}, {"file", path("model.gguf")}}, GivenBy::api);
  ASSERT_TRUE(draft) << draft.error().message;
  EXPECT_EQ((*draft)->context, 8192u);
  EXPECT_TRUE(service_->current()->configuration->models.empty());
}

}  // namespace
}  // namespace punctual::settings
