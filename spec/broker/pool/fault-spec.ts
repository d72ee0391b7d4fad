import { describe, expect, it } from '@jest/globals';
import { faultOf } from '../../../src/broker/pool/fault.js';

const withCode = (code: string, message = 'ill') => Object.assign(new Error(message), { code });

describe('faultOf', () => {
  it.each([
    ['a host that refuses', withCode('ECONNREFUSED')],
    ['a host that nobody knows', withCode('ENOTFOUND')],
    ['a server that is stopped', withCode('57P01')],
    ['a server that starts', withCode('57P03')],
    ['too many connections', withCode('53300')],
    ['an exception of connections', withCode('08006')],
    ['a connection that is gone', new Error('Connection terminated unexpectedly')],
    ['a pool that gets none', new Error('timeout exceeded when trying to connect')],
  ])('should see that the connection fails, and may be back: %s', (_, error) => {
    expect(faultOf(error)).toEqual({ why: error.message, isPassing: true });
  });

  it.each([
    ['a wrong password', withCode('28P01')],
    ['a database that does not exist', withCode('3D000')],
    ['a certificate that is not trusted', withCode('DEPTH_ZERO_SELF_SIGNED_CERT')],
    [
      'no password',
      new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'),
    ],
    [
      'a pool that its owner has ended',
      new Error('Cannot use a pool after calling end on the pool'),
    ],
    ['no TLS', new Error('The server does not support SSL connections')],
  ])('should see that it fails, and will: %s', (_, error) => {
    expect(faultOf(error)).toEqual({ why: error.message, isPassing: false });
  });

  it('should say the code where there are no words, as of a name with two addresses', () => {
    const both = Object.assign(new AggregateError([new Error('a'), new Error('b')]), {
      code: 'ECONNREFUSED',
    });

    expect(faultOf(both)).toEqual({ why: 'ECONNREFUSED', isPassing: true });
  });

  it.each([
    ['a statement that is wrong', withCode('42601')],
    ['a key that is there', withCode('23505')],
    ['a bug', new TypeError('x is not a function')],
    ['nothing', undefined],
  ])('should see that it is something else: %s', (_, error) => {
    expect(faultOf(error)).toBeUndefined();
  });
});
