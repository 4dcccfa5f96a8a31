#include "audit/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "audit/journal_buffer.hpp"

namespace punctual::audit {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class Journals : public ::testing::Test {
 protected:
  Journals() { ::unlink(path.c_str()); }
  ~Journals() override { ::unlink(path.c_str()); }
  std::string text() const {
    std::ifstream file(path);
    std::stringstream all;
    all << file.rdbuf();
    return all.str();
  }
  std::string path = testing::TempDir() + "punctual_journal_" + std::to_string(::getpid());
};

TEST_F(Journals, HaveWrittenEverythingAtTheirEnd) {
  {
    const auto journal = Journal::open(path);
    ASSERT_TRUE(journal);
    EXPECT_TRUE((*journal)->enabled());
    for (int i = 0; i < 100; ++i)
      EXPECT_TRUE((*journal)->write(std::to_string(i) + "\n"));
  }
  std::string expected;
  for (int i = 0; i < 100; ++i)
    expected += std::to_string(i) + "\n";
  EXPECT_EQ(text(), expected);
}

TEST_F(Journals, AppendToWhatIsThere) {
  for (const auto lines : {"first\n", "second\n"}) {
    const auto journal = Journal::open(path);
    (*journal)->write(lines);
  }
  EXPECT_EQ(text(), "first\nsecond\n");
}

TEST_F(Journals, ThatAreOffTakeEverythingAndKeepNothing) {
  const auto journal = Journal::open("off");
  ASSERT_TRUE(journal);
  EXPECT_FALSE((*journal)->enabled());
  EXPECT_TRUE((*journal)->write(std::string(Journal::queued_bytes_max + 1, 'x')));
}

TEST_F(Journals, NameThePathThatCannotBeWritten) {
  const auto journal = Journal::open("/nowhere/at/all/requests.jsonl");
  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error(), HasSubstr("/nowhere/at/all/requests.jsonl"));
  EXPECT_THAT(journal.error(), HasSubstr("No such file or directory"));
}

TEST_F(Journals, LoseWhatIsMoreThanTheQueueHolds) {
  const auto journal = Journal::open(path);
  EXPECT_FALSE((*journal)->write(std::string(Journal::queued_bytes_max + 1, 'x')));
  EXPECT_TRUE((*journal)->write("kept\n"));
}

class SeenJournal final : public Journal {
 public:
  SeenJournal() : Journal(-1) {}
  bool write(std::string lines) override {
    batches.push_back(std::move(lines));
    return !full;
  }
  bool enabled() const override { return on; }
  std::vector<std::string> batches;
  bool full = false;
  bool on = true;
};

class JournalBuffers : public ::testing::Test {
 protected:
  void advance(deadline::Duration by) {
    clock.advance(by);
    wheel.advance(clock.now());
  }
  deadline::ManualClock clock;
  deadline::Wheel wheel{clock.now()};
  telemetry::Metrics metrics;
  SeenJournal journal;
};

TEST_F(JournalBuffers, HandLinesOverWhenTheyAreALittleOld) {
  JournalBuffer buffer(journal, clock, wheel, metrics);
  buffer.add({});
  advance(milliseconds(40));
  buffer.add({});
  EXPECT_TRUE(journal.batches.empty());
  advance(milliseconds(11));
  ASSERT_EQ(journal.batches.size(), 1U);
  EXPECT_EQ(std::ranges::count(journal.batches[0], '\n'), 2);
  advance(milliseconds(200));
  EXPECT_EQ(journal.batches.size(), 1U);
}

TEST_F(JournalBuffers, HandLinesOverWhenTheyAreMany) {
  JournalBuffer buffer(journal, clock, wheel, metrics);
  std::size_t added = 0;
  for (; journal.batches.empty() && added < 10'000; ++added)
    buffer.add({});
  ASSERT_EQ(journal.batches.size(), 1U);
  EXPECT_GE(journal.batches[0].size(), JournalBuffer::handed_over_bytes);
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(journal.batches[0], '\n')), added);
}

TEST_F(JournalBuffers, HandTheRestOverAtTheirEnd) {
  {
    JournalBuffer buffer(journal, clock, wheel, metrics);
    buffer.add({});
  }
  EXPECT_EQ(journal.batches.size(), 1U);
}

TEST_F(JournalBuffers, CountWhatIsLost) {
  JournalBuffer buffer(journal, clock, wheel, metrics);
  journal.full = true;
  for (int i = 0; i < 3; ++i)
    buffer.add({});
  buffer.hand_over();
  EXPECT_EQ(metrics.records_lost.value(), 3U);
  journal.full = false;
  buffer.add({});
  buffer.hand_over();
  EXPECT_EQ(metrics.records_lost.value(), 3U);
}

TEST_F(JournalBuffers, DoNothingWhereTheJournalIsOff) {
  JournalBuffer buffer(journal, clock, wheel, metrics);
  journal.on = false;
  buffer.add({});
  EXPECT_EQ(wheel.next(), std::nullopt);
}

}  // namespace
}  // namespace punctual::audit
