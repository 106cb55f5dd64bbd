import { concatBytes } from '../../../../src/base/bytes.js'
import type { PeerStream, StreamListener } from '../../../../src/client/net/peer-stream.js'

/** A socket without a network: keeps what is written to it. */
export class FakeSocket implements PeerStream {
  readonly transport = 'fake'
  readonly encryption = 'plain'
  readonly waitingBytes = 0
  isHalfOpen = false
  readLength = 262_144
  readonly listener: StreamListener
  isDestroyed = false
  isPaused = false
  #written: Uint8Array[] = []

  constructor(listener: StreamListener) {
    this.listener = listener
  }

  write(parts: readonly Uint8Array[], written: () => void): void {
    // As with a real one, what is in its parts afterwards does not matter.
    this.#written.push(...parts.map(part => new Uint8Array(part)))
    written()
  }

  /** What was written since the last time. */
  take(): Uint8Array {
    return concatBytes(this.#written.splice(0))
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  destroy(): void {
    this.isDestroyed = true
  }
}

/** The user of a stream. */
export class Ear implements StreamListener {
  connections = 0
  closings: (Error | undefined)[] = []
  #heard: Uint8Array[] = []
  readonly #onConnected: () => void

  constructor(onConnected: () => void = () => {}) {
    this.#onConnected = onConnected
  }

  connected(): void {
    this.connections++
    this.#onConnected()
  }

  data(bytes: Uint8Array): void {
    this.#heard.push(new Uint8Array(bytes))
  }

  closed(error: Error | undefined): void {
    this.closings.push(error)
  }

  /** What was heard since the last time. */
  take(): Uint8Array {
    return concatBytes(this.#heard.splice(0))
  }
}
