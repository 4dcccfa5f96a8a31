// The part of a recorder's worker that brings prompts and answers to their requests.
#include <utility>

#include "requestlog/recorder_worker.hpp"

namespace punctual::requestlog {

void RecorderWorker::accept_contents() {
  for (auto& contents : state_->contents.take()) {
    auto id = contents.request_id;
    const auto [place, added] = contents_.try_emplace(id);
    if (added) {
      contents_order_.push_back(std::move(id));
    } else {
      // A client has used an id twice at a time: the latest is kept.
      release_contents(place->second);
      ++state_->contents_lost;
    }
    place->second = std::move(contents);
  }
  // Of requests whose record never came (it was lost): the oldest make room.
  while (state_->contents_bytes > options_.contents_bytes_max / 2 && !contents_order_.empty()) {
    const auto oldest = contents_.find(contents_order_.front());
    contents_order_.pop_front();
    if (oldest == contents_.end()) continue;
    release_contents(oldest->second);
    ++state_->contents_lost;
    contents_.erase(oldest);
  }
}

void RecorderWorker::release_contents(const Contents& contents) {
  state_->contents_bytes -= contents.queued_bytes;
}

std::shared_ptr<RecordBatch> RecorderWorker::contents_of(const RecordBatch& stored) {
  if (contents_.empty()) return nullptr;
  auto batch = std::make_shared<RecordBatch>();
  for (const auto& row : stored.rows) {
    const auto found = contents_.find(std::get<std::string>(row[request_column::request_id]));
    if (found == contents_.end()) continue;
    auto contents = std::move(found->second);
    contents_.erase(found);
    contents.prompt = storable_contents(contents.prompt);
    contents.answer = storable_contents(contents.answer);
    batch->contents.push_back(std::move(contents));
  }
  if (batch->contents.empty()) return nullptr;
  std::erase_if(contents_order_, [this](const std::string& id) { return !contents_.contains(id); });
  batch->contents_created = storage::to_microseconds(clock_.wall_now());
  return batch;
}

}  // namespace punctual::requestlog
