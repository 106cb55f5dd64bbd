/** A source of randomness, passed in so that a run can be replayed from its seed. */
export interface Random {
  /** A whole number from 0 to `limit` − 1, each as likely. */
  below(limit: number): number
}

/** xoshiro128** (Blackman and Vigna, 2018): fast and repeatable, not for secrets. */
export class SeededRandom implements Random {
  // The state is four numbers rather than an array, whose destructuring takes longer than all the rest.
  #a = 0
  #b = 0
  #c = 0
  #d = 0

  constructor(seed: number) {
    this.#a = spread(seed, 1)
    this.#b = spread(seed, 2)
    this.#c = spread(seed, 3)
    this.#d = spread(seed, 4)
  }

  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit)
  }

  #next(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0
    const c = this.#c ^ this.#a
    const d = this.#d ^ this.#b
    const c2 = c ^ (this.#b << 9)
    this.#b ^= c
    this.#a ^= d
    this.#c = c2
    this.#d = rotateLeft(d, 11)
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

/** Spreads a small seed over the whole state: the `n`th number of splitmix32. */
function spread(seed: number, n: number): number {
  let z = (seed + Math.imul(0x9e3779b9, n)) | 0
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return z ^ (z >>> 15)
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}
