#include "net/tls_stream.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>

#include "base/temporary_folder_testing.hpp"
#include "net/connector.hpp"
#include "net/socket_testing.hpp"

namespace punctual::net {
namespace {

using Kind = IoResult::Kind;

constexpr base::Signals::Mask readable = 1;
constexpr base::Signals::Mask writable = 2;
constexpr base::Signals::Mask connected = 4;

// A certificate authority that lives as long as a test, and one certificate by it.
class ThrowAwayAuthority {
 public:
  ThrowAwayAuthority(const std::string& folder, const std::string& name)
      : ca_file(folder + "/" + name + "-ca.pem"),
        file(folder + "/" + name + ".pem"),
        key_file(folder + "/" + name + ".key") {
    EVP_PKEY* ca_key = EVP_EC_gen("P-256");
    X509* ca =
        certificate(name + " CA", ca_key, nullptr, ca_key, {{NID_basic_constraints, "critical,CA:TRUE"}});
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* leaf = certificate(name, key, ca, ca_key,
                             {{NID_subject_alt_name, "DNS:upstream.test,DNS:localhost,IP:127.0.0.1"}});
    write(ca_file, [ca](std::FILE* out) { PEM_write_X509(out, ca); });
    write(file, [leaf](std::FILE* out) { PEM_write_X509(out, leaf); });
    write(key_file,
          [key](std::FILE* out) { PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_free(leaf);
    X509_free(ca);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
  }

  const std::string ca_file;
  const std::string file;
  const std::string key_file;

 private:
  struct Extension {
    int id;
    const char* value;
  };

  static X509* certificate(const std::string& name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                           std::initializer_list<Extension> extensions) {
    X509* made = X509_new();
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), issuer ? 2 : 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key);
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8, text, -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(issuer ? issuer : made));
    for (const auto& [id, value] : extensions) {
      X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
      X509_add_ext(made, extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(made, issuer_key, EVP_sha256());
    return made;
  }

  template <class Write>
  static void write(const std::string& path, Write with) {
    std::FILE* out = std::fopen(path.c_str(), "w");
    with(out);
    std::fclose(out);
  }
};

class TlsStreams : public ::testing::Test {
 protected:
  void SetUp() override {
    authority = std::make_unique<ThrowAwayAuthority>(folder, "trusted");
    server_tls = std::move(*TlsContext::server(authority->file, authority->key_file));
    client_tls = std::move(*TlsContext::client(authority->ca_file));
    acceptor =
        std::move(*Acceptor::listen(loop, *parse_listen_address("127.0.0.1:0"), server_tls.get(),
                                    [this](std::unique_ptr<Stream> stream) { server = std::move(stream); }));
  }

  Endpoint endpoint(const std::string& host) {
    Endpoint made;
    made.host = host;
    made.port = port_of(acceptor->local());
    made.tls = true;
    return made;
  }

  // Connects with `tls` to `host`, both ends stepped by the loop; the outcome, empty when none came.
  Connecting::Outcome connect(TlsContext& tls, const Endpoint& to) {
    server.reset();
    Connector connector(loop, resolver, tls);
    const auto connecting = connector.connect(to, client_signals, connected);
    Connecting::Outcome outcome;
    bool bound = false;
    run_until(loop, [&] {
      if (server && !std::exchange(bound, true)) server->bind(&server_signals, readable, writable);
      if (server && server_signals.take(readable)) shake_server();
      if (client_signals.take(connected)) outcome = connecting->take();
      return outcome.has_value() && (server || !outcome->has_value());
    });
    return outcome;
  }
  Connecting::Outcome connect(const std::string& host) { return connect(*client_tls, endpoint(host)); }

  // The server's handshake happens in its reads.
  void shake_server() {
    std::array<char, 1024> room;
    const auto result = server->try_read(room);
    server_got.append(room.data(), result.bytes);
  }

  bool open(const std::string& host = "upstream.test") {
    auto outcome = connect(host);
    if (!outcome || !*outcome) return false;
    client = std::move(**outcome);
    client->bind(&client_signals, readable, writable);
    // A round trip, so that session tickets have arrived and both are through their handshakes.
    std::string got;
    write_text(*client, "a");
    return run_until(loop, [&] {
      if (server_got.empty()) shake_server();
      if (!server_got.empty() && got.empty() && !answered) answered = write_text(*server, "b").bytes == 1;
      if (got.empty()) read_into(*client, got);
      return got == "b";
    });
  }

  static IoResult read_into(Stream& stream, std::string& got, std::size_t size_max = 64 * 1024) {
    static std::array<char, 64 * 1024> room;
    const auto result = stream.try_read(std::span(room).first(size_max));
    got.append(room.data(), result.bytes);
    return result;
  }

