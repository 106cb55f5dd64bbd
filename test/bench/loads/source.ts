// The cheapest seeder that Node.js can be: `source.js TORRENT FOLDER [REQUESTS]` holds the content of a torrent of one file in
// memory, each block behind the header that it is sent with. It prints its port and the CPU time that this took, in milliseconds,
// and seeds until SIGINT; with REQUESTS it states in an extension handshake how many may wait (BEP 10). A run of blocks is one write of a slice; what is left is the system's copy into the socket.
import { closeSync, openSync, readSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Metainfo } from '../../../src/protocol/metainfo/metainfo.js'
import { BLOCK_LENGTH } from '../../../src/protocol/metainfo/metainfo.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import { writeBlockHeader } from '../../../src/protocol/peer/encoder.js'
import { BLOCK_HEADER_LENGTH } from '../../../src/protocol/peer/messages.js'
import { listen } from '../../support/ports.js'
import { readMetainfo } from '../contents.js'
import { SeedingSocket } from './seeding-socket.js'

const MESSAGE_LENGTH = BLOCK_HEADER_LENGTH + BLOCK_LENGTH

/** By piece, the `piece` messages of all its blocks in a row. */
function readMessages(metainfo: Metainfo, path: string): Buffer[] {
  const map = new PieceMap(metainfo)
  const file = openSync(path, 'r')
  try {
    return Array.from({ length: map.pieceCount }, (_, piece) => readPiece(map, piece, file))
  } finally {
    closeSync(file)
  }
}

function readPiece(map: PieceMap, piece: number, file: number): Buffer {
  const blocks = map.blockCount(piece)
  const messages = Buffer.allocUnsafeSlow(map.dataSize(piece) + blocks * BLOCK_HEADER_LENGTH)
  const view = new DataView(messages.buffer, messages.byteOffset, messages.length)
  for (let block = 0; block < blocks; block++) {
    const at = block * MESSAGE_LENGTH
    const offset = block * BLOCK_LENGTH
    const length = map.blockLength(piece, block)
    writeBlockHeader(view, at, piece, offset, length)
    readSync(file, messages, at + BLOCK_HEADER_LENGTH, length, piece * map.pieceLength + offset)
  }
  return messages
}

function serve(socket: Socket, messages: readonly Buffer[]): void {
  /** The run of blocks that has been asked for and is not written yet. */
  let run = { piece: -1, start: 0, end: 0 }
  const write = () => {
    if (run.end > run.start) socket.write(messages[run.piece]?.subarray(run.start, run.end) ?? '')
    run = { piece: -1, start: 0, end: 0 }
  }
  socket.on('error', () => socket.destroy())
  const listener = {
    onRequest(piece: number, offset: number, length: number) {
      const start = (offset / BLOCK_LENGTH) * MESSAGE_LENGTH
      if (piece !== run.piece || start !== run.end) {
        write()
        run = { piece, start, end: start }
      }
      run.end = start + BLOCK_HEADER_LENGTH + length
    },
    onRead() {
      write()
      socket.uncork()
      socket.cork()
    },
  }
  new SeedingSocket(socket, messages.length, listener, maxRequests)
  socket.cork()
}

const [torrent = '', folder = '', requests] = process.argv.slice(2)
const maxRequests = requests === undefined ? undefined : Number(requests)
const metainfo = await readMetainfo(torrent)
const messages = readMessages(metainfo, join(folder, metainfo.name))
const server = createServer(socket => serve(socket, messages))
const { user, system } = process.cpuUsage()
console.log(`${await listen(server)} ${(user + system) / 1000}`)
process.on('SIGINT', () => process.exit(0))
