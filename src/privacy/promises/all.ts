// The promises of the policy, one after the other, with what this site has to show for each (DESIGN §7).
import { type MessageKey, message } from '../../messages'
import { noChildren, onlyDeclared, policiesStand } from './data'
import { type Found, type PromiseMeans, promiseIds } from './kept'
import { linksMarked } from './links'
import { noSpam, personalised } from './mail'
import { onlyByLaw } from './release'
import { onlyAggregates, onlyCounters } from './statistics'
import { nothingSold, onlyHelpers, underAgreement } from './third-parties'
import { anonymous, cookiesDisclosed } from './visit'

export type PromiseId = (typeof promiseIds)[number]

const proofs: Record<PromiseId, (means: PromiseMeans) => Promise<Found>> = {
  P1: noSpam,
  P2: onlyDeclared,
  P3: anonymous,
  P4: cookiesDisclosed,
  P5: personalised,
  P6: onlyCounters,
  P7: onlyHelpers,
  P8: nothingSold,
  P9: underAgreement,
  P10: onlyByLaw,
  P11: onlyAggregates,
  P12: linksMarked,
  P13: noChildren,
  P14: policiesStand,
}

/** A promise in words. */
export interface ShownPromise {
  id: PromiseId
  text: string
  enforcedBy: string
  evidence: string
  holds: boolean
}

export type FoundPromises = readonly (Found & { id: PromiseId })[]

/** Looks at everything now. What is looked at changes meanwhile: each promise is of one moment, not all of the same. */
export async function findPromises(means: PromiseMeans): Promise<FoundPromises> {
  const found: (Found & { id: PromiseId })[] = []
  for (const id of promiseIds) found.push({ id, ...(await proofs[id](means)) })
  return found
}

export const inWords = (locale: string, promises: FoundPromises): ShownPromise[] =>
  promises.map(({ id, figures, broken }) => ({
    id,
    text: message(locale, `promise.${id}.text`),
    enforcedBy: message(locale, `promise.${id}.by`),
    evidence: [
      ...broken.map(({ key, values }) => message(locale, key, values)),
      ...(Object.keys(figures).length > 0
        ? [message(locale, `promise.${id}.evidence` as MessageKey, figures)]
        : []),
    ].join(' '),
    holds: broken.length === 0,
  }))
