// A walk that shows every reader page once, through the real doors as far as they can be made to show it.
import { pending } from '../support/confirming'
import { readerWithLink } from '../support/leaving'
import type { Product } from '../support/product'
import { allPages } from '../support/reader-pages'
import { renewalToken } from '../support/renewals'
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

async function* otherPages(visitor: Visitor, locale: string): AsyncGenerator<string> {
  for (const path of ['/privacy', '/privacy/retention', '/nothing-here', '/c/forged/deny']) {
    await visitor.open(path)
    yield path.slice(1).replaceAll('/', '-')
  }
  // The database would have to be away, or the policy to change meanwhile.
  const { unsubscribeFailed, renewPolicy, confirmNewPolicy, privacy } = allPages(locale)
  const others = { unsubscribeFailed, renewPolicy, confirmNewPolicy, privacyChanged: privacy }
  for (const [name, body] of Object.entries(others)) {
    await visitor.page.route(`**/made/${name}`, route =>
      route.fulfill({ status: 200, contentType: 'text/html', body }),
    )
    await visitor.open(`/made/${name}`)
    yield name
  }
}
