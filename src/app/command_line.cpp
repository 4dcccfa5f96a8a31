#include "app/command_line.hpp"

#include <CLI/CLI.hpp>

#include "app/audit_command.hpp"
#include "app/bench_command.hpp"
#include "app/config_check.hpp"
#include "app/config_import.hpp"
#include "app/doctor.hpp"
#include "app/keys_command.hpp"
#include "app/models_command.hpp"
#include "app/serve.hpp"
#include "app/simulate.hpp"
#include "app/version.hpp"

namespace punctual::app {

namespace {

constexpr int usage_error = 2;

}  // namespace

int run(int argc, char** argv) {
  CLI::App program("The LLM gateway that keeps its deadlines.", "punctual");
  program.set_version_flag("--version", std::string("punctual ") + version);
  program.require_subcommand(1);

  int result = 0;
  ServeOptions serve_options;
  auto* serve_command = program.add_subcommand("serve", "Start the gateway");
  serve_command->add_option("--config", serve_options.config_file, "Configuration file (TOML)")
      ->type_name("FILE");
  serve_command->add_option("--listen", serve_options.listen, "Where to listen; may be given several times")
      ->type_name("ADDR:PORT")
      ->take_all();
  serve_command->add_option("--data", serve_options.data, "Folder for what the gateway keeps")
      ->type_name("DIR");
  serve_command->add_option("--threads", serve_options.threads, "Threads; 0: one per core")->type_name("N");
  serve_command->callback([&] { result = serve(serve_options); });

  SimulateOptions simulate_options;
  auto* simulate_command = program.add_subcommand("sim", "Start a simulated upstream");
  simulate_command->add_option("--listen", simulate_options.listen, "Where to listen")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  simulate_command->add_option("--threads", simulate_options.threads, "Threads")
      ->type_name("N")
      ->capture_default_str();
  simulate_command->callback([&] { result = simulate(simulate_options); });

  std::string checked_file;
  auto* config_command = program.add_subcommand("config", "Work with configuration files");
  config_command->require_subcommand(1);
  auto* check_command = config_command->add_subcommand("check", "Say everything that is wrong with a file");
  check_command->add_option("file", checked_file, "Configuration file (TOML)")->required()->type_name("FILE");
  check_command->callback([&] { result = check_configuration(checked_file); });
  ImportOptions import_options;
  add_import_command(*config_command, import_options, result);

  KeysOptions keys_options;
  add_keys_command(program, keys_options, result);

  AuditOptions audit_options;
  add_audit_command(program, audit_options, result);

  ModelsOptions models_options;
  add_models_command(program, models_options, result);

  DoctorOptions doctor_options;
  add_doctor_command(program, doctor_options, result);

  BenchOptions bench_options;
  add_bench_command(program, bench_options)->callback([&] { result = bench(bench_options); });

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = program.exit(error);
    return code == 0 ? 0 : usage_error;
  }
  return result;
}

}  // namespace punctual::app
