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
 * An image that is opened directly is a document, and an SVG document may contain scripts: it may not run them, load
 * anything, or have this origin.
 */
const IMAGE_ONLY =
  "add_header Content-Security-Policy \"default-src 'none'; style-src 'unsafe-inline'; sandbox\" always;";

/**
 * The locations of the parts of the page that have the deployment's own settings. `headers`: those of every response.
 */
export function webSettingsLocations({ spec }: ShardFacts, headers: string): string {
  const logo = spec.logo
    ? `
        location = ${logoPath(spec.logo.type)} {
            alias ${logoFile(spec.logo.type)};
            expires 1h;
            ${IMAGE_ONLY}
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
