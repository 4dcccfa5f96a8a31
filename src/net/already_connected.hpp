// A connection that is there as soon as it is asked for: of networks that are in memory. One thread only.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "net/network.hpp"

namespace punctual::net {

class AlreadyConnected final : public Connecting {
 public:
  explicit AlreadyConnected(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}
  Outcome take() override {
    if (!stream_) return std::nullopt;
    return std::move(stream_);
  }

 private:
  std::unique_ptr<Stream> stream_;
};

}  // namespace punctual::net
