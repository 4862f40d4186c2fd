// The looks of the notices. Mail programs need styles on the elements; the few rules for dark mode go into <head>.

const font = "font-family: -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

/** Style attributes by part of the mail. Contrast is at least 4.5 : 1 (X4). */
export const styles = {
  page: 'margin: 0; padding: 0; width: 100%; background-color: #eef1f4',
  margin: 'padding: 24px 12px 32px',
  column: 'max-width: 560px; text-align: left',
  siteName: `${font}; font-size: 16px; line-height: 24px; font-weight: bold; color: #17202a; padding: 0 4px 14px`,
  bar: 'height: 6px; line-height: 6px; font-size: 1px; padding: 0; background-color:',
  sheet: `background-color: #ffffff; padding: 32px 28px`,
  title: `${font}; margin: 0 0 16px; font-size: 26px; line-height: 32px; font-weight: bold; color: #17202a`,
  text: `${font}; margin: 0 0 16px; font-size: 16px; line-height: 25px; color: #17202a`,
  lines: 'margin: 0 0 24px; border-top: 1px solid #c9d1d9',
  line: `${font}; font-size: 16px; line-height: 24px; color: #17202a; padding: 10px 0; border-bottom: 1px solid #c9d1d9`,
  cadence: 'color: #4b5864',
  code: 'font-family: ui-monospace, Menlo, Consolas, monospace; margin: 0 0 24px; font-size: 32px; line-height: 40px; font-weight: bold; letter-spacing: 4px; color: #17202a',
  buttonTable: 'margin: 8px 0 18px; border-collapse: separate',
  buttonCell: 'background-color: #2b41b4; border-radius: 6px',
  button: `${font}; display: inline-block; padding: 16px 32px; font-size: 18px; line-height: 24px; font-weight: bold; color: #ffffff; text-decoration: none`,
  small: `${font}; margin: 0 0 24px; font-size: 14px; line-height: 21px; color: #4b5864`,
  last: `${font}; margin: 0; font-size: 16px; line-height: 25px`,
  link: 'color: #2b41b4; text-decoration: underline',
  sender: `${font}; font-size: 14px; line-height: 21px; color: #4b5864; padding: 16px 4px 0`,
}

/** The row of test-card colours above the sheet, as on the pages. */
export const barColours = ['#8d99a5', '#e0b62c', '#3aa7b0', '#3f9a63', '#b2559a', '#d0503f', '#3a4fb5']

/** Dark as authored. Programs that invert by themselves get a light mail that survives it. */
export const darkRules = `:root { color-scheme: light dark; supported-color-schemes: light dark }
@media (prefers-color-scheme: dark) {
  .page { background-color: #0e1318 !important }
  .sheet { background-color: #161d25 !important }
  .ink { color: #e8ecf0 !important }
  .soft { color: #aab4be !important }
  .lines, .line { border-color: #323d48 !important }
  .button { background-color: #a3b4ff !important }
  .button-label { color: #0d1330 !important }
  .link { color: #a3b4ff !important }
}`
