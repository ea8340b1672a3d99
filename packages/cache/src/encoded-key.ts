import { systemRandom } from '@bowline/apimachinery';

/** Namespaces have at most 63 bytes, names 253. Longer keys are compared as texts. */
const mostBytes = 1_024;

/** So that nobody who may name objects can choose names with the same hash: each process has its own. */
const seed: number = randomWord();
const step: number = 0xcc_9e_2d_51 ^ (randomWord() & 0x00_ff_ff_00);
const fold: number = 0x1b_87_35_93 ^ (randomWord() & 0x00_ff_ff_00);

/** A key that is looked for, in the form in which it is compared. Good until the next one is. */
export interface EncodedKey {
  readonly text: string;
  /** In ASCII from 0 on. */
  readonly bytes: Uint8Array;
  /** How many bytes there are; 0 when it is not ASCII or very long, so that only `text` tells. */
  readonly length: number;
}

/** The same with its hash: 32 bits, all of which depend on all of the key. */
export interface HashedKey extends EncodedKey {
  readonly hash: number;
}

class Encoder implements HashedKey {
  text = '';
  length = 0;
  hash: number = hashOfText('');
  /** With room for one character more, so that a key that is cut off here is seen to be too long. */
  readonly bytes: Buffer = Buffer.from(new ArrayBuffer(mostBytes + 4));
  readonly #words = new Int32Array(this.bytes.buffer);

  /** A key is mostly looked for and then put: the second time it is here already. */
  encode(text: string): HashedKey {
    if (text === this.text) return this;
    const written = this.bytes.write(text);
    this.text = text;
    this.length = written === text.length && written <= mostBytes ? written : 0; // what is not ASCII has more bytes than characters
    this.hash = this.length > 0 ? this.#hashOf(written) : hashOfText(text);
    return this;
  }

  #hashOf(length: number): number {
    const words = this.#words;
    const whole = length >> 2;
    let hash = seed ^ length;
    for (let i = 0; i < whole; i++) hash = joined(hash, words[i] as number);
    for (let i = whole << 2; i < length; i++) hash = joined(hash, this.bytes[i] as number);
    return spread(hash);
  }
}

/** For those that are not compared by their bytes. */
function hashOfText(text: string): number {
  let hash = seed ^ text.length;
  for (let i = 0; i < text.length; i++) hash = joined(hash, text.charCodeAt(i));
  return spread(hash);
}

/** Makes all bits depend on all bits. */
function spread(hash: number): number {
  let all = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  all = Math.imul(all ^ (all >>> 13), 0xc2_b2_ae_35);
  return all ^ (all >>> 16);
}

function joined(hash: number, word: number): number {
  const mixed = Math.imul(word ^ seed, step);
  const next = Math.imul(hash ^ mixed ^ (mixed >>> 15), fold);
  return (next << 13) | (next >>> 19);
}

function randomWord(): number {
  return Math.floor(systemRandom.next() * 2 ** 32);
}

const encoder: Encoder = new Encoder();

export function encodeKey(text: string): HashedKey {
  return encoder.encode(text);
}
