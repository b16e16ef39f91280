import { describe, expect, it } from 'vitest';
import { sizeText } from '../format/number';
import { file, filesOf } from './file';

describe('files of a field', () => {
  it('are read as ids and as the server shows them', () => {
    const named = { id: 'b', name: '合同.pdf', media_type: 'application/pdf', size: 12 };
    expect(filesOf(['a', named])).toEqual([{ id: 'a', name: null }, named]);
    expect(filesOf(null)).toEqual([]);
  });

  it('go back as ids, and nothing as nothing', () => {
    expect(file.wire?.([{ id: 'a', name: 'x' }, 'b'])).toEqual(['a', 'b']);
    expect(file.wire?.([])).toBeNull();
  });

  it('have sizes that people say', () => {
    expect([0, 999, 1000, 15_000, 3_500_000, 2_000_000_000].map(sizeText)).toEqual([
      '0 B',
      '999 B',
      '1.0 KB',
      '15 KB',
      '3.3 MB',
      '1.9 GB',
    ]);
  });
});
