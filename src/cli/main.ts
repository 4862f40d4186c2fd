#!/usr/bin/env node
// weinterrupt: one file per command, loaded only when it is asked for, so that `render` needs no database driver.
// import() resolves as in ES modules: unlike the imports above, its paths need their `.js`.
import { Command } from 'commander'
import { ConfigError } from '../config'
import { errorFields } from '../log'
import { Problem } from './problem'

const NO_SUCH_TABLE = 1146

async function main(): Promise<void> {
  // A reader that closes the pipe early (`| head`) is no failure.
  process.stdout.on('error', () => process.exit(0))
  endWithParent()
  try {
    await createProgram().parseAsync()
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    process.exitCode = 1
  }
  // A connection that is still being tried must not keep a finished command alive.
  process.stdout.write('', () => process.exit())
}

function createProgram(): Command {
  const program = new Command('weinterrupt')
  program.description('We Interrupt, the newsletter system that cannot spam.').showHelpAfterError()
  addOperation(program)
  addStaff(program)
  addRedButton(program)
  addSuppression(program)
  addImports(program)
  addPrivacy(program)
  addDataRights(program)
  addKeys(program)
  addLedger(program)
  addAuthoring(program)
  addTrials(program)
  return program
}

function addOperation(program: Command): void {
  program
    .command('migrate')
    .description('bring the database up to date; on an empty one, write the site and its first policy')
    .action(async () => (await import('./migrate.js')).migrateCommand())
}

function addStaff(program: Command): void {
  const staff = program.command('staff').description('authors, publishers and admins')
  staff
    .command('create')
    .description('add a staff member; the password comes from standard input, or a random one is printed')
    .requiredOption('--email <address>')
    .requiredOption('--name <name>')
    .requiredOption('--role <role>', 'AUTHOR, PUBLISHER or ADMIN')
    .option('--json', 'answer as JSON')
    .action(async options => (await import('./staff-create.js')).staffCreateCommand(options))
  staff
    .command('list')
    .description('everybody of staff, the disabled too')
    .option('--json', 'answer as JSON')
    .action(async options => (await import('./staff-list.js')).staffListCommand(options))
  staff
    .command('reset')
    .description('give a new password, from standard input or a random one that is printed')
    .requiredOption('--email <address>')
    .option('--second-factor', 'also take off the second factor, for who has neither phone nor recovery code')
    .action(async options => (await import('./staff-reset.js')).staffResetCommand(options))
  staff
    .command('deactivate')
    .description('end every log-in of a staff member, for good')
    .requiredOption('--email <address>')
    .action(async options => (await import('./staff-deactivate.js')).staffDeactivateCommand(options))
}

function addSuppression(program: Command): void {
  const suppress = program.command('suppress').description('addresses that are never mailed')
  suppress
    .command('add <email>')
    .description('block an address for good, whether it is known or not')
    .option('--note <text>', 'why')
    .option('--json', 'answer as JSON')
    .action(async (email, options) => (await import('./suppress-add.js')).suppressAddCommand(email, options))
  suppress
    .command('check <email>')
    .description('whether an address is suppressed, by what and since when')
    .option('--json', 'answer as JSON')
    .action(async (email, options) =>
      (await import('./suppress-check.js')).suppressCheckCommand(email, options),
    )
  suppress
    .command('why <email>')
    .description('why an address would or would not get each topic now, and what it got')
    .option('--json', 'answer as JSON')
    .action(async (email, options) => (await import('./suppress-why.js')).suppressWhyCommand(email, options))
}

function addImports(program: Command): void {
  const imports = program.command('import').description('take in a CSV file, row by row; nobody is mailed')
  imports
    .command('readers <file>')
    .description('readers, each with source, time and wording of the consent; `-` is standard input')
    .requiredOption('--policy <version>', 'the policy version that was agreed to, where a row names none')
    .option('--topic <slug...>', 'for rows that name none')
    .option(
      '--evidence <columns>',
      'the columns of source, time, wording and, if there is one, policy version',
      'source,consented_at,wording',
    )
    .option('--resume <id>', 'go on with an import that broke off')
    .option('--json', 'answer as JSON')
    .action(async (file, options) =>
      (await import('./import-readers.js')).importReadersCommand(file, options),
    )
  imports
    .command('suppressions <file>')
    .description('addresses that are not to be mailed; `-` is standard input')
    .option('--reason <reason>', 'where a row has none', 'MANUAL')
    .option('--resume <id>', 'go on with an import that broke off')
    .option('--json', 'answer as JSON')
    .action(async (file, options) =>
      (await import('./import-suppressions.js')).importSuppressionsCommand(file, options),
    )
}

function addDataRights(program: Command): void {
  const dsar = program.command('dsar').description('requests of people about their own data')
  dsar
    .command('export <email>')
    .description('write everything that is known about an address into a ZIP file')
    .requiredOption('--reason <text>')
    .option('--out <file>', 'the file to write, which must not exist yet', 'data-export.zip')
    .option('--json', 'answer as JSON')
    .action(async (email, options) => (await import('./dsar.js')).dsarExportCommand(email, options))
  dsar
    .command('erase <email>')
    .description('erase whoever the address belongs to, for good; known or not, nobody can sign it up again')
    .requiredOption('--reason <text>')
    .option('--child', 'too young: take the proof of consent as well, and send no mail')
    .option('--json', 'answer as JSON')
    .action(async (email, options) => (await import('./dsar.js')).dsarEraseCommand(email, options))
}

