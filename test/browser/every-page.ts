// A walk that shows every reader page once, through the real doors as far as they can be made to show it.
import { makeReader } from '../support/actors'
import { preferencesToken } from '../support/centre'
import { pending } from '../support/confirming'
import { readerWithLink } from '../support/leaving'
import { askToLogIn, codeIn } from '../support/logging-in'
import { mailsTo, waitForMail } from '../support/mail'
import { readyMail } from '../support/own-data'
import type { Product } from '../support/product'
import { allPages } from '../support/reader-pages'
import { renewalToken } from '../support/renewals'
import { settled } from '../support/rows'
import type { Visitor } from './visitor'

/** Yields the name of each page while the visitor has it open. Needs the topics weekly and monthly. */
export async function* everyPage(
  product: Product,
  visitor: Visitor,
  { locale, newsletterId }: { locale: string; newsletterId: string },
): AsyncGenerator<string> {
  yield* signUpPages(visitor)
  yield* confirmPages(product, visitor, locale)
  yield* renewPages(product, visitor, locale)
  yield* unsubscribePages(product, visitor, locale, newsletterId)
  yield* preferencesPages(product, visitor, locale, newsletterId)
  yield* centrePages(product, visitor, locale)
  yield* dataPages(product, visitor, locale)
  yield* otherPages(visitor, locale)
  // Last, since the browser then remembers that it was refused.
  await visitor.open('/subscribe')
  await enterBirth(visitor, '1', String(new Date().getFullYear() - 5))
  yield 'refused'
}

/** Fills in the age step and goes on. */
export async function enterBirth({ page }: Visitor, month: string, year: string): Promise<void> {
  await page.locator('[name=birthMonth]').fill(month)
  await page.locator('[name=birthYear]').fill(year)
  await page.locator('form button').click()
}

async function* signUpPages(visitor: Visitor): AsyncGenerator<string> {
  const { page } = visitor
  await visitor.open('/subscribe')
  yield 'age'
  await enterBirth(visitor, '13', '90')
  yield 'age-wrong'
  await enterBirth(visitor, '5', '1990')
  yield 'sign-up'
  await page.locator('form button').click()
  yield 'sign-up-wrong'
  await page.getByRole('checkbox').first().check()
  await page.locator('[name=email]').fill('somebody@example.org')
  await page.locator('form button').click()
  yield 'check-inbox'
}

async function* confirmPages(product: Product, visitor: Visitor, locale: string): AsyncGenerator<string> {
  const { token } = await pending(product, { locale })
  await visitor.open(`/c/${token}`)
  yield 'confirm'
  await visitor.page.locator('.main-button').click()
  yield 'confirmed'
  await visitor.open(`/c/${token}`)
  yield 'already-confirmed'
  const other = await pending(product, { locale })
  await visitor.open(`/c/${other.token}`)
  await visitor.page.locator('.second-button').click()
  yield 'denied'
  await visitor.open(`/c/${other.token}`)
  yield 'over'
  await visitor.open('/c/forged')
  yield 'confirm-invalid'
}

async function* renewPages(product: Product, visitor: Visitor, locale: string): AsyncGenerator<string> {
  const { page } = visitor
  const token = await renewalToken(product, locale)
  await visitor.open(`/a/${token}`)
  yield 'renew'
  await page.locator('.main-button').click()
  yield 'renewed'
  await visitor.open(`/a/${token}`)
  yield 'renew-nothing'
  await visitor.open(`/a/${await renewalToken(product, locale)}`)
  await page.getByRole('button').last().click()
  yield 'renew-stopped'
}

async function* unsubscribePages(
  product: Product,
  visitor: Visitor,
  locale: string,
  newsletterId: string,
): AsyncGenerator<string> {
  const { token } = await readerWithLink(product, newsletterId, { locale })
  await visitor.open(`/u/${token}`)
  yield 'unsubscribe'
  await visitor.page.locator('.main-button').click()
  yield 'unsubscribed'
  await visitor.page.locator('.second-button').click()
  yield 'unsubscribed-all'
  await visitor.open('/u/forged')
  yield 'unsubscribe-invalid'
  await visitor.open('/u/test')
  yield 'unsubscribe-test'
}

