#include "app/serve.hpp"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>

#include "app/config_check.hpp"
#include "app/gateway_thread.hpp"
#include "app/management.hpp"
#include "app/process_signals.hpp"
#include "app/version.hpp"
#include "base/text.hpp"
#include "net/address.hpp"
#include "telemetry/log.hpp"

namespace punctual::app {

namespace {

int fail(std::string_view message) {
  fmt::print(stderr, "punctual serve: {}\n", message);
  return 1;
}

// Options rank above everything: they go in as the variables of the same meaning.
config::Environment environment_with(const ServeOptions& options) {
  auto environment = config::Environment::of_process();
  if (!options.listen.empty()) {
    std::string list;
    for (const auto& address : options.listen)
      list += (list.empty() ? "" : ",") + address;
    environment.set("PUNCTUAL_SERVER_LISTEN", list);
  }
  if (!options.data.empty()) environment.set("PUNCTUAL_SERVER_DATA", options.data);
  if (options.threads) environment.set("PUNCTUAL_SERVER_THREADS", std::to_string(*options.threads));
  return environment;
}

struct Listening {
  std::vector<net::ListenAddress> addresses;
  std::string reachable;  // the first that other machines can connect to; empty: none
};

std::expected<Listening, std::string> listen_addresses(const config::Server& server) {
  Listening listening;
  for (const auto& text : server.listen) {
    const auto address = net::parse_listen_address(text);
    if (!address) {
      return std::unexpected("server.listen: \"" + text +
                             "\" is not an address; write 127.0.0.1:8080 or unix:/path");
    }
    if (!address->loopback && listening.reachable.empty()) listening.reachable = text;
    listening.addresses.push_back(*address);
  }
  return listening;
}

std::string open_refusal(const std::string& address) {
  return "server.listen: " + address +
         " can be reached from other machines, and there is no API key for /v1 to ask for. Make one with "
         "`punctual keys create NAME`, listen on 127.0.0.1, or set server.open = true "
         "(PUNCTUAL_SERVER_OPEN=true) if that is what you want";
}

// As many descriptors as the system allows; half of them, less a few, for clients.
std::size_t raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t own = 100;
  return limit.rlim_cur > 2 * own ? static_cast<std::size_t>((limit.rlim_cur - own) / 2) : 64;
}

// The token stands behind '#', which browsers send to nobody.
void print_set_up_link(const std::string& base_url, const config::Secret& token) {
  if (token.empty()) return;
  fmt::print("first start: make the administrator, once, within this run:\n  {}/ui/#setup={}\n", base_url,
             token.reveal());
}

void print_welcome(const std::vector<std::string>& locals, bool tls, const config::Secret& set_up_token) {
  for (const auto& local : locals) {
    const std::string url = local.starts_with("unix:") ? local : (tls ? "https://" : "http://") + local;
    fmt::print("punctual {} listening on {}\n", version, url);
  }
  if (!locals.empty() && !locals.front().starts_with("unix:")) {
    fmt::print(
        "try it:\n  curl -N {}://{}/v1/chat/completions -H 'Content-Type: application/json' \\\n"
        "    -d "
        "'{{\"model\":\"sim-fast\",\"stream\":true,\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}}]}}'"
        "\n",
        tls ? "https" : "http", locals.front());
    print_set_up_link((tls ? "https://" : "http://") + locals.front(), set_up_token);
  }
  std::fflush(stdout);
}

using Threads = std::vector<std::unique_ptr<GatewayThread>>;

// Until every request has ended, by itself, by the limit, or by a second signal.
void shut_down(Threads& threads, const config::Server& server, ManagementPlane& management) {
  telemetry::log_info("shutting down: no new connections; running requests go on");
  std::atomic<std::size_t> left = threads.size();
  for (auto& thread : threads) {
    thread->drain(server.shutdown.duration, [&left] {
      if (left.fetch_sub(1) == 1) announce_quiet();
    });
  }
  while (wait_for_signal() == ProcessSignal::terminate) {
    telemetry::log_warning("a second signal: running requests are ended now");
    for (auto& thread : threads)
      thread->end_requests();
  }
  management.detach();
  for (auto& thread : threads)
    thread->stop();
  threads.clear();
}

}  // namespace

int serve(const ServeOptions& options) {
  block_signals();
  const auto base = read_base(options.config_file, environment_with(options));
  const auto startup = base ? load_startup(*base) : nullptr;
  if (!startup) return 1;
  const auto& server = startup->server;
  telemetry::set_log_level(server.log_level);
  auto listening = listen_addresses(server);
  if (!listening) return fail(listening.error());
  auto& addresses = listening->addresses;
  for (const auto& address : addresses) {
    if (net::address_in_use(address))
      return fail(net::address_text(address.address.storage) + " is in use by another process");
  }
  std::error_code error;
  std::filesystem::create_directories(server.data, error);
  if (error) return fail("server.data: cannot create " + server.data + ": " + error.message());
  auto lines = audit::Journal::open(server.request_log);
  if (!lines) return fail(lines.error());
  for (const auto& notice : startup->notices)
    telemetry::log_warning(notice);

  const deadline::SystemClock clock;
  net::Resolver resolver;
  auto engines = EngineRoom::create(clock, resolver, *startup);
  if (!engines) return fail(engines.error());
  auto management = ManagementPlane::create({.clock = clock,
                                             .base = *base,
                                             .startup = *startup,
                                             .lines = (*lines)->enabled() ? lines->get() : nullptr,
                                             .reachable = !listening->reachable.empty(),
                                             .engines = **engines});
  if (!management) return fail(management.error());
  ManagementPlane& plane = **management;
  if (!listening->reachable.empty() && !server.open && plane.key_count() == 0)
    return fail(open_refusal(listening->reachable));
  sim::Counters simulated_counters;
  Threads threads;
  std::vector<const telemetry::Metrics*> metrics = {&(*engines)->metrics()};
  const std::size_t count =
      server.threads ? server.threads : std::max(std::thread::hardware_concurrency(), 1u);
  const std::size_t connections_max = server.connections_max ? server.connections_max : raise_file_limit();
  const GatewayShared shared{
      clock,
      resolver,
      plane.recorder(),
      simulated_counters,
      plane.settings(),
      std::max<std::size_t>(connections_max / count, 1),
      [&metrics, &plane] { return telemetry::prometheus_text(metrics) + plane.metrics_text(); },
      [&plane] { return plane.ready_text(); },
      &plane.door(),
      &plane.book(),
      &(*engines)->pool()};
  for (std::size_t i = 0; i < count; ++i) {
    auto thread = GatewayThread::create(shared, addresses);
    if (!thread) return fail(thread.error());
    if (i == 0) {
      // The other threads share the ports that the first one got.
      const auto locals = (*thread)->locals();
      for (std::size_t a = 0; a < locals.size(); ++a) {
        if (addresses.at(a).unix_path.empty()) addresses.at(a) = *net::parse_listen_address(locals[a]);
      }
      std::erase_if(addresses, [](const auto& address) { return !address.unix_path.empty(); });
    }
    metrics.push_back(&(*thread)->metrics());
    threads.push_back(std::move(*thread));
  }
  const auto locals = threads.front()->locals();
  for (auto& thread : threads)
    thread->start();
  plane.begin(threads);
  print_welcome(locals, !server.tls_certificate.empty(), plane.start_set_up());
  while (wait_for_signal() != ProcessSignal::terminate) {
  }
  shut_down(threads, server, plane);
  (*engines)->close();
  return 0;
}

}  // namespace punctual::app
