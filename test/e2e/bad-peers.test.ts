import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { fromHex, toUtf8 } from '../../src/base/bytes.js'
import { SeededRandom } from '../../src/base/random.js'
import { digestTree, writeRandomFile } from '../support/content.js'
import { infoOf } from '../support/info.js'
import { PeerProxy } from '../support/peer-proxy.js'
import { listen } from '../support/ports.js'
import { TempFolder } from '../support/temp-folder.js'
import { make, startLeecher, startPlainLeecher, startSeeder } from './local-peers.js'

const MIB = 2 ** 20

/** BEP 3: what a peer says first; the reserved bits are those of BEP 6 and BEP 10. */
function handshake(infoHash: Uint8Array): Buffer {
  const reserved = Buffer.from([0, 0, 0, 0, 0, 0x10, 0, 4])
  const peerId = toUtf8('-XX0000-nonsense----')
  return Buffer.concat([Buffer.from([19]), toUtf8('BitTorrent protocol'), reserved, infoHash, peerId])
}

function message(id: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(payload.length + 1)
  header[4] = id
  return Buffer.concat([header, payload])
}

function noise(bytes: number, seed: number): Buffer {
  const random = new SeededRandom(seed)
  return Buffer.from(Array.from({ length: bytes }, () => random.below(256)))
}

interface Nonsense {
  readonly name: string
  readonly say: (socket: Socket, infoHash: Uint8Array) => void
}

const NONSENSE: readonly Nonsense[] = [
  { name: 'noise', say: socket => socket.write(noise(100_000, 1)) },
  { name: 'a web page', say: socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n<h1>What?</h1>') },
  { name: 'nothing at all', say: () => {} },
  { name: 'goodbye', say: socket => socket.destroy() },
  { name: 'half a handshake', say: (socket, hash) => socket.end(handshake(hash).subarray(0, 40)) },
  { name: 'the handshake of another swarm', say: socket => socket.write(handshake(noise(20, 2))) },
  {
    name: 'a message of 4 GiB',
    say: (socket, hash) => socket.write(Buffer.concat([handshake(hash), Buffer.alloc(4, 0xff)])),
  },
  {
    name: 'noise after the handshake',
    say: (socket, hash) => socket.write(Buffer.concat([handshake(hash), noise(100_000, 3)])),
  },
  {
    name: 'a bitfield of the wrong size',
    say: (socket, hash) => socket.write(Buffer.concat([handshake(hash), message(5, new Uint8Array(1000))])),
  },
  {
    name: 'a have that is too large',
    say: (socket, hash) => socket.write(Buffer.concat([handshake(hash), message(4, noise(4, 4))])),
  },
  {
    name: 'blocks that nobody asked for',
    say: (socket, hash) => {
      const block = message(7, Buffer.concat([new Uint8Array(8), new Uint8Array(16_384)]))
      socket.write(Buffer.concat([handshake(hash), message(14), message(1), block, block, block]))
    },
  },
  {
    name: 'an extension handshake that is no dictionary',
    say: (socket, hash) => socket.write(Buffer.concat([handshake(hash), message(20, toUtf8('\0l-3:e'))])),
  },
  {
    name: 'empty blocks, and messages that nobody knows',
    say: (socket, hash) =>
      socket.write(
        Buffer.concat([handshake(hash), message(99, noise(50, 5)), message(7, new Uint8Array(8))]),
      ),
  },
]

/** A peer that sends the same bytes to every connection, and reads whatever it gets. */
async function startPeer(
  say: (socket: Socket) => void,
): Promise<AsyncDisposable & { address: string; visits: () => number }> {
  const sockets = new Set<Socket>()
  let visits = 0
  const server = createServer(socket => {
    visits++
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    socket.resume()
    say(socket)
  })
  const port = await listen(server)
  return {
    address: `127.0.0.1:${port}`,
    visits: () => visits,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

describe('a peer that speaks nonsense', () => {
  for (const { name, say } of NONSENSE) {
    it(`${name}: the download completes from the others`, async () => {
      await using folder = new TempFolder()
      const content = folder.join('data', 'content.bin')
      await writeRandomFile(content, 8 * MIB, 1)
      const metainfo = await make(content, folder.join('content.torrent'))
      const infoHash = fromHex((await infoOf(metainfo)).infoHashV1 ?? '') ?? new Uint8Array(20)
      await using seeder = await startSeeder(metainfo, folder.join('data'))
      await using peer = await startPeer(socket => say(socket, infoHash))
      // Slow enough that the other peer is met while there is something left to get.
      await using proxy = await PeerProxy.listen({ port: seeder.port, bytesPerSecond: 16 * MIB })
      await using leecher = startLeecher(metainfo, folder.join('got'), [peer.address, proxy.address])

      await leecher.waitFor('complete')
      assert.ok(peer.visits() > 0, 'the peer was never met')
      assert.equal((await leecher.stop()).code, 0)
      assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
    })
  }

  it('a seeder is not moved by any of it, and goes on to give', async () => {
    await using folder = new TempFolder()
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, 8 * MIB, 1)
    const metainfo = await make(content, folder.join('content.torrent'))
    const infoHash = fromHex((await infoOf(metainfo)).infoHashV1 ?? '') ?? new Uint8Array(20)
    await using seeder = await startSeeder(metainfo, folder.join('data'))
    await using _rude = await visitAll(seeder.port, infoHash)
    await using leecher = startLeecher(metainfo, folder.join('got'), [seeder.address])

    await leecher.waitFor('complete')
    assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
    assert.equal((await seeder.process.stop()).code, 0)
  })
})

describe('a peer that sends bad pieces', () => {
  for (const format of ['v1', 'v2', 'hybrid'] as const) {
    it(`is found out, and the download completes from the others: ${format}`, async () => {
      await using folder = new TempFolder()
      const content = folder.join('data', 'content.bin')
      await writeRandomFile(content, 16 * MIB, 1)
      const metainfo = await make(content, folder.join('content.torrent'), '--format', format)
      await using seeder = await startSeeder(metainfo, folder.join('data'))
      await using another = await startSeeder(metainfo, folder.join('data'))
      let spoilt = 0
      await using liar = await PeerProxy.listen({
        port: seeder.port,
        corrupts: true,
        onBlock: ({ length }) => {
          spoilt += length
        },
      })
      await using honest = await PeerProxy.listen({ port: another.port, bytesPerSecond: 16 * MIB })
      await using leecher = startPlainLeecher(metainfo, folder.join('got'), [liar.address, honest.address])

      await leecher.waitFor('complete')
      assert.ok(spoilt > 0, 'nothing was spoilt')
      assert.equal((await leecher.stop()).code, 0)
      assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
    })
  }
})

/** Says everything above to a listener, each over a connection of its own that stays open. */
async function visitAll(port: number, infoHash: Uint8Array): Promise<AsyncDisposable> {
  const sockets = await Promise.all(
    NONSENSE.map(async ({ say }) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => socket.destroy())
      await new Promise(resolve => socket.once('connect', resolve))
      say(socket.resume(), infoHash)
      return socket
    }),
  )
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
    },
  }
}
