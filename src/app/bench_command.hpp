// The options of `punctual bench`, on the command line. A header of its own, so that command_line.cpp stays
// short.
#pragma once

#include "app/bench.hpp"

namespace CLI {
class App;
}

namespace punctual::app {

// Adds the subcommand to `program`; `options` must outlive the parsing. Returns it.
CLI::App* add_bench_command(CLI::App& program, BenchOptions& options);

}  // namespace punctual::app
