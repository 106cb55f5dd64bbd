import { services } from './local-services.js'
import type { CommandRow } from './program.js'

/** All commands, in the order of `torrent --help`. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'make',
    summary: 'make a .torrent of a file or a folder, to publish it',
    async load() {
      const { defineMake } = await import('./commands/make.js')
      return (command, begin) => defineMake(command, begin, services)
    },
  },
  {
    name: 'get',
    summary: 'download and verify torrents, then seed them',
    async load() {
      const { defineGet } = await import('./commands/get.js')
      return (command, begin) => defineGet(command, begin, services)
    },
  },
  {
    name: 'seed',
    summary: 'seed torrents whose content is on this machine',
    async load() {
      const { defineSeed } = await import('./commands/seed.js')
      return (command, begin) => defineSeed(command, begin, services)
    },
  },
  {
    name: 'tracker',
    summary: 'run a tracker',
    async load() {
      const { defineTracker } = await import('./commands/tracker.js')
      return (command, begin) => defineTracker(command, begin, services)
    },
  },
  {
    name: 'info',
    summary: 'show the contents of a torrent or a magnet link',
    async load() {
      const { defineInfo } = await import('./commands/info.js')
      return (command, begin) => defineInfo(command, begin, services)
    },
  },
  {
    name: 'check',
    summary: 'verify the data on disk against a torrent',
    async load() {
      const { defineCheck } = await import('./commands/check.js')
      return (command, begin) => defineCheck(command, begin, services)
    },
  },
  {
    name: 'magnet',
    summary: 'print the magnet link of a torrent',
    async load() {
      const { defineMagnet } = await import('./commands/magnet.js')
      return (command, begin) => defineMagnet(command, begin, services)
    },
  },
  {
    name: 'scrape',
    summary: 'ask the trackers of a torrent how many peers they know',
    async load() {
      const { defineScrape } = await import('./commands/scrape.js')
      return (command, begin) => defineScrape(command, begin, services)
    },
  },
]
