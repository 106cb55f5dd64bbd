/** A source of randomness, passed in so that a run can be replayed from its seed. */
export interface Random {
  /** A whole number from 0 to `limit` − 1, each as likely. */
  below(limit: number): number
}

/** xoshiro128** (Blackman and Vigna, 2018): fast and repeatable, not for secrets. */
export class SeededRandom implements Random {
  readonly #state = new Uint32Array(4)

  constructor(seed: number) {
    // splitmix32 spreads a small seed over the whole state.
    let mix = seed >>> 0
    for (let i = 0; i < 4; i++) {
      mix = (mix + 0x9e3779b9) >>> 0
      let z = mix
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      this.#state[i] = (z ^ (z >>> 15)) >>> 0
    }
  }

  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit)
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0
    const c1 = c ^ a
    const d1 = d ^ b
    this.#state[1] = b ^ c1
    this.#state[0] = a ^ d1
    this.#state[2] = c1 ^ (b << 9)
    this.#state[3] = rotateLeft(d1, 11)
    return result
  }
}

/** Puts `items` in random order, in place (Fisher and Yates). */
export function shuffle<Item>(items: Item[], random: Random): Item[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const held = items[i] as Item
    items[i] = items[j] as Item
    items[j] = held
  }
  return items
}

function rotateLeft(value: number, by: number): number {
  return ((value << by) | (value >>> (32 - by))) >>> 0
}
