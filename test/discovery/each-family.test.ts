import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { announceOnEachFamily, type EachFamilyOptions } from '../../src/discovery/each-family.js'
import { announceOverHttp } from '../../src/discovery/http-tracker.js'
import { encodeBencode } from '../../src/protocol/bencode/encode.js'
import { type AnnounceSuccess, decodeAnnounceResponse } from '../../src/protocol/tracker/announce-response.js'
import { defined } from '../defined.js'
import { answering, closedPort, leecher, withTracker } from './fake-tracker.js'

const NAMED = 'http://tracker.example/announce'
const peer = (last: number) => ({ host: `192.0.2.${last}`, port: 80 })
const named = (url: string) => url.replace('127.0.0.1', 'localhost')
const EMPTY = encodeBencode({})

function success(last: number[]): AnnounceSuccess {
  return { ...(decodeAnnounceResponse(EMPTY) as AnnounceSuccess), peers: last.map(peer) }
}

/** As any leecher does it, over HTTP where nothing else is said. */
async function announceTo(url: string, options: Partial<EachFamilyOptions> = {}): Promise<AnnounceSuccess> {
  const { signal } = new AbortController()
  return await announceOnEachFamily(url, leecher(), { announce: announceOverHttp, signal, ...options })
}

describe('an announce on each family', () => {
  it('is made over both, and brings the peers of both answers once', async () => {
    const answers = new Map([
      [4, success([1, 2])],
      [6, success([2, 3])],
    ])
    const { peers } = await announceTo(NAMED, {
      announce: async (_, __, { family }) => defined(answers.get(family ?? 0)),
    })
    assert.deepEqual(peers, [peer(1), peer(2), peer(3)])
  })

  it('does not wait long for the other', async () => {
    for (const quick of [4, 6]) {
      const { peers } = await announceTo(NAMED, {
        graceMs: 1,
        announce: async (_, __, { family, signal }) => {
          if (family !== quick) await once(signal, 'abort')
          signal.throwIfAborted()
          return success([1])
        },
      })
      assert.deepEqual(peers, [peer(1)])
    }
  })

  it('succeeds where only one of them does', async () => {
    await withTracker(answering(encodeBencode({ peers: Uint8Array.of(192, 0, 2, 1, 0, 80) })), async url => {
      const answer = await announceTo(named(url))
      assert.equal(answer.peers.length, 1)
    })
  })

  it('is a single one where the tracker has an address for a name, or we are bound to one', async () => {
    let announces = 0
    const answer = answering(EMPTY)
    await withTracker(
      (request, response) => {
        announces++
        answer(request, response)
      },
      async url => {
        await announceTo(url)
        await announceTo(named(url), { bind: '127.0.0.1' })
      },
    )
    assert.equal(announces, 2)
  })

  it('fails for the reason of an address that there is', async () => {
    const url = `http://localhost:${await closedPort()}/announce`
    await assert.rejects(announceTo(url), {
      code: 'unreachable',
      message: `${url}: connection refused`,
    })
  })

  it('ends at once when it is cancelled', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    await withTracker(
      () => controller.abort(reason),
      async url => {
        const announce = announceTo(named(url), { signal: controller.signal })
        await assert.rejects(announce, reason)
      },
    )
  })
})
