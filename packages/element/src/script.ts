// The module that the server sends as `/headcount.js`: its socket is beside it.
import { define } from './define.js'

define(new URL('socket', import.meta.url).href)
