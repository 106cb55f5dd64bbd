/**
 * From the accepted connection to the whole handshake, encrypted or not, however its bytes come; of an outgoing one, from the
 * beginning to the connection, and from there on.
 */
const HANDSHAKE_MS = 10_000
const IDLE_MS = 180_000
/** Without taking anything of what waits for it: half a MiB at a time, which also a very slow line takes. */
const STUCK_MS = 120_000
const KEEP_ALIVE_MS = 100_000

/** Tracks the silence of both ends of a connection, for timeouts and keep-alives (BEP 3). Times are in milliseconds. */
export class Silence {
  /** When the connection came into its state. */
  changedAt: number
  heardAt: number
  spokeAt: number
  /** When the peer last took all, or a part, of what was written to it. */
  tookAt: number

  constructor(now: number) {
    this.changedAt = now
    this.heardAt = now
    this.spokeAt = now
    this.tookAt = now
  }

  /** Before the handshake: whether it is too late for it. */
  isTooLate(now: number): boolean {
    return now - this.changedAt > HANDSHAKE_MS
  }

  /** After the handshake: the side that has been silent for too long. */
  whoIsSilent(now: number): 'the peer' | 'we' | 'nobody' {
    if (now - this.heardAt > IDLE_MS || now - this.tookAt > STUCK_MS) return 'the peer'
    return now - this.spokeAt > KEEP_ALIVE_MS ? 'we' : 'nobody'
  }
}
