import type { Random } from '../../base/random.js'

/**
 * `count` different whole numbers from 0 to `size` − 1, every such set as likely, in time that depends on `count`
 * alone (Floyd's algorithm: Bentley and Floyd, "A sample of brilliance", 1987). All of them where `count` is not less
 * than `size`. The order is not random.
 */
export function sampleIndices(size: number, count: number, random: Random): Iterable<number> {
  if (count >= size) return Array.from({ length: size }, (_, index) => index)
  const chosen = new Set<number>()
  for (let last = size - count; last < size; last++) {
    const candidate = random.below(last + 1)
    chosen.add(chosen.has(candidate) ? last : candidate)
  }
  return chosen
}
