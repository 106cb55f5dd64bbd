import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:net'
import { describe, it } from 'node:test'
import { listen, reachableHosts } from '../../src/tracker/listen.js'
import { TrackerServerError } from '../../src/tracker/tracker-server-error.js'

/** A server whose system answers `codes`, one for each try; where they run out, it listens. */
function serverOn(...codes: string[]): Server {
  const server = createServer()
  server.listen = () => {
    const code = codes.shift()
    queueMicrotask(() => {
      if (code === undefined) server.emit('listening')
      else server.emit('error', Object.assign(new Error(code), { code }))
    })
    return server
  }
  return server
}

describe('listening', () => {
  it('is on both families, or on IPv4 where there is no other', async () => {
    assert.equal(await listen(serverOn(), 1, undefined), '::')
    assert.equal(await listen(serverOn('EAFNOSUPPORT'), 1, undefined), '0.0.0.0')
    assert.equal(await listen(serverOn('EADDRNOTAVAIL'), 1, undefined), '0.0.0.0')
  })

  const refusals: [code: string, is: string][] = [
    ['EADDRINUSE', 'port-in-use'],
    ['EACCES', 'no-permission'],
    ['EADDRNOTAVAIL', 'bad-address'],
    ['ENOTFOUND', 'bad-address'],
  ]
  for (const [code, is] of refusals) {
    it(`says ${is} for ${code}`, async () => {
      await assert.rejects(listen(serverOn(code), 80, '192.0.2.1'), (error: unknown) => {
        assert.ok(error instanceof TrackerServerError)
        assert.equal(error.code, is)
        assert.match(error.message, /^192\.0\.2\.1:80: /)
        return true
      })
    })
  }

  it('does not hide what it does not know', async () => {
    await assert.rejects(listen(serverOn('EWHATEVER'), 80, '::1'), { code: 'EWHATEVER' })
  })

  it('on one address is reachable there, on all by every address of the machine, loopback last', () => {
    assert.deepEqual(reachableHosts('192.0.2.1'), ['192.0.2.1'])
    assert.ok(reachableHosts('0.0.0.0').every(host => !host.includes(':')))
    assert.ok(reachableHosts('::').includes('127.0.0.1'))
    assert.match(`${reachableHosts('0.0.0.0').at(-1)}`, /^127\./)
  })
})
