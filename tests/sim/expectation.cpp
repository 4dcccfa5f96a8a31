#include "sim/expectation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punctual::simulation {

namespace bj = boost::json;
using deadline::Phase;
using testing::StartsWith;

namespace {

constexpr std::string_view type_base = "https://mlx-manager.dev/errors/";

std::string text_of(const bj::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string())
                                     : "(no text at " + std::string(name) + ")";
}

double number_of(const bj::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value && value->is_number() ? value->to_number<double>() : -1;
}

bj::object object_of(const bj::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value && value->is_object() ? value->get_object() : bj::object();
}

std::string_view slug_of(int status) {
  switch (status) {
    case 408:
      return "request-timeout";
    case 502:
      return "bad-gateway";
    case 503:
      return "service-unavailable";
    default:
      return "timeout";
  }
}

std::size_t endpoint_index(Route route) {
  const auto name = endpoint_of(route);
  return name == "chat" ? 0 : name == "completions" ? 1 : 2;
}

void expect_answer(const Client& client, const Asking& asking, const ExpectedTimeout& expected) {
  const Received answer = last_answer(client);
  bj::object document;
  if (expected.in_stream) {
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.is_stream());
    const auto* event = answer.error_event();
    ASSERT_TRUE(event) << client.raw();
    document = event->json();
    EXPECT_FALSE(answer.has_done()) << "nothing may look like success";
    EXPECT_EQ(answer.unfinished, "");
  } else {
    EXPECT_EQ(answer.status, expected.status) << client.raw();
    EXPECT_EQ(answer.header("content-type"),
              asking.route == Route::messages ? "application/json" : "application/problem+json");
    EXPECT_EQ(answer.header("x-should-retry"), expected.phase == Phase::total ? "false" : "");
    EXPECT_NE(answer.header("x-request-id"), "");
    document = answer.json();
  }
  EXPECT_TRUE(answer.complete) << client.raw();
  EXPECT_FALSE(answer.malformed);
  expect_problem(document, asking.route, expected.status, slug_of(expected.status), expected.message);
  const auto fields = asking.route == Route::messages ? object_of(document, "error") : document;
  EXPECT_EQ(text_of(fields, "limit"), deadline::name_of(expected.phase));
  EXPECT_NEAR(number_of(fields, "limit_seconds"), expected.limit_seconds, 0.001);
  EXPECT_EQ(text_of(fields, "limit_source"), expected.source);
  EXPECT_TRUE(fields.contains("upstream_answered"));
  EXPECT_TRUE(fields.contains("elapsed_seconds"));
}

void expect_record(World& world, const Asking& asking, const ExpectedTimeout& expected) {
  const auto& records = world.records();
  ASSERT_EQ(records.size(), 1u);
  const auto& record = records.front();
  EXPECT_EQ(record.text("outcome"), "timeout");
  EXPECT_EQ(record.text("ended_by"), "gateway");
  EXPECT_EQ(record.text("limit"), deadline::name_of(expected.phase));
  EXPECT_NEAR(record.number("limit_seconds"), expected.limit_seconds, 0.001 * expected.limit_seconds);
  EXPECT_EQ(record.text("limit_source"), expected.source);
  EXPECT_EQ(record.text("endpoint"), endpoint_of(asking.route));
  EXPECT_EQ(record.text("path"), path_of(asking.route));
  if (expected.delivered) EXPECT_EQ(record.number("status"), expected.in_stream ? 200 : expected.status);
}

void expect_metrics(const World& world, const Asking& asking, const ExpectedTimeout& expected) {
  EXPECT_EQ(counted(world, asking.route, telemetry::Outcome::timeout), 1u);
  std::uint64_t all = 0;
  for (const auto& of_phase : world.metrics().timeouts) {
    for (const auto& of_kind : of_phase)
      all += of_kind.value();
  }
  EXPECT_EQ(all, 1u) << "one limit ran out";
  EXPECT_EQ(world.metrics()
                .timeouts[deadline::index_of(expected.phase)][static_cast<std::size_t>(expected.kind)]
                .value(),
            1u);
}

}  // namespace

std::string message_of(Phase phase, std::string_view seconds) {
  const auto missing = deadline::missing_event(phase);
  return "Request timed out" + (missing.empty() ? std::string() : ": " + std::string(missing)) + " after " +
         std::string(seconds) + " seconds";
}

std::uint64_t counted(const World& world, Route route, telemetry::Outcome outcome) {
  return world.metrics().requests[endpoint_index(route)][static_cast<std::size_t>(outcome)].value();
}

void expect_problem(const bj::object& document, Route route, int status, std::string_view slug,
                    std::string_view message) {
  const std::string type = std::string(type_base) + std::string(slug);
  const auto error = object_of(document, "error");
  EXPECT_EQ(text_of(error, "message"), message);
  if (route == Route::messages) {
    EXPECT_EQ(text_of(document, "type"), "error");
    EXPECT_EQ(text_of(error, "problem"), type);
    if (status == 504 || status == 408) EXPECT_EQ(text_of(error, "type"), "timeout_error");
    EXPECT_EQ(number_of(error, "status"), status);
    return;
  }
  EXPECT_EQ(text_of(document, "type"), type);
  EXPECT_EQ(text_of(document, "detail"), message);
  EXPECT_EQ(number_of(document, "status"), status);
  EXPECT_EQ(text_of(document, "instance"), path_of(route));
  EXPECT_NE(text_of(document, "request_id"), "");
  EXPECT_EQ(text_of(error, "type"), type);
  EXPECT_TRUE(error.contains("code"));
  EXPECT_TRUE(error.contains("param") && error.at("param").is_null());
}

void expect_quiet(World& world) {
  EXPECT_EQ(world.metrics().requests_in_flight.value(), 0u);
  EXPECT_EQ(world.network().open_requests(), 0u);
  EXPECT_FALSE(world.stuck());
}

void expect_timeout(World& world, Client& client, const Asking& asking, const ExpectedTimeout& expected) {
  const auto due = expected.started + deadline::from_seconds(expected.limit_seconds);
  world.run_until(due - deadline::Duration(1));
  EXPECT_EQ(counted(world, asking.route, telemetry::Outcome::timeout), 0u) << "too early";
  world.run_until(due + tick);
  if (expected.delivered) {
    expect_answer(client, asking, expected);
    const auto told = last_answer(client).last_at;
    EXPECT_GE(told, due) << "early by " << deadline::seconds(due - told);
    EXPECT_LT(told, due + tick) << "late by " << deadline::seconds(told - due);
  }
  expect_record(world, asking, expected);
  expect_metrics(world, asking, expected);
  expect_quiet(world);
}

}  // namespace punctual::simulation
