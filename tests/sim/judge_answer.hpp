// One answer as its client saw it, against the record of its request.
#pragma once

#include <string>

#include "sim/judge.hpp"
#include "sim/reading.hpp"
#include "sim/records.hpp"

namespace punctual::simulation {

struct AnswerCase {
  const PlannedRequest& request;
  const PlannedConnection& plan;
  const Received& answer;
  const RecordLine& record;
  bool must_be_whole;  // the client read on to the end, and nothing tore its connection
  bool must_be_told;   // an error could be delivered at once
};

void judge_answer(const AnswerCase& of, Violations& violations);

}  // namespace punctual::simulation
