// The file for images beside a chat model (CLIP architecture, LLaVA's projector): IMAGE_TOKENS vectors of the chat
// model's width for every image. Weights are noise: a chain model answers by its last token alone, so that its
// answer is known, and the images cost what they cost.

import {IMAGE_TOKENS} from "../known_answers.mjs";
import {WIDTH as CHAT_WIDTH} from "./chain_model.mjs";
import {GgufWriter} from "./gguf_writer.mjs";
import {constant, Noise} from "./tensor_data.mjs";

const WIDTH = 32;
const FEED_FORWARD = 64;
const HEADS = 2;
const LAYERS = 2;
const PATCH = 16;
const IMAGE = PATCH * Math.sqrt(IMAGE_TOKENS);

export function projectorModel({name}) {
  const gguf = new GgufWriter();
  writeMetadata(gguf, name);
  const noise = new Noise(1);
  const random = (from) => noise.withDeviation(1 / Math.sqrt(from));
  gguf.tensor("v.patch_embd.weight", [PATCH, PATCH, 3, WIDTH], random(PATCH * PATCH * 3));
  gguf.tensor("v.position_embd.weight", [WIDTH, IMAGE_TOKENS], random(WIDTH));
  for (let i = 0; i < LAYERS; ++i) writeLayer(gguf, `v.blk.${i}.`, random);
  gguf.tensor("mm.0.weight", [WIDTH, CHAT_WIDTH], random(WIDTH));
  gguf.tensor("mm.0.bias", [CHAT_WIDTH], constant(0));
  gguf.tensor("mm.2.weight", [CHAT_WIDTH, CHAT_WIDTH], random(CHAT_WIDTH));
  gguf.tensor("mm.2.bias", [CHAT_WIDTH], constant(0));
  return gguf;
}

function writeMetadata(gguf, name) {
  gguf.set("general.architecture", "string", "clip");
  gguf.set("general.type", "string", "mmproj");
  gguf.set("general.name", "string", name);
  gguf.set("general.file_type", "uint32", 0);
  gguf.set("clip.has_vision_encoder", "bool", true);
  gguf.set("clip.projector_type", "string", "mlp");
  gguf.set("clip.use_gelu", "bool", true);
  const sizes = {
    "image_size": IMAGE,
    "patch_size": PATCH,
    "embedding_length": WIDTH,
    "feed_forward_length": FEED_FORWARD,
    "block_count": LAYERS,
    "projection_dim": CHAT_WIDTH,
    "attention.head_count": HEADS,
  };
  for (const [key, value] of Object.entries(sizes)) gguf.set(`clip.vision.${key}`, "uint32", value);
  gguf.set("clip.vision.attention.layer_norm_epsilon", "float32", 1e-5);
  gguf.setArray("clip.vision.image_mean", "float32", [0.5, 0.5, 0.5]);
  gguf.setArray("clip.vision.image_std", "float32", [0.5, 0.5, 0.5]);
}

function writeLayer(gguf, prefix, random) {
  for (const norm of ["ln1", "ln2"]) {
    gguf.tensor(`${prefix}${norm}.weight`, [WIDTH], constant(1));
    gguf.tensor(`${prefix}${norm}.bias`, [WIDTH], constant(0));
  }
  const dense = (part, from, to) => {
    gguf.tensor(`${prefix}${part}.weight`, [from, to], random(from));
    gguf.tensor(`${prefix}${part}.bias`, [to], constant(0));
  };
  for (const part of ["attn_q", "attn_k", "attn_v", "attn_out"]) dense(part, WIDTH, WIDTH);
  dense("ffn_up", WIDTH, FEED_FORWARD);
  dense("ffn_down", FEED_FORWARD, WIDTH);
}
