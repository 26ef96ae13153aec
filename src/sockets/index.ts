/** The interface between the modem and the families of socket commands. */
export type * from './calibration';
export * from './ends';
export type * from './family';
export * from './probes';
export * from './profile';
export * from './special-bytes';
export * from './urc-decoder';
export * from './vocabulary';
