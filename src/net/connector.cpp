#include "net/connector.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <vector>

#include "net/address.hpp"
#include "net/socket_stream.hpp"
#include "net/tls_stream.hpp"

namespace punctual::net {

namespace {

// RFC 8305, section 5: how long one address is tried before the next one joins the race.
constexpr auto attempt_delay = std::chrono::milliseconds(250);

Address with_port(Address address, std::uint16_t port) {
  if (address.storage.ss_family == AF_INET)
    reinterpret_cast<sockaddr_in&>(address.storage).sin_port = htons(port);
  if (address.storage.ss_family == AF_INET6)
    reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port = htons(port);
  return address;
}

// RFC 8305, section 4: a family that is broken here must not delay the other by all of its addresses.
std::vector<Address> alternating(const std::vector<Address>& addresses) {
  std::vector<Address> first;
  std::vector<Address> other;
  for (const auto& address : addresses) {
    const bool is_first = address.storage.ss_family == addresses.front().storage.ss_family;
    (is_first ? first : other).push_back(address);
  }
  for (std::size_t i = 0; i < other.size(); ++i) {
    const auto place = std::min(first.size(), 2 * i + 1);
    first.insert(first.begin() + static_cast<std::ptrdiff_t>(place), other[i]);
  }
  return first;
}

ConnectError refusal(int error, const std::string& where) {
  if (error == ECONNREFUSED || error == ENOENT)
    return {ConnectErrorKind::refused, where + " refused the connection"};
  if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == EADDRNOTAVAIL) {
    return {ConnectErrorKind::out_of_resources,
            "no socket left to connect to " + where + " (" + std::strerror(error) + ")"};
  }
  return {ConnectErrorKind::unreachable, "cannot reach " + where + " (" + std::strerror(error) + ")"};
}

class Race;

// One address being connected to.
class Runner final : public Pollable {
 public:
  Runner(Race& race, Loop& loop, int descriptor) : race_(race), loop_(loop), descriptor_(descriptor) {}
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner() {
    if (descriptor_ < 0) return;
    loop_.forget(descriptor_, *this);
    ::close(descriptor_);
  }
  int release() {
    loop_.forget(descriptor_, *this);
    return std::exchange(descriptor_, -1);
  }
  void on_events(std::uint32_t events) override;

 private:
  Race& race_;
  Loop& loop_;
  int descriptor_;
};

class Race final : public Connecting {
 public:
  Race(Loop& loop, TlsContext& tls, const Endpoint& endpoint, base::Signals& signals,
       base::Signals::Mask done)
      : loop_(loop),
        tls_(tls),
        endpoint_(endpoint),
        signals_(signals),
        done_(done),
        next_address_(&Race::next_due, this) {}
  ~Race() override { *alive_ = false; }

  void begin(Resolver& resolver) {
    if (!endpoint_.unix_path.empty()) {
      run(unix_address(endpoint_.unix_path));
    } else if (const auto literal = literal_address(endpoint_.host, endpoint_.port)) {
      run(literal);
    } else {
      resolver.resolve(endpoint_.host, [this, alive = alive_, &loop = loop_](const Resolver::Answer& answer) {
        loop.post([this, alive, answer] {
          if (*alive) resolved(answer);
        });
      });
    }
  }

  void fail_tls(const std::string& reason) { finish(tls_failure(reason)); }

  Outcome take() override {
    if (secured_) return shaken();
    return std::exchange(outcome_, std::nullopt);
  }

  void settled(Runner& runner, int error) {
    if (error == 0) {
      won(runner.release());
      return;
    }
    last_error_ = error;
    std::erase_if(runners_, [&](const auto& item) { return item.get() == &runner; });
    try_next();
  }

 private:
  static void next_due(void* self) { static_cast<Race*>(self)->try_next(); }

  void run(const std::optional<Address>& address) {
    if (!address) {
      finish(ConnectError{ConnectErrorKind::unreachable, "not an address: " + endpoint_.text()});
      return;
    }
    addresses_ = {*address};
    try_next();
  }

  void resolved(const Resolver::Answer& answer) {
    if (!answer || answer->empty()) {
      const std::string reason = answer ? "no address" : answer.error();
      finish(ConnectError{ConnectErrorKind::unresolved,
                          "cannot resolve " + endpoint_.host + " (" + reason + ")"});
      return;
    }
    for (const auto& address : alternating(*answer))
      addresses_.push_back(with_port(address, endpoint_.port));
    try_next();
  }

