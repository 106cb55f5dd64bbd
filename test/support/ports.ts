import { connect, createServer, type Server } from 'node:net'
import { poll } from './deadline.js'

/** Lets a server of the test listen at any free port, and gives that port. */
export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

/** A TCP port that was free a moment ago, for programs that cannot be told to take any. */
export async function freePort(host?: string): Promise<number> {
  const server = createServer()
  const port = await listen(server, host)
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Waits until a program listens on a TCP port. */
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
