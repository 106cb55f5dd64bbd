/** Bytes that a stream reads in one go where blocks come: larger reads gain nothing more. */
export const FULL_READ_LENGTH = 256 * 1024

/** The same at first, and where small messages come: some thousand of them. */
export const FIRST_READ_LENGTH = 16 * 1024

/**
 * How what follows the handshake of a connection is sent: `plain`, no encrypted handshake was made; `header-only`, one was made and the
 * rest is plain; `rc4`, all of it is encrypted.
 */
export type StreamEncryption = 'plain' | 'header-only' | 'rc4'

/** The name of the transport that carries its bytes. */
export interface StreamRoute {
  /** The name of its transport. */
  readonly transport: string
  /** `plain` until both sides have agreed on something else. */
  readonly encryption: StreamEncryption
}

/** The bytes of a connection in both directions, over any transport and encryption. */
export interface PeerStream extends StreamRoute {
  /** Bytes that were written and have not left yet. */
  readonly waitingBytes: number
  /** Its connection is being made. */
  readonly isHalfOpen: boolean
  /** The most bytes to read at once. */
  readLength: number
  /** Writes all parts; they must stay as they are until `written`. */
  write(parts: readonly Uint8Array[], written: () => void): void
  pause(): void
  resume(): void
  destroy(): void
}

/** The user of a stream. `closed` is the last call. */
export interface StreamListener {
  connected(): void
  /** Bytes that came; they are overwritten after the call. */
  data(bytes: Uint8Array): void
  closed(error: Error | undefined): void
}
