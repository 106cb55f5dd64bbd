/** The environment in which the program looks for peers neither in the DHT nor in the local network. */
export const OFFLINE = { TORRENT_NO_DHT: '1', TORRENT_NO_LSD: '1' } as const
