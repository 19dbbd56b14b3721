import { logoFile, logoPath } from '../../contract/machine-layout.js';
import type { ShardFacts } from '../facts.js';
import { WEB_PAGE_FILE } from './web-page.js';
import {
  INTERFACE_CONFIG_FILE,
  PACKAGE_INTERFACE_CONFIG,
  PACKAGE_INTERFACE_CONFIG_PATH,
  TITLE_FILE,
  WELCOME_FILE,
} from './web-settings.js';

/**
 * A picture that is opened by itself is a document, and an SVG document may hold programs: it gets no right to run any,
 * to load anything, or to be of this origin.
 */
const PICTURE_ONLY =
  "add_header Content-Security-Policy \"default-src 'none'; style-src 'unsafe-inline'; sandbox\" always;";

/** Where the pieces of the page are that bear the person's own settings. `headers` are those of every answer. */
export function webSettingsLocations({ spec }: ShardFacts, headers: string): string {
  const logo = spec.logo
    ? `
        location = ${logoPath(spec.logo.type)} {
            alias ${logoFile(spec.logo.type)};
            expires 1h;
            ${PICTURE_ONLY}
            ${headers}
        }`
    : '';
  return `location = /interface_config.js {
            ssi on;
            ssi_types application/javascript text/javascript;
            alias ${INTERFACE_CONFIG_FILE};
            add_header Cache-Control no-cache always;
            ${headers}
        }
        location = ${PACKAGE_INTERFACE_CONFIG_PATH} {
            internal;
            alias ${PACKAGE_INTERFACE_CONFIG};
        }
        location = /title.html {
            alias ${TITLE_FILE};
        }
        location = /plugin.head.html {
            alias ${WEB_PAGE_FILE};
        }
        location = /static/welcomePageAdditionalContent.html {
            alias ${WELCOME_FILE};
        }${logo}`;
}