  void try_next() {
    while (next_ < addresses_.size()) {
      const Address& address = addresses_[next_++];
      const int descriptor =
          ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (descriptor < 0) {
        last_error_ = errno;
        continue;
      }
      const int on = 1;
      if (endpoint_.unix_path.empty()) ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const int result =
          ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.length);
      if (result == 0) {
        won(descriptor);
        return;
      }
      if (errno != EINPROGRESS) {
        last_error_ = errno;
        ::close(descriptor);
        continue;
      }
      auto runner = std::make_unique<Runner>(*this, loop_, descriptor);
      if (!loop_.watch(descriptor, *runner, EPOLLOUT | EPOLLET)) {
        last_error_ = errno;
        continue;
      }
      runners_.push_back(std::move(runner));
      if (next_ < addresses_.size())
        loop_.runtime().wheel().arm(next_address_, loop_.runtime().now() + attempt_delay);
      return;
    }
    if (runners_.empty()) finish(refusal(last_error_, endpoint_.text()));
  }

  void won(int descriptor) {
    runners_.clear();
    loop_.runtime().wheel().cancel(next_address_);
    if (!endpoint_.tls) {
      finish(std::make_unique<SocketStream>(loop_, descriptor));
      return;
    }
    ssl_st* connection = tls_.open(endpoint_.host);
    if (!connection) {
      ::close(descriptor);
      fail_tls("no certificate can name that host");
      return;
    }
    secured_ = std::make_unique<TlsStream>(loop_, descriptor, connection);
    secured_->bind(&signals_, done_, done_);
    signals_.raise(done_);
  }

  Outcome shaken() {
    const IoResult step = secured_->handshake();
    if (step.kind == IoResult::Kind::would_block) return std::nullopt;
    auto stream = std::exchange(secured_, nullptr);
    stream->bind(nullptr, 0, 0);
    if (step.kind == IoResult::Kind::done) return std::unique_ptr<Stream>(std::move(stream));
    return std::unexpected(tls_failure(stream->failure()));
  }

  ConnectError tls_failure(const std::string& reason) const {
    return {ConnectErrorKind::tls_failed, "TLS with " + endpoint_.text() + " failed: " + reason};
  }

  void finish(std::expected<std::unique_ptr<Stream>, ConnectError> outcome) {
    loop_.runtime().wheel().cancel(next_address_);
    outcome_ = std::move(outcome);
    signals_.raise(done_);
  }
  void finish(ConnectError error) { finish(std::unexpected(std::move(error))); }

  Loop& loop_;
  TlsContext& tls_;
  Endpoint endpoint_;
  base::Signals& signals_;
  base::Signals::Mask done_;
  std::vector<Address> addresses_;
  std::size_t next_ = 0;
  int last_error_ = EHOSTUNREACH;
  std::vector<std::unique_ptr<Runner>> runners_;
  deadline::Timer next_address_;
  std::unique_ptr<TlsStream> secured_;
  Outcome outcome_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

void Runner::on_events(std::uint32_t) {
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &length);
  race_.settled(*this, error);
}

}  // namespace

std::string Endpoint::text() const {
  if (!unix_path.empty()) return "unix:" + unix_path;
  const bool bracketed = host.find(':') != std::string::npos;
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::unique_ptr<Connecting> Connector::connect(const Endpoint& endpoint, base::Signals& signals,
                                               base::Signals::Mask done) {
  const auto context = context_for(endpoint);
  auto race = std::make_unique<Race>(loop_, context ? **context : tls_, endpoint, signals, done);
  if (context) {
    race->begin(resolver_);
  } else {
    race->fail_tls(context.error());
  }
  return race;
}

std::expected<TlsContext*, std::string> Connector::context_for(const Endpoint& endpoint) {
  if (!endpoint.tls || endpoint.ca_file.empty()) return &tls_;
  auto& context = own_trust_[endpoint.ca_file];
  if (!context) {
    auto made = TlsContext::client(endpoint.ca_file);
    if (!made) return std::unexpected(made.error());
    context = std::move(*made);
  }
  return context.get();
}

}  // namespace punctual::net
