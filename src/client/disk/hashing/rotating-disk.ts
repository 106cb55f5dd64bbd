import { readFile, readlink, stat } from 'node:fs/promises'

/** The system's information on its disks. Each method rejects if there is none. */
export interface DiskFacts {
  /** Number of the device that a file or a folder lies on. */
  deviceOf(path: string): Promise<bigint>
  /** The target of a symlink. */
  readLink(path: string): Promise<string>
  readText(path: string): Promise<string>
}

const SYSTEM: DiskFacts = {
  deviceOf: async path => (await stat(path, { bigint: true })).dev,
  readLink: readlink,
  readText: async path => await readFile(path, 'latin1'),
}

/** Drivers of virtual disks: a hypervisor's disk reports that it rotates, whatever is behind it. */
const VIRTUAL = /\/(virtio|vbd-|xen|VMBUS)/

/**
 * True if `path` lies on a rotating disk, which several readers at a time slow down. Only Linux tells; otherwise false.
 */
export async function isOnRotatingDisk(
  path: string,
  facts: DiskFacts = SYSTEM,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  if (platform !== 'linux') return false
  try {
    const device = `/sys/dev/block/${nameOf(await facts.deviceOf(path))}`
    if (VIRTUAL.test(await facts.readLink(device))) return false
    // A partition has no queue of its own: that of its disk is above it.
    const text = await facts
      .readText(`${device}/queue/rotational`)
      .catch(() => facts.readText(`${device}/../queue/rotational`))
    return text.trim() === '1'
  } catch {
    return false
  }
}

/** `8:1`: the major and the minor number, whose bits Linux mixes (`makedev`). */
function nameOf(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xffff_f000n)
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffff_ff00n)
  return `${major}:${minor}`
}
