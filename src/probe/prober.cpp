#include "probe/prober.hpp"

#include <boost/json.hpp>
#include <cerrno>

#include "backend/whole_answer.hpp"
#include "settings/json_table.hpp"

namespace punctual::probe {

namespace {

namespace bits = deadline::bits;
using deadline::Phase;
using Step = backend::Call::Step;

constexpr std::size_t document_bytes_max = 256 * 1024;
// Of an answer that is another's: enough to tell whose.
constexpr std::size_t foreign_bytes_max = 4096;

// A wait of a client of ours, with an end.
struct Patience {
  Patience(net::Runtime& runtime, deadline::Duration total)
      : watch(runtime.clock(), runtime.wheel(), runtime.ready(), hooks) {
    deadline::Limits limits;
    limits[Phase::connect] = {question_limit, {}};
    limits[Phase::total] = {total, {}};
    watch.begin(limits);
    watch.start(Phase::total);
  }
  deadline::NoClient hooks;
  deadline::Watch watch;
};

backend::UpstreamRequest request_for(const Gateway& gateway, std::string_view path, std::string_view body) {
  backend::UpstreamRequest request;
  request.provider = &gateway.provider;
  request.method = body.empty() ? "GET" : "POST";
  request.path = path;
  request.body_bytes = body.size();
  return request;
}

Ending ending_of(const backend::Failure& failure) {
  if (failure.kind == backend::FailureKind::interrupted) return Ending::lost;
  return failure.error == ECONNRESET || failure.error == EPIPE ? Ending::reset : Ending::closed;
}

// What arrives of a stream, and when.
class Arrivals {
 public:
  Arrivals(Observation& observation, deadline::Instant began)
      : observation_(observation), began_(began), last_(began) {}

  void add(std::string_view text, deadline::Instant now) {
    if (text.empty()) return;
    if (observation_.events == 0) first_ = now;
    observation_.longest_silence = std::max(observation_.longest_silence, now - last_);
    last_ = now;
    tail_.append(text);
    for (auto at = tail_.find("\n\n"); at != std::string::npos; at = tail_.find("\n\n")) {
      ++observation_.events;
      whole_ = tail_.find(whole_document) < at;
      tail_.erase(0, at + 2);
    }
  }

  bool whole() const { return whole_; }
  deadline::Instant last() const { return last_; }
  // How long it took from the first to the last that arrived.
  deadline::Duration span() const { return last_ - first_; }
  deadline::Duration lasted(deadline::Instant now) const {
    return now - (observation_.kind == StallKind::silent_stream ? last_ : began_);
  }

