import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { nodeDigests } from '../../../src/client/digests.js'
import { parseMetainfo, parseMetainfoInSteps } from '../../../src/protocol/metainfo/parse.js'
import { makeHugeTorrent } from '../../support/huge-torrent.js'
import { TempFolder } from '../../support/temp-folder.js'

/** Some ten milliseconds of hashing. */
const MAX_HASHES_A_STEP = 8_192

test('the layers of a torrent of very many pieces are proven in steps', async () => {
  await using folder = new TempFolder()
  const pieceCount = 2 ** 16
  const bytes = pieceCount * 16_384
  const { path } = await makeHugeTorrent(folder.path, { bytes, pieceCount, version: 'hybrid' })
  const torrent = await readFile(path)
  let hashes = 0
  let all = 0
  const digests = {
    ...nodeDigests,
    sha256: (bytes: Uint8Array) => {
      hashes++
      all++
      return nodeDigests.sha256(bytes)
    },
  }
  const steps = parseMetainfoInSteps(torrent, digests)
  for (;;) {
    const step = steps.next()
    assert.ok(hashes <= MAX_HASHES_A_STEP, `${hashes} hashes in one step`)
    hashes = 0
    if (!step.done) continue
    assert.deepEqual(step.value.pieceLayers, parseMetainfo(torrent, nodeDigests).pieceLayers)
    break
  }
  assert.ok(all >= pieceCount - 1, `${all} hashes prove nothing`)
})
