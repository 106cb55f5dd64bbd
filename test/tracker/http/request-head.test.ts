import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseRequestHead } from '../../../src/tracker/http/request-head.js'

const HOST = '\r\nHost: h'

function read(text: string) {
  const head = parseRequestHead(text)
  assert.ok(head.type === 'request', text)
  return head
}

describe('the head of a request', () => {
  it('has a method and a target, byte for byte', () => {
    const { method, target } = read(`GET /announce?info_hash=%01\xff\xa0~ HTTP/1.1${HOST}`)
    assert.deepEqual([method, target], ['GET', '/announce?info_hash=%01\xff\xa0~'])
  })

  it('says whether the connection stays', () => {
    const cases: [text: string, keepAlive: boolean][] = [
      [`GET / HTTP/1.1${HOST}`, true],
      [`GET / HTTP/1.1${HOST}\r\nConnection: close`, false],
      [`GET / HTTP/1.1${HOST}\r\nconnection: TE, Close`, false],
      ['GET / HTTP/1.0', false],
      ['GET / HTTP/1.0\r\nConnection: Keep-Alive', true],
    ]
    for (const [text, keepAlive] of cases) assert.equal(read(text).keepAlive, keepAlive, text)
  })

  it('says whether a body follows', () => {
    const cases: [header: string, hasBody: boolean][] = [
      ['Content-Length: 0', false],
      ['Content-Length: 1', true],
      ['Content-Length: x', true],
      ['Transfer-Encoding: chunked', true],
      ['Accept: */*', false],
    ]
    for (const [header, hasBody] of cases) {
      assert.equal(read(`GET / HTTP/1.1${HOST}\r\n${header}`).hasBody, hasBody, header)
    }
  })

  const bad = [
    '',
    'GET',
    'GET / ',
    'GET  / HTTP/1.1\r\nHost: h',
    'get / HTTP/1.1\r\nHost: h',
    'GET / HTTP/2.0\r\nHost: h',
    'GET / FTP/1.1\r\nHost: h',
    'GET /\x01 HTTP/1.1\r\nHost: h',
    'GET / HTTP/1.1',
    'GET / HTTP/1.1\r\nHost: h\r\nHost: i',
    'GET / HTTP/1.1\r\nHost : h',
    'GET / HTTP/1.1\r\nHost: h\nX: y',
    'GET / HTTP/1.1\r\nHost: h\r\n folded: y',
    'GET / HTTP/1.1\r\nHost: h\r\nX: a\0b',
    'GET / HTTP/1.1\r\nHost: h\r\nno colon',
  ]
  for (const text of bad) {
    it(`is refused where it reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseRequestHead(text), { type: 'bad', status: 400 })
    })
  }

  it('is refused where it has more headers than anybody needs', () => {
    const text = `GET / HTTP/1.1${HOST}${'\r\nX: y'.repeat(100)}`
    assert.deepEqual(parseRequestHead(text), { type: 'bad', status: 431 })
  })
})
