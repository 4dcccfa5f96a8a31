// A listening socket of one loop; with SO_REUSEPORT each core has its own and the kernel spreads connections.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "net/address.hpp"
#include "net/loop.hpp"
#include "net/stream.hpp"
#include "net/tls_context.hpp"

namespace punctual::net {

// True when somebody listens on `address` already. Acceptors share a port with any process of the same user
// (SO_REUSEPORT), so ask before the first one listens, lest two gateways take turns unnoticed.
bool address_in_use(const ListenAddress& address);

class Acceptor final : private Pollable {
 public:
  // Must not destroy the acceptor.
  using Accept = std::function<void(std::unique_ptr<Stream>)>;

  // Listens at once. `tls` may be nullptr, or outlives the acceptor. The error is one sentence with the
  // reason. A Unix socket's file is replaced when nobody listens on it; it has one acceptor, not one per
  // core.
  static std::expected<std::unique_ptr<Acceptor>, std::string> listen(Loop& loop,
                                                                      const ListenAddress& address,
                                                                      TlsContext* tls, Accept accept);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // The address as bound: the port that the kernel chose for port 0.
  std::string local() const;

 private:
  Acceptor(Loop& loop, int descriptor, TlsContext* tls, Accept accept);
  void on_events(std::uint32_t events) override;
  static void resume(void* self);

  Loop& loop_;
  int descriptor_;
  TlsContext* tls_;
  Accept accept_;
  std::string unix_path_;
  deadline::Timer pause_;
};

}  // namespace punctual::net
