#include "bench/target.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "bench/client.hpp"
#include "bench/configurations.hpp"
#include "net/acceptor.hpp"
#include "net/address.hpp"

namespace punctual::bench {

namespace {

std::uint16_t free_port(Lab& lab) {
  const auto acceptor = net::Acceptor::listen(lab.loop(), *net::parse_listen_address("127.0.0.1:0"), nullptr,
                                              [](std::unique_ptr<net::Stream>) {});
  if (!acceptor) return 0;
  const auto local = (*acceptor)->local();
  return static_cast<std::uint16_t>(base::parse_unsigned(local.substr(local.rfind(':') + 1)).value_or(0));
}

bool accepts(Lab& lab, std::uint16_t port) {
  bool connected = false;
  bool ended = false;
  Crowd probe(lab, port);
  probe.hooks.connected = [&](Client&) { connected = true; };
  probe.hooks.ended = [&](Client&) { ended = true; };
  probe.add(0);
  constexpr auto limit = std::chrono::milliseconds(200);
  lab.run_until([&] { return connected || ended; }, limit);
  return connected;
}

std::string end_of_file(const std::string& path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  constexpr std::size_t shown = 400;
  return text.size() > shown ? text.substr(text.size() - shown) : text;
}

}  // namespace

std::string_view name_of(TargetKind kind) {
  constexpr std::array<std::string_view, all_targets.size()> names = {"direct", "nginx", "nginx+log",
                                                                      "punctual"};
  return names[static_cast<std::size_t>(kind)];
}

std::expected<std::unique_ptr<Target>, std::string> Target::start(Lab& lab, TargetKind kind,
                                                                  std::uint16_t upstream_port,
                                                                  const TargetOptions& options) {
  std::unique_ptr<Target> target(new Target(kind));
  target->port_ = upstream_port;
  if (kind == TargetKind::direct) return target;

  target->port_ = free_port(lab);
  std::string folder = (std::filesystem::temp_directory_path() / "punctual-bench-XXXXXX").string();
  if (!::mkdtemp(folder.data())) return std::unexpected("cannot make a folder like " + folder);
  target->folder_ = folder;
  const ProxyPlace place{folder, target->port_, upstream_port, options.connections};
  const std::string file = folder + "/configuration";
  std::vector<std::string> arguments;
  if (kind == TargetKind::punctual) {
    std::ofstream(file) << gateway_configuration(place);
    arguments = {options.own_program, "serve", "--config", file};
  } else {
    const auto log = kind == TargetKind::nginx ? AccessLog::off : AccessLog::json;
    std::ofstream(file) << nginx_configuration(place, log, options.limits);
    arguments = {options.nginx_program, "-p", folder, "-c", file};
  }
  arguments.insert(arguments.begin(), options.under.begin(), options.under.end());
  const std::string log = folder + "/output";
  auto process = ChildProcess::start(arguments, log, options.proxy_core, options.load_core);
  if (!process) return std::unexpected(process.error());
  target->process_ = std::move(*process);

  constexpr int attempts = 1000;
  constexpr auto pause = std::chrono::milliseconds(20);
  for (int i = 0; i < attempts && target->process_->running(); ++i) {
    if (accepts(lab, target->port_)) return target;
    lab.run_for(pause);
  }
  return std::unexpected(std::string(name_of(kind)) + " does not start: " + end_of_file(log));
}

Target::~Target() {
  process_.reset();
  std::error_code error;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, error);
}

}  // namespace punctual::bench
