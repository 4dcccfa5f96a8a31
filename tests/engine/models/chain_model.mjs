// A chat model (Llama architecture) with a known answer: the next token is a function of the
// current one. Attention and feed-forward layers are computed in full, so that a token costs what
// the size says, but the projections back into the residual stream are zero, so that they change
// nothing. What is left is: normalised embedding of the last token, times the output matrix.

import {LAST_WORD, WORD_COUNT, word} from "../known_answers.mjs";
import {GgufWriter} from "./gguf_writer.mjs";
import {constant, exactly, Noise, randomNumbers} from "./tensor_data.mjs";
import {SentencePieceVocabulary, SPACE, TURN_END} from "./vocabulary.mjs";

export const WIDTH = 192;
const HEAD_WIDTH = 64;
// The dimension that every token that is no word shares. Those above it are noise.
const NO_WORD = WORD_COUNT;

const LOGIT_FIRST_WORD = 30;
const LOGIT_NEXT_WORD = 24;
const LOGIT_TURN_END = 44;

/**
 * layers, feedForward: the cost of a token and the size of the file, about
 * layers * (0.6 MB + feedForward * 2.3 KB).
 * endless: the turn never ends; otherwise it does after the word LAST_WORD.
 */
export function chainModel({name, layers = 2, feedForward = 384, context = 4096, endless = false}) {
  const words = Array.from({length: WORD_COUNT}, (_, i) => word(i));
  const vocabulary = new SentencePieceVocabulary(words);
  const wordIds = words.map((text) => vocabulary.id(SPACE + text));

  const gguf = new GgufWriter();
  writeMetadata(gguf, {name, layers, feedForward, context, tokens: vocabulary.size});
  vocabulary.writeTo(gguf);

  gguf.tensor("token_embd.weight", [WIDTH, vocabulary.size],
              exactly(embeddings(vocabulary.size, wordIds)));
  gguf.tensor("output_norm.weight", [WIDTH], constant(1));
  gguf.tensor("output.weight", [WIDTH, vocabulary.size],
              exactly(successors(vocabulary, wordIds, endless)));
  writeLayers(gguf, layers, feedForward);
  return gguf;
}

function writeMetadata(gguf, {name, layers, feedForward, context, tokens}) {
  gguf.set("general.architecture", "string", "llama");
  gguf.set("general.type", "string", "model");
  gguf.set("general.name", "string", name);
  gguf.set("general.description", "string", "synthetic test model, no trained weights");
  gguf.set("general.file_type", "uint32", 0);
  const sizes = {
    "context_length": context,
    "embedding_length": WIDTH,
    "block_count": layers,
    "feed_forward_length": feedForward,
    "attention.head_count": WIDTH / HEAD_WIDTH,
    "attention.head_count_kv": WIDTH / HEAD_WIDTH,
    "rope.dimension_count": HEAD_WIDTH,
    "vocab_size": tokens,
  };
  for (const [key, value] of Object.entries(sizes)) gguf.set(`llama.${key}`, "uint32", value);
  gguf.set("llama.attention.layer_norm_rms_epsilon", "float32", 1e-5);
  gguf.set("llama.rope.freq_base", "float32", 10000);
}

/** Word i: the unit vector of dimension i. Any other token: the unit vector of NO_WORD, noisy. */
function embeddings(tokens, wordIds) {
  const random = randomNumbers(1);
  const wordOfId = new Map(wordIds.map((id, i) => [id, i]));
  const matrix = new Float32Array(tokens * WIDTH);
  for (let id = 0; id < tokens; ++id) {
    matrix[id * WIDTH + (wordOfId.get(id) ?? NO_WORD)] = 1;
    if (wordOfId.has(id)) continue;
    for (let k = NO_WORD + 1; k < WIDTH; ++k) matrix[id * WIDTH + k] = 0.04 * (random() - 0.5);
  }
  return matrix;
}

/** RMSNorm stretches a unit vector to sqrt(WIDTH), so logit / sqrt(WIDTH) here gives that logit. */
function successors(vocabulary, wordIds, endless) {
  const matrix = new Float32Array(vocabulary.size * WIDTH);
  const follow = (dimension, id, logit) => {
    matrix[id * WIDTH + dimension] = logit / Math.sqrt(WIDTH);
  };
  follow(NO_WORD, wordIds[0], LOGIT_FIRST_WORD);
  wordIds.forEach((_, i) => follow(i, wordIds[(i + 1) % WORD_COUNT], LOGIT_NEXT_WORD));
  if (!endless) follow(LAST_WORD, vocabulary.id(TURN_END), LOGIT_TURN_END);
  return matrix;
}

function writeLayers(gguf, layers, feedForward) {
  const noise = new Noise(1);
  const one = constant(1);
  const zero = constant(0);
  const random = () => noise.withDeviation(1 / Math.sqrt(WIDTH));
  for (let i = 0; i < layers; ++i) {
    const tensor = (part, shape, data) => gguf.tensor(`blk.${i}.${part}.weight`, shape, data);
    tensor("attn_norm", [WIDTH], one);
    tensor("attn_q", [WIDTH, WIDTH], random());
    tensor("attn_k", [WIDTH, WIDTH], random());
    tensor("attn_v", [WIDTH, WIDTH], random());
    tensor("attn_output", [WIDTH, WIDTH], zero);
    tensor("ffn_norm", [WIDTH], one);
    tensor("ffn_gate", [WIDTH, feedForward], random());
    tensor("ffn_up", [WIDTH, feedForward], random());
    tensor("ffn_down", [feedForward, WIDTH], zero);
  }
}