async function* preferencesPages(
  product: Product,
  visitor: Visitor,
  locale: string,
  newsletterId: string,
): AsyncGenerator<string> {
  const { email } = await readerWithLink(product, newsletterId, { locale })
  await visitor.open(`/p/${await preferencesToken(product, email, newsletterId)}`)
  yield 'preferences'
  await visitor.page.locator('#pause ~ form [value=date]').check()
  await visitor.page.locator('#pause ~ form button').click()
  yield 'preferences-wrong'
  await visitor.page.locator('#pause ~ form [value="2w"]').check()
  await visitor.page.locator('#pause ~ form button').click()
  yield 'preferences-paused'
}

async function* centrePages(product: Product, visitor: Visitor, locale: string): AsyncGenerator<string> {
  const { page } = visitor
  const { email } = await makeReader(product, ['topic:weekly'], { locale, name: 'Ada' })
  await visitor.open('/p')
  yield 'centre-login'
  await page.locator('[name=email]').fill(email)
  await page.locator('form button').click()
  yield 'centre-code'
  await page.locator('[name=code]').fill(codeIn(await waitForMail(product, email, 2)).code)
  await page.locator('form button').first().click()
  yield 'centre'
  await page.locator('section[aria-labelledby=topic-monthly] [value=AT_MOST_WEEKLY]').check()
  await page.locator('section[aria-labelledby=topic-monthly] button').click()
  yield 'centre-proof'
  for (const name of ['history', 'mails']) {
    await visitor.open(`/p/${name}`)
    yield name
  }
  await visitor.open('/e/forged')
  yield 'email-change-invalid'
  await visitor.open('/p')
  await page.locator('[value=logout] ~ button').click()
}

/** Logs this browser in by a mailed link, and uses what the page offers. */
async function* dataPages(product: Product, visitor: Visitor, locale: string): AsyncGenerator<string> {
  const { page } = visitor
  await visitor.open('/p/data')
  yield 'data-logged-out'
  const { email } = await makeReader(product, ['topic:weekly'], { locale })
  await visitor.open(`/l/${(await askToLogIn(product, email)).token}`)
  await page.locator('.main-button').click()
  await visitor.open('/p/data')
  yield 'data'
  const mails = mailsTo(product, email).length
  await page.locator('form:has([value=send]) button').click()
  yield 'data-code'
  await page.locator('[name=code]').fill('000000')
  await page.locator('form:has([value=prove]) button').click()
  yield 'data-code-wrong'
  await page.locator('form:has([value=restrict]) button').click()
  yield 'data-restricted'
  await page.locator('form:has([value=send]) button').click()
  const { code } = codeIn(await waitForMail(product, email, mails + 2))
  await settled(product, email)
  await page.locator('[name=code]').fill(code)
  await page.locator('form:has([value=prove]) button').click()
  yield 'data-proved'
  await page.locator('form:has([value=export]) button').click()
  yield 'data-export-asked'
  const { path } = await readyMail(product, email, mails + 3)
  await visitor.open(path)
  yield 'export'
  await visitor.open('/export/forged')
  yield 'export-invalid'
  await visitor.open('/p/data')
  await page.locator('#field-confirm').check()
  await page.locator('form:has([value=erase]) button').click()
  yield 'data-erased'
  await visitor.open(path)
  yield 'export-over'
}

async function* otherPages(visitor: Visitor, locale: string): AsyncGenerator<string> {
  for (const path of [
    '/privacy',
    '/privacy/retention',
    '/cookies',
    '/processors',
    '/links',
    '/promises',
    '/statistics',
    '/nothing-here',
    '/c/forged/deny',
  ]) {
    await visitor.open(path)
    yield path.slice(1).replaceAll('/', '-')
  }
  // The database would have to be away, or the policy to change meanwhile.
  const { unsubscribeFailed, renewPolicy, confirmNewPolicy, privacy, cookies, processors, links } =
    allPages(locale)
  const others = {
    unsubscribeFailed,
    renewPolicy,
    confirmNewPolicy,
    privacyChanged: privacy,
    cookieChoice: cookies,
    processorList: processors,
    linkDirectory: links,
  }
  for (const [name, body] of Object.entries(others)) {
    await visitor.page.route(`**/made/${name}`, route =>
      route.fulfill({ status: 200, contentType: 'text/html', body }),
    )
    await visitor.open(`/made/${name}`)
    yield name
  }
}
