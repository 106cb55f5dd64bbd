import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { escapeHtml } from '../../src/web/html.js'
import { renderTrackerPage, type TrackerPageModel } from '../../src/web/tracker-page.js'

const HOSTILE = `"><script>alert('x')</script>&`
const SWARM = { infoHash: 'ab'.repeat(20), seeders: 1234, leechers: 5, downloaded: 6 }
const MODEL: TrackerPageModel = {
  url: 'http://192.0.2.1:6969/announce',
  uptimeSeconds: 90_061,
  announces: 42,
  scrapes: 1,
  swarms: 1,
  seeders: 1234,
  leechers: 5,
  largest: [SWARM],
}

describe("the tracker's page", () => {
  it('shows where to announce, the swarms and how long it is up', () => {
    const page = renderTrackerPage(MODEL)
    for (const shown of [MODEL.url, SWARM.infoHash, '1,234', '1 d 1 h', 'Tracker: 1 swarm<']) {
      assert.ok(page.includes(shown), shown)
    }
  })

  it('escapes everything that it is given', () => {
    assert.equal(escapeHtml(HOSTILE), '&#34;&#62;&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;&#38;')
    const page = renderTrackerPage({
      ...MODEL,
      url: HOSTILE,
      largest: [{ ...SWARM, name: HOSTILE, infoHash: HOSTILE }],
    })
    assert.ok(!page.includes('<script'))
    assert.ok(!page.includes(HOSTILE))
  })

  it('shows no character that hides or turns around what follows', () => {
    const page = renderTrackerPage({
      ...MODEL,
      largest: [{ ...SWARM, name: 'a\u202egpj.exe\u0000\u001b[2J\u0085\u200b' }],
    })
    assert.ok(page.includes('<bdi>a\ufffdgpj.exe\ufffd\ufffd[2J\ufffd\ufffd</bdi>'))
  })

  it('shows both hashes of a hybrid in one row', () => {
    const page = renderTrackerPage({
      ...MODEL,
      largest: [{ ...SWARM, infoHashV2: 'cd'.repeat(20), name: 'both' }],
    })
    assert.equal(page.match(/<tr><td>/g)?.length, 1)
    assert.ok(page.includes(`<bdi>both</bdi><code>${SWARM.infoHash}</code><code>${'cd'.repeat(20)}</code>`))
  })

  it('cuts a name that is longer than a line or two', () => {
    const page = renderTrackerPage({ ...MODEL, largest: [{ ...SWARM, name: '\u{1f600}'.repeat(1000) }] })
    assert.ok(page.includes(`<bdi>${'\u{1f600}'.repeat(120)}…</bdi>`))
  })

  it('needs nothing from anywhere', () => {
    assert.doesNotMatch(renderTrackerPage(MODEL), /<script|<link|<img|@import|url\(/)
  })

  it('says so where nothing is tracked, and where not all is shown', () => {
    assert.match(renderTrackerPage({ ...MODEL, swarms: 0, largest: [] }), /Nothing is tracked yet/)
    assert.match(renderTrackerPage({ ...MODEL, swarms: 5000 }), /The 1 largest of 5,000 swarms/)
  })

  const uptimes: [seconds: number, text: string][] = [
    [0, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [3599, '59 min'],
    [3600, '1 h 0 min'],
    [86_400, '1 d 0 h'],
  ]
  for (const [uptimeSeconds, text] of uptimes) {
    it(`writes ${uptimeSeconds} seconds as ${text}`, () => {
      assert.ok(renderTrackerPage({ ...MODEL, uptimeSeconds }).includes(`<dd>${text}</dd>`))
    })
  }
})
