import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { sha256OfFile, writeTree } from '../support/content.js'
import { TempFolder } from '../support/temp-folder.js'
import { runTorrent } from '../support/torrent.js'
import { getArgs, make, startSeeder } from './local-peers.js'

const BAD_DATA = 5
const FILES = [
  { path: 'large.bin', bytes: 9_000_000 },
  { path: 'small.bin', bytes: 300_000 },
]

describe('a torrent that states another SHA-256 than its pieces have', () => {
  for (const { path } of FILES) {
    it(`is downloaded and then called wrong, with the file: ${path}`, async () => {
      await using folder = new TempFolder()
      await writeTree(folder.join('data', 'content'), FILES, 1)
      const metainfo = await make(folder.join('data', 'content'), folder.join('content.torrent'))
      const bytes = await readFile(metainfo)
      const stated = Buffer.from(await sha256OfFile(folder.join('data', 'content', path)), 'hex')
      let changed = 0
      for (let at = bytes.indexOf(stated); at >= 0; at = bytes.indexOf(stated, at + 32)) {
        bytes.fill(7, at, at + 32)
        changed++
      }
      assert.ok(changed > 0)
      await writeFile(metainfo, bytes)
      await using seeder = await startSeeder(metainfo, folder.join('data'))
      const finished = await runTorrent(getArgs(metainfo, folder.join('got'), [seeder.address]))
      assert.equal(finished.code, BAD_DATA, finished.story)
      const error = finished.stderr.trimEnd().split('\n').at(-1) ?? ''
      const says = `${folder.join('got', 'content', path)}: all its pieces are right, but its SHA-256 is not the one`
      assert.ok(error.includes(says), error)
    })
  }
})
