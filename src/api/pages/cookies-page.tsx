// The published registry of cookies, and the choice about those that are not needed. Accept and refuse are equal (C1).
import type { VNode } from 'preact'
import { ConsentStatus } from '../../entities/consent'
import { message } from '../../messages'
import { type CookieKey, cookieName, cookies } from '../../privacy/cookies'
import { type Asked, choiceEnds, type VisitorChoice } from '../../privacy/visitor-choice'
import { ChoiceGroup } from './choice-group'
import { shownVersions } from './cookie-banner'
import { ErrorSummary, type FieldError, Hidden } from './form-parts'
import { type LanguageLink, type PageFrame, page } from './layout'

export interface CookiesPageProps extends PageFrame {
  asked: readonly Asked[]
  choice: VisitorChoice | undefined
  isSignalled: boolean
  isSecure: boolean
  errors: readonly FieldError[]
  languages: readonly LanguageLink[]
}

export function cookiesPage(props: CookiesPageProps): string {
  const { locale, siteName, asked, isSignalled, isSecure, errors, languages } = props
  const title = message(locale, 'cookies.title', { site: siteName })
  return page({
    frame: props,
    title: errors.length > 0 ? message(locale, 'page.errorPrefix', { title }) : title,
    languages,
    children: (
      <>
        <ErrorSummary locale={locale} errors={errors} />
        <h1>{title}</h1>
        <p class="lead">{message(locale, asked.length > 0 ? 'cookies.intro' : 'cookies.onlyNeeded')}</p>
        {isSignalled && (
          <div class="done-note" role="status">
            <p>{message(locale, 'cookies.signal')}</p>
          </div>
        )}
        {asked.length > 0 && !isSignalled && <Choices {...props} />}
        <h2>{message(locale, 'cookies.list')}</h2>
        {(Object.keys(cookies) as CookieKey[]).map(key => (
          <Cookie key={key} locale={locale} name={key} isSecure={isSecure} />
        ))}
      </>
    ),
  })
}

function Choices({ locale, asked, choice }: CookiesPageProps): VNode {
  const ticked = asked.filter(({ status }) => status === ConsentStatus.GRANTED)
  const versions = shownVersions(asked)
  return (
    <section aria-labelledby="choice">
      <h2 id="choice">{message(locale, 'cookies.choice')}</h2>
      <p>{state(locale, choice)}</p>
      <form method="post" action="/cookies">
        <Hidden values={{ locale, ...versions }} />
        <button type="submit" name="act" value="refuse">
          {message(locale, 'cookies.refuse')}
        </button>{' '}
        <button type="submit" name="act" value="accept">
          {message(locale, 'cookies.accept')}
        </button>
      </form>
      <form method="post" action="/cookies">
        <Hidden values={{ locale, act: 'save' }} />
        <ChoiceGroup
          field="purposes"
          legend={message(locale, 'cookies.each')}
          hint={message(locale, 'cookies.eachHint')}
          choices={asked.map(({ shown: { purpose, words } }) => ({
            key: purpose.key,
            version: words.version,
            title: words.title,
            description: words.description,
            cadence: null,
          }))}
          ticked={ticked.map(({ shown }) => shown.purpose.key)}
          errors={[]}
        />
        <button type="submit" class="second-button">
          {message(locale, 'cookies.save')}
        </button>
      </form>
    </section>
  )
}

function state(locale: string, choice: VisitorChoice | undefined): string {
  if (!choice) return message(locale, 'cookies.undecided')
  return message(locale, 'cookies.decided', { day: new Date(choice.day), until: choiceEnds(choice) })
}

function Cookie({ locale, name, isSecure }: { locale: string; name: CookieKey; isSecure: boolean }): VNode {
  const { life, party } = cookies[name]
  return (
    <section class="kept">
      <h3>
        <code>{cookieName(name, isSecure)}</code>
      </h3>
      <dl>
        <dt>{message(locale, 'cookies.why')}</dt>
        <dd>{message(locale, `cookies.purpose.${name}`)}</dd>
        <dt>{message(locale, 'cookies.life')}</dt>
        <dd>{message(locale, `cookies.life.${life ?? 'browser'}`)}</dd>
        <dt>{message(locale, 'cookies.party')}</dt>
        <dd>{message(locale, `cookies.party.${party}`)}</dd>
      </dl>
    </section>
  )
}
