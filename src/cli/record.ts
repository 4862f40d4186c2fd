import { type ProcessingRecord, type RecordedKind, recordOf } from '../privacy/record'
import { withDatabase } from './with-database'

/** Prints the record of processing activities, as Markdown to be filed or as JSON. */
export async function recordCommand({ json }: { json?: boolean }): Promise<void> {
  const record = await withDatabase(recordOf)
  console.log(json ? JSON.stringify(record) : inMarkdown(record))
}

function inMarkdown(record: ProcessingRecord): string {
  const { controller, purposes, personalData, recipients } = record
  return [
    '# Record of processing activities (Art. 30 GDPR)',
    `Made on ${record.madeAt.slice(0, 10)} from the running system of ${controller.url}.`,
    '## Controller',
    list([controller.name, controller.postalAddress, controller.contact]),
    '## To be added by the operator',
    list(record.toBeAdded),
    '## Purposes people can consent to',
    list(purposes.map(({ title, key, legalBasis }) => `${title} (\`${key}\`): ${legalBasis}`)),
    '## Personal data of readers and of those who sign up',
    kinds(personalData.filter(({ about }) => about === 'readers')),
    '## Personal data of staff',
    kinds(personalData.filter(({ about }) => about === 'staff')),
    '## Recipients',
    list(recipients.map(({ who, what, why }) => `${who}: ${what}; ${why}`)),
    '## Transfers to third countries',
    record.transfersToThirdCountries,
    '## Technical and organisational measures',
    list(record.security),
  ].join('\n\n')
}

const list = (items: readonly string[]): string => items.map(item => `- ${item}`).join('\n')

const kinds = (rows: readonly RecordedKind[]): string =>
  [
    '| what | what for | erased | columns |',
    '|---|---|---|---|',
    ...rows.map(({ what, why, kept, columns }) => `| ${what} | ${why} | ${kept} | ${columns.join(', ')} |`),
  ].join('\n')
