import type { DebianPackage } from '../deb.js';

const PAGES = '/usr/share/jitsi-meet';

/** A fake of `jitsi-meet-web`: a page that says that it is a fake, which nginx assembles like the real one. */
export function webPackage(): DebianPackage {
  const page = (name: string, text: string) => ({ path: `${PAGES}/${name}`, text });
  return {
    name: 'jitsi-meet-web',
    depends: [],
    summary: 'fake of the Jitsi Meet web client for rehearsals',
    files: [
      page('index.html', INDEX),
      page('base.html', '<base href="/">\n'),
      page('title.html', '<title>Jitsi Meet (fake)</title>\n'),
      page('head.html', ''),
      page('body.html', ''),
      page('fonts.html', ''),
      page('plugin.head.html', ''),
      page('static/welcomePageAdditionalContent.html', ''),
      page(
        'static/404.html',
        '<!doctype html>\n<title>Not found (fake)</title>\n<p>There is no such file.</p>\n',
      ),
      page('interface_config.js', "var interfaceConfig = { APP_NAME: 'Jitsi Meet (fake)' };\n"),
      page('css/all.css', CSS),
      page('libs/external_api.min.js', '/* Fake: pages that embed a meeting get none here. */\n'),
      page('manifest.json', `${JSON.stringify({ name: 'Jitsi Meet (fake)', start_url: '/' })}\n`),
      page('robots.txt', 'User-agent: *\nDisallow: /\n'),
    ],
  };
}

/** The includes are those of the real page: if nginx cannot insert one, it shows here as it would there. */
const INDEX = `<!DOCTYPE html>
<html lang="en" data-fake="jitsi-meet-web">
<head>
  <!--#include virtual="head.html" -->
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <!--#include virtual="base.html" -->
  <link rel="stylesheet" href="css/all.css">
  <!--#include virtual="fonts.html" -->
  <script><!--#include virtual="/config.js" --></script>
  <script><!--#include virtual="/interface_config.js" --></script>
  <!--#include virtual="title.html" -->
  <!--#include virtual="plugin.head.html" -->
  <!--#include virtual="static/welcomePageAdditionalContent.html" -->
</head>
<body>
  <!--#include virtual="body.html" -->
  <main id="react">
    <h1>Fake page</h1>
    <p>This page replaces Jitsi Meet in a rehearsal. It has no audio or video.</p>
    <p>Everything around it is real: the load balancer, the certificate, the machine, nginx and Prosody.</p>
    <dl>
      <dt>Room</dt><dd id="room"></dd>
      <dt>Domain</dt><dd id="domain"></dd>
      <dt>Shard</dt><dd id="shard"></dd>
    </dl>
  </main>
  <script>
    var show = function (id, text) { document.getElementById(id).textContent = text || 'none'; };
    var settings = typeof config === 'object' ? config : {};
    var room = decodeURIComponent(location.pathname.slice(1));
    show('room', room);
    show('domain', settings.hosts && settings.hosts.domain);
    fetch('/config.js?room=' + encodeURIComponent(room)).then(function (answer) {
      show('shard', answer.headers.get('x-jitsi-shard'));
    });
  </script>
</body>
</html>
`;

const CSS = `body { margin: 0; font: 1.1rem/1.5 system-ui, sans-serif; }
main { max-width: 36rem; margin: 0 auto; padding: 2rem 1.25rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
`;
