import type { UploadOptions } from '../../engine/upload/uploader.js'
import type { DiskPlan } from './disk.js'

/** When a host leaves the swarm. */
type Leaving =
  | { readonly type: 'never' }
  | { readonly type: 'at'; readonly ms: number }
  /** When it has sent so many bytes of blocks. */
  | { readonly type: 'after-sending'; readonly bytes: number }

type Behaviour =
  | 'honest'
  /** Takes and never gives. */
  | 'free-rider'
  /** Some of the blocks it sends are bad. */
  | 'liar'

/** One host of a swarm, and what becomes of it. */
export interface HostPlan {
  /** Its kind, as figures name it: `seed`, `DSL`, ... */
  readonly kind: string
  readonly isSeed: boolean
  /** Bytes a second. */
  readonly uploadRate: number
  readonly downloadRate: number
  /** Its part of the way to any other host, one way. */
  readonly latencyMs: number
  readonly joinMs: number
  readonly leaving: Leaving
  readonly behaviour: Behaviour
  readonly disk: DiskPlan
  /** How it lets others download; undefined: as the engine does by default. */
  readonly upload?: Partial<UploadOptions> | undefined
}
