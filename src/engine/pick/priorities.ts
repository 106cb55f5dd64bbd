/** How much a piece or a file is wanted, as other clients count: 0 not at all, 1 last, 4 as all others, 7 first. */
export type Priority = (typeof PRIORITIES)[number]

export const PRIORITIES = [0, 1, 2, 3, 4, 5, 6, 7] as const

export const NOT_WANTED: Priority = 0
export const NORMAL: Priority = 4