function addRedButton(program: Command): void {
  program
    .command('stop')
    .description('halt all sending of the site, at once')
    .requiredOption('--reason <text>')
    .option('--json', 'answer as JSON')
    .action(async options => (await import('./stop.js')).stopCommand(options))
  program
    .command('start')
    .description('let sending go on where it was')
    .requiredOption('--reason <text>')
    .option('--json', 'answer as JSON')
    .action(async options => (await import('./start.js')).startCommand(options))
  program
    .command('release')
    .description(
      'after a restore: take back again what readers took back since the backup, then let sending go on',
    )
    .requiredOption('--reason <text>')
    .option('--without-journal', 'go on although the deny journal is missing or damaged')
    .option('--json', 'answer as JSON')
    .action(async options => (await import('./release.js')).releaseCommand(options))
  program
    .command('status')
    .description('whether the site sends, and the newsletters under way')
    .option('--json', 'answer as JSON')
    .action(async options => (await import('./status.js')).statusCommand(options))
}

function addPrivacy(program: Command): void {
  program
    .command('retention')
    .description('personal data that is over its time')
    .command('run')
    .description('remove it now; the worker does the same every day')
    .option('--dry-run', 'only count what would go')
    .option('--json', 'answer as JSON')
    .action(async options => (await import('./retention-run.js')).retentionRunCommand(options))
  program
    .command('promises')
    .description(
      'show for each promise of the policy whether it holds and by what; ends with 1 when one does not',
    )
    .option('--json', 'answer as JSON')
    .action(async options => (await import('./promises.js')).promisesCommand(options))
  program
    .command('record')
    .description('print the record of processing activities (Art. 30 GDPR) of this site')
    .option('--json', 'answer as JSON instead of Markdown')
    .action(async options => (await import('./record.js')).recordCommand(options))
}

function addKeys(program: Command): void {
  const keys = program.command('keys').description('the keys that seal addresses and sign links')
  keys
    .command('create')
    .description('print the keys of a new installation')
    .action(async () => (await import('./keys-create.js')).keysCreateCommand())
  keys
    .command('rotate')
    .description('add a new current key; the old ones go on opening and verifying')
    .option('--reseal', 'seal what old keys sealed with the current one; can be repeated at any time')
    .action(async options => (await import('./keys-rotate.js')).keysRotateCommand(options))
  keys
    .command('revoke <id>')
    .description('take an old key out once nothing is sealed with it')
    .option('--force', 'although links in mails sent with it stop working')
    .action(async (id, options) => (await import('./keys-revoke.js')).keysRevokeCommand(id, options))
  keys
    .command('backup <file>')
    .description('write the keys into a file that only the passphrase on standard input opens')
    .action(async file => (await import('./keys-backup.js')).keysBackupCommand(file))
  keys
    .command('restore <file>')
    .description('print the keys of such a file; the passphrase comes from standard input')
    .option('--verify', 'print nothing, only check that the file holds the keys in use')
    .action(async (file, options) => (await import('./keys-restore.js')).keysRestoreCommand(file, options))
}

function addLedger(program: Command): void {
  const ledger = program.command('ledger').description('the consent ledger: every yes and no, with its proof')
  ledger
    .command('verify')
    .description('check every event, chain, state, deletion and checkpoint; ends with 1 at a break')
    .option('--json', 'answer as JSON')
    .action(async options => (await import('./ledger-verify.js')).ledgerVerifyCommand(options))
  ledger
    .command('checkpoint')
    .description('sign a checkpoint now; the worker makes one every day')
    .option('--json', 'answer as JSON')
    .action(async options => (await import('./ledger-checkpoint.js')).ledgerCheckpointCommand(options))
  ledger
    .command('verify-receipt <file>')
    .description("check a reader's receipt, without any server")
    .option('--key <file>', 'the saved /.well-known/weinterrupt-ledger.json of the site')
    .option('--json', 'answer as JSON')
    .action(async (file, options) =>
      (await import('./ledger-verify-receipt.js')).ledgerVerifyReceiptCommand(file, options),
    )
}

function addAuthoring(program: Command): void {
  program
    .command('render')
    .description('turn an MJML file into the HTML or text that would be sent, and say what is wrong with it')
    .argument('<file>')
    .option('--locale <locale>', 'language of the system footer', 'en')
    .option('--html', 'print the HTML (the default)')
    .option('--text', 'print the text part')
    .action(async (file, options) => (await import('./render.js')).renderCommand(file, options))
  program
    .command('schema')
    .description('the GraphQL schemas')
    .command('print')
    .description('print one as SDL')
    .option('--public', 'of /graphql')
    .option('--staff', 'of /graphql/staff')
    .action(async options => (await import('./schema-print.js')).schemaPrintCommand(options))
}

function addTrials(program: Command): void {
  program
    .command('seed')
    .description('make confirmed readers for trials and load tests; refused where real readers exist')
    .requiredOption('--readers <count>')
    .option('--topic <slug>', 'made when it is missing', 'trial')
    .action(async options => (await import('./seed.js')).seedCommand(options))
  program
    .command('demo')
    .description('local mode only: fill an empty site, send real newsletters and prove the figures')
    .action(async () => (await import('./demo.js')).demoCommand())
}

/** Started by another process of ours: when that one is gone, nobody reads the answer. */
function endWithParent(): void {
  if (!process.send) return
  process.on('disconnect', () => process.exit(1))
  process.channel?.unref()
}

function explain(error: unknown): string {
  if (error instanceof Problem || error instanceof ConfigError) return error.message
  const { errno, code, errors } = error as { errno?: number; code?: string; errors?: unknown[] }
  if (errno === NO_SUCH_TABLE) return 'The database has no tables yet: run `weinterrupt migrate` first.'
  if (code === 'ECONNREFUSED') return `Nothing answers at the database's address: is it running?`
  return `That did not work: ${String(errorFields(errors?.[0] ?? error).message)}`
}

void main()
