import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  basicAuthorization,
  parseHttpAddress,
  resolveLocation,
} from '../../../src/discovery/http/http-address.js'
import { defined } from '../../defined.js'

const parse = (url: string) => defined(parseHttpAddress(url))

describe('an address of HTTP', () => {
  it('is sent byte for byte', () => {
    for (const target of [
      '/%12%ff',
      '/a/../b',
      '/%2e%2e/b',
      "/{a}|b'c`d\\e",
      '/?a=%2F+b&c=|',
      '/a[1].torrent',
    ]) {
      assert.equal(parse(`http://host${target}`).target, target)
    }
  })

  it('escapes what HTTP cannot carry', () => {
    assert.equal(parse('http://host/a b\tü\u{1f600}').target, '/a%20b%09%C3%BC%F0%9F%98%80')
    assert.equal(parse('http://host/\ud800').target, '/%EF%BF%BD')
  })

  it('has a path, and no fragment', () => {
    assert.equal(parse('http://host').target, '/')
    assert.equal(parse('http://host?a=b').target, '/?a=b')
    assert.equal(parse('http://host/a?b#c?d').target, '/a?b')
  })

  it('names its origin in one way', () => {
    assert.equal(parse('HTTP://Host.Example:80/').origin, 'http://host.example')
    assert.equal(parse('https://bücher.example:8443/').origin, 'https://xn--bcher-kva.example:8443')
    assert.equal(parse('http://[::0001]:6666/').origin, 'http://[::1]:6666')
  })

  it('may have a user name and a password', () => {
    const { credentials, origin } = parse('http://bob:p%40s:s@host:8080/x')
    assert.deepEqual(credentials, { user: 'bob', password: 'p@s:s' })
    assert.equal(origin, 'http://host:8080')
    assert.deepEqual(parse('http://b@b:%zz@host/').credentials, { user: 'b@b', password: '%zz' })
    assert.deepEqual(parse('http://token@host/').credentials, { user: 'token', password: '' })
    assert.equal(parse('http://host/').credentials, undefined)
    assert.equal(basicAuthorization({ user: 'bob', password: 'ross' }), 'Basic Ym9iOnJvc3M=')
  })

  it('is nothing else', () => {
    for (const url of [
      ...[
        '',
        'host',
        'http:host',
        'http:/host',
        'http://',
        'http:///x',
        'http://user@/',
        'http://[',
        'http://a b/',
      ],
      ...[
        'http://host:0/',
        'http://host:65536/',
        'http://host:x/',
        'ftp://host/',
        'udp://host',
        'http://a\\@b/',
      ],
    ]) {
      assert.equal(parseHttpAddress(url), undefined, url)
    }
  })
})

describe('the address that a redirect names', () => {
  const base = parse('https://bob:ross@host:8443/a/b/c?d=e')
  const locations: readonly [location: string, url: string][] = [
    ['http://other/%7e|x', 'http://other/%7e|x'],
    ['ftp://other/', 'ftp://other/'],
    ['//other/x', 'https://other/x'],
    ['/x/%2e%2e/y', 'https://host:8443/x/%2e%2e/y'],
    ['/x/../y', 'https://host:8443/y'],
    ['x', 'https://host:8443/a/b/x'],
    ['../x?y=/../z', 'https://host:8443/a/x?y=/../z'],
    ['../../../x', 'https://host:8443/x'],
    ['.', 'https://host:8443/a/b/'],
    ['?x', 'https://host:8443/a/b/c?x'],
    ['#x', 'https://host:8443/a/b/c?d=e'],
    [' x#y ', 'https://host:8443/a/b/x'],
  ]
  for (const [location, url] of locations) {
    it(`is ${url} for ${JSON.stringify(location)}`, () => assert.equal(resolveLocation(location, base), url))
  }
})