 private:
  Observation& observation_;
  deadline::Instant began_;
  deadline::Instant first_;
  deadline::Instant last_;
  std::string tail_;
  bool whole_ = false;
};

void note_cut(Observation& observation, deadline::Duration after) {
  observation.lasted = after;
  observation.ended_after = after;
}

// Another answer than the one that was asked for: the gateway refused, or somebody else answered.
base::Task<void> read_foreign(backend::Call& call, deadline::Watch& watch, Observation& observation) {
  observation.ending = Ending::answered;
  observation.status = call.head().status;
  std::string body;
  http::BodyPieces pieces;
  std::string_view raw;
  for (;;) {
    const auto step = call.read(pieces, raw);
    for (const auto piece : pieces.content)
      body.append(piece);
    if (step == Step::complete || step == Step::failed || body.size() > foreign_bytes_max) break;
    if (step != Step::blocked) continue;
    const auto raised = co_await watch.wait(bits::upstream_readable);
    if (watch.interrupted(raised)) break;
  }
  if (call.head().headers.value("content-type").starts_with("application/problem+json")) {
    const auto detail = detail_of(body);
    observation.refusal = detail.empty() ? "it gave no reason" : detail;
    co_return;
  }
  auto maker = maker_of(call.head(), body);
  observation.hop = std::move(maker.name);
  if (maker.kind) observation.hop_kind = maker.kind->name;
}

base::Task<void> read_answer(backend::Call& call, deadline::Watch& watch, Observation& observation,
                             deadline::Instant began) {
  const auto text = co_await backend::read_whole(call, watch, document_bytes_max);
  if (text && *text == whole_document) co_return;
  note_cut(observation, watch.now() - began);
  if (text) {
    observation.ending = Ending::answered;
    observation.status = 200;
  } else {
    observation.ending = watch.interruption() ? Ending::lost : ending_of(call.failure());
  }
}

base::Task<void> read_stream(backend::Call& call, deadline::Watch& watch, Observation& observation,
                             deadline::Instant began) {
  Arrivals arrivals(observation, began);
  http::BodyPieces pieces;
  std::string_view raw;
  for (;;) {
    const auto step = call.read(pieces, raw);
    for (const auto piece : pieces.content)
      arrivals.add(piece, watch.now());
    if (step == Step::failed) observation.ending = ending_of(call.failure());
    if (step == Step::complete && !arrivals.whole()) observation.ending = Ending::clean_end;
    if (step == Step::failed || step == Step::complete) break;
    if (step != Step::blocked) continue;
    const auto raised = co_await watch.wait(bits::upstream_readable);
    if (!watch.interrupted(raised)) continue;
    observation.ending = Ending::lost;
    break;
  }
  const auto now = watch.now();
  if (observation.cut()) observation.lasted = arrivals.lasted(now);
  observation.ended_after = now - began;
  if (observation.ending == Ending::lost) observation.lasted = arrivals.last() - began;
  // They are sent over the whole time: what takes much less time to arrive was held back.
  if (observation.kind == StallKind::trickle)
    observation.in_lumps = observation.events > 1 && arrivals.span() * 2 < observation.asked;
}

}  // namespace

std::string detail_of(std::string_view document) {
  const auto object = settings::parse_object(document);
  const auto* detail = object ? object->if_contains("detail") : nullptr;
  return detail && detail->is_string() ? std::string(detail->get_string()) : std::string();
}

base::Task<std::expected<Document, std::string>> ask(const Gateway& gateway, std::string path,
                                                     std::string body) {
  Patience patience(gateway.services.runtime, question_limit);
  backend::Call call(gateway.services, patience.watch);
  const auto request = request_for(gateway, path, body);
  const std::string_view body_view = body;
  const std::span<const std::string_view> pieces(&body_view, body.empty() ? 0 : 1);
  const auto opened = co_await call.open(request, pieces);
  if (!opened) {
    if (opened.error().kind != backend::FailureKind::interrupted)
      co_return std::unexpected(opened.error().detail);
    co_return std::unexpected(gateway.provider.base_url.text() + " did not answer within 15 seconds");
  }
  Document document;
  document.status = call.head().status;
  document.hops = hops_in(call.head());
  document.location = call.head().headers.value("location");
  document.connect = call.connect_duration().value_or(deadline::Duration::zero());
  auto text = co_await backend::read_whole(call, patience.watch, document_bytes_max);
  if (!text) co_return std::unexpected(gateway.provider.base_url.text() + " answered, but not to the end");
  document.text = std::move(*text);
  co_return document;
}

base::Task<Observation> observe(const Gateway& gateway, StallRequest request) {
  Observation observation;
  observation.kind = request.kind;
  observation.asked = request.duration;
  observation.lasted = request.duration;
  Patience patience(gateway.services.runtime, request.duration + answer_slack);
  backend::Call call(gateway.services, patience.watch);
  const boost::json::object document = {{"run", request.run},
                                        {"kind", name_of(request.kind)},
                                        {"seconds", deadline::seconds(request.duration)}};
  const std::string body = boost::json::serialize(document);
  const std::string_view body_view = body;
  const std::span<const std::string_view> pieces(&body_view, 1);
  const auto upstream_request = request_for(gateway, probes_path, body);
  const auto dialled = patience.watch.now();
  const auto opened = co_await call.open(upstream_request, pieces);
  const auto began = dialled + call.connect_duration().value_or(deadline::Duration::zero());
  if (!opened) {
    observation.ending = ending_of(opened.error());
    note_cut(observation, patience.watch.now() - began);
    co_return observation;
  }
  if (call.head().status != 200) {
    note_cut(observation, patience.watch.now() - began);
    co_await read_foreign(call, patience.watch, observation);
  } else if (request.kind == StallKind::silent_answer) {
    co_await read_answer(call, patience.watch, observation, began);
  } else {
    co_await read_stream(call, patience.watch, observation, began);
  }
  co_return observation;
}

}  // namespace punctual::probe
