#include "app/audit_command.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <limits>

#include "app/offline.hpp"
#include "base/text.hpp"
#include "queryaudit/verify.hpp"
#include "settings/query_chain.hpp"

namespace punctual::app {

namespace {

int fail(const std::string& message) {
  fmt::print(stderr, "punctual audit: {}\n", message);
  return 1;
}

// "12:HASH": a link that must still be in its place.
struct KnownHead {
  std::int64_t links = 0;
  std::string hash;
};

std::optional<KnownHead> parse_head(std::string_view text) {
  const auto links = base::parse_unsigned(base::take_item(text, ':'));
  if (!links || *links > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) ||
      text.size() != 64)
    return std::nullopt;
  return KnownHead{static_cast<std::int64_t>(*links), std::string(text)};
}

}  // namespace

int verify_audit(const AuditOptions& options) {
  std::optional<KnownHead> known;
  if (!options.head.empty()) {
    known = parse_head(options.head);
    if (!known)
      return fail("--head is \"" + options.head + "\": give what an earlier run has printed, as 12:HASH");
  }
  auto opened =
      open_offline({"punctual audit", options.config_file, options.data, config::Environment::of_process()});
  if (!opened) return 1;
  const deadline::SystemClock clock;
  const auto service = open_settings(*opened, clock);
  if (!service) return fail(service.error());
  const auto chain = settings::open_query_chain(*opened->store, **service);
  if (!chain) return fail(chain.error());
  auto reader = opened->store->reader();
  if (!reader) return fail(reader.error().message);
  const auto verified = queryaudit::verify(**reader, (*chain)->hash(), deadline::Instant::max());
  if (!verified) return fail(verified.error().message);
  bool whole = verified->ok();
  for (const auto& problem : verified->problems)
    fmt::print("record {} {}\n", problem.id, problem.what);
  if (known) {
    const auto hash = queryaudit::link_hash_at(**reader, known->links);
    if (!hash) return fail(hash.error().message);
    if (*hash != known->hash) {
      whole = false;
      fmt::print("entry {} is not the one that was there before: the chain was replaced, or cut\n",
                 known->links);
    }
  }
  fmt::print("{} records, {} entries: {}\nhead {}:{}\n", verified->records, verified->links,
             whole ? "nothing was changed, removed or inserted" : "NOT WHOLE", verified->links,
             verified->head);
  return whole ? 0 : 1;
}

void add_audit_command(CLI::App& program, AuditOptions& options, int& result) {
  auto* audit = program.add_subcommand("audit", "The records of what chats asked of data sources");
  audit->require_subcommand(1);
  auto* verify = audit->add_subcommand("verify", "Say whether any record was changed, removed or inserted");
  verify->add_option("--config", options.config_file, "Configuration file (TOML)")->type_name("FILE");
  verify->add_option("--data", options.data, "Folder for what the gateway keeps")->type_name("DIR");
  verify->add_option("--head", options.head, "The head that an earlier run printed: it must still be there")
      ->type_name("ENTRIES:HASH");
  verify->callback([&options, &result] { result = verify_audit(options); });
}

}  // namespace punctual::app
