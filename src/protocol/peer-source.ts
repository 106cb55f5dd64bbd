/**
 * The source of a peer's address: `incoming`, the peer connected to us; `lsd`, it announced itself on the local network
 * (BEP 14); `dht`, a node of the DHT named it (BEP 5); `pex`, a peer that we are connected to named it (BEP 11).
 */
export type PeerSource = 'user' | 'tracker' | 'incoming' | 'lsd' | 'dht' | 'pex'

/**
 * The trust in each source to name peers of the torrent, and not addresses of its own choosing; a higher rank is more trust. An
 * address that several sources name has the highest of their ranks.
 */
export const TRUST_RANK: Readonly<Record<PeerSource, number>> = {
  // A person chose it.
  user: 4,
  // The tracker, which the torrent or the user names, saw the peer's host itself; only the port is the peer's word.
  tracker: 3,
  // Known as a tracker knows it: we saw the host, and the port is the peer's word.
  incoming: 3,
  // A datagram on the local network: any host there can send one under the address of another.
  lsd: 2,
  // Any node can answer, and name any address, but a lookup asks many nodes.
  dht: 1,
  // One peer names others, and nothing shows that they are there.
  pex: 0,
}

/** From this rank on a peer was seen at the address, or chosen by the user; below it the address is only said to be a peer's. */
export const CONFIRMED_RANK = TRUST_RANK.tracker
