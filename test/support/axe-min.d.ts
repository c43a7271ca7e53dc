/** As text, to be evaluated in a page. */
declare module 'axe-core/axe.min.js' {
  const source: string
  export default source
}
