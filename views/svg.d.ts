/** Icons are imported as text: `import search from 'lucide-static/icons/search.svg' with { type: 'text' }`. */
declare module '*.svg' {
  const markup: string
  export default markup
}
