import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContentFile } from '../support/content.js'
import { infoOf } from '../support/info.js'
import { without } from '../support/partners.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun } from '../support/torrent.js'
import { FORMATS, filesOf, LAYOUTS, PIECE_LENGTH, writeLayout } from './layouts.js'
import { Libtorrent } from './peers/libtorrent.js'

describe('a torrent of `make`, in libtorrent', { skip: without('libtorrent') }, () => {
  for (const layout of LAYOUTS) {
    for (const format of FORMATS) {
      it(`${format} of ${layout.name}: loads, and the full check finds 100 %`, async () => {
        await using folder = new TempFolder()
        await using libtorrent = await Libtorrent.start()
        const torrent = folder.join('ours.torrent')
        const content = await writeLayout(folder.join('data'), layout)
        await mustRun(['make', content, '-o', torrent, '--format', format, '--piece-length', '32KiB'])

        const theirs = await libtorrent.describe(torrent)
        const { infoHashV1, infoHashV2, pieceCount } = await infoOf(torrent)
        assert.deepEqual(
          [theirs.infoHashV1, theirs.infoHashV2, theirs.pieceLength, theirs.pieceCount],
          [infoHashV1, infoHashV2, PIECE_LENGTH, pieceCount],
        )
        assert.equal(theirs.infoHashV1 !== null, format !== 'v2')
        assert.equal(theirs.infoHashV2 !== null, format !== 'v1')
        const byPath = (a: ContentFile, b: ContentFile) => (a.path < b.path ? -1 : 1)
        assert.deepEqual([...theirs.files].sort(byPath), filesOf(layout).sort(byPath))

        const { verified, of, error } = await libtorrent.check(torrent, folder.join('data'))
        assert.deepEqual({ verified, of, error }, { verified: of, of: pieceCount, error: '' })
      })
    }
  }
})
