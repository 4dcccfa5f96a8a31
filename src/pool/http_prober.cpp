#include "pool/http_prober.hpp"

#include <span>
#include <utility>

#include "backend/whole_answer.hpp"
#include "base/task.hpp"
#include "pool/engine_work.hpp"

namespace punctual::pool {

namespace {

using Work = Prober::Work;

constexpr deadline::Duration probe_limit = std::chrono::seconds(2);
// The metrics of a vLLM have many histograms.
constexpr std::size_t answer_bytes_max = 4 * 1024 * 1024;

struct Answer {
  int status = 0;  // 0: there was none
  std::string body;
};

base::Task<Answer> get(backend::Services& services, const backend::UpstreamRequest& request) {
  deadline::NoClient hooks;
  deadline::Watch watch(services.runtime.clock(), services.runtime.wheel(), services.runtime.ready(), hooks);
  deadline::Limits limits;
  limits[deadline::Phase::total] = {probe_limit, {}};
  watch.begin(limits);
  watch.start(deadline::Phase::total);
  Answer answer;
  backend::Call call(services, watch);
  const std::span<const std::string_view> no_body;
  const auto opened = co_await call.open(request, no_body);
  if (!opened) co_return answer;
  const int status = call.head().status;
  auto body = co_await backend::read_whole(call, watch, answer_bytes_max);
  if (!body) co_return answer;
  answer.status = status;
  answer.body = std::move(*body);
  co_return answer;
}

base::Task<void> ask_ready(backend::Services& services, std::shared_ptr<const config::LocalModel> model,
                           std::function<void(bool)> done) {
  backend::UpstreamRequest request;
  request.provider = &model->provider;
  request.method = "GET";
  request.path = "/models";
  const auto answer = co_await get(services, request);
  done(answer.status == 200);
}

base::Task<void> ask_work(backend::Services& services, json::Reader& reader,
                          std::shared_ptr<const config::LocalModel> model, std::function<void(Work)> done) {
  backend::UpstreamRequest request;
  request.provider = &model->provider;
  request.method = "GET";
  request.path = work_path(model->engine);
  request.from_root = true;
  auto answer = co_await get(services, request);
  // A server that is there and has no such page.
  if (answer.status == 404 || answer.status == 405 || answer.status == 501)
    co_return done({Work::Kind::unable});
  if (answer.status != 200) co_return done({});
  const auto requests = requests_in(model->engine, answer.body, reader);
  if (!requests) co_return done({});
  done({Work::Kind::counted, *requests});
}

}  // namespace

void HttpProber::ready(std::shared_ptr<const config::LocalModel> model, std::function<void(bool)> done) {
  base::spawn(ask_ready(services_, std::move(model), std::move(done)));
}

void HttpProber::work(std::shared_ptr<const config::LocalModel> model, std::function<void(Work)> done) {
  if (work_path(model->engine).empty()) return done({Work::Kind::unable});
  base::spawn(ask_work(services_, reader_, std::move(model), std::move(done)));
}

}  // namespace punctual::pool
