import Tinypool from 'tinypool';

export const move = (buffer) => Tinypool.move(buffer);
