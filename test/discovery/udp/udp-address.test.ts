import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseUdpAddress } from '../../../src/discovery/udp/udp-address.js'

describe('the address of a UDP tracker', () => {
  const good: [text: string, host: string, isName: boolean, port: number, urlData: string][] = [
    ['udp://tracker.example:80', 'tracker.example', true, 80, ''],
    ['UDP://Tracker.Example:6969/announce', 'tracker.example', true, 6969, '/announce'],
    [' udp://t.example:1/dir?a=b&c=d#x ', 't.example', true, 1, '/dir?a=b&c=d'],
    ['udp://t.example:1?key=%12%ff', 't.example', true, 1, '?key=%12%ff'],
    ['udp://joe:secret@t.example:1/', 't.example', true, 1, '/'],
    ['udp://192.0.2.1:65535/a b/ü', '192.0.2.1', false, 65535, '/a%20b/%C3%BC'],
    ['udp://[2001:DB8::0001]:80', '2001:db8::1', false, 80, ''],
    ['udp://bücher.example:80', 'xn--bcher-kva.example', true, 80, ''],
  ]
  for (const [text, host, isName, port, urlData] of good) {
    it(`is read: ${text}`, () => {
      assert.deepEqual(parseUdpAddress(text), { host, isName, port, urlData })
    })
  }

  for (const text of [
    ...[
      '',
      'udp:',
      'udp://',
      'udp://t.example',
      'udp://t.example:',
      'udp://t.example:0',
      'udp://t.example:65536',
    ],
    ...[
      'udp://:80',
      'http://t.example:80',
      'udp://a\\b:80',
      'udp://[::1:80',
      'udp://x.onion:80',
      'udp://t:80:90',
    ],
  ]) {
    it(`is none: ${text}`, () => {
      assert.equal(parseUdpAddress(text), undefined)
    })
  }
})
