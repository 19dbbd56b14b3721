import { z } from 'zod';
import type { Misspelt } from './spelling.js';

/** A family has a generation and optional attributes: `c7g`, `m7i-flex`, `mac2-m2`. */
const INSTANCE_TYPE =
  /^[a-z]+(?:-\d+tb)?\d+[a-z]*(?:-[a-z0-9]+)*\.(?:nano|micro|small|medium|large|\d*xlarge|metal(?:-\d+xl)?)$/;
const SIZES = [
  'nano',
  'micro',
  'small',
  'medium',
  'large',
  'xlarge',
  '2xlarge',
  '4xlarge',
  '8xlarge',
  'metal',
];

/** `check` asks AWS whether the region offers the type. */
export const instanceType = z
  .string()
  .superRefine((text, context) => {
    if (INSTANCE_TYPE.test(text)) return;
    const [family = '', size = ''] = text.split('.');
    const known = INSTANCE_TYPE.test(`${family}.large`);
    context.addIssue({
      code: 'custom',
      message: `"${text.slice(0, 60)}" is not an EC2 instance type`,
      params: {
        spelling: {
          word: size,
          words: known ? SIZES : [],
          before: `${family}.`,
          form: 'the format is like c7g.large',
        },
      } satisfies Misspelt,
    });
  })
  // For editors; the check above has a better message.
  .meta({ pattern: INSTANCE_TYPE.source });
