// The data sources that a chat may be about: found by id, and looked into. Implemented by the application.
#pragma once

#include <string>

#include "chat/tools.hpp"
#include "settings/error.hpp"

namespace punctual::chat {

class DataSources : public Tools {
 public:
  // On a management thread. Invalid where there is none of this id, or it is not enabled.
  virtual settings::Result<SourceFacts> find(const std::string& id) = 0;

 protected:
  ~DataSources() = default;
};

}  // namespace punctual::chat
