// Plays the transcripts of this folder: every case as it is written and, where nothing speaks against it,
// once more with the client's bytes arriving one by one.
#include <gtest/gtest.h>

#include <iostream>

#include "wire/transcript.hpp"
#include "wire/world.hpp"

namespace punctual::wire {

namespace {

struct Play {
  Case script;
  bool byte_by_byte = false;
};

std::vector<Play> all_plays() {
  auto cases = load_cases(PUNCTUAL_TESTS_FOLDER "/wire");
  if (!cases) {
    std::cerr << cases.error() << "\n";
    std::exit(1);
  }
  std::vector<Play> plays;
  for (auto& script : *cases) {
    const bool again = !script.as_written;
    plays.push_back({script, false});
    if (again) plays.push_back({std::move(script), true});
  }
  return plays;
}

std::string name_of(const testing::TestParamInfo<Play>& info) {
  std::string name;
  for (const char c : info.param.script.name)
    name.push_back(std::isalnum(static_cast<unsigned char>(c)) ? c : '_');
  return name + (info.param.byte_by_byte ? "__byte_by_byte" : "");
}

class Wire : public testing::TestWithParam<Play> {
 protected:
  void play(const Step& step);
  void compare(const Step& step, Reading& reading);
  void compare_same_body(const Step& step, Reading& reading, const std::string& sent);
  bool check_ends(const Step& step);

  World world_{GetParam().script.configuration};
  std::string client_sent_;  // in the step that was the last to send
  std::string upstream_sent_;
};

// Behind the head; all, where there is none.
std::string_view body_of(std::string_view message) {
  constexpr std::string_view end = "\r\n\r\n";
  const bool begins = message.starts_with("HTTP/") || message.starts_with("POST ");
  const auto at = begins ? message.find(end) : std::string_view::npos;
  return at == std::string_view::npos ? message : message.substr(at + end.size());
}

void Wire::compare(const Step& step, Reading& reading) {
  EXPECT_TRUE(step.text.matches(reading.bytes))
      << GetParam().script.file << ":" << step.line << ": " << step.action << "\n--- got:\n"
      << visible(reading.bytes.substr(0, 20000)) << "\n---";
  reading.bytes.clear();
}

// The text of the step is the head; behind it comes what the other side sent behind its own.
void Wire::compare_same_body(const Step& step, Reading& reading, const std::string& sent) {
  const std::string_view received = reading.bytes;
  const auto body = body_of(received);
  EXPECT_EQ(visible(body), visible(body_of(sent))) << GetParam().script.file << ":" << step.line;
  reading.bytes.resize(received.size() - body.size());
  compare(step, reading);
}

// True when the step was one of those that look at how connections stand.
bool Wire::check_ends(const Step& step) {
  const auto& action = step.action;
  const auto expect_end = [&](Reading& reading, Reading::End end) {
    EXPECT_EQ(static_cast<int>(reading.end), static_cast<int>(end))
        << GetParam().script.file << ":" << step.line << ": " << action;
  };
  if (action == "client open") return expect_end(world_.client_reading(), Reading::End::open), true;
  if (action == "client closed") return expect_end(world_.client_reading(), Reading::End::closed), true;
  if (action == "client reset") return expect_end(world_.client_reading(), Reading::End::reset), true;
  if (action == "upstream gone") return expect_end(world_.upstream_reading(), Reading::End::closed), true;
  if (action == "upstream kept") {
    EXPECT_NE(world_.upstream(), nullptr) << step.line;
    return expect_end(world_.upstream_reading(), Reading::End::open), true;
  }
  if (action == "upstream untouched") {
    EXPECT_TRUE(world_.network().upstreams().empty()) << GetParam().script.file << ":" << step.line;
    return true;
  }
  return false;
}

void Wire::play(const Step& step) {
  const auto& action = step.action;
  if (check_ends(step)) return;
  if (action == "client sends") {
    client_sent_.clear();
    for (const auto& write : step.text.writes()) {
      client_sent_ += write;
      if (!GetParam().byte_by_byte) {
        world_.send(write);
        continue;
      }
      for (const char& byte : write)
        world_.send({&byte, 1});
    }
  } else if (action == "upstream sends") {
    ASSERT_NE(world_.upstream(), nullptr) << GetParam().script.file << ":" << step.line;
    upstream_sent_.clear();
    for (const auto& write : step.text.writes()) {
      upstream_sent_ += write;
      world_.upstream_sends(write);
    }
  } else if (action == "client receives") {
    compare(step, world_.client_reading());
  } else if (action == "upstream receives") {
    compare(step, world_.upstream_reading());
  } else if (action == "client receives same body") {
    compare_same_body(step, world_.client_reading(), upstream_sent_);
  } else if (action == "upstream receives same body") {
    compare_same_body(step, world_.upstream_reading(), client_sent_);
  } else if (action == "record") {
    Reading records{world_.take_records(), Reading::End::open};
    compare(step, records);
  } else if (action == "client connects") {
    world_.connect();
  } else if (action == "client closes") {
    world_.close_client();
  } else if (action == "upstream closes" || action == "upstream resets") {
    world_.upstream_ends(action == "upstream resets");
  } else if (action == "upstream refuses") {
    world_.network().refuse_next();
  } else if (action == "wait") {
    world_.wait(deadline::from_seconds(std::stod(step.value)));
  } else {
    FAIL() << "no such step: " << action;
  }
}

TEST_P(Wire, Transcript) {
  for (const auto& step : GetParam().script.steps) {
    play(step);
    if (HasFatalFailure()) return;
  }
  // A transcript is whole: what was not expected must not have happened.
  EXPECT_EQ(visible(world_.client_reading().bytes), "") << "the client got more than that";
  EXPECT_EQ(visible(world_.upstream_reading().bytes), "") << "the upstream got more than that";
  world_.close_client();
  for (auto& upstream : world_.network().upstreams())
    upstream.reset();
  world_.wait(std::chrono::seconds(3));
  EXPECT_EQ(world_.metrics().requests_in_flight.value(), 0u);
  EXPECT_EQ(world_.metrics().connections_open.value(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Transcripts, Wire, testing::ValuesIn(all_plays()), name_of);

// Shown by GoogleTest when a case fails.
void PrintTo(const Play& play, std::ostream* out) {
  *out << play.script.name;
}

}  // namespace

}  // namespace punctual::wire
