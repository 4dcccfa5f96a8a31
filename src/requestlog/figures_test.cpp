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
  static constexpr int few = 200;    // in a batch: 2,000 requests a second
  static constexpr int many = 2000;  // saturated

  static std::vector<std::string> batches_of_lines(int per_batch, int first = 0) {
    std::vector<std::string> batches;
    for (int i = 0; i < count; ++i) {
      if (i % per_batch == 0) batches.emplace_back();
      batches.back() +=
          line_of({.at = (first + i) * 0.01, .id = "0123456789abcdef" + std::to_string(first + i)});
    }
    return batches;
  }
  void parse(const std::vector<std::string>& batches) {
    const Cpu begin = cpu_microseconds();
    for (const auto& lines : batches) {
      for (std::string_view rest = lines; !rest.empty();) {
        const auto end = rest.find('\n');
        ASSERT_TRUE(reader_of_lines.read(rest.substr(0, end)));
        rest.remove_prefix(end + 1);
      }
    }
    tell("parsed", begin);
  }
  void store_all(const std::vector<std::string>& batches, const char* what, const deadline::Clock& clock) {
    Recorder recorder(*store, clock);
    const Cpu begin = cpu_microseconds();
    for (const auto& lines : batches) {
      recorder.write(lines);
      ASSERT_TRUE(recorder.flush(clock.now() + seconds(30)));
    }
    tell(what, begin);
    EXPECT_EQ(recorder.numbers().batches, batches.size());
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
  std::printf("%zu bytes per line\n", batches_of_lines(many).front().size() / many);
  parse(batches_of_lines(many));
  const deadline::SystemClock clock;
  store_all(batches_of_lines(few), "stored, 200 to a batch", clock);
  store_all(batches_of_lines(many, count), "stored, 2000 to a batch", clock);

  const Cpu begin = cpu_microseconds();
  const auto read =
      read_statistics(*reader, {.filter = {.from = microseconds_at(-1), .to = microseconds_at(1e6)},
                                .now = {},
                                .until = clock.now() + seconds(60)});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->totals.requests, static_cast<std::uint64_t>(2 * count));
  tell("read for statistics, twice", begin);
}

}  // namespace
}  // namespace punctual::requestlog
