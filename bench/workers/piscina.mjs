import { move as mark } from 'piscina';

export const move = (buffer) => mark(buffer);
