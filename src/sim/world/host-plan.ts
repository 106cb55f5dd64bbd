import type { UploadOptions } from '../../engine/upload/uploader.js'
import type { DiskPlan } from './disk.js'

/** When a host leaves the swarm. */
type Leaving =
  | { readonly type: 'never' }
  | { readonly type: 'at'; readonly ms: number }
  /** When it has sent this number of bytes of blocks. */
  | { readonly type: 'after-sending'; readonly bytes: number }

type Behaviour =
  | 'honest'
  /** Downloads and never uploads. */
  | 'free-rider'
  /** Some of the blocks that it sends are bad. */
  | 'liar'

/** One host of a swarm, and its fate. */
export interface HostPlan {
  /** The name of its kind in figures: `seed`, `DSL`, ... */
  readonly kind: string
  readonly isSeed: boolean
  /** Bytes a second. */
  readonly uploadRate: number
  readonly downloadRate: number
  /** Its part of the latency to any other host, one way. */
  readonly latencyMs: number
  readonly joinMs: number
  readonly leaving: Leaving
  readonly behaviour: Behaviour
  readonly disk: DiskPlan
  /** How it uploads; undefined: as the engine does by default. */
  readonly upload?: Partial<UploadOptions> | undefined
}
