import type { EncryptionMode } from './encryption/encryption-mode.js'
import type { Transport } from './transport.js'

/** One way to begin a connection. */
export interface Way {
  readonly transport: Transport
  readonly encryption: 'encrypted' | 'plain'
}

/** At least one. */
export type Ways = readonly [Way, ...Way[]]

const ENCRYPTIONS: Readonly<Record<EncryptionMode, readonly Way['encryption'][]>> = {
  prefer: ['encrypted', 'plain'],
  require: ['encrypted'],
  off: ['plain'],
}

/** The ways to a peer of which nothing is known, in the order in which they are tried. */
export function allWays(transports: readonly Transport[], mode: EncryptionMode): Ways {
  const [first, ...others] = transports.flatMap(transport =>
    ENCRYPTIONS[mode].map((encryption): Way => ({ transport, encryption })),
  )
  if (first === undefined) throw new Error('a session has a transport')
  return [first, ...others]
}
