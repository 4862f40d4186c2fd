import { testEveryPage } from './every-page-fits'

testEveryPage('in English', 'en')
