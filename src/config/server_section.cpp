#include <array>
#include <utility>

#include "base/text.hpp"
#include "config/bounds.hpp"
#include "config/checks.hpp"
#include "config/seconds.hpp"
#include "config/section_reader.hpp"
#include "config/sections.hpp"

namespace punctual::config {

namespace {

constexpr std::int64_t threads_max = 1024;
constexpr std::int64_t connections_most = 10'000'000;
constexpr std::size_t path_bytes_max = 4096;

// A host and a port, or a socket; net/ looks at the rest when it listens.
bool is_listen_address(std::string_view text) {
  if (text.starts_with("unix:")) return text.size() > 6 && text[5] == '/';
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const auto port = base::parse_unsigned(text.substr(colon + 1));
  return port && *port <= 65535;
}

void read_listen(SectionReader& section, Server& server) {
  auto listen = section.read<std::vector<std::string>>("listen");
  if (!listen) return;
  constexpr std::string_view right = ": write \"127.0.0.1:8080\", \"[::1]:8080\" or \"unix:/path\"";
  if (listen->value.empty()) section.context().report(listen->place, "is empty" + std::string(right));
  for (const std::string& address : listen->value) {
    if (is_listen_address(address)) continue;
    section.context().report(listen->place,
                             "has \"" + address + "\", which is no address" + std::string(right));
  }
  server.listen = std::move(listen->value);
}

void read_texts(SectionReader& section, Server& server) {
  LoadContext& context = section.context();
  if (auto data = section.read<std::string>("data"); data && is_text(context, *data, path_bytes_max)) {
    server.data = std::move(data->value);
  }
  if (auto storage = section.read<std::string>("storage")) {
    if (storage->value != "sqlite" && !storage->value.starts_with("postgresql://")) {
      // Not shown: a mistyped address of a database may hold its password.
      context.report(storage->place,
                     "is no storage: write \"sqlite\" or \"postgresql://user@host/database\"");
    }
    server.storage = std::move(storage->value);
  }
  if (auto name = section.read<std::string>("admin_token_env"))
    server.admin_token_env = std::move(name->value);
  if (auto base = section.read<std::string>("error_type_base");
      base && is_text(context, *base, path_bytes_max)) {
    if (!base->value.ends_with('/')) context.report(base->place, "does not end with '/': add it");
    server.error_type_base = std::move(base->value);
  }
  auto log = section.read<std::string>("request_log");
  if (log && !log->value.empty()) server.request_log = std::move(log->value);
  if (auto hosts = section.read<std::vector<std::string>>("hosts")) server.hosts = std::move(hosts->value);
  if (const auto level = section.read<std::string>("log_level")) {
    using Choice = std::pair<std::string_view, std::string_view>;
    constexpr std::array<Choice, 6> levels = {{{"trace", "trace"},
                                               {"debug", "debug"},
                                               {"info", "info"},
                                               {"warning", "warning"},
                                               {"error", "error"},
                                               {"off", "off"}}};
    if (const auto name = chosen(context, *level, levels)) server.log_level = std::string(*name);
  }
}

void read_numbers(SectionReader& section, Server& server) {
  LoadContext& context = section.context();
  if (const auto threads = section.read<std::int64_t>("threads");
      threads && in_range(context, *threads, 0, threads_max)) {
    server.threads = static_cast<std::uint32_t>(threads->value);
  }
  if (const auto connections = section.read<std::int64_t>("connections_max");
      connections && in_range(context, *connections, 0, connections_most)) {
    server.connections_max = static_cast<std::uint32_t>(connections->value);
  }
  if (const auto body = section.read<ByteCount>("body_bytes_max")) {
    if (body->value.bytes == 0)
      context.report(body->place, "is 0: write how much a request may send, such as \"64MiB\"");
    server.body_bytes_max = body->value.bytes;
  }
  if (const auto open = section.read<bool>("open")) server.open = open->value;
}

void read_durations(SectionReader& section, Server& server, const Timeouts& timeouts) {
  LoadContext& context = section.context();
  if (const auto seconds = section.read<double>("keep_alive_seconds")) {
    if (const auto limit = limit_from(context, *seconds, Zero::refused)) server.keep_alive = *limit->duration;
  }
  server.shutdown = timeouts.drain;
  if (const auto seconds = section.read<double>("shutdown_seconds")) {
    const auto limit = limit_from(context, *seconds, Zero::is_none);
    if (limit && limit->duration) server.shutdown = *limit;
  }
}

void read_tls(SectionReader& section, Server& server) {
  auto certificate = section.read<std::string>("tls_certificate");
  auto key = section.read<std::string>("tls_key");
  if (certificate) server.tls_certificate = std::move(certificate->value);
  if (key) server.tls_key = std::move(key->value);
  if (server.tls_certificate.empty() == server.tls_key.empty()) return;
  const auto& given = server.tls_key.empty() ? certificate : key;
  const std::string missing = server.tls_key.empty() ? "tls_key" : "tls_certificate";
  section.context().report(given->place, "stands alone: give " + missing + " too, or neither");
}

}  // namespace

void read_server(TableReader& root) {
  Configuration& configuration = root.context().configuration;
  SectionReader section(root.table("server"), {"PUNCTUAL_SERVER_"});
  read_listen(section, configuration.server);
  read_numbers(section, configuration.server);
  read_texts(section, configuration.server);
  read_durations(section, configuration.server, configuration.timeouts);
  read_tls(section, configuration.server);
  section.finish();
  root.context().known_variables.insert(configuration.server.admin_token_env);
}

}  // namespace punctual::config
