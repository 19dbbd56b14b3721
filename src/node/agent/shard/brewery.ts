import { z } from 'zod';
import { BREWERY_PATH } from '../../../contract/machine-layout.js';
import { PORTS } from '../../../contract/ports.js';
import { read } from '../daemons/rest.js';

/** Number of bridges that are logged in at Prosody. Undefined if Prosody does not answer. */
export const bridgesInBrewery = (
  base = `http://127.0.0.1:${PORTS.prosodyHttp}`,
): Promise<number | undefined> => read(`${base}${BREWERY_PATH}`, z.number());
