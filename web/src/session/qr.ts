// A QR code (ISO/IEC 18004) for text in byte mode, error level L, versions 1–10, mask 0: enough for an otpauth address.

/** Data codewords per version at level L, and the error-correction codewords of each block (ISO/IEC 18004, table 9). */
const CAPACITY = [19, 34, 55, 80, 108, 136, 156, 194, 232, 274];
const ECC_PER_BLOCK = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18];
const BLOCKS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4];
const FORMAT_L_MASK_0 = 0b111011111000100;

function multiply(x: number, y: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((y >>> bit) & 1) * x;
  }
  return product;
}

/** Reed–Solomon remainder over GF(2⁸) with the polynomial 0x11D. */
export function errorCorrection(data: number[], degree: number): number[] {
  const divisor = new Array<number>(degree).fill(0);
  divisor[degree - 1] = 1;
  let root = 1;
  for (let step = 0; step < degree; step++) {
    for (let index = 0; index < degree; index++) {
      divisor[index] = multiply(divisor[index] ?? 0, root) ^ (divisor[index + 1] ?? 0);
    }
    root = multiply(root, 2);
  }
  const remainder = new Array<number>(degree).fill(0);
  for (const byte of data) {
    const factor = byte ^ (remainder.shift() ?? 0);
    remainder.push(0);
    divisor.forEach((coefficient, index) => {
      remainder[index] = (remainder[index] ?? 0) ^ multiply(coefficient, factor);
    });
  }
  return remainder;
}

function codewords(text: string, version: number): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  const capacity = CAPACITY[version - 1] ?? 0;
  const bits: number[] = [];
  const push = (value: number, length: number) => {
    for (let bit = length - 1; bit >= 0; bit--) bits.push((value >>> bit) & 1);
  };
  push(0b0100, 4);
  push(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) push(byte, 8);
  push(0, Math.min(4, capacity * 8 - bits.length));
  while (bits.length % 8 !== 0) bits.push(0);
  const data: number[] = [];
  for (let index = 0; index < bits.length; index += 8)
    data.push(Number.parseInt(bits.slice(index, index + 8).join(''), 2));
  for (let pad = 0xec; data.length < capacity; pad ^= 0xec ^ 0x11) data.push(pad);

  const count = BLOCKS[version - 1] ?? 1;
  const degree = ECC_PER_BLOCK[version - 1] ?? 0;
  const short = Math.floor(capacity / count);
  const longer = capacity % count;
  const blocks: { data: number[]; ecc: number[] }[] = [];
  let at = 0;
  for (let block = 0; block < count; block++) {
    const length = short + (block >= count - longer ? 1 : 0);
    const part = data.slice(at, at + length);
    at += length;
    blocks.push({ data: part, ecc: errorCorrection(part, degree) });
  }
  const result: number[] = [];
  for (let index = 0; index <= short; index++)
    for (const block of blocks) if (index < block.data.length) result.push(block.data[index] ?? 0);
  for (let index = 0; index < degree; index++) for (const block of blocks) result.push(block.ecc[index] ?? 0);
  return result;
}

/** Rows of dark (true) and light modules; `null` when the text is too long. */
export function qrCode(text: string): boolean[][] | null {
  const length = new TextEncoder().encode(text).length;
  const version = CAPACITY.findIndex((capacity, index) => length <= capacity - (index + 1 < 10 ? 2 : 3)) + 1;
  if (version === 0) return null;
  const size = version * 4 + 17;
  const dark: boolean[][] = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const taken: boolean[][] = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const set = (x: number, y: number, value: boolean) => {
    const row = dark[y];
    const used = taken[y];
    if (row && used && x >= 0 && x < size) {
      row[x] = value;
      used[x] = true;
    }
  };
  drawPatterns(version, size, set);

  const stream = codewords(text, version);
  let bit = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let vertical = 0; vertical < size; vertical++) {
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? size - 1 - vertical : vertical;
        if (taken[y]?.[x]) continue;
        const value = bit < stream.length * 8 && (((stream[bit >>> 3] ?? 0) >>> (7 - (bit & 7))) & 1) === 1;
        bit++;
        const row = dark[y];
        if (row) row[x] = value !== ((x + y) % 2 === 0);
      }
    }
  }
  return dark;
}

function drawPatterns(version: number, size: number, set: (x: number, y: number, value: boolean) => void) {
  for (let index = 0; index < size; index++) {
    set(6, index, index % 2 === 0);
    set(index, 6, index % 2 === 0);
  }
  for (const [cx, cy] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const) {
    for (let dy = -4; dy <= 4; dy++) {
      for (let dx = -4; dx <= 4; dx++) {
        const ring = Math.max(Math.abs(dx), Math.abs(dy));
        if (cy + dy >= 0 && cy + dy < size) set(cx + dx, cy + dy, ring !== 2 && ring !== 4);
      }
    }
  }
  const places = alignment(version, size);
  places.forEach((x, i) => {
    places.forEach((y, j) => {
      const last = places.length - 1;
      if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) return;
      for (let dy = -2; dy <= 2; dy++)
        for (let dx = -2; dx <= 2; dx++) set(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
    });
  });
  const format = (index: number) => ((FORMAT_L_MASK_0 >>> index) & 1) === 1;
  for (let index = 0; index <= 5; index++) set(8, index, format(index));
  set(8, 7, format(6));
  set(8, 8, format(7));
  set(7, 8, format(8));
  for (let index = 9; index < 15; index++) set(14 - index, 8, format(index));
  for (let index = 0; index < 8; index++) set(size - 1 - index, 8, format(index));
  for (let index = 8; index < 15; index++) set(8, size - 15 + index, format(index));
  set(8, size - 8, true);
  if (version >= 7) {
    let remainder = version;
    for (let step = 0; step < 12; step++) remainder = (remainder << 1) ^ ((remainder >>> 11) * 0x1f25);
    const bits = (version << 12) | remainder;
    for (let index = 0; index < 18; index++) {
      const value = ((bits >>> index) & 1) === 1;
      const a = size - 11 + (index % 3);
      const b = Math.floor(index / 3);
      set(a, b, value);
      set(b, a, value);
    }
  }
}

function alignment(version: number, size: number): number[] {
  if (version === 1) return [];
  if (version < 7) return [6, size - 7];
  return [6, (size - 1) / 2, size - 7].map((place, index) => (index === 1 ? place - (place % 2) : place));
}
