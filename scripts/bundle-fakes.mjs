// Makes dist/fake-daemons: the fakes of Videobridge, Jicofo and Jibri, each as a single file for the Node.js of Debian 13.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

await build({
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  entryPoints: {
    bridge: 'src/rehearsal/fakes/daemon/bridge/main.ts',
    focus: 'src/rehearsal/fakes/daemon/focus/main.ts',
    recorder: 'src/rehearsal/fakes/daemon/recorder/main.ts',
  },
  outdir: 'dist/fake-daemons',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Comments with the folder of each source would make the output depend on the folder.
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
});
