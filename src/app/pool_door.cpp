#include "app/pool_door.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>

#include "net/address.hpp"

namespace punctual::app {

namespace {

namespace bj = boost::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t document_bytes_max = std::size_t{4} << 20;

std::optional<net::ListenAddress> address_in(const std::string& folder) {
  return net::parse_listen_address("unix:" + folder + "/pool.sock");
}

std::string document_of(const pool::PoolView& view) {
  bj::array models;
  models.reserve(view.engines.size());
  for (const auto& engine : view.engines) {
    models.push_back({{"model", engine.name},
                      {"state", pool::name_of(engine.state)},
                      {"load_share", engine.load_share ? bj::value(*engine.load_share) : bj::value(nullptr)},
                      {"in_flight", engine.in_flight},
                      {"failed", !engine.problem.empty()}});
  }
  return bj::serialize(bj::object{{"models", std::move(models)}});
}

std::string words_of(const bj::object& model) {
  const std::string_view state = model.at("state").as_string();
  const auto in_flight = model.at("in_flight").to_number<std::uint32_t>();
  if (state == "loading" && !model.at("load_share").is_null()) {
    const auto percent = static_cast<int>(model.at("load_share").to_number<double>() * 100);
    return fmt::format("loading {} %", std::min(percent, 99));
  }
  if (state == "waiting") return "waits for memory";
  if (state == "ready") return in_flight == 0 ? "idle" : fmt::format("ready, {} in use", in_flight);
  if (state == "unloaded") return model.at("failed").as_bool() ? "failed" : "not loaded";
  return std::string(state);
}

class Socket {
 public:
  Socket() : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(descriptor_); }

  // A Unix socket is connected at once, or not at all.
  bool connect(const net::ListenAddress& address) const {
    const auto* where = reinterpret_cast<const sockaddr*>(&address.address.storage);
    return ::connect(descriptor_, where, address.address.length) == 0;
  }
  std::optional<std::string> read_all(Clock::time_point until) const {
    std::string all;
    std::array<char, 16384> piece{};
    while (all.size() < document_bytes_max) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
      pollfd wanted{descriptor_, POLLIN, 0};
      if (left <= 0 || ::poll(&wanted, 1, static_cast<int>(left)) <= 0) return std::nullopt;
      const auto count = ::read(descriptor_, piece.data(), piece.size());
      if (count < 0) return std::nullopt;
      if (count == 0) return all;
      all.append(piece.data(), static_cast<std::size_t>(count));
    }
    return std::nullopt;
  }

 private:
  int descriptor_;
};

}  // namespace

std::expected<std::unique_ptr<PoolDoor>, std::string> PoolDoor::open(net::Loop& loop,
                                                                     const std::string& folder, View view) {
  const auto address = address_in(folder);
  if (!address) return std::unexpected("the path of " + folder + "/pool.sock is too long for a socket");
  // Hundreds of models fit into the socket's buffer; who gets less than all sees a document that is cut.
  const auto tell = [view = std::move(view)](const std::unique_ptr<net::Stream>& stream) {
    const std::string document = document_of(view());
    const std::string_view piece = document;
    (void)stream->try_write({&piece, 1});
    stream->close();
  };
  auto acceptor = net::Acceptor::listen(loop, *address, nullptr, tell);
  if (!acceptor) return std::unexpected(acceptor.error());
  std::unique_ptr<PoolDoor> door(new PoolDoor());
  door->acceptor_ = std::move(*acceptor);
  return door;
}

std::optional<std::map<std::string, std::string>> ask_pool(const std::string& folder,
                                                           std::chrono::milliseconds limit) {
  const auto address = address_in(folder);
  const Socket socket;
  if (!address || !socket.connect(*address)) return std::nullopt;
  const auto text = socket.read_all(Clock::now() + limit);
  boost::system::error_code error;
  const auto document = text ? bj::parse(*text, error) : bj::value();
  if (error || !document.is_object()) return std::nullopt;
  std::map<std::string, std::string> states;
  for (const auto& model : document.at("models").as_array())
    states.emplace(model.at("model").as_string(), words_of(model.as_object()));
  return states;
}

}  // namespace punctual::app
