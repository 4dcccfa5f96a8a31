#include "app/pool_door.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "net/read_socket.hpp"

namespace punctual::app {

namespace {

namespace bj = boost::json;

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
  const auto text = address ? net::read_socket(*address, {.time = limit}) : std::nullopt;
  if (!text) return std::nullopt;
  std::map<std::string, std::string> states;
  try {
    const auto document = bj::parse(*text);
    for (const auto& model : document.at("models").as_array())
      states.emplace(model.at("model").as_string(), words_of(model.as_object()));
  } catch (const std::exception&) {
    return std::nullopt;  // cut, or of a gateway of another version
  }
  return states;
}

}  // namespace punctual::app
