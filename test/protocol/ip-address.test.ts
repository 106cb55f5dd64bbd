import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { formatIP, parseIPv4, parseIPv6, withoutMapping } from '../../src/protocol/ip-address.js'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
/** With many zeros, so that there is something to shorten. */
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
  .map(groups => Uint8Array.from(groups.flatMap(group => [group >>> 8, group & 0xff])))

test('what is written is read back, and is what another library writes', () => {
  fc.assert(
    fc.property(bytes(4), ipv6, (four, sixteen) => {
      assert.deepEqual(parseIPv4(formatIP(four)), four)
      assert.deepEqual(parseIPv6(formatIP(sixteen)), sixteen)
      assert.equal(formatIP(sixteen), new ipaddr.IPv6([...sixteen]).toString())
      assert.deepEqual(parseIPv6(new ipaddr.IPv6([...sixteen]).toNormalizedString()), sixteen)
    }),
  )
})

test('what looks like an address and is none', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123afg:.%'), maxLength: 24 })
  fc.assert(
    fc.property(digits, text => {
      // The other library takes more: a zone, and groups with any number of zeros in front.
      if (parseIPv4(text) !== undefined) assert.ok(ipaddr.IPv4.isValidFourPartDecimal(text))
      if (parseIPv6(text) !== undefined) assert.ok(ipaddr.IPv6.isValid(text))
    }),
    { numRuns: 2000 },
  )
  for (const text of ['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.4 ', '1e1.2.3.4', '127.1']) {
    assert.equal(parseIPv4(text), undefined, text)
  }
  for (const text of [
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    '12345::',
    '::g',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '::1.2.3',
    '::1.2.3.4:5',
    '1.2.3.4::',
    '::1%eth0',
    '[::1]',
    '1.2.3.4',
    `::${'0'.repeat(60)}`,
  ]) {
    assert.equal(parseIPv6(text), undefined, text)
  }
})

test('zeros are shortened where most of them are, and IPv4 at the end is read', () => {
  const spelled = (text: string) => formatIP(parseIPv6(text) ?? new Uint8Array())
  assert.equal(spelled('2001:DB8:0:0:1:0:0:1'), '2001:db8::1:0:0:1')
  assert.equal(spelled('2001:db8:0:1:1:1:1:1'), '2001:db8:0:1:1:1:1:1')
  assert.equal(spelled('0:0:0:0:0:0:0:0'), '::')
  assert.equal(spelled('1:0:0:0:0:0:0:0'), '1::')
  assert.equal(spelled('64:ff9b::192.0.2.33'), '64:ff9b::c000:221')
})

test('an IPv4 address that is mapped into IPv6 is one', () => {
  const mapped = parseIPv6('::ffff:192.0.2.1') ?? new Uint8Array()
  assert.equal(formatIP(withoutMapping(mapped)), '192.0.2.1')
  const other = parseIPv6('::fffe:192.0.2.1') ?? new Uint8Array()
  assert.deepEqual(withoutMapping(other), other)
})
