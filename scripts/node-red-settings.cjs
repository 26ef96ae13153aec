/** Settings of Node-RED for `npm start` and the system tests: this package only, reachable from this computer only. */
const path = require('node:path');

module.exports = {
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.PORT || 1880),
  nodesDir: path.dirname(module.path),
  flowFile: 'flows.json',
  flowFilePretty: true,
  telemetry: { enabled: false, updateNotification: false },
  // Otherwise the editor queries the public catalog for updates at every start.
  externalModules: { palette: { allowInstall: false } },
  editorTheme: { tours: false },
};
