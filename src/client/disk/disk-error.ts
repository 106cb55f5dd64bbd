import { CodedError, reasonOf, systemCode } from '../../base/errors.js'
import { formatBytes } from '../../base/format-bytes.js'

export type DiskErrorCode =
  | 'not-found'
  | 'permission'
  /** No space is left. */
  | 'full'
  /** The user's quota is used up. */
  | 'quota'
  /** A file is larger than the file system, or the user's limit, allows. */
  | 'too-large'
  /** Something else is where content has to go. */
  | 'exists'
  | 'not-a-file'
  | 'not-a-folder'
  /** A symlink is in the way: content is never written through one. */
  | 'symlink'
  | 'name-too-long'
  /** Another program keeps a file from being used. */
  | 'busy'
  /** The process or the machine has too many files open. */
  | 'too-many-open'
  | 'read-only'
  /** Another program changed a file. */
  | 'changed'
  /** Another program removed a file. */
  | 'gone'
  /** The device failed, or the system gave a reason that has no code of its own. */
  | 'io'
  /** The storage or the pool was closed before the work was done. */
  | 'closed'

interface PathFacts {
  readonly path: string
}

interface FullFacts extends PathFacts {
  /** Bytes of the content that are still to come, where that is known. */
  readonly missingBytes?: number
}

type DiskFacts<Code extends DiskErrorCode> = Code extends 'full' ? FullFacts : PathFacts

/** A failure of the disk. The message is one line: the action, the path, and what can be done about it. */
export class DiskError<Code extends DiskErrorCode = DiskErrorCode> extends CodedError<
  Code,
  DiskFacts<Code>
> {}

/** The action that failed, as messages have it: "while writing /x/y". */
export type DiskAction = 'reading' | 'writing' | 'creating' | 'syncing' | 'cutting'

/** The error for a file that another program changed while it was in use. */
export function changedByOthers(path: string): DiskError {
  return new DiskError('changed', `${path} was changed by another program`, { path })
}

/** The error for a file that another program cut, so that content is missing at its end. */
export function cutByOthers(path: string): DiskError {
  return new DiskError('changed', `${path} was cut by another program`, { path })
}

/** The error for a file that another program removed while it was in use. */
export function removedByOthers(path: string): DiskError {
  return new DiskError('gone', `${path} is gone: another program removed it`, { path })
}

/** Says how much room is missing on a disk that is full. */
export function fullDisk({ facts }: DiskError, missingBytes: number): DiskError<'full'> {
  const message = `No space left on the disk while writing ${facts.path}: ${formatBytes(missingBytes)} of the content is missing: free that much space and start again`
  return new DiskError('full', message, { path: facts.path, missingBytes })
}

/** True if another program, and not the disk, is the cause: the pieces that it changed can be hashed and downloaded again. */
export function isByOthers(error: DiskError): boolean {
  return error.code === 'changed' || error.code === 'gone'
}

/**
 * A `DiskError` for anything that a call to the file system threw; one that is a `DiskError` stays as it is.
 */
export function toDiskError(thrown: unknown, action: DiskAction, path: string): DiskError {
  if (thrown instanceof DiskError) return thrown
  const known = WORDS.get(systemCode(thrown))
  const { code, message } = known ?? { code: 'io' as const, message: unknownFailure(reasonOf(thrown)) }
  return new DiskError(code, message(action, path), { path }, { cause: thrown })
}

interface Words {
  readonly code: DiskErrorCode
  message(action: DiskAction, path: string): string
}

const ELSEWHERE = 'choose another folder'

const FAILED_DISK: Words = {
  code: 'io',
  message: (action, path) => `The disk failed while ${action} ${path}: check the disk`,
}

const SYMLINK: Words = {
  code: 'symlink',
  message: (action, path) => `A symlink is in the way while ${action} ${path}: remove it or ${ELSEWHERE}`,
}

const TOO_MANY_OPEN: Words = {
  code: 'too-many-open',
  message: (action, path) =>
    `Too many files are open while ${action} ${path}: close programs or raise the limit`,
}

const PERMISSION: Words = {
  code: 'permission',
  message: (action, path) => `No permission while ${action} ${path}: change its permissions or ${ELSEWHERE}`,
}

const BUSY: Words = {
  code: 'busy',
  message: (action, path) => `Another program is using it while ${action} ${path}: close that program`,
}

/** By the system's code, the words for it: each says what to do. */
const WORDS: ReadonlyMap<string, Words> = new Map<string, Words>([
  [
    'ENOENT',
    {
      code: 'not-found',
      message: (action, path) => `No such file or folder while ${action} ${path}: check the path`,
    },
  ],
  ['EACCES', PERMISSION],
  ['EPERM', PERMISSION],
  [
    'ENOSPC',
    {
      code: 'full',
      message: (action, path) => `No space left on the disk while ${action} ${path}: free some space`,
    },
  ],
  [
    'EDQUOT',
    {
      code: 'quota',
      message: (action, path) => `The disk quota is used up while ${action} ${path}: free some space`,
    },
  ],
  [
    'EFBIG',
    {
      code: 'too-large',
      message: (action, path) =>
        `The file is too large for this file system or this user's limit while ${action} ${path}: ${ELSEWHERE}`,
    },
  ],
  [
    'EEXIST',
    {
      code: 'exists',
      message: (action, path) =>
        `Something else exists already while ${action} ${path}: move it away or ${ELSEWHERE}`,
    },
  ],
  [
    'EISDIR',
    {
      code: 'not-a-file',
      message: (action, path) =>
        `A folder is where a file must be while ${action} ${path}: move it away or ${ELSEWHERE}`,
    },
  ],
  [
    'ENOTDIR',
    {
      code: 'not-a-folder',
      message: (action, path) =>
        `A file is where a folder must be while ${action} ${path}: move it away or ${ELSEWHERE}`,
    },
  ],
  ['ELOOP', SYMLINK],
  ['EMLINK', SYMLINK], // FreeBSD's word for O_NOFOLLOW
  [
    'ENAMETOOLONG',
    {
      code: 'name-too-long',
      message: (action, path) =>
        `The name is too long for this file system while ${action} ${path}: choose a folder with a shorter path`,
    },
  ],
  ['ETXTBSY', BUSY],
  ['EBUSY', BUSY],
  ['EMFILE', TOO_MANY_OPEN],
  ['ENFILE', TOO_MANY_OPEN],
  [
    'EROFS',
    {
      code: 'read-only',
      message: (action, path) => `The disk is read-only while ${action} ${path}: ${ELSEWHERE}`,
    },
  ],
  ['EIO', FAILED_DISK],
  ['ENXIO', FAILED_DISK],
  ['ENODEV', FAILED_DISK],
])

/** For errors without a code of their own: the system's words. */
function unknownFailure(reason: string): Words['message'] {
  return (action, path) => `Something failed while ${action} ${path}: ${reason}`
}
