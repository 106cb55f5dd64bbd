// Receives one piece of 256 KiB into the folder it is given, and prints how that went.

import { DiskPool } from '../../../src/client/disk/disk-pool.js'
import { makeSample, receivePiece, Witness, wireBytes } from './support.js'

const sample = makeSample({
  version: 'v1',
  pieceLength: 2 ** 18,
  lengths: [2 ** 18],
  hasPads: false,
  seed: 1,
})
await using pool = new DiskPool({ workers: 1 })
await using storage = pool.openStorage(sample.layout, { dir: process.argv[2] ?? '', mode: 'write' })
const witness = new Witness()
storage.listen(witness)
await receivePiece(pool, storage, witness, 0, wireBytes(sample, 0))
await witness.until(() => witness.errors.length + witness.hashed.size > 0)
for (const { error } of witness.errors) console.log(`${error.code}: ${error.message}`)
