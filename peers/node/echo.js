'use strict';
// Echoes with Node.js: an event loop, or one in each of several processes;
// bytes with its module net, or WebSocket messages with the package ws.
//
//   node echo.js 127.0.0.1:9000
//   NODE_PATH=/usr/share/nodejs node echo.js 127.0.0.1:9000 -proto ws

const backlog = 65535;

function serveBytes(host, port) {
  const server = require('node:net').createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {}); // pipe ends both sides
    socket.pipe(socket);
  });
  server.listen({ host, port, backlog });
  return server;
}

function serveMessages(host, port) {
  const { WebSocketServer } = require('ws');
  const server = new WebSocketServer({
    host, port, backlog, perMessageDeflate: false, clientTracking: false, maxPayload: 16 << 20,
  });
  server.on('connection', (socket) => {
    socket.on('error', () => {}); // a close follows
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  return server;
}

// serveByProcesses has a process of the module cluster for each processor.
function serveByProcesses(serve) {
  const cluster = require('node:cluster');
  if (!cluster.isPrimary) {
    serve();
    return;
  }
  let ending = false;
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      ending = true;
      for (const worker of Object.values(cluster.workers)) worker.process.kill(signal);
    });
  }
  cluster.on('exit', () => {
    if (!ending) process.exit(1);
    if (Object.keys(cluster.workers).length === 0) process.exit(0);
  });
  for (let n = require('node:os').availableParallelism(); n > 0; n--) cluster.fork();
}

function fail(code, message) {
  console.error(message);
  process.exit(code);
}

const protocols = { echo: serveBytes, ws: serveMessages };
const args = process.argv.slice(2);
const processes = args.at(-1) === '-cluster';
if (processes) args.pop();
const [addr = '', flag = '-proto', proto = 'echo', ...more] = args;
const address = addr.match(/^\[?(.*?)\]?:(\d+)$/);
if (!address || flag !== '-proto' || !Object.hasOwn(protocols, proto) || more.length > 0) {
  fail(2, 'usage: node echo.js ADDR [-proto echo|ws] [-cluster], such as 127.0.0.1:9000');
}

function serve() {
  protocols[proto](address[1], Number(address[2])).on('error', (error) => fail(1, error.message));
  // Node.js waits for open connections; exiting closes them.
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
}

if (processes) serveByProcesses(serve);
else serve();
