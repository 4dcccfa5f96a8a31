#include "app/gateway_thread.hpp"

#include <random>

namespace punctual::app {

namespace {

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

GatewayThread::GatewayThread(const GatewayShared& shared, std::unique_ptr<net::TlsContext> client_tls,
                             std::unique_ptr<net::TlsContext> server_tls)
    : loop_(shared.clock),
      server_tls_(std::move(server_tls)),
      client_tls_(std::move(client_tls)),
      connector_(loop_, shared.resolver, *client_tls_),
      simulator_(loop_.runtime(), shared.simulated_counters),
      simulated_network_(loop_.runtime(), simulator_),
      core_({loop_.runtime(), connector_, simulated_network_, shared.journal, shared.settings, random_seed(),
             shared.metrics_text, shared.ready_text, shared.management,
             [this](std::move_only_function<void()> work) { loop_.post(std::move(work)); }, shared.book,
             shared.local_models}),
      listener_(core_, shared.connections_max) {}

GatewayThread::~GatewayThread() {
  if (thread_.joinable()) thread_.join();
  acceptors_.clear();
  core_.pool.clear();
  core_.models.stop();
  simulator_.shut_down();
  loop_.runtime().ready().run();
}

std::expected<std::unique_ptr<GatewayThread>, std::string> GatewayThread::create(
    const GatewayShared& shared, const std::vector<net::ListenAddress>& addresses) {
  const auto& server = shared.settings->configuration->server;
  auto client_tls = net::TlsContext::client("");
  if (!client_tls) return std::unexpected(client_tls.error());
  std::unique_ptr<net::TlsContext> tls;
  if (!server.tls_certificate.empty()) {
    auto context = net::TlsContext::server(server.tls_certificate, server.tls_key);
    if (!context) return std::unexpected(context.error());
    tls = std::move(*context);
  }
  std::unique_ptr<GatewayThread> thread(new GatewayThread(shared, std::move(*client_tls), std::move(tls)));
  for (const auto& address : addresses) {
    auto acceptor =
        net::Acceptor::listen(thread->loop_, address, thread->server_tls_.get(),
                              [&listener = thread->listener_](std::unique_ptr<net::Stream> stream) {
                                listener.accept(std::move(stream));
                              });
    if (!acceptor) return std::unexpected(acceptor.error());
    thread->acceptors_.push_back(std::move(*acceptor));
  }
  return thread;
}

std::vector<std::string> GatewayThread::locals() const {
  std::vector<std::string> locals;
  locals.reserve(acceptors_.size());
  for (const auto& acceptor : acceptors_)
    locals.push_back(acceptor->local());
  return locals;
}

void GatewayThread::start() {
  thread_ = std::jthread([this] { loop_.run(); });
}

void GatewayThread::post(std::move_only_function<void(gateway::Core&)> work) {
  loop_.post([this, work = std::move(work)]() mutable { work(core_); });
}

void GatewayThread::drain(std::optional<deadline::Duration> limit, std::function<void()> done) {
  loop_.post([this, limit, done = std::move(done)]() mutable {
    acceptors_.clear();
    listener_.drain(limit, std::move(done));
  });
}

void GatewayThread::end_requests() {
  loop_.post([this] { listener_.end_requests(); });
}

}  // namespace punctual::app
