import type { Verified } from '../session/session-port.js'

/** How the content was verified: `unchanged since it was verified on 2026-11-02`. */
export function verifiedText(verified: Verified): string {
  switch (verified.type) {
    case 'now':
      return 'all pieces verified'
    case 'earlier':
      return `unchanged since it was verified ${verified.atMs === undefined ? 'earlier' : `on ${dateOf(verified.atMs)}`}`
    case 'never':
      return 'assumed complete, without reading anything'
  }
}

/** The local date, as in ISO 8601. */
function dateOf(ms: number): string {
  const date = new Date(ms)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
