import { describe, expect, it } from 'vitest';
import { parseLocation } from './location';
import { looksLikePhone, nationalPhone } from './phone';
import { webAddress } from './url';

describe('phones', () => {
  it.each([
    ['+8613800138000', '138 0013 8000'],
    ['+8657180001234', '0571-8000 1234'],
    ['+861080001234', '010-8000 1234'],
    ['+864008001234', '400-800-1234'],
    ['+12025550123', '+12025550123'],
  ])('%s is written %s', (stored, shown) => {
    expect(nationalPhone(stored)).toBe(shown);
  });

  it('accepts what people type and refuses what is too short', () => {
    for (const typed of [
      '138 0013 8000',
      '138-0013-8000',
      '１３８００１３８０００',
      '+86 13800138000',
      '0571-80001234',
      '0571-80001234转8',
      '400-800-1234',
      '+1 202 555 0123',
    ]) {
      expect(looksLikePhone(typed), typed).toBe(true);
    }
    for (const typed of ['12', '1380013800', 'abc', '138001380001']) expect(looksLikePhone(typed), typed).toBe(false);
  });
});

describe('web addresses and places', () => {
  it('makes links of web addresses only', () => {
    expect(webAddress('www.example.com')).toBe('https://www.example.com');
    expect(webAddress('http://example.com/a')).toBe('http://example.com/a');
    expect(webAddress('javascript:alert(1)')).toBeNull();
    expect(webAddress('data:text/html,x')).toBeNull();
  });

  it('reads a latitude and a longitude within the globe', () => {
    expect(parseLocation('30.27, 120.15')).toEqual({ lat: 30.27, lng: 120.15 });
    expect(parseLocation('30.27，120.15')).toEqual({ lat: 30.27, lng: 120.15 });
    expect(parseLocation('95, 120')).toBeNull();
    expect(parseLocation('西湖')).toBeNull();
  });
});
