import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DiskFacts, isOnRotatingDisk } from '../../../../src/client/disk/hashing/rotating-disk.js'

const PCI = '../../devices/pci0000:00'

/** A machine with one disk, whose device has this number. */
function machine(device: bigint, links: Record<string, string>, texts: Record<string, string>): DiskFacts {
  const given = async (table: Record<string, string>, path: string): Promise<string> => {
    const found = table[path]
    if (found === undefined) throw new Error(`ENOENT: ${path}`)
    return found
  }
  return {
    deviceOf: async () => device,
    readLink: path => given(links, path),
    readText: path => given(texts, path),
  }
}

test('a whole disk and a partition of it', async () => {
  const links = {
    '/sys/dev/block/8:0': `${PCI}/ata1/block/sda`,
    '/sys/dev/block/8:1': `${PCI}/ata1/block/sda/sda1`,
  }
  const disk = { '/sys/dev/block/8:0/queue/rotational': '1\n' }
  const partition = { '/sys/dev/block/8:1/../queue/rotational': '1\n' }
  assert.equal(await isOnRotatingDisk('/data', machine(0x800n, links, disk), 'linux'), true)
  assert.equal(await isOnRotatingDisk('/data', machine(0x801n, links, partition), 'linux'), true)
  const solid = { '/sys/dev/block/8:0/queue/rotational': '0\n' }
  assert.equal(await isOnRotatingDisk('/data', machine(0x800n, links, solid), 'linux'), false)
})

test('numbers of devices that are large', async () => {
  const links = { '/sys/dev/block/259:300': `${PCI}/nvme/nvme0n1p300` }
  const texts = { '/sys/dev/block/259:300/queue/rotational': '1' }
  // 300 = 0x12c: its higher bits stand above those of the major number.
  assert.equal(await isOnRotatingDisk('/', machine(0x11_032cn, links, texts), 'linux'), true)
})

test('what is not known, not Linux, or a hypervisor’s counts as not rotating', async () => {
  const name = '/sys/dev/block/254:0'
  const texts = { [`${name}/queue/rotational`]: '1\n' }
  const real = { [name]: `${PCI}/ata1/block/sdz` }
  assert.equal(await isOnRotatingDisk('/', machine(0xfe00n, real, texts), 'linux'), true)
  assert.equal(await isOnRotatingDisk('/', machine(0xfe00n, real, texts), 'darwin'), false)
  assert.equal(await isOnRotatingDisk('/', machine(0xfe00n, {}, texts), 'linux'), false)
  assert.equal(await isOnRotatingDisk('/', machine(0xfe00n, real, {}), 'linux'), false)
  const virtual = { [name]: `${PCI}/0000:00:02.0/virtio1/block/vda` }
  assert.equal(await isOnRotatingDisk('/', machine(0xfe00n, virtual, texts), 'linux'), false)
})
