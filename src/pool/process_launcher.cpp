#include "pool/process_launcher.hpp"

#include <filesystem>
#include <utility>

#include "pool/engine_command.hpp"
#include "process/child.hpp"
#include "process/memory.hpp"
#include "telemetry/log.hpp"

namespace punctual::pool {

namespace {

class ChildEngine final : public Launched {
 public:
  explicit ChildEngine(std::unique_ptr<process::Child> child) : child_(std::move(child)) {}

  int pid() const override { return child_->pid(); }
  void terminate() override { child_->terminate(); }
  void kill() override { child_->kill(); }
  std::uint64_t signs_of_life() const override { return child_->output_bytes(); }
  std::uint64_t memory_bytes() const override {
    const auto memory = process::memory_of(child_->pid());
    return memory ? memory->anonymous_bytes + memory->file_bytes : 0;
  }
  std::vector<std::string> last_lines() const override { return child_->last_lines(); }

 private:
  std::unique_ptr<process::Child> child_;
};

// Somebody else's: it is not ours to end.
class MetEngine final : public Launched {
 public:
  MetEngine(net::Loop& loop, std::function<void(std::string)> on_exit)
      : loop_(loop), on_exit_(std::make_shared<std::function<void(std::string)>>(std::move(on_exit))) {}

  int pid() const override { return 0; }
  void terminate() override {
    loop_.post([on_exit = on_exit_] {
      if (const auto call = std::exchange(*on_exit, nullptr)) call("left alone");
    });
  }
  void kill() override { terminate(); }
  std::uint64_t signs_of_life() const override { return 0; }
  std::uint64_t memory_bytes() const override { return 0; }
  std::vector<std::string> last_lines() const override { return {}; }

 private:
  net::Loop& loop_;
  std::shared_ptr<std::function<void(std::string)>> on_exit_;
};

void report(const std::expected<void, std::string>& noted) {
  if (!noted)
    telemetry::log_warning("after a crash of the gateway an engine may be left behind: " + noted.error());
}

std::string prepare_socket(const std::filesystem::path& socket) {
  std::error_code error;
  const auto folder = socket.parent_path();
  std::filesystem::create_directories(folder, error);
  if (!error) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  // What an engine that was killed has left there. Anything else that has this path is not ours to remove.
  if (!error && std::filesystem::is_socket(socket, error)) std::filesystem::remove(socket, error);
  if (error == std::errc::no_such_file_or_directory) error.clear();
  return error ? "the folder " + folder.string() + " cannot be used: " + error.message() : std::string();
}

}  // namespace

std::expected<std::unique_ptr<Launched>, std::string> ProcessLauncher::start(
    const config::LocalModel& model, std::function<void(std::string)> on_exit) {
  process::Command command;
  command.arguments = engine_command(model);
  command.environment = engine_environment(model);
  if (command.arguments.empty()) return std::make_unique<MetEngine>(loop_, std::move(on_exit));
  const auto& socket = model.provider.base_url.socket_path;
  if (!socket.empty()) {
    const auto problem = prepare_socket(socket);
    if (!problem.empty()) return std::unexpected(problem);
  }
  const auto pid = std::make_shared<int>(0);
  auto child = process::Child::start(loop_, command,
                                     [this, pid, on_exit = std::move(on_exit)](const process::Exit& exit) {
                                       report(leftovers_.forget(*pid));
                                       on_exit(exit.text());
                                     });
  if (!child) return std::unexpected(std::move(child.error()));
  *pid = (*child)->pid();
  report(leftovers_.note(*pid));
  return std::make_unique<ChildEngine>(std::move(*child));
}

}  // namespace punctual::pool
