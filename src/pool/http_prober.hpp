// Asks engines over HTTP, as a client would: GET models below the base address, and what engine_work.hpp
// says at their root.
#pragma once

#include "backend/call.hpp"
#include "json/reader.hpp"
#include "pool/launcher.hpp"

namespace punctual::pool {

class HttpProber final : public Prober {
 public:
  explicit HttpProber(backend::Services& services) : services_(services) {}

  void ready(std::shared_ptr<const config::LocalModel> model, std::function<void(bool)> done) override;
  void work(std::shared_ptr<const config::LocalModel> model, std::function<void(Work)> done) override;

 private:
  backend::Services& services_;
  json::Reader reader_;
};

}  // namespace punctual::pool
