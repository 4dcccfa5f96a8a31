// What the models of BERT's architecture share.

import {constant} from "./tensor_data.mjs";

export function writeBertMetadata(gguf, {name, tokens, context, width, layers, feedForward, heads, pooling}) {
  gguf.set("general.architecture", "string", "bert");
  gguf.set("general.type", "string", "model");
  gguf.set("general.name", "string", name);
  gguf.set("general.file_type", "uint32", 0);
  const sizes = {
    "context_length": context,
    "embedding_length": width,
    "block_count": layers,
    "feed_forward_length": feedForward,
    "attention.head_count": heads,
    "vocab_size": tokens,
    "pooling_type": pooling,
  };
  for (const [key, value] of Object.entries(sizes)) gguf.set(`bert.${key}`, "uint32", value);
  gguf.set("bert.attention.layer_norm_epsilon", "float32", 1e-12);
  gguf.set("bert.attention.causal", "bool", false);
}

export function writeNorm(gguf, name, width) {
  gguf.tensor(`${name}.weight`, [width], constant(1));
  gguf.tensor(`${name}.bias`, [width], constant(0));
}
