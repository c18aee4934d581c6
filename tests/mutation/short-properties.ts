/** Each change of the code meets every test: a property has this long to find it. */
import { configureGlobal } from 'fast-check'

configureGlobal({ interruptAfterTimeLimit: 2_000 })
