import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { it } from 'node:test'
import { Connection } from '../../../src/client/net/connection.js'
import type { ConnectionHost } from '../../../src/client/net/connection-host.js'
import { ContentSwarm } from '../../../src/client/net/content-swarm.js'
import { Dial } from '../../../src/client/net/dial.js'
import { ReadTurns } from '../../../src/client/net/read-turns.js'
import { Receivers } from '../../../src/client/net/receiving/receivers.js'
import { TcpStream } from '../../../src/client/net/tcp/tcp-stream.js'

it('both ends of a connection to ourselves find that out, and the address is not tried again', async () => {
  const infoHash = new Uint8Array(20).fill(7)
  const failures: string[] = []
  const torrent = { connectFailed: (_: unknown, reason: string) => failures.push(reason) }
  const swarm = new ContentSwarm(
    { infoHashV1: infoHash } as never,
    () => torrent as never,
    {} as never,
    {} as never,
  )
  let open = 0
  const host: ConnectionHost<Connection> = {
    peerId: new Uint8Array(20),
    receiveMemory: Buffer.alloc(0),
    receivers: new Receivers(() => 0),
    readTurns: new ReadTurns(),
    now: () => performance.now(),
    isLimited: () => false,
    findSwarm: () => swarm,
    flushSoon: () => {},
    introduced: () => {},
    closed: () => open--,
  }
  const server = net.createServer({ pauseOnConnect: true }, socket => {
    open++
    const remote = { host: '127.0.0.1', port: socket.remotePort ?? 0 }
    new Connection(host, remote, undefined, listener => TcpStream.accept(socket, remote, listener))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const remote = { host: '127.0.0.1', port: (server.address() as net.AddressInfo).port }
  open++
  new Connection(host, remote, new Dial(swarm, infoHash, remote), listener =>
    TcpStream.connect(remote, undefined, listener),
  )
  while (open > 0) await new Promise(resolve => setImmediate(resolve))
  server.close()
  await once(server, 'close')
  assert.deepEqual(failures, ['ourselves'])
})
