#include "base/frame_pool.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

namespace punctual::base {
namespace {

TEST(FramePool, GivesUsableMemoryOfEverySize) {
  for (const std::size_t bytes : {1u, 63u, 64u, 65u, 500u, 2048u, 2049u, 100'000u}) {
    void* frame = FramePool::allocate(bytes);
    std::memset(frame, 0x5a, bytes);
    FramePool::free(frame, bytes);
  }
}

TEST(FramePool, LiveFramesAreDistinct) {
  std::vector<void*> frames;
  for (int i = 0; i < 300; ++i) {
    frames.push_back(FramePool::allocate(200));
    std::memset(frames.back(), i, 200);
  }
  for (int i = 0; i < 300; ++i) {
    const auto* bytes = static_cast<const unsigned char*>(frames[static_cast<std::size_t>(i)]);
    EXPECT_EQ(bytes[0], static_cast<unsigned char>(i));
    EXPECT_EQ(bytes[199], static_cast<unsigned char>(i));
    FramePool::free(frames[static_cast<std::size_t>(i)], 200);
  }
}

TEST(FramePool, AFrameMayBeFreedOnAnotherThread) {
  void* frame = FramePool::allocate(128);
  std::jthread([frame] { FramePool::free(frame, 128); }).join();
}

}  // namespace
}  // namespace punctual::base
