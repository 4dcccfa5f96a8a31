// Pictures that go with a question: made small enough for a model and for the way there, and without what a camera
// writes into them.

export interface Picture {
  name: string;
  /** data:image/... */
  url: string;
  width: number;
  height: number;
}

export const PICTURES_MAX = 4;
export const FILE_BYTES_MAX = 20 * 1024 * 1024;
/** Of one picture when it is sent, as base64. */
export const PICTURE_CHARACTERS_MAX = 1_500_000;
const SIDE_MAX = 1568;
const TYPES = /^image\/(png|jpeg|gif|webp)$/;

/** Why a file is not taken; "" if it is. */
export function refusal(file: { name: string; type: string; size: number }, already: number): string {
  const name = file.name || "This file";
  if (!TYPES.test(file.type)) return `${name} is no picture that models read: give PNG, JPEG, GIF or WebP.`;
  if (file.size > FILE_BYTES_MAX) return `${name} has more than 20 MiB: make it smaller.`;
  if (already >= PICTURES_MAX)
    return `${name} was left out: at most ${PICTURES_MAX} pictures go with one question.`;
  return "";
}

/** Width and height within the bound, of the same shape. */
export function fitted(width: number, height: number, side = SIDE_MAX): { width: number; height: number } {
  const scale = Math.min(1, side / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function drawn(
  bitmap: ImageBitmap,
  side: number,
  type: string,
): { url: string; width: number; height: number } {
  const { width, height } = fitted(bitmap.width, bitmap.height, side);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser has no canvas to draw it on.");
  // JPEG has no transparency: what is clear becomes white, not black.
  if (type === "image/jpeg") {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
  }
  context.drawImage(bitmap, 0, 0, width, height);
  return { url: canvas.toDataURL(type, 0.88), width, height };
}

/** PNG stays PNG while it is small enough, so that text in it stays sharp. Throws with words for people. */
export async function readPicture(file: File): Promise<Picture> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name || "The picture"} cannot be read: is the file whole?`);
  });
  try {
    const tries = [
      ...(file.type === "image/jpeg" ? [] : [[SIDE_MAX, "image/png"] as const]),
      ...([SIDE_MAX, 1024, 640] as const).map((side) => [side, "image/jpeg"] as const),
    ];
    for (const [side, type] of tries) {
      const made = drawn(bitmap, side, type);
      if (made.url.length <= PICTURE_CHARACTERS_MAX) return { name: file.name || "picture", ...made };
    }
  } finally {
    bitmap.close();
  }
  throw new Error(`${file.name} is too large even when it is made smaller.`);
}
