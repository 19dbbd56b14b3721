/** What a cloud does while it starts, in this order; the keys are what its daemon writes into its log. */
export const STAGES = {
  emulator: 'Install the emulator of AWS',
  debian: 'Make an image of Debian 13 for the machines',
  packages: 'Install the packages into the image',
  network: 'Make a network for the machines',
  'control-plane': 'Start the emulator of AWS',
} as const;

export type Stage = keyof typeof STAGES;

export const isStage = (word: string): word is Stage => Object.hasOwn(STAGES, word);
