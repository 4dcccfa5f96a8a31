#include "net/acceptor.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/temporary_folder_testing.hpp"
#include "net/socket_testing.hpp"

namespace punctual::net {
namespace {

class Acceptors : public ::testing::Test {
 protected:
  std::unique_ptr<Acceptor> listen(const std::string& where) {
    auto listening =
        Acceptor::listen(loop, *parse_listen_address(where), nullptr,
                         [this](std::unique_ptr<Stream> stream) { streams.push_back(std::move(stream)); });
    error = listening ? "" : listening.error();
    return listening ? std::move(*listening) : nullptr;
  }
  bool accepted(std::size_t count) {
    return run_until(loop, [this, count] { return streams.size() >= count; });
  }

  deadline::SystemClock clock;
  Loop loop{clock};
  std::vector<std::unique_ptr<Stream>> streams;
  std::string error;
  base::TemporaryFolder own;
  std::string folder = own.string();
};

TEST_F(Acceptors, SayThePortThatTheKernelChose) {
  const auto acceptor = listen("127.0.0.1:0");
  ASSERT_TRUE(acceptor) << error;
  EXPECT_NE(port_of(acceptor->local()), 0);
  const auto peer = connected_to(*acceptor);
  EXPECT_TRUE(accepted(1));
}

TEST_F(Acceptors, AcceptMoreThanOneRoundTakes) {
  const auto acceptor = listen("127.0.0.1:0");
  ASSERT_TRUE(acceptor) << error;
  std::vector<Descriptor> peers;
  peers.reserve(150);
  for (int i = 0; i < 150; ++i)
    peers.push_back(connected_to(*acceptor));
  EXPECT_TRUE(accepted(150));
}

TEST_F(Acceptors, ShareAPort) {
  const auto first = listen("127.0.0.1:0");
  ASSERT_TRUE(first) << error;
  const auto second = listen(first->local());
  ASSERT_TRUE(second) << error;
  EXPECT_EQ(first->local(), second->local());
  std::vector<Descriptor> peers;
  peers.reserve(20);
  for (int i = 0; i < 20; ++i)
    peers.push_back(connected_to(*first));
  EXPECT_TRUE(accepted(20));
}

TEST_F(Acceptors, TellThatAnAddressIsInUse) {
  auto acceptor = listen("127.0.0.1:0");
  ASSERT_TRUE(acceptor) << error;
  const auto address = *parse_listen_address(acceptor->local());
  EXPECT_TRUE(address_in_use(address));
  const auto everywhere = *parse_listen_address("0.0.0.0:" + std::to_string(port_of(acceptor->local())));
  EXPECT_TRUE(address_in_use(everywhere));
  // A connection that the closing side still remembers is no listener.
  auto peer = connected_to(*acceptor);
  ASSERT_TRUE(accepted(1));
  streams.clear();
  acceptor.reset();
  EXPECT_EQ(receive_from(peer, 1), "");
  peer.close();
  EXPECT_FALSE(address_in_use(address));
  EXPECT_FALSE(address_in_use(*parse_listen_address("127.0.0.1:0")));
}

TEST_F(Acceptors, SayWhyTheyCannotListen) {
  EXPECT_FALSE(listen("192.0.2.1:0"));
  EXPECT_EQ(error, "cannot listen on 192.0.2.1:0: Cannot assign requested address");
  EXPECT_FALSE(listen("unix:" + folder + "/missing/socket"));
  EXPECT_NE(error.find("No such file"), std::string::npos) << error;
}

TEST_F(Acceptors, ListenOnUnixSockets) {
  const std::string where = "unix:" + folder + "/s";
  auto acceptor = listen(where);
  ASSERT_TRUE(acceptor) << error;
  EXPECT_EQ(acceptor->local(), where);
  EXPECT_TRUE(address_in_use(*parse_listen_address(where)));
  EXPECT_FALSE(listen(where));
  EXPECT_NE(error.find("in use"), std::string::npos) << error;
  acceptor.reset();
  EXPECT_FALSE(std::filesystem::exists(folder + "/s"));
  EXPECT_FALSE(address_in_use(*parse_listen_address(where)));
}

TEST_F(Acceptors, ReplaceAnAbandonedUnixSocket) {
  const std::string path = folder + "/s";
  {
    const Descriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    const auto address = *unix_address(path);
    ASSERT_EQ(::bind(dead.number(), reinterpret_cast<const sockaddr*>(&address.storage), address.length), 0);
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  EXPECT_FALSE(address_in_use(*parse_listen_address("unix:" + path)));
  EXPECT_TRUE(listen("unix:" + path)) << error;
}

TEST_F(Acceptors, NeverDeleteAFileThatIsNoSocket) {
  const std::string path = folder + "/precious";
  Descriptor(::open(path.c_str(), O_CREAT | O_WRONLY, 0600)).close();
  EXPECT_FALSE(listen("unix:" + path));
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_TRUE(address_in_use(*parse_listen_address("unix:" + path)));
}

TEST_F(Acceptors, GoOnAfterDescriptorsRanOut) {
  const auto acceptor = listen("127.0.0.1:0");
  ASSERT_TRUE(acceptor) << error;
  const auto peer = connected_to(*acceptor);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit exhausted{.rlim_cur = static_cast<rlim_t>(peer.number()) + 1, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &exhausted), 0);
  int rounds = 0;
  const bool early = run_until(
      loop,
      [&] {
        ++rounds;
        return !streams.empty();
      },
      std::chrono::milliseconds(120));
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_FALSE(early);
  EXPECT_LT(rounds, 20) << "spins while nothing can be accepted";
  EXPECT_TRUE(accepted(1));
}

}  // namespace
}  // namespace punctual::net
