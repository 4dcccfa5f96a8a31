// An embedding model (BERT architecture, WordPiece, mean pooling). Weights are noise, small in the
// layers: texts that share words or letters are closer than texts that do not.

import {EMBEDDING_LENGTH} from "../known_answers.mjs";
import {writeBertMetadata, writeNorm} from "./bert_parts.mjs";
import {GgufWriter} from "./gguf_writer.mjs";
import {constant, Noise} from "./tensor_data.mjs";
import {WordPieceVocabulary} from "./vocabulary.mjs";

const WIDTH = EMBEDDING_LENGTH;
const HEADS = 2;
const LAYERS = 2;
const FEED_FORWARD = 128;
const CONTEXT = 512;
const POOLING_MEAN = 1;

const WORDS = ("the a of and to in is it for on with as model gateway cache server request token " +
               "cat dog fish bird red green blue one two three").split(" ");

export function embeddingModel({name}) {
  const vocabulary = new WordPieceVocabulary(WORDS);
  const gguf = new GgufWriter();
  writeBertMetadata(gguf, {
    name, tokens: vocabulary.size, context: CONTEXT, width: WIDTH, layers: LAYERS, feedForward: FEED_FORWARD, heads: HEADS, pooling: POOLING_MEAN,
  });
  vocabulary.writeTo(gguf);

  const noise = new Noise(1);
  const zero = constant(0);
  gguf.tensor("token_embd.weight", [WIDTH, vocabulary.size], noise.withDeviation(1));
  gguf.tensor("token_types.weight", [WIDTH, 2], zero);
  gguf.tensor("position_embd.weight", [WIDTH, CONTEXT], noise.withDeviation(0.05));
  writeNorm(gguf, "token_embd_norm", WIDTH);
  for (let i = 0; i < LAYERS; ++i) writeLayer(gguf, `blk.${i}.`, noise);
  return gguf;
}

function writeLayer(gguf, prefix, noise) {
  const dense = (part, from, to) => {
    const deviation = 0.3 / Math.sqrt(from);
    gguf.tensor(`${prefix}${part}.weight`, [from, to], noise.withDeviation(deviation));
    gguf.tensor(`${prefix}${part}.bias`, [to], constant(0));
  };
  for (const part of ["attn_q", "attn_k", "attn_v", "attn_output"]) dense(part, WIDTH, WIDTH);
  writeNorm(gguf, `${prefix}attn_output_norm`, WIDTH);
  dense("ffn_up", WIDTH, FEED_FORWARD);
  dense("ffn_down", FEED_FORWARD, WIDTH);
  writeNorm(gguf, `${prefix}layer_output_norm`, WIDTH);
}
