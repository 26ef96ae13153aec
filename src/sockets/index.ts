/** The seam between the modem and the families of commands for its sockets. */
export type * from './calibration';
export * from './ends';
export type * from './family';
export * from './profile';
export * from './vocabulary';
