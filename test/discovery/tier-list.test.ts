import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SeededRandom } from '../../src/base/random.js'
import { TierList } from '../../src/discovery/tier-list.js'

const tiers = fc.array(fc.array(fc.webUrl(), { maxLength: 5 }), { maxLength: 5 })

describe('the tiers of a torrent (BEP 12)', () => {
  it('keep their order, and each its trackers', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.webUrl(), { minLength: 4, maxLength: 4 }),
        fc.nat(),
        ([a, b, c, d], seed) => {
          const list = new TierList([[`${a}`, `${b}`, `${c}`], [`${d}`]], new SeededRandom(seed), 10)
          assert.deepEqual(list.tiers[0]?.toSorted(), [`${a}`, `${b}`, `${c}`].sort())
          assert.deepEqual(list.tiers[1], [`${d}`])
        },
      ),
    )
  })

  it('are shuffled inside', () => {
    const firsts = new Set<string | undefined>()
    for (let seed = 0; seed < 50; seed++) {
      firsts.add(new TierList([['a', 'b', 'c']], new SeededRandom(seed), 10).tiers[0]?.[0])
    }
    assert.equal(firsts.size, 3)
  })

  it('name every tracker once, and are never empty', () => {
    fc.assert(
      fc.property(tiers, fc.nat(), (tiers, seed) => {
        const list = new TierList(tiers, new SeededRandom(seed), 1000)
        assert.deepEqual(list.tiers.flat().sort(), [...new Set(tiers.flat())].sort())
        assert.ok(list.tiers.every(tier => tier.length > 0))
      }),
    )
  })

  it('have the tracker that answered in front', () => {
    const list = new TierList([['a', 'b', 'c']], new SeededRandom(1), 10)
    const before = [...(list.tiers[0] ?? [])]
    const [first, second, third] = before
    list.promote(`${third}`)
    assert.deepEqual(list.tiers, [[third, first, second]])
    list.promote('unknown')
    assert.deepEqual(list.tiers, [[third, first, second]])
  })

  it('have a UDP tracker before those over HTTP on the same host', () => {
    const [http, udp, https] = ['http://a.example/announce', 'udp://a.example:80', 'https://A.example/x']
    const others = ['http://b.example/', 'udp://c.example:80', 'not an address']
    const firsts = new Set<string | undefined>()
    for (let seed = 0; seed < 50; seed++) {
      const random = new SeededRandom(seed)
      const [tier = []] = new TierList([[http, udp, https, ...others]], random, 10).tiers
      const ofHost = tier.filter(url => /a\.example/i.test(url))
      assert.equal(ofHost[0], udp, `seed ${seed}`)
      assert.equal(tier.length, 6)
      firsts.add(tier[0])
    }
    // The others are shuffled as ever.
    assert.deepEqual([...firsts].sort(), [udp, ...others].sort())
    const apart = new TierList([[http], [udp]], new SeededRandom(1), 10)
    assert.deepEqual(apart.tiers, [[http], [udp]])
  })

  it('take one more as the last, but none twice', () => {
    const list = new TierList([['a']], new SeededRandom(1), 10)
    assert.equal(list.add('b'), true)
    assert.equal(list.add('a'), false)
    assert.deepEqual(list.tiers, [['a'], ['b']])
  })

  it('are bounded', () => {
    const many = Array.from({ length: 100 }, (_, i) => [`${i}`])
    const list = new TierList(many, new SeededRandom(1), 10)
    assert.equal(list.tiers.length, 10)
    assert.equal(list.add('more'), false)
  })
})
