import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ratioOf } from '../../../src/cli/transfer/ratio.js'
import { Stillness } from '../../../src/cli/transfer/stillness.js'
import { NO_HISTORY } from '../../../src/client/resume/history.js'
import { someTorrent } from '../some-torrent.js'
import { FakeHandle } from './fake-session.js'

describe('the ratio', () => {
  it('is of the size, over all sessions, and none where there is no content', () => {
    const history = { ...NO_HISTORY, uploaded: 150 }
    assert.equal(ratioOf({ history, total: 100 }), 1.5)
    assert.equal(ratioOf({ history, total: 0 }), undefined)
  })
})

describe('a download stands still', () => {
  const { status } = new FakeHandle(someTorrent(), { dir: '/', mode: 'get' })

  it('from when it began, or from when something moved last', () => {
    const stillness = new Stillness(1000)
    stillness.secondsAt(1000, status)
    assert.equal(stillness.secondsAt(5000, status), 4)
    assert.equal(stillness.secondsAt(6000, { ...status, downloaded: 1 }), 0)
    assert.equal(stillness.secondsAt(9000, { ...status, downloaded: 1 }), 3)
    assert.equal(stillness.secondsAt(9500, { ...status, downloaded: 1, uploaded: 1 }), 0)
  })

  it('but not while what is there is checked', () => {
    const stillness = new Stillness(0)
    assert.equal(stillness.secondsAt(60_000, { ...status, state: 'checking' }), 0)
    assert.equal(stillness.secondsAt(61_000, status), 1)
  })
})
