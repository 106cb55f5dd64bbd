import type { PeerStream, StreamEncryption } from '../peer-stream.js'

/** A stream over a socket, to which it leaves what is the same for both. */
export abstract class LayeredStream implements PeerStream {
  /** May become another one. */
  protected abstract socket: PeerStream

  get transport(): string {
    return this.socket.transport
  }

  abstract get encryption(): StreamEncryption

  get waitingBytes(): number {
    return this.socket.waitingBytes
  }

  get isHalfOpen(): boolean {
    return this.socket.isHalfOpen
  }

  get readLength(): number {
    return this.socket.readLength
  }

  set readLength(bytes: number) {
    this.socket.readLength = bytes
  }

  abstract write(parts: readonly Uint8Array[], written: () => void): void

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  abstract destroy(): void
}
