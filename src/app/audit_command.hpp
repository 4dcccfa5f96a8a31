// `punctual audit`: whether the records of what chats asked of data sources are whole, on the database
// itself, whether a gateway runs on it or not.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace punctual::app {

struct AuditOptions {
  std::string config_file;
  std::string data;
  std::string head;  // "LINKS:HASH" of an earlier run; empty: none
};

// Adds `audit` with verify; `result` becomes the exit code of what was asked for.
void add_audit_command(CLI::App& program, AuditOptions& options, int& result);

// 0: the chain is whole. 1: it is not, or it cannot be read; what is wrong is said on standard output, why it
// cannot be read on standard error.
int verify_audit(const AuditOptions& options);

}  // namespace punctual::app
