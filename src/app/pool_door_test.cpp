#include "app/pool_door.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <thread>

#include "base/temporary_folder_testing.hpp"

namespace punctual::app {
namespace {

using namespace std::chrono_literals;
using pool::EngineState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class PoolDoorTest : public testing::Test {
 protected:
  ~PoolDoorTest() override { end(); }
  void open(pool::PoolView view) {
    auto door = PoolDoor::open(loop_, folder_, [view = std::move(view)] { return view; });
    ASSERT_TRUE(door) << door.error();
    door_ = std::move(*door);
    thread_ = std::thread([this] { loop_.run(); });
  }
  void end() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
    door_.reset();
  }
  static pool::EngineView engine(const std::string& name, EngineState state) {
    pool::EngineView one;
    one.name = name;
    one.state = state;
    return one;
  }

  base::TemporaryFolder own_;
  std::string folder_ = own_.string();
  deadline::SystemClock clock_;
  net::Loop loop_{clock_};
  std::unique_ptr<PoolDoor> door_;
  std::thread thread_;
};

TEST_F(PoolDoorTest, TellsEachModelsStateInWords) {
  pool::PoolView view;
  view.engines = {engine("a", EngineState::unloaded), engine("b", EngineState::loading),
                  engine("c", EngineState::ready),    engine("d", EngineState::ready),
                  engine("e", EngineState::unloaded), engine("f", EngineState::quarantined),
                  engine("g", EngineState::waiting),  engine("h", EngineState::loading),
                  engine("i", EngineState::stopping)};
  view.engines[1].load_share = 0.405;
  view.engines[3].in_flight = 2;
  view.engines[4].problem = "It did not start.";
  open(view);
  const auto states = ask_pool(folder_, 5s);
  ASSERT_TRUE(states);
  EXPECT_THAT(*states,
              ElementsAre(Pair("a", "not loaded"), Pair("b", "loading 40 %"), Pair("c", "idle"),
                          Pair("d", "ready, 2 in use"), Pair("e", "failed"), Pair("f", "quarantined"),
                          Pair("g", "waits for memory"), Pair("h", "loading"), Pair("i", "stopping")));
  EXPECT_TRUE(ask_pool(folder_, 5s)) << "again";
}

TEST_F(PoolDoorTest, HundredsOfModelsAreToldWhole) {
  pool::PoolView view;
  for (int i = 0; i < 500; ++i)
    view.engines.push_back(engine(std::string(64, 'm') + std::to_string(i), EngineState::ready));
  open(view);
  const auto states = ask_pool(folder_, 5s);
  ASSERT_TRUE(states);
  EXPECT_EQ(states->size(), 500U);
}

TEST_F(PoolDoorTest, WhereNobodyAnswersNothingIsKnown) {
  EXPECT_FALSE(ask_pool(folder_, 5s)) << "there never was a gateway";
  open({});
  EXPECT_TRUE(ask_pool(folder_, 5s));
  end();
  EXPECT_FALSE(ask_pool(folder_, 5s)) << "it has ended";
}

TEST_F(PoolDoorTest, WhatIsNoSuchDocumentIsNotBelieved) {
  for (const std::string text : {"", "{\"models\": [{\"model\": \"a\", \"sta", "{\"models\": 7}", "[]"}) {
    std::filesystem::remove(folder_ + "/pool.sock");
    const auto tell = [&](const std::unique_ptr<net::Stream>& stream) {
      const std::string_view piece = text;
      if (!text.empty()) (void)stream->try_write({&piece, 1});
      stream->close();
    };
    const auto acceptor = net::Acceptor::listen(
        loop_, *net::parse_listen_address("unix:" + folder_ + "/pool.sock"), nullptr, tell);
    ASSERT_TRUE(acceptor) << acceptor.error();
    thread_ = std::thread([this] { loop_.run(); });
    EXPECT_FALSE(ask_pool(folder_, 5s)) << text;
    end();
  }
}

TEST_F(PoolDoorTest, OneThatDoesNotAnswerIsWaitedForOnlySoLong) {
  auto door = PoolDoor::open(loop_, folder_, [] { return pool::PoolView{}; });
  ASSERT_TRUE(door) << door.error();
  EXPECT_FALSE(ask_pool(folder_, 20ms)) << "its loop does not run";
}

TEST_F(PoolDoorTest, ASecondGatewayHasNoDoor) {
  open({});
  net::Loop other(clock_);
  const auto second = PoolDoor::open(other, folder_, [] { return pool::PoolView{}; });
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error(), HasSubstr("in use"));
  const auto too_long = PoolDoor::open(other, std::string(200, 'x'), [] { return pool::PoolView{}; });
  ASSERT_FALSE(too_long);
  EXPECT_THAT(too_long.error(), HasSubstr("too long"));
}

}  // namespace
}  // namespace punctual::app
