import { describe, expect, it } from 'vitest';
import { scriptOf } from './update';

describe('the version of a page', () => {
  it('is the name of its script', () => {
    expect(scriptOf('<script type="module" crossorigin src="/assets/index-B1Qo0OeV.js"></script>')).toBe(
      'assets/index-B1Qo0OeV.js',
    );
    expect(scriptOf('https://crm.example.cn/assets/index-a_B-9.js')).toBe('assets/index-a_B-9.js');
    expect(scriptOf('<p>502</p>')).toBeNull();
  });
});
