/**
 * Runs Node-RED with this package and the example `echo`.
 * The user directory is .node-red/ in the clone, so changes made in the editor are kept.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startNode } from './children.mjs';
import { root } from './install.mjs';

const host = '127.0.0.1';
const userDir = path.join(root, '.node-red');
const flowFile = path.join(userDir, 'flows.json');
/** Of the server in the example `echo`, and of the one in the flow. */
const examplePort = 2020;
const startPort = 2019;
/** How long the server of the flow may take to open after the editor is available, in milliseconds. */
const openLimit = 15_000;

/** The port of the editor. Throws if PORT is not a port number, or if the port is in use. */
export async function editorPort(command) {
  const port = Number(process.env.PORT || 1880);
  if (!Number.isInteger(port) || port <= 0 || port >= 65536)
    throw new Error(`PORT=${process.env.PORT} is not a port number.`);
  if (await isTaken(port))
    throw new Error(`Port ${port} is in use. Choose another one: PORT=${port + 1} ${command}`);
  return port;
}

/** Writes the flow to the user directory, unless it already has one. */
export function prepareUserDir() {
  mkdirSync(userDir, { recursive: true });
  if (!existsSync(flowFile)) writeFileSync(flowFile, startFlow());
}

/** The example `echo` with another port, other ids and another name of its modem, so that the example can be imported beside it. */
function startFlow() {
  const example = readFileSync(path.join(root, 'examples', 'echo.json'), 'utf8');
  const ids = JSON.parse(example).map(({ id }) => id);
  const renamed = ids.reduce((flow, id) => flow.replaceAll(id, [...id].reverse().join('')), example);
  return renamed
    .replaceAll(`"port": ${examplePort}`, `"port": ${startPort}`)
    .replaceAll('"Simulated EC25"', '"Simulated EC25, start"')
    .replaceAll(` ${examplePort}`, ` ${startPort}`);
}

/** Runs Node-RED in this terminal; see {@link startNode}. */
export function startNodeRed(port, end) {
  const program = path.join(root, 'node_modules', 'node-red', 'red.js');
  const settings = path.join(root, 'scripts', 'node-red-settings.cjs');
  const args = [program, '--settings', settings, '--userDir', userDir];
  return startNode(args, { end, env: { PORT: String(port) } });
}

/** Prints what to try, when the editor and the server of the flow are available. Prints nothing if Node-RED ends first. */
export async function printHint(port, nodeRed) {
  const ended = nodeRed.exited.then(() => undefined);
  const started = await Promise.race([whenStarted(port), ended]);
  if (!started) return;
  const { serverPort, listening } = started;
  const lines = ['', 'Node-RED is running.', '', `  Editor   http://${host}:${port}/`];
  if (listening) {
    lines.push(`  Try      nc ${host} ${serverPort}   (type a line; the flow answers)`);
  } else if (serverPort !== undefined) {
    lines.push(
      `  The flow's server on port ${serverPort} does not answer: see the log above and its status.`,
    );
  }
  lines.push('  Palette  its manager is off here, because it would contact a public server');
  console.log([...lines, '  Stop     Ctrl-C', ''].join('\n'));
}

/**
 * Waits until the editor and the server of the flow are available.
 * Resolves with the port of that server and whether it listens; the port is undefined if the flow has no such server.
 */
async function whenStarted(port) {
  await untilListening(port, Infinity);
  const serverPort = simulatedServerPort();
  return { serverPort, listening: serverPort !== undefined && (await untilListening(serverPort, openLimit)) };
}

/** The port of the first TCP server on a simulated module in the current flow. */
function simulatedServerPort() {
  const flow = JSON.parse(readFileSync(flowFile, 'utf8'));
  const simulators = flow.filter((node) => node.type === 'qfwd-modem' && node.transport === 'simulator');
  const server = flow.find(
    (node) =>
      node.type === 'qfwd-server' &&
      node.protocol === 'tcp' &&
      !node.d &&
      simulators.some(({ id }) => id === node.modem),
  );
  return server && Number(server.port);
}

async function untilListening(port, limit) {
  const deadline = Date.now() + limit;
  while (Date.now() < deadline) {
    if (await answers(port)) return true;
    await delay(200, undefined, { ref: false });
  }
  return false;
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.end();
      resolve(true);
    });
  });
}

function isTaken(port) {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(true) : reject(error)));
    probe.listen(port, host, () => probe.close(() => resolve(false)));
  });
}
