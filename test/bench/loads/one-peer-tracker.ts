import { createServer } from 'node:http'
import { listen } from '../../support/ports.js'

export interface OnePeerTracker extends AsyncDisposable {
  readonly url: string
}

/** A tracker that tells everybody of the same peer on this machine, for clients that cannot be told themselves. */
export async function onePeerTracker(port: number): Promise<OnePeerTracker> {
  const peer = Buffer.from([127, 0, 0, 1, port >> 8, port & 255])
  const answer = Buffer.concat([Buffer.from('d8:intervali1800e5:peers6:'), peer, Buffer.from('e')])
  const server = createServer((_, response) => response.end(answer))
  const own = await listen(server)
  return {
    url: `http://127.0.0.1:${own}/announce`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
