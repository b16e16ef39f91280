import { describe, expect, it } from 'vitest';
import { errorCorrection, qrCode } from './qr';

describe('a QR code', () => {
  it('corrects errors as the standard’s worked example does', () => {
    // "HELLO WORLD", version 1-M: 16 data codewords, 10 of error correction.
    const data = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17];
    expect(errorCorrection(data, 10)).toEqual([196, 35, 39, 119, 235, 215, 231, 226, 93, 23]);
  });

  it('grows with its text and has its three finders', () => {
    expect(qrCode('a')).toHaveLength(21);
    const rows = qrCode('otpauth://totp/Huike:admin?secret=JBSWY3DPEHPK3PXP&issuer=Huike');
    expect(rows).toHaveLength(33);
    const finder = (x: number, y: number) =>
      rows?.[y]?.[x] === true && rows[y + 3]?.[x + 3] === true && rows[y + 1]?.[x + 1] === false;
    expect([finder(0, 0), finder(26, 0), finder(0, 26), finder(26, 26)]).toEqual([true, true, true, false]);
  });

  it('says so when a text is too long for it', () => {
    expect(qrCode('x'.repeat(271))).toHaveLength(57);
    expect(qrCode('x'.repeat(272))).toBeNull();
  });
});
