// Asks engines over HTTP, as a client would: GET models below the base address.
#pragma once

#include "backend/call.hpp"
#include "pool/launcher.hpp"

namespace punctual::pool {

class HttpProber final : public Prober {
 public:
  explicit HttpProber(backend::Services& services) : services_(services) {}

  void ready(std::shared_ptr<const config::LocalModel> model, std::function<void(bool)> done) override;

 private:
  backend::Services& services_;
};

}  // namespace punctual::pool
