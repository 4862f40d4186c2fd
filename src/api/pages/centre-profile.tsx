import type { VNode } from 'preact'
import { type MessageKey, message } from '../../messages'
import type { CentrePageProps } from './centre-props'
import { fieldId, Hidden, TextField } from './form-parts'

/** Name, language and time zone. */
export function AboutYou({ locale, name, language, locales, timeZone, errors }: CentrePageProps): VNode {
  return (
    <section aria-labelledby="profile">
      <h2 id="profile">{message(locale, 'centre.own.profile')}</h2>
      <form method="post" action="/p">
        <Hidden values={{ act: 'profile' }} />
        <TextField
          name="name"
          label={message(locale, 'signup.name')}
          remark={message(locale, 'page.optional')}
          hint={message(locale, 'signup.nameHint')}
          errors={errors}
          value={name ?? ''}
          autocomplete="name"
          maxlength={100}
        />
        <div class="field">
          <label for={fieldId('locale')}>{message(locale, 'centre.own.language')}</label>
          <select id={fieldId('locale')} name="locale">
            {locales.map(one => (
              <option key={one} value={one} selected={one === language} lang={one}>
                {nameOf(one)}
              </option>
            ))}
          </select>
        </div>
        <TextField
          name="timeZone"
          label={message(locale, 'centre.own.zone')}
          remark={message(locale, 'page.optional')}
          hint={message(locale, 'centre.own.zoneHint')}
          errors={errors}
          value={timeZone ?? ''}
          autocomplete="off"
          maxlength={60}
        />
        <button type="submit" class="second-button">
          {message(locale, 'centre.save')}
        </button>
      </form>
    </section>
  )
}

const names: Record<string, MessageKey> = { en: 'page.language.en', de: 'page.language.de' }
const nameOf = (locale: string): string => {
  const key = names[locale]
  return key ? message(locale, key) : locale
}

export function NewAddress({ locale, errors }: CentrePageProps): VNode {
  return (
    <section aria-labelledby="address">
      <h2 id="address">{message(locale, 'centre.own.address')}</h2>
      <p>{message(locale, 'centre.own.addressText')}</p>
      <form method="post" action="/p" novalidate>
        <Hidden values={{ act: 'address' }} />
        <TextField
          name="newEmail"
          label={message(locale, 'centre.own.newEmail')}
          errors={errors}
          value={undefined}
          type="email"
          inputmode="email"
          autocomplete="email"
          maxlength={254}
        />
        <button type="submit" class="second-button">
          {message(locale, 'centre.own.addressButton')}
        </button>
      </form>
    </section>
  )
}
