// What a client is told while the database is away, hangs or takes no writes: not now, ask again.
import { isTransient, isUnavailable } from '../transaction'

/** For Retry-After. */
export const RETRY_AFTER_SECONDS = '30'

/** Whether a request failed for a reason that passes. */
export const isPassing = (error: unknown): boolean => isUnavailable(error) || isTransient(error)
