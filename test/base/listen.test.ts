import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:net'
import { describe, it } from 'node:test'
import { ListenError, listenOn } from '../../src/base/listen.js'

/** A server that the system refuses with a code. */
function refused(code: string): Server {
  const server = createServer()
  server.listen = () => {
    queueMicrotask(() => server.emit('error', Object.assign(new Error(code), { code })))
    return server
  }
  return server
}

describe('listening', () => {
  it('gives the address and the port that it got', async () => {
    const server = createServer()
    const { host, port } = await listenOn(server, { port: 0, host: '127.0.0.1' })
    assert.equal(host, '127.0.0.1')
    assert.ok(port > 0)
    const taken = { code: 'port-in-use', message: `127.0.0.1:${port}: another program listens there` }
    await assert.rejects(listenOn(createServer(), { port, host: '127.0.0.1' }), taken)
    server.close()
  })

  it('is on every address where none is named', async () => {
    const server = createServer()
    const { host } = await listenOn(server, { port: 0, host: undefined })
    assert.ok(host === '::' || host === '0.0.0.0', host)
    server.close()
  })

  const refusals: [code: string, is: string][] = [
    ['EADDRINUSE', 'port-in-use'],
    ['EACCES', 'no-permission'],
    ['EADDRNOTAVAIL', 'bad-address'],
    ['ENOTFOUND', 'bad-address'],
  ]
  for (const [code, is] of refusals) {
    it(`says ${is} for ${code}`, async () => {
      await assert.rejects(listenOn(refused(code), { port: 80, host: '::1' }), (error: unknown) => {
        assert.ok(error instanceof ListenError)
        assert.equal(error.code, is)
        assert.match(error.message, /^\[::1\]:80: /)
        return true
      })
    })
  }

  it('says bad-address for a port that there is none of', async () => {
    await assert.rejects(listenOn(createServer(), { port: 65_536, host: undefined }), { code: 'bad-address' })
  })

  it('does not hide what it does not know', async () => {
    await assert.rejects(listenOn(refused('EWHATEVER'), { port: 80, host: '::1' }), { code: 'EWHATEVER' })
  })
})
