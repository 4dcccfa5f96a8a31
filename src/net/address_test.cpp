#include "net/address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace punctual::net {
namespace {

TEST(Address, ListenAddressesThatAreUnderstood) {
  struct Row {
    std::string text;
    std::string bound;
    bool loopback;
  };
  for (const auto& row : {
           Row{"127.0.0.1:8080", "127.0.0.1:8080", true},
           Row{"127.8.9.1:80", "127.8.9.1:80", true},
           Row{"0.0.0.0:0", "0.0.0.0:0", false},
           Row{"192.0.2.7:65535", "192.0.2.7:65535", false},
           Row{"[::1]:8080", "[::1]:8080", true},
           Row{"[::]:8080", "[::]:8080", false},
           Row{"[2001:db8::7]:1", "[2001:db8::7]:1", false},
           Row{":8080", "[::]:8080", false},
           Row{"*:8080", "[::]:8080", false},
           Row{"localhost:8080", "127.0.0.1:8080", true},
       }) {
    const auto parsed = parse_listen_address(row.text);
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(address_text(parsed->address.storage), row.bound) << row.text;
    EXPECT_EQ(parsed->loopback, row.loopback) << row.text;
    EXPECT_TRUE(parsed->unix_path.empty());
  }
}

TEST(Address, ListenAddressesThatAreRefused) {
  for (const std::string text : {"",
                                 ":",
                                 "8080",
                                 "127.0.0.1",
                                 "127.0.0.1:",
                                 "127.0.0.1:65536",
                                 "127.0.0.1:-1",
                                 "127.0.0.1: 80",
                                 "127.0.0.1:+80",
                                 "127.0.0.1:http",
                                 "::1:8080",
                                 "[::1]",
                                 "[::1]8080",
                                 "[]:80",
                                 "[127.0.0.1]:80",
                                 "[localhost]:80",
                                 "example.com:80",
                                 "999.0.0.1:80",
                                 "unix:",
                                 "http://127.0.0.1:80",
                                 "[::1:80"})
    EXPECT_FALSE(parse_listen_address(text)) << text;
}

TEST(Address, UnixPathsUpToTheKernelsLimit) {
  const auto parsed = parse_listen_address("unix:/run/punctual.sock");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->unix_path, "/run/punctual.sock");
  EXPECT_TRUE(parsed->loopback);
  EXPECT_EQ(address_text(parsed->address.storage), "unix");
  EXPECT_TRUE(unix_address(std::string(107, 'a')));
  EXPECT_FALSE(unix_address(std::string(108, 'a')));
  EXPECT_FALSE(parse_listen_address("unix:" + std::string(108, 'a')));
}

TEST(Address, LiteralsAreNotNames) {
  EXPECT_EQ(address_text(literal_address("127.0.0.1", 80)->storage), "127.0.0.1:80");
  EXPECT_EQ(address_text(literal_address("::1", 443)->storage), "[::1]:443");
  for (const char* name : {"", "localhost", "1.2.3", "[::1]", "1.2.3.4.5", "::g"})
    EXPECT_FALSE(literal_address(name, 1)) << name;
}

}  // namespace
}  // namespace punctual::net
