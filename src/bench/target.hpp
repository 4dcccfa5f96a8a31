// What is measured, one after the other: nothing in between, nginx, nginx with a record per request, the
// gateway.
#pragma once

#include <array>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/child_process.hpp"
#include "bench/lab.hpp"

namespace punctual::bench {

enum class TargetKind : std::uint8_t { direct, nginx, nginx_log, punctual };
inline constexpr std::array all_targets = {TargetKind::direct, TargetKind::nginx, TargetKind::nginx_log,
                                           TargetKind::punctual};
std::string_view name_of(TargetKind kind);

struct TargetOptions {
  std::string own_program;  // this binary
  std::string nginx_program = "nginx";
  std::vector<std::string> under;  // a program and its arguments, that a proxy is to run under: a profiler
  int proxy_core = 0;
  int load_core = 1;
  std::size_t connections = 1024;
  std::vector<deadline::Duration> limits;  // of nginx' locations; see configurations.hpp
};

// A proxy that accepts connections. Destroying it ends it and removes its files.
class Target {
 public:
  static std::expected<std::unique_ptr<Target>, std::string> start(Lab& lab, TargetKind kind,
                                                                   std::uint16_t upstream_port,
                                                                   const TargetOptions& options);
  ~Target();
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  TargetKind kind() const { return kind_; }
  std::uint16_t port() const { return port_; }
  // nullptr when nothing is in between.
  ChildProcess* process() { return process_.get(); }

 private:
  explicit Target(TargetKind kind) : kind_(kind) {}

  TargetKind kind_;
  std::uint16_t port_ = 0;
  std::string folder_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace punctual::bench
