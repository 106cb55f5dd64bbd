import { CodedError } from '../base/errors.js'

export type TrackerServerErrorCode = 'port-in-use' | 'no-permission' | 'bad-address'

/** The tracker cannot listen where it was told to. */
export class TrackerServerError extends CodedError<TrackerServerErrorCode, { host: string; port: number }> {}
