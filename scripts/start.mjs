/**
 * `npm start`: Node-RED with this package and the echo example, ready to be tried.
 * The user directory is .node-red/ in the clone; what is changed there in the editor stays.
 */
import { spawn } from 'node:child_process';
import { constants, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureBuilt, ensureInstalled, root } from './install.mjs';

const host = '127.0.0.1';
const userDir = path.join(root, '.node-red');
const flowFile = path.join(userDir, 'flows.json');
/** How long the flow's own server may take once the editor answers, in milliseconds. */
const openLimit = 15_000;
/** Node-RED itself gives a node 15 seconds to close; milliseconds. */
const stopLimit = 20_000;

try {
  const port = editorPort();
  if (await isTaken(port)) {
    throw new Error(`Port ${port} is in use. Choose another one: PORT=${port + 1} npm start`);
  }
  ensureInstalled();
  await ensureBuilt();
  prepareUserDir();
  const nodeRed = startNodeRed(port);
  const started = await Promise.race([whenStarted(port), nodeRed.exited.then(() => undefined)]);
  if (started) printHint(port, started);
  process.exitCode = await nodeRed.exited;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function editorPort() {
  const port = Number(process.env.PORT || 1880);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new Error(`PORT=${process.env.PORT} is not a port number.`);
}

function prepareUserDir() {
  mkdirSync(userDir, { recursive: true });
  try {
    copyFileSync(path.join(root, 'examples', 'echo.json'), flowFile, constants.COPYFILE_EXCL);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}

/** Runs Node-RED in this terminal; `exited` resolves with its exit code. */
function startNodeRed(port) {
  const program = path.join(root, 'node_modules', 'node-red', 'red.js');
  const settings = path.join(root, 'scripts', 'node-red-settings.cjs');
  const child = spawn(process.execPath, [program, '--settings', settings, '--userDir', userDir], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PORT: String(port) },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      child.kill(signal);
      setTimeout(() => child.kill('SIGKILL'), stopLimit).unref();
    });
  }
  const exited = new Promise((resolve, reject) => {
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('error', reject);
  });
  return { exited };
}

/**
 * Waits until the editor and the flow's own server answer.
 * Resolves with that server's port and whether it listens; the port is undefined if the flow has no such server.
 */
async function whenStarted(port) {
  await untilListening(port, Infinity);
  const serverPort = simulatedServerPort();
  return { serverPort, listening: serverPort !== undefined && (await untilListening(serverPort, openLimit)) };
}

/** The first TCP server that the flow opens on a simulated module, as the user has it now. */
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

function printHint(port, { serverPort, listening }) {
  const lines = ['', 'Node-RED is running.', '', `  Editor   http://${host}:${port}/`];
  if (listening) {
    lines.push(`  Try      nc ${host} ${serverPort}   (type a line; the flow answers)`);
  } else if (serverPort !== undefined) {
    lines.push(
      `  The flow's server on port ${serverPort} does not answer: see the log above and its status.`,
    );
  }
  console.log([...lines, '  Stop     Ctrl-C', ''].join('\n'));
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
