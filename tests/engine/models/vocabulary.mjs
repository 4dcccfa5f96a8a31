// The two tokenizers that llama.cpp needs for our models, as lists of tokens.

const TokenType = {normal: 1, unknown: 2, control: 3, byte: 6};

/** SentencePiece's visible space. */
export const SPACE = "\u2581";

export const TURN_START = "<|im_start|>";
export const TURN_END = "<|im_end|>";

const CHAT_TEMPLATE =
  "{%- for message in messages -%}" +
  "{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' -}}" +
  "{%- endfor -%}" +
  "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}";

function printableAscii() {
  return Array.from({length: 126 - 32}, (_, i) => String.fromCharCode(33 + i));
}

class Vocabulary {
  texts = [];
  scores = [];
  types = [];
  #ids = new Map();

  add(text, type, score = 0) {
    if (this.#ids.has(text)) return;
    this.#ids.set(text, this.texts.length);
    this.texts.push(text);
    this.scores.push(score);
    this.types.push(type);
  }

  get size() { return this.texts.length; }

  id(text) {
    if (!this.#ids.has(text)) throw new Error(`no token ${text}`);
    return this.#ids.get(text);
  }

  writeTo(gguf, model, specialTokens) {
    gguf.set("tokenizer.ggml.model", "string", model);
    gguf.set("tokenizer.ggml.pre", "string", "default");
    gguf.setArray("tokenizer.ggml.tokens", "string", this.texts);
    gguf.setArray("tokenizer.ggml.scores", "float32", this.scores);
    gguf.setArray("tokenizer.ggml.token_type", "int32", this.types);
    for (const [role, text] of Object.entries(specialTokens)) {
      gguf.set(`tokenizer.ggml.${role}_token_id`, "uint32", this.id(text));
    }
  }
}

/**
 * SentencePiece with a token for every byte, so that every text can be encoded, and one for each
 * of `words` with a space before it. The encoder reaches a long piece only by merging its way up
 * from single characters, earlier pieces first: hence all beginnings of the words too.
 */
export class SentencePieceVocabulary extends Vocabulary {
  constructor(words) {
    super();
    this.add("<unk>", TokenType.unknown);
    this.add("<s>", TokenType.control);
    this.add("</s>", TokenType.control);
    for (let byte = 0; byte < 256; ++byte) {
      const hex = byte.toString(16).toUpperCase().padStart(2, "0");
      this.add(`<0x${hex}>`, TokenType.byte);
    }
    this.add(TURN_START, TokenType.control);
    this.add(TURN_END, TokenType.control);
    for (const piece of [SPACE, ...printableAscii(), ...words.flatMap(beginnings)]) {
      this.add(piece, TokenType.normal, -this.size);
    }
  }

  writeTo(gguf) {
    super.writeTo(gguf, "llama", {unknown: "<unk>", bos: "<s>", eos: TURN_END, padding: "<unk>"});
    gguf.set("tokenizer.ggml.add_bos_token", "bool", true);
    gguf.set("tokenizer.ggml.add_eos_token", "bool", false);
    // Otherwise a space comes after every control token, and the grammar that llama-server makes
    // of a response_format no longer matches the chat template.
    gguf.set("tokenizer.ggml.add_space_prefix", "bool", false);
    gguf.set("tokenizer.chat_template", "string", CHAT_TEMPLATE);
  }
}

function beginnings(word) {
  const text = SPACE + word;
  return Array.from({length: text.length - 1}, (_, i) => text.slice(0, i + 2));
}

/**
 * WordPiece as GGUF stores it, the other way round from BERT: a piece that starts a word carries
 * the visible space, one that continues a word carries nothing.
 */
export class WordPieceVocabulary extends Vocabulary {
  constructor(words) {
    super();
    for (const text of ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]) {
      this.add(text, TokenType.control);
    }
    const characters = printableAscii().filter((character) => !/[A-Z]/.test(character));
    for (const character of characters) this.add(SPACE + character, TokenType.normal);
    for (const character of characters) this.add(character, TokenType.normal);
    for (const word of words) this.add(SPACE + word, TokenType.normal);
  }

  writeTo(gguf) {
    super.writeTo(gguf, "bert", {
      padding: "[PAD]", unknown: "[UNK]", cls: "[CLS]", bos: "[CLS]", eos: "[SEP]",
      seperator: "[SEP]",  // GGUF's own spelling
      mask: "[MASK]",
    });
    gguf.set("tokenizer.ggml.token_type_count", "uint32", 2);
  }
}
