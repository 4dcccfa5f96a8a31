// A model that ranks (BERT architecture, WordPiece) with a known order: the larger the share of the word KNOWN_WORD
// in question and document together, the higher its score. Attention looks at all tokens alike and adds the mean of
// what they are to the first token, whose direction towards that word is the score.

import {KNOWN_WORD} from "../known_answers.mjs";
import {writeBertMetadata, writeNorm} from "./bert_parts.mjs";
import {GgufWriter} from "./gguf_writer.mjs";
import {constant, exactly} from "./tensor_data.mjs";
import {SPACE, WordPieceVocabulary} from "./vocabulary.mjs";

const WIDTH = 64;
const FEED_FORWARD = 128;
const CONTEXT = 512;
const POOLING_RANK = 4;
const WORDS = [KNOWN_WORD, ..."the a of dog fish bird".split(" ")];

// What a token is: two dimensions, one up and one down, so that normalising keeps it.
const KNOWN = 0;
const OTHER = 2;
const FIRST = 4;
// How much all tokens together weigh against the first one itself.
const MEAN_WEIGHT = 2;
// Keeps the head's tanh where it is steep.
const HEAD_SCALE = 0.1;

export function rerankModel({name}) {
  const vocabulary = new WordPieceVocabulary(WORDS);
  const gguf = new GgufWriter();
  writeBertMetadata(gguf, {
    name, tokens: vocabulary.size, context: CONTEXT, width: WIDTH, layers: 1, feedForward: FEED_FORWARD, heads: 1, pooling: POOLING_RANK,
  });
  vocabulary.writeTo(gguf);

  const zero = constant(0);
  gguf.tensor("token_embd.weight", [WIDTH, vocabulary.size], exactly(embeddings(vocabulary)));
  gguf.tensor("token_types.weight", [WIDTH, 2], zero);
  gguf.tensor("position_embd.weight", [WIDTH, CONTEXT], zero);
  writeNorm(gguf, "token_embd_norm", WIDTH);

  const dense = (part, from, to, data) => {
    gguf.tensor(`blk.0.${part}.weight`, [from, to], data);
    gguf.tensor(`blk.0.${part}.bias`, [to], zero);
  };
  dense("attn_q", WIDTH, WIDTH, zero);
  dense("attn_k", WIDTH, WIDTH, zero);
  dense("attn_v", WIDTH, WIDTH, exactly(identity(1)));
  dense("attn_output", WIDTH, WIDTH, exactly(identity(MEAN_WEIGHT)));
  writeNorm(gguf, "blk.0.attn_output_norm", WIDTH);
  dense("ffn_up", WIDTH, FEED_FORWARD, zero);
  dense("ffn_down", FEED_FORWARD, WIDTH, zero);
  writeNorm(gguf, "blk.0.layer_output_norm", WIDTH);

  const towardsKnown = new Float32Array(WIDTH);
  towardsKnown[KNOWN] = 1;
  gguf.tensor("cls.weight", [WIDTH, WIDTH], exactly(identity(HEAD_SCALE)));
  gguf.tensor("cls.bias", [WIDTH], zero);
  gguf.tensor("cls.output.weight", [WIDTH, 1], exactly(towardsKnown));
  gguf.tensor("cls.output.bias", [1], zero);
  return gguf;
}

function embeddings(vocabulary) {
  const known = vocabulary.id(SPACE + KNOWN_WORD);
  const first = vocabulary.id("[CLS]");
  const matrix = new Float32Array(vocabulary.size * WIDTH);
  for (let id = 0; id < vocabulary.size; ++id) {
    const dimension = id === known ? KNOWN : id === first ? FIRST : OTHER;
    matrix[id * WIDTH + dimension] = 1;
    matrix[id * WIDTH + dimension + 1] = -1;
  }
  return matrix;
}

function identity(scale) {
  const matrix = new Float32Array(WIDTH * WIDTH);
  for (let i = 0; i < WIDTH; ++i) matrix[i * WIDTH + i] = scale;
  return matrix;
}
