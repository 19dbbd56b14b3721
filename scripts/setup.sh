# Sourced by the other scripts: gets this checkout ready to run, and says what it installs. Repeating it is quick.
node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)' || {
  echo "convoke needs Node.js 20.19 or newer; this is $(node --version)." >&2
  exit 2
}
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  echo "Installing the npm packages of package-lock.json" >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
  touch node_modules/.package-lock.json
fi
node scripts/build.mjs --if-changed >&2
