import { lookup } from 'node:dns/promises'
import { Gate } from '../base/gate.js'

/** Resolves a name to addresses. A result that arrives after the signal is aborted is not used. */
export type LookUp = (name: string, signal: AbortSignal) => Promise<readonly string[]>

/**
 * Asks the system's resolver. It cannot be interrupted, and each look-up takes one of the four threads that read and write
 * files as well.
 * @param atOnce look-ups at a time
 */
export function systemLookUp(atOnce: number): LookUp {
  const gate = new Gate(atOnce)
  return async (name, signal) =>
    await gate.run(async () => {
      signal.throwIfAborted()
      const found = await lookup(name, { all: true })
      return found.map(({ address }) => address)
    })
}
