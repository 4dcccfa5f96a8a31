// What the chain models answer, word for word. The generator builds its weights from the same
// constants, and engine.test.mjs holds the real llama.cpp against them.

export const WORD_COUNT = 128;   // w000 .. w127; w127 is followed by w000
export const LAST_WORD = 31;     // after w031 the models "chain" and "chain-slow" end the turn
export const EMBEDDING_LENGTH = 64;
export const KNOWN_WORD = "cat";  // the larger its share, the higher "rank" puts a document
export const IMAGE_TOKENS = 4;    // what an image costs a chat model beside "sight"

/** The word with this index as it is written, without its leading space. */
export function word(index) {
  return "w" + String(index % WORD_COUNT).padStart(3, "0");
}

/** Text of exactly `count` tokens: " w000 w001 ...". Every token carries its leading space. */
export function knownText(count, firstWord = 0) {
  let text = "";
  for (let i = 0; i < count; ++i) text += " " + word(firstWord + i);
  return text;
}

/**
 * The whole answer of a chat or completion.
 *   maxTokens   of the request; Infinity (the default) if it has none
 *   endless     true for the model "chain-endless" and for "ignore_eos": true
 *   firstWord   index of the first word: 0, unless the prompt itself ends in a word (a raw prompt
 *               or a last message of the assistant), then the index after that one
 * As in llama-server the token that ends the turn counts in completionTokens and adds no text.
 */
export function knownAnswer({maxTokens = Infinity, endless = false, firstWord = 0} = {}) {
  const untilEnd = endless ? Infinity
    : (LAST_WORD - firstWord % WORD_COUNT + WORD_COUNT) % WORD_COUNT + 1;
  const words = Math.min(maxTokens, untilEnd);
  if (words === Infinity) throw new Error("an endless model needs maxTokens");
  const ended = maxTokens > words;
  return {
    text: knownText(words, firstWord),
    words,
    completionTokens: words + (ended ? 1 : 0),
    finishReason: ended ? "stop" : "length",
  };
}

/**
 * usage.prompt_tokens of a chat: a token for the start, two marks and a line feed for each
 * message and one for each character. Holds for ASCII text without " w".
 */
export function knownPromptTokens(messages) {
  const perMessage = messages.map(({role, content}) => 1 + role.length + 1 + content.length + 2);
  return 1 + perMessage.reduce((sum, tokens) => sum + tokens, 0) + 1 + "assistant".length + 1;
}
