/**
 * True if one more unit of a shared resource may be taken. The last quarter is kept for sharers that have less than an equal
 * part of it.
 * @param own what the sharer that asks has already
 * @param all what all sharers have together
 */
export function isWithinShare(use: { own: number; all: number; limit: number; sharers: number }): boolean {
  const { own, all, limit, sharers } = use
  return all < limit && (all < limit * 0.75 || own * sharers < limit)
}
