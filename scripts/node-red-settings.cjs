/** Node-RED as `npm start` and the system tests run it: this package, this machine, nothing from outside. */
const path = require('node:path');

module.exports = {
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.PORT || 1880),
  nodesDir: path.dirname(module.path),
  flowFile: 'flows.json',
  flowFilePretty: true,
  telemetry: { enabled: false, updateNotification: false },
  // Without it the editor asks the public catalogue for updates on every start.
  externalModules: { palette: { allowInstall: false } },
  editorTheme: { tours: false },
};
