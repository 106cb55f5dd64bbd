import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { LoadingNotes } from '../../../src/cli/torrents/loading-notes.js'

describe('a source that takes long', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
  afterEach(() => mock.timers.reset())

  it('is told of after a second, and every ten seconds from then on', () => {
    const notes: string[] = []
    {
      using loading = new LoadingNotes('http://joe:secret@t.example/a.torrent', note => notes.push(note))
      mock.timers.tick(999)
      assert.deepEqual(notes, [])
      mock.timers.tick(1)
      loading.received(1_572_864)
      mock.timers.tick(9_999)
      assert.deepEqual(notes, ['loading http://t.example/a.torrent: nothing has come yet'])
      mock.timers.tick(1)
      assert.deepEqual(notes.slice(1), ['loading http://t.example/a.torrent: 1.50 MiB so far'])
    }
    mock.timers.tick(60_000)
    assert.equal(notes.length, 2)
  })

  it('is told of by its name, standard input included', () => {
    const notes: string[] = []
    using _ = new LoadingNotes('-', note => notes.push(note))
    mock.timers.tick(1_000)
    assert.deepEqual(notes, ['loading standard input: nothing has come yet'])
  })
})
