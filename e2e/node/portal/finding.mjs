// What is looked for on a page, in words that both browsers' drivers understand.

/** By what it is to a screen reader, and its exact name. */
export const role = (role, name) => ({ role, name })
/** By a part of its text. */
export const text = (text) => ({ text })
/** By a selector of style sheets: for what has no name of its own. */
export const css = (css) => ({ css })
/** The same, where it need only be there: a line of a drawing is not visible in itself. */
export const there = (css) => ({ css, there: true })
