import type { Verified } from '../session/session-port.js'

/** What was read now, and what is believed from when: `unchanged since it was verified on 2026-11-02`. */
export function verifiedText(verified: Verified): string {
  switch (verified.type) {
    case 'now':
      return 'every piece was read and is right'
    case 'earlier':
      return `unchanged since it was verified ${verified.atMs === undefined ? 'earlier' : `on ${dateOf(verified.atMs)}`}`
    case 'never':
      return 'taken as complete, nothing was read'
  }
}

/** The date where the user is, as ISO 8601 has it. */
function dateOf(ms: number): string {
  const date = new Date(ms)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
