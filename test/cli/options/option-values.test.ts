import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InvalidArgumentError } from '@commander-js/extra-typings'
import * as values from '../../../src/cli/options/option-values.js'

function describeValue(
  name: string,
  parse: (text: string) => unknown,
  good: [string, unknown][],
  bad: string[],
): void {
  describe(name, () => {
    for (const [text, value] of good) it(`reads ${text}`, () => assert.deepEqual(parse(text), value))
    for (const text of bad)
      it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parse(text), InvalidArgumentError))
  })
}

describeValue(
  'a port',
  values.portValue,
  [
    ['0', 0],
    ['6881', 6881],
    ['65535', 65_535],
  ],
  ['65536', '-1', '1.5', '', 'http', '0x50', '１'],
)
describeValue(
  'a ratio',
  values.ratioValue,
  [
    ['1.5', 1.5],
    ['0', Infinity],
    ['0.0', Infinity],
    ['2', 2],
  ],
  ['-1', '1,5', 'half', '', '1e9', 'Infinity'],
)
describeValue(
  'a time limit',
  values.timeLimitValue,
  [
    ['30m', 1800],
    ['0', Infinity],
    ['0s', Infinity],
  ],
  ['soon', '', '-5s'],
)
describeValue(
  'a limited count',
  values.countLimitValue,
  [
    ['1', 1],
    ['200', 200],
    ['0', 2 ** 31 - 1],
  ],
  ['-1', '1.5', '', 'many'],
)
describeValue(
  'a rate',
  values.rateValue,
  [
    ['500KiB', 512_000],
    ['2MB', 2_000_000],
    ['1.5M/s', 1_572_864],
    ['0', 0],
  ],
  ['fast', '', '-1', '500', '1kB', '1kbit'],
)
describeValue(
  'an interval',
  values.intervalValue,
  [
    ['30m', 1800],
    ['0.6s', 1],
  ],
  ['soon', '0', '0.2s'],
)
describeValue('a name', values.nameValue, [['ubuntu.iso', 'ubuntu.iso']], ['', '.', '..', 'a/b', 'a\0'])
describeValue(
  'a piece length',
  values.pieceLengthValue,
  [
    ['auto', 'auto'],
    ['16KiB', 2 ** 14],
    ['4M', 2 ** 22],
    ['64MiB', 2 ** 26],
  ],
  ['15KiB', '8KiB', '128MiB', '3MiB', '1MB', 'large'],
)
describeValue(
  'a peer',
  values.peerValue,
  [
    ['192.0.2.1:6881', { host: '192.0.2.1', port: 6881 }],
    ['[2001:db8::1]:6881', { host: '2001:db8::1', port: 6881 }],
    ['seed.example.org:1', { host: 'seed.example.org', port: 1 }],
  ],
  ['192.0.2.1', '192.0.2.1:0', '192.0.2.1:70000', '2001:db8::1:6881', '[example]:1', ':1', 'a b:1'],
)
describeValue(
  'an address',
  values.addressValue,
  [
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
  ],
  ['localhost', '1.2.3', '[::1]'],
)
describeValue(
  'a tier of trackers',
  values.tierValue,
  [
    ['http://a/announce', ['http://a/announce']],
    ['http://a/x?k=%12,udp://b:1', ['http://a/x?k=%12', 'udp://b:1']],
  ],
  ['a/announce', 'ftp://a', 'http://', 'http://a,,http://b', 'javascript:alert(1)', 'udp://a/announce'],
)
describeValue('a web seed', values.webSeedValue, [['https://a/f', 'https://a/f']], ['udp://a', 'a'])

describe('sources', () => {
  it('name standard input once', () => {
    assert.deepEqual(values.sourceValues('b', ['-']), ['-', 'b'])
    assert.throws(() => values.sourceValues('-', ['-']), InvalidArgumentError)
  })
})
