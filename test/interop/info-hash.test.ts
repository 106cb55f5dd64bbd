import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { infoOf } from '../support/info.js'
import { without } from '../support/partners.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun } from '../support/torrent.js'
import { FORMATS, LAYOUTS, PIECE_LENGTH, writeLayout } from './layouts.js'
import { Libtorrent } from './peers/libtorrent.js'

describe("libtorrent's torrents, here", { skip: without('libtorrent') }, () => {
  for (const layout of LAYOUTS) {
    for (const format of FORMATS) {
      it(`${format} of ${layout.name}: the same info hashes, and \`check\` finds it whole`, async () => {
        await using folder = new TempFolder()
        await using libtorrent = await Libtorrent.start()
        const torrent = folder.join('theirs.torrent')
        const path = await writeLayout(folder.join('data'), layout)
        const theirs = await libtorrent.make({ path, out: torrent, format, pieceLength: PIECE_LENGTH })

        const { infoHashV1, infoHashV2, name } = await infoOf(torrent)
        assert.deepEqual({ infoHashV1, infoHashV2, name }, { ...theirs, name: 'content' })
        await mustRun(['check', torrent, '-d', folder.join('data')])
      })
    }
  }
})
