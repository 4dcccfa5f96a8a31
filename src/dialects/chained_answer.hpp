// Two translations one after the other: the upstream's format becomes a middle one, that becomes the
// client's.
#pragma once

#include <memory>

#include "dialects/translation.hpp"

namespace punctual::dialects {

// `inner` reads the upstream, `outer` reads what inner writes.
std::unique_ptr<AnswerTranslator> make_chained_answer(std::unique_ptr<AnswerTranslator> inner,
                                                      std::unique_ptr<AnswerTranslator> outer);

}  // namespace punctual::dialects
