import { connect, createServer } from 'node:net'
import { poll } from './deadline.js'

/** A TCP port that was free a moment ago, for programs that cannot be told to take any. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, host, resolve)
  })
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('the socket has no port')
  return address.port
}

/** Waits until somebody listens on a TCP port. */
export async function listening(port: number, host = '127.0.0.1'): Promise<void> {
  await poll(`a listener on ${host}:${port}`, async () => {
    const socket = connect(port, host)
    try {
      return await new Promise<true | undefined>(resolve => {
        socket.on('connect', () => resolve(true)).on('error', () => resolve(undefined))
      })
    } finally {
      socket.destroy()
    }
  })
}
