/** The text of a file of another language: see scripts/text-modules.mjs. */
declare module '*.text.js' {
  const text: string;
  export default text;
}
