#include "dialects/assembler.hpp"

#include "dialects/assembler_messages.hpp"
#include "dialects/assembler_openai.hpp"

namespace punctual::dialects {

std::unique_ptr<Assembler> make_assembler(StreamKind kind) {
  if (kind == StreamKind::messages) return std::make_unique<MessagesAssembler>();
  return std::make_unique<OpenAiAssembler>(kind);
}

}  // namespace punctual::dialects
