#include "pool/http_prober.hpp"

#include <span>
#include <utility>

#include "base/task.hpp"

namespace punctual::pool {

namespace {

constexpr deadline::Duration probe_limit = std::chrono::seconds(2);

base::Task<void> probe(backend::Services& services, std::shared_ptr<const config::LocalModel> model,
                       std::function<void(bool)> done) {
  deadline::NoClient hooks;
  deadline::Watch watch(services.runtime.clock(), services.runtime.wheel(), services.runtime.ready(), hooks);
  deadline::Limits limits;
  limits[deadline::Phase::total] = {probe_limit, {}};
  watch.begin(limits);
  watch.start(deadline::Phase::total);
  bool ready = false;
  {
    backend::Call call(services, watch);
    backend::UpstreamRequest request;
    request.provider = &model->provider;
    request.method = "GET";
    request.path = "/models";
    const std::span<const std::string_view> no_body;
    const auto opened = co_await call.open(request, no_body);
    ready = opened && call.head().status == 200;
  }
  done(ready);
}

}  // namespace

void HttpProber::ready(std::shared_ptr<const config::LocalModel> model, std::function<void(bool)> done) {
  base::spawn(probe(services_, std::move(model), std::move(done)));
}

}  // namespace punctual::pool