  deadline::SystemClock clock;
  Loop loop{clock};
  base::Signals client_signals{loop.runtime().ready()};
  base::Signals server_signals{loop.runtime().ready()};
  base::TemporaryFolder own;
  std::string folder = own.string();
  std::unique_ptr<ThrowAwayAuthority> authority;
  std::unique_ptr<TlsContext> server_tls;
  std::unique_ptr<TlsContext> client_tls;
  std::unique_ptr<Acceptor> acceptor;
  Resolver resolver{
      [](const std::string&) -> Resolver::Answer { return std::vector{*literal_address("127.0.0.1", 0)}; }};
  std::unique_ptr<Stream> server;
  std::unique_ptr<Stream> client;
  std::string server_got;
  bool answered = false;
};

TEST_F(TlsStreams, ShakeHandsAndCarryBytesBothWays) {
  ASSERT_TRUE(open());
  EXPECT_EQ(server_got, "a");
  EXPECT_TRUE(client->peer().starts_with("127.0.0.1:"));
}

TEST_F(TlsStreams, AddressInTheCertificateIsAccepted) {
  EXPECT_TRUE(open("127.0.0.1"));
}

TEST_F(TlsStreams, WrongHostNameIsRefused) {
  const auto outcome = connect("other.test");
  ASSERT_TRUE(outcome && !outcome->has_value());
  EXPECT_EQ(outcome->error().kind, ConnectErrorKind::tls_failed);
  EXPECT_NE(outcome->error().detail.find("ostname mismatch"), std::string::npos) << outcome->error().detail;
}

TEST_F(TlsStreams, UnknownAuthorityIsRefused) {
  const ThrowAwayAuthority stranger(folder, "stranger");
  const auto tls = std::move(*TlsContext::client(stranger.ca_file));
  const auto outcome = connect(*tls, endpoint("upstream.test"));
  ASSERT_TRUE(outcome && !outcome->has_value());
  EXPECT_EQ(outcome->error().kind, ConnectErrorKind::tls_failed);
  EXPECT_NE(outcome->error().detail.find("unable to get local issuer certificate"), std::string::npos)
      << outcome->error().detail;
}

TEST_F(TlsStreams, EndpointMayBringItsOwnAuthority) {
  const auto tls = std::move(*TlsContext::client(""));
  auto to = endpoint("upstream.test");
  auto outcome = connect(*tls, to);
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->has_value());
  to.ca_file = folder + "/missing.pem";
  outcome = connect(*tls, to);
  ASSERT_TRUE(outcome && !outcome->has_value());
  EXPECT_NE(outcome->error().detail.find("missing.pem"), std::string::npos) << outcome->error().detail;
}

TEST_F(TlsStreams, EmptyHostIsNotAnyHost) {
  EXPECT_EQ(client_tls->open(""), nullptr);
}

TEST_F(TlsStreams, ContextsNameTheFileThatIsWrong) {
  const ThrowAwayAuthority stranger(folder, "stranger");
  EXPECT_NE(TlsContext::client("/nonexistent.pem").error().find("/nonexistent.pem"), std::string::npos);
  EXPECT_NE(TlsContext::server("/nonexistent.pem", authority->key_file).error().find("/nonexistent.pem"),
            std::string::npos);
  EXPECT_NE(TlsContext::server(authority->file, "/nonexistent.key").error().find("/nonexistent.key"),
            std::string::npos);
  EXPECT_NE(TlsContext::server(authority->file, stranger.key_file).error().find("stranger.key"),
            std::string::npos);
}

TEST_F(TlsStreams, SecondConnectionResumesTheSession) {
  for (const std::string host : {"upstream.test", "127.0.0.1"}) {
    server_got.clear();
    answered = false;
    ASSERT_TRUE(open(host));
    client->close();
    ssl_st* const second = client_tls->open(host);
    ASSERT_NE(SSL_get_session(second), nullptr) << host;
    Descriptor raw = connected_to(*acceptor);
    server.reset();
    TlsStream stream(loop, ::dup(raw.number()), second);
    stream.bind(&client_signals, readable, writable);
    ASSERT_EQ(::fcntl(raw.number(), F_SETFL, O_NONBLOCK), 0);
    ASSERT_TRUE(run_until(loop, [&] {
      if (server) shake_server();
      return stream.handshake().kind == Kind::done;
    }));
    EXPECT_EQ(SSL_session_reused(second), 1) << host;
    stream.bind(nullptr, 0, 0);
  }
}

TEST_F(TlsStreams, LargeTransfersBothWaysWithPartialWrites) {
  ASSERT_TRUE(open());
  server->bind(&server_signals, readable, writable);
  constexpr std::size_t total = 8 * 1024 * 1024;
  std::string data(total, ' ');
  for (std::size_t i = 0; i < total; ++i)
    data[i] = static_cast<char>((i * 2654435761U) >> 13);
  for (const bool upward : {true, false}) {
    Stream& from = upward ? *client : *server;
    Stream& to = upward ? *server : *client;
    std::string got;
    std::size_t sent = 0;
    int blocked = 0;
    ASSERT_TRUE(run_until(loop, [&] {
      // Fill the pipe until it blocks, then empty it, so that records are cut at every place.
      while (sent < total) {
        const auto left = std::string_view(data).substr(sent);
        const auto a = left.substr(0, 10);
        const std::array<std::string_view, 3> pieces = {
            a, left.substr(a.size(), 40'000), left.substr(std::min(left.size(), a.size() + 40'000))};
        const auto result = from.try_write(pieces);
        if (result.kind != Kind::done) {
          ++blocked;
          break;
        }
        sent += result.bytes;
      }
      while (read_into(to, got, 5000).kind == Kind::done) {
      }
      return got.size() >= total;
    }));
    EXPECT_TRUE(got == data);
    EXPECT_GT(blocked, 0);
  }
}

TEST_F(TlsStreams, ReaderThatTrustsTheSignalsGetsEverythingAndTheEnd) {
  ASSERT_TRUE(open());
  server->bind(&server_signals, readable, writable);
  server_signals.take(~0U);
  const std::string data(50'000, 'z');
  ASSERT_EQ(write_text(*client, data).bytes, data.size());
  client->close();
  std::string got;
  IoResult last;
  int idle = 0;
  ASSERT_TRUE(run_until(loop, [&] {
    while (server_signals.take(readable)) {
      last = read_into(*server, got, 3000);
      idle += last.kind == Kind::would_block ? 1 : 0;
      if (last.kind == Kind::end || last.kind == Kind::failed) return true;
    }
    return false;
  }));
  EXPECT_EQ(last.kind, Kind::end);
  EXPECT_EQ(got, data);
  EXPECT_LT(idle, 100) << "spins on an incomplete record";
}

TEST_F(TlsStreams, BlockedWriteRefusesOtherBytes) {
  ASSERT_TRUE(open());
  const std::string block(16 * 1024, 'x');
  IoResult result;
  while (result = write_text(*client, block), result.kind == Kind::done) {
  }
  ASSERT_EQ(result.kind, Kind::would_block);
  EXPECT_EQ(write_text(*client, block).kind, Kind::would_block);
  EXPECT_EQ(write_text(*client, std::string(16 * 1024, 'y')).error, EINVAL);
  EXPECT_EQ(write_text(*client, block).kind, Kind::failed);
}

TEST_F(TlsStreams, AbortIsNoEndInOrder) {
  ASSERT_TRUE(open());
  server->bind(&server_signals, readable, writable);
  write_text(*client, "half");
  client->abort();
  std::string got;
  IoResult last;
  ASSERT_TRUE(run_until(loop, [&] {
    do {
      last = read_into(*server, got);
    } while (last.kind == Kind::done);
    return last.kind != Kind::would_block;
  }));
  EXPECT_EQ(last.kind, Kind::failed);
  EXPECT_TRUE(server->peer_closed());
}

TEST_F(TlsStreams, EndWithoutCloseNotifyIsAFailure) {
  auto outcome = connect("upstream.test");
  ASSERT_TRUE(outcome && *outcome);
  client = std::move(**outcome);
  ASSERT_TRUE(run_until(loop, [&] {
    shake_server();
    return write_text(*server, "cut").bytes == 3;
  }));
  // Closing the transport under the server's feet.
  auto* socket = static_cast<Socket*>(server.get());
  socket->Socket::close();
  std::string got;
  IoResult last;
  ASSERT_TRUE(run_until(loop, [&] {
    do {
      last = read_into(*client, got);
    } while (last.kind == Kind::done);
    return last.kind != Kind::would_block;
  }));
  EXPECT_EQ(got, "cut");
  EXPECT_EQ(last.kind, Kind::failed);
}

TEST_F(TlsStreams, WritingToAResetPeerRaisesNoSignalOfTheProcess) {
  struct sigaction before{};
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  ::sigaction(SIGPIPE, &standard, &before);
  ASSERT_TRUE(open());
  server->abort();
  ASSERT_TRUE(run_until(loop, [&] { return client->peer_closed(); }));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(write_text(*client, "x").kind, Kind::failed);
  ::sigaction(SIGPIPE, &before, nullptr);
}

TEST_F(TlsStreams, PlainTextToATlsPortFails) {
  const Descriptor peer = connected_to(*acceptor);
  ::send(peer.number(), "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL);
  ASSERT_TRUE(run_until(loop, [&] { return server && server->readable(); }));
  std::string got;
  EXPECT_EQ(read_into(*server, got).kind, Kind::failed);
  EXPECT_EQ(read_into(*server, got).kind, Kind::failed);
  EXPECT_EQ(write_text(*server, "x").kind, Kind::failed);
}

}  // namespace
}  // namespace punctual::net
