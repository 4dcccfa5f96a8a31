// What the log costs, for who asks: --gtest_also_run_disabled_tests --gtest_filter='*RequestLogFigures*'
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "requestlog/recorder.hpp"
#include "requestlog/requestlog_testing.hpp"
#include "requestlog/statistics.hpp"

namespace punctual::requestlog {
namespace {

struct Cpu {
  double user = 0;
  double system = 0;
};

Cpu cpu_microseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return {of(usage.ru_utime), of(usage.ru_stime)};
}

class RequestLogFigures : public RequestLogTest {
 protected:
  static constexpr int count = 40'000;
  static constexpr int per_batch = 200;

  static std::vector<std::string> batches_of_lines() {
    std::vector<std::string> batches;
    for (int i = 0; i < count; ++i) {
      if (i % per_batch == 0) batches.emplace_back();
      batches.back() += line_of({.at = i * 0.01, .id = "0123456789abcdef" + std::to_string(i)});
    }
    return batches;
  }
  static void tell(const char* what, Cpu begin) {
    const auto end = cpu_microseconds();
    const double user = (end.user - begin.user) / count;
    const double system = (end.system - begin.system) / count;
    std::printf("%-30s %5.2f us CPU per record (%.2f of the program, %.2f of the kernel)\n", what,
                user + system, user, system);
  }
};

INSTANTIATE_TEST_SUITE_P(, RequestLogFigures, storage::both_dialects, storage::dialect_name);

TEST_P(RequestLogFigures, DISABLED_CostOfARecord) {
  const auto batches = batches_of_lines();
  std::printf("%zu bytes per line\n", batches.front().size() / per_batch);
  Cpu begin = cpu_microseconds();
  for (const auto& lines : batches) {
    for (std::string_view rest = lines; !rest.empty();) {
      const auto end = rest.find('\n');
      ASSERT_TRUE(reader_of_lines.read(rest.substr(0, end)));
      rest.remove_prefix(end + 1);
    }
  }
  tell("parsed", begin);

  const deadline::SystemClock clock;
  {
    Recorder recorder(*store, clock, {.rows_per_batch = per_batch});
    begin = cpu_microseconds();
    for (const auto& lines : batches) {
      recorder.write(lines);
      ASSERT_TRUE(recorder.flush(clock.now() + seconds(30)));
    }
    tell("written, parsed and stored", begin);
    EXPECT_EQ(recorder.numbers().batches, static_cast<std::uint64_t>(count / per_batch));
  }

  begin = cpu_microseconds();
  const auto read =
      read_statistics(*reader, {.filter = {.from = microseconds_at(-1), .to = microseconds_at(1e6)},
                                .now = {},
                                .until = clock.now() + seconds(60)});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->totals.requests, static_cast<std::uint64_t>(count));
  tell("read for statistics", begin);
}

}  // namespace
}  // namespace punctual::requestlog
