import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'

/**
 * Identifies a boot of this machine. After another boot, data that the system had not yet written to the disk may be lost.
 */
export type BootMark =
  /** Linux gives each start an id. */
  | { readonly type: 'id'; readonly id: string }
  /** Elsewhere: when the machine started, in ms since 1970. */
  | { readonly type: 'time'; readonly startedMs: number }

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id'

/**
 * The start time is the clock less the uptime, and the clock may be corrected meanwhile. Two starts lie further apart than
 * this; a larger correction only costs hashing files again.
 */
const SAME_START_WITHIN_MS = 5_000

let idOfThisBoot: string | undefined

/** The mark of the running system. */
export function currentBoot(): BootMark {
  idOfThisBoot ??= readBootId()
  if (idOfThisBoot !== '') return { type: 'id', id: idOfThisBoot }
  return { type: 'time', startedMs: Math.round(Date.now() - uptime() * 1_000) }
}

/** True if the machine has certainly not been restarted between two marks. */
export function isSameBoot(before: BootMark, now: BootMark): boolean {
  if (before.type === 'id' || now.type === 'id')
    return before.type === 'id' && now.type === 'id' && before.id === now.id
  return Math.abs(now.startedMs - before.startedMs) <= SAME_START_WITHIN_MS
}

/** Empty where the system has no boot id. */
function readBootId(): string {
  if (process.platform !== 'linux') return ''
  try {
    return readFileSync(BOOT_ID_FILE, 'latin1').trim()
  } catch {
    // Some containers hide it.
    return ''
  }
}
