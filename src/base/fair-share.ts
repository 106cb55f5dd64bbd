/**
 * Whether one more of something that several share may be taken: its last quarter is for those that have less than their part
 * of it.
 * @param own what the one has who asks
 * @param all what is taken in all
 */
export function isWithinShare(use: { own: number; all: number; limit: number; sharers: number }): boolean {
  const { own, all, limit, sharers } = use
  return all < limit && (all < limit * 0.75 || own * sharers < limit)
}
