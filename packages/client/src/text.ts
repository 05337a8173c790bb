export { english, type Forms, type Labels } from './text/labels.js'
export { createPacer, type Pacer } from './text/pacer.js'
export { announcement, type Phrase, type Sentence, type Style, sentence, textOf } from './text/sentence.js'
export { withInitial } from './text/with-initial.js'
