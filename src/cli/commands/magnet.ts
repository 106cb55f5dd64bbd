import type { Begin, Command } from '../program.js'
import { loadTorrent } from '../torrents/load-torrent.js'
import type { Rooms } from '../values/ports.js'

type MagnetRooms = Pick<Rooms, 'parseMetainfo' | 'toMagnet'>

export function defineMagnet(command: Command, begin: Begin, rooms: MagnetRooms): void {
  command
    .description('Prints the magnet link of a torrent.')
    .argument('<torrent>', '.torrent file, `-`, or http(s) address')
    .addHelpText('after', '\nExample:\n  torrent magnet ubuntu.iso.torrent')
    .action(async source => {
      const { output } = await begin()
      const magnet = await rooms.toMagnet(await loadTorrent(source, rooms))
      output.event({ type: 'magnet', magnet })
      output.result(magnet)
    })
}
