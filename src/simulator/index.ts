/**
 * Simulates an EC21, EC25 or EC20 R2.1 with the AT commands of Quectel's Socket Forwarding manual V1.0, or with Quectel's
 * TCP/IP commands (AT+QIOPEN …), over real TCP and UDP sockets on the loopback interface of this host.
 *
 *     const module = new SimulatedModule({ prompt: '\r\n>', recvBuffer: 4096 });
 *     const line = module.attach();              // a Duplex: the host's end of the AT port
 *     line.on('data', (bytes) => …);
 *     line.write('AT+QFWDSEVER=0,1,"IP","tcp",2020,5,60,"usbat"\r');
 *     module.inject(dropNext('prompt'));         // once, on port usbat
 *     module.commands;                           // the latest command lines
 *     module.loseContext(1);                     // the network deactivates a PDP context
 *     await module.reboot();
 *     await module.powerOff();
 *
 * See options.ts for options and line/faults.ts for faults. Command line: `qfwd-simulator --help`.
 */
export { SimulatedModule, type ModuleEvents } from './module';
export { OPTIONS, OPTION_NAMES, parseOptions } from './options';
export type { PortName, SimulatorOptions } from './options';
export { ReplayedModule } from './replayed-module';
export { TCPIP_OPTIONS } from './tcpip-options';
export { cutInto, delayNext, dropNext, garbleNext, insertBefore, loseInput, type Fault } from './line/faults';
export type { DatagramSocket, Network, TcpListener, TcpSocket } from './network/network';
export type { Packet, PacketKind } from './line/packet';
